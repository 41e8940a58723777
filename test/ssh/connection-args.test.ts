import { expect, test } from "@jest/globals";
import type { types } from "@pulumi/command";
import type { ConnectionArgs } from "../../src/ssh/connection-args.js";

type Theirs = types.input.remote.ConnectionArgs;
type Property = Exclude<keyof Theirs, "proxy">;
/** The type `true` if both types are the same, or else `never`. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;

test("a connection of @pulumi/command is assignable to ours, and ours to it", () => {
  // The compiler does the test: a line does not build if the types differ.
  const theirs: Theirs = { host: "h", port: 22, proxy: { host: "b", perDialTimeout: 0 } };
  const ours: ConnectionArgs = theirs;
  const back: Theirs = ours;
  const same: { [Key in Property]-?: Same<Theirs[Key], ConnectionArgs[Key]> } = {
    agentSocketPath: true,
    dialErrorLimit: true,
    host: true,
    hostKey: true,
    password: true,
    perDialTimeout: true,
    port: true,
    privateKey: true,
    privateKeyPassword: true,
    user: true,
  };
  const proxy: Same<Theirs["proxy"], ConnectionArgs["proxy"]> = true;
  expect([back, Object.keys(same).length, proxy]).toEqual([theirs, 10, true]);
});
