import { expect, test } from "@jest/globals";
import type { types } from "@pulumi/command";
import type { ConnectionArgs } from "../../src/ssh/connection-args.js";

type Theirs = types.input.remote.ConnectionArgs;
type Property = Exclude<keyof Theirs, "proxy">;
/** Never, unless both types are the same. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;

test("a connection of @pulumi/command is one of ours, and the other way round", () => {
  // The compiler is who tests it: each line fails to build where the types part ways.
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
