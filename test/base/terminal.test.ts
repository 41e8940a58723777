import { describe, expect, test } from "@jest/globals";
import { UsageError } from "../../src/base/usage-error.js";
import { connectionTo } from "../../src/cli/hosts.js";
import { terminalOf, wrapped } from "../../src/base/terminal.js";

describe("colour is used", () => {
  const painted = (stream: { isTTY?: boolean }, env: Record<string, string> = {}) =>
    terminalOf({ write: () => undefined, ...stream }, env).paint("red", "x");
  test("at a terminal", () => expect(painted({ isTTY: true }, { TERM: "xterm" })).toBe("\u001b[31mx\u001b[0m"));
  test("not in a file or a pipe", () => expect(painted({})).toBe("x"));
  test("not if NO_COLOR is set", () => expect(painted({ isTTY: true }, { NO_COLOR: "1" })).toBe("x"));
  test("at a terminal with an empty NO_COLOR", () =>
    expect(painted({ isTTY: true }, { NO_COLOR: "" })).toContain("\u001b"));
  test("not at a terminal without colours", () => expect(painted({ isTTY: true }, { TERM: "dumb" })).toBe("x"));
});

test("wrapped breaks long lines at spaces, and loses no word", () => {
  expect(wrapped("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrapped("averylongword x", 5)).toEqual(["averylongword", "x"]);
  expect(wrapped("", 5)).toEqual([""]);
});

describe("a destination", () => {
  test.each<[string, object]>([
    ["judge-1", { host: "judge-1" }],
    ["deploy@192.0.2.1", { host: "192.0.2.1", user: "deploy" }],
    ["deploy@corp@judge-1", { host: "judge-1", user: "deploy@corp" }],
  ])("%s is parsed into host and user", (destination, connection) =>
    expect(connectionTo(destination, {})).toMatchObject(connection),
  );
  test("is combined with the options of the command line", () => {
    expect(connectionTo("h", { sudo: true, "ssh-config": "f", identity: "k" })).toMatchObject({
      sudo: true,
      sshConfigFile: "f",
      identityFile: "k",
    });
  });
  test.each(["-oProxyCommand=x", "", "a b", "h;x"])("%j is refused", (destination) =>
    expect(() => connectionTo(destination, {})).toThrow(UsageError),
  );
});
