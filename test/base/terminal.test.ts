import { describe, expect, test } from "@jest/globals";
import { UsageError } from "../../src/base/usage-error.js";
import { connectionTo } from "../../src/cli/hosts.js";
import { terminalOf, wrapped } from "../../src/base/terminal.js";

describe("colour", () => {
  const painted = (stream: { isTTY?: boolean }, env: Record<string, string> = {}) =>
    terminalOf({ write: () => undefined, ...stream }, env).paint("red", "x");
  test("at a terminal", () => expect(painted({ isTTY: true }, { TERM: "xterm" })).toBe("\u001b[31mx\u001b[0m"));
  test("not into a file or a pipe", () => expect(painted({})).toBe("x"));
  test("not where NO_COLOR refuses it", () => expect(painted({ isTTY: true }, { NO_COLOR: "1" })).toBe("x"));
  test("an empty NO_COLOR refuses nothing", () =>
    expect(painted({ isTTY: true }, { NO_COLOR: "" })).toContain("\u001b"));
  test("not on a terminal that has none", () => expect(painted({ isTTY: true }, { TERM: "dumb" })).toBe("x"));
});

test("long lines are broken at spaces, and no word is lost", () => {
  expect(wrapped("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrapped("averylongword x", 5)).toEqual(["averylongword", "x"]);
  expect(wrapped("", 5)).toEqual([""]);
});

describe("a destination", () => {
  test.each<[string, object]>([
    ["judge-1", { host: "judge-1" }],
    ["deploy@192.0.2.1", { host: "192.0.2.1", user: "deploy" }],
    ["deploy@corp@judge-1", { host: "judge-1", user: "deploy@corp" }],
  ])("%s", (destination, connection) => expect(connectionTo(destination, {})).toMatchObject(connection));
  test("the options go with it", () => {
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
