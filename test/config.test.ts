import { describe, expect, test } from "@jest/globals";
import { parseConfig, safeExecArgsOf } from "../src/config.js";

const commit = "0123456789abcdef0123456789abcdef01234567";
const connection = { host: "h" };
const parse = (values: object) => parseConfig("p", Object.fromEntries(Object.entries({ python: { version: "3.13.5" }, ...values }).map(([key, value]) => [`p:${key}`, JSON.stringify(value)])));
const argsOf = (values: object, index = 0) => {
  const config = parse(values);
  return safeExecArgsOf(config, config.hosts[index]!, "/project");
};

describe("safeexec in a stack's config", () => {
  test("is none where none is declared", () => {
    expect(argsOf({ hosts: [{ name: "a", connection }] })).toBeUndefined();
    expect(argsOf({ safeexec: {}, hosts: [{ name: "a", connection }] })).toBeUndefined();
  });

  test("is the stack's, with what a host says over it, and how to get to that host", () => {
    const values = { safeexec: { git: { commit } }, timeouts: { step: 9 }, hosts: [{ name: "a", connection }, { name: "b", connection, safeexec: { firewall: true } }] };
    expect(argsOf(values)).toMatchObject({ host: "a", connection, git: { commit }, timeouts: { step: 9 } });
    expect(argsOf(values, 1)).toMatchObject({ host: "b", git: { commit }, firewall: true });
  });

  test("takes relative paths from the project's folder, wherever the program runs", () => {
    const at = (source: object) => argsOf({ safeexec: { source }, hosts: [{ name: "a", connection }] })!.source;
    expect(at({ folder: "vendor/safeexec" })).toEqual({ folder: "/project/vendor/safeexec" });
    expect(at({ path: "vendor/x.tgz", sha256: "0".repeat(64) })).toMatchObject({ path: "/project/vendor/x.tgz" });
  });

  const refused: [string, object, string][] = [
    ["no source", { safeexec: { firewall: true }, hosts: [{ name: "a", connection }] }, "p:safeexec.git: is missing: give `git: {commit}`, or `source`"],
    ["no source of one host", { hosts: [{ name: "a", connection, safeexec: { firewall: true } }] }, "p:hosts[0].safeexec.git: is missing"],
    ["half a commit", { safeexec: { git: { commit: "abc" } }, hosts: [{ name: "a", connection }] }, "p:safeexec.git.commit: must be a whole commit id"],
    ["two for one host", { safeexec: { git: { commit } }, hosts: [{ name: "a", connection }, { name: "a", connection, path: "/srv/b", safeexec: { firewall: true } }] }, "p:hosts[1].safeexec: is not that of hosts[0], which is the same host: its jails share one"],
    ["an unknown key", { safeexec: { git: { commit }, mode: "4755" }, hosts: [{ name: "a", connection }] }, 'p:safeexec: unknown property "mode"'],
  ];
  test.each(refused)("may not be %s", (_name, values, reason) => expect(() => parse(values)).toThrow(reason));
});
