import { describe, expect, test } from "@jest/globals";
import { ProviderProcess } from "../../src/provider/process.js";
import { Session } from "../../src/remote/session.js";
import type { Connection } from "../../src/ssh/connection.js";
import { credentialsKey } from "../../src/ssh/credentials.js";
import { LocalHost } from "../remote/local-host.js";

const config = (value: unknown) => ({ get: (key: string) => (key === credentialsKey ? (value as string) : undefined) });
const connection = { host: "192.0.2.1", user: "deploy", password: "old" };

/** Starts a provider. `reached` returns the connection that it uses for a host. */
function started(): { provider: ProviderProcess; reached: (name: string) => Connection | undefined } {
  let last: Connection | undefined;
  const session = new Session({
    at(name, given) {
      last = given;
      return new LocalHost(undefined, name);
    },
    close: () => Promise.resolve(),
    closeNow: () => undefined,
  });
  return {
    provider: new ProviderProcess(session),
    reached(name) {
      session.hostAt(name, connection);
      return last;
    },
  };
}

describe("credentials of the stack's config", () => {
  test("override the connection of their host, and of no other host", () => {
    const { provider, reached } = started();
    provider.configure(config(JSON.stringify({ "judge-1": { privateKey: "new key", user: "root" } })));
    expect(reached("judge-1")).toEqual({
      host: "192.0.2.1",
      user: "root",
      password: "old",
      privateKey: "new key",
    });
    expect(reached("judge-2")).toEqual(connection);
    expect(reached("constructor")).toEqual(connection);
  });

  test("are kept when a later config has none", () => {
    const { provider, reached } = started();
    provider.configure(config({ "judge-3": { password: "p" } }));
    provider.configure(config(undefined));
    expect(reached("judge-3")?.password).toBe("p");
  });

  test("apply to one session only", () => {
    started().provider.configure(config({ "judge-1": { password: "p" } }));
    expect(started().reached("judge-1")).toEqual(connection);
  });

  const wrong: [string, unknown, string][] = [
    ["no JSON", "hunter2", "must be a map from host names to connections"],
    ["no map", '["hunter2"]', "must be a map (`name: value`)"],
    ["a text for a host", '{"judge-1": "hunter2"}', "judge-1: must be a map (`name: value`)"],
    [
      "an unknown property",
      '{"judge-1": {"key": "hunter2"}}',
      'judge-1: unknown property "key" (known: agentSocketPath, dialErrorLimit, host, hostKey, hostKeyPolicy, identityFile, knownHostsFile, password, perDialTimeout, port, privateKey, privateKeyPassword, proxy, sshConfigFile, sudo, user)',
    ],
    ["a password of two lines", '{"judge-1": {"password": "hunter2\\nhunter2"}}', "judge-1.password: must be one line"],
    [
      "a number for a key",
      '{"judge-1": {"privateKey": 42}}',
      "judge-1.privateKey: must be a text: put it in quotation marks",
    ],
  ];
  test.each(wrong)(
    "with %s are refused by a reason that names the property and contains no value",
    (_name, value, reason) => {
      let message = "";
      try {
        started().provider.configure(config(value));
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toBe(`${credentialsKey}: ${reason}`);
    },
  );

  test("that are refused leave the earlier ones in force", () => {
    const { provider, reached } = started();
    provider.configure(config({ "judge-4": { password: "right" } }));
    expect(() => provider.configure(config({ "judge-4": { password: "" } }))).toThrow();
    expect(reached("judge-4")?.password).toBe("right");
  });
});
