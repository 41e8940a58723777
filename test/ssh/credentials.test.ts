import { describe, expect, test } from "@jest/globals";
import { configure, credentialsKey, withCredentials } from "../../src/ssh/credentials.js";

const config = (value: unknown) => ({ get: (key: string) => (key === credentialsKey ? (value as string) : undefined) });
const connection = { host: "192.0.2.1", user: "deploy", password: "old" };

describe("credentials of the stack's config", () => {
  test("stand over what the connection of that host says, and over no other's", () => {
    configure(config(JSON.stringify({ "judge-1": { privateKey: "new key", user: "root" } })));
    expect(withCredentials("judge-1", connection)).toEqual({
      host: "192.0.2.1",
      user: "root",
      password: "old",
      privateKey: "new key",
    });
    expect(withCredentials("judge-2", connection)).toEqual(connection);
    expect(withCredentials("constructor", connection)).toEqual(connection);
  });

  test("are kept where the config has none", () => {
    configure(config({ "judge-3": { password: "p" } }));
    configure(config(undefined));
    expect(withCredentials("judge-3", connection).password).toBe("p");
  });

  const wrong: [string, unknown, string][] = [
    ["no JSON", "hunter2", "must be a map from host names to connections"],
    ["no map", '["hunter2"]', "must be record"],
    ["a text for a host", '{"judge-1": "hunter2"}', "judge-1: must be object"],
    ["an unknown property", '{"judge-1": {"key": "hunter2"}}', 'judge-1: unknown property "key"'],
    ["a password of two lines", '{"judge-1": {"password": "hunter2\\nhunter2"}}', "judge-1.password: must be one line"],
    ["a number for a key", '{"judge-1": {"privateKey": 42}}', "judge-1.privateKey: must be string"],
  ];
  test.each(wrong)(
    "with %s are refused by a reason that names the property and prints no value",
    (_name, value, reason) => {
      let message = "";
      try {
        configure(config(value));
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toBe(`${credentialsKey}: ${reason}`);
    },
  );

  test("that were refused change nothing", () => {
    configure(config({ "judge-4": { password: "right" } }));
    expect(() => configure(config({ "judge-4": { password: "" } }))).toThrow();
    expect(withCredentials("judge-4", connection).password).toBe("right");
  });
});
