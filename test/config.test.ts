import { describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jailArgsOf, parseConfig, projectRoot, safeExecArgsOf } from "../src/config.js";

const parsed = (values: Record<string, unknown>) => parseConfig("python3jail", Object.fromEntries(Object.entries(values).map(([key, value]) => [`python3jail:${key}`, JSON.stringify(value)])));
const hosts = (...settings: object[]) => settings.map((own, index) => ({ name: `judge-${index}`, connection: { host: "192.0.2.1" }, ...own }));
const python = { version: "3.13.5" };

test("files are the project's where their path is relative, a host's own over the stack's, and none where nothing is said", () => {
  const config = parsed({ python, files: { source: "site", ignore: ["*.md"] }, hosts: hosts({}, { files: { source: "/srv/site" } }) });
  expect(config.hosts.map((host) => jailArgsOf(config, host, "/project").files)).toEqual([
    { source: "/project/site", ignore: ["*.md"] },
    { source: "/srv/site", ignore: ["*.md"] },
  ]);
  const without = parsed({ python, files: {}, hosts: hosts({}) });
  expect(jailArgsOf(without, without.hosts[0]!, "/project")).toMatchObject({ files: undefined, system: {} });
});

test("files without a source are refused, with their place", () => {
  expect(() => parsed({ python, files: { ignore: ["*.md"] }, hosts: hosts({}) })).toThrow("python3jail:files.source: is missing: the path of a folder");
  expect(() => parsed({ python, hosts: hosts({}, { files: { removeStrays: true } }) })).toThrow("python3jail:hosts[1].files.source: is missing: the path of a folder");
  expect(() => parsed({ python, files: { source: "site", digest: "0" }, hosts: hosts({}) })).toThrow('python3jail:files: unknown property "digest"');
});

test("a builder is a word, a host of the stack by its name, or any other host", () => {
  const away = { host: "builder", connection: { host: "192.0.2.9" } };
  const config = parsed({ python: { ...python, builder: "judge-1" }, hosts: hosts({}, { connection: { host: "192.0.2.2", identityFile: "keys/id" } }, { python: { builder: "self" } }, { python: { builder: away } }) });
  expect(config.hosts.map((host) => jailArgsOf(config, host, "/project").python)).toEqual([
    ...Array(2).fill({ ...python, builder: { host: "judge-1", connection: { host: "192.0.2.2", identityFile: "/project/keys/id" } } }),
    { ...python, builder: "self" },
    { ...python, builder: away },
  ]);
  expect(jailArgsOf(parsed({ python, hosts: hosts({}) }), parsed({ python, hosts: hosts({}) }).hosts[0]!, "/").python).toEqual(python);
  expect(() => parsed({ python: { ...python, builder: "nobody" }, hosts: hosts({}) })).toThrow("python3jail:python.builder: must be self, shared, the name of one of the `hosts`, or `{host, connection}`");
});

test("the system's settings are a host's own over the stack's", () => {
  const config = parsed({ python, system: { timezone: "Europe/Berlin", tmp: "directory" }, hosts: hosts({ system: { tmp: "none" } }) });
  expect(jailArgsOf(config, config.hosts[0]!, "/").system).toEqual({ timezone: "Europe/Berlin", tmp: "none" });
});

test("the project's folder is the one that is told, or else the next one up that has a Pulumi.yaml", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "project-")));
  try {
    mkdirSync(join(folder, "build", "src"), { recursive: true });
    expect(projectRoot("rootDirectory", join(folder, "build"))).toBe(join(folder, "build"));
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    expect([projectRoot("/told", folder), projectRoot("rootDirectory", join(folder, "build", "src")), projectRoot("", folder)]).toEqual(["/told", folder, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

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
