import { describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../src/config.js";
import { jailArgsOf, nameOf, safeExecArgsOf } from "../src/fleet/args.js";
import { newestPatch, newestVersion } from "../src/python/releases.js";
import { projectRoot } from "../src/local/project.js";

const parsed = (values: Record<string, unknown>) =>
  parseConfig(
    "python3jail",
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`python3jail:${key}`, JSON.stringify(value)])),
    "/project",
  );
const hosts = (...settings: object[]) =>
  settings.map((own, index) => ({ name: `judge-${index}`, connection: { host: "192.0.2.1" }, ...own }));
const python = { version: "3.13.5" };

test("files are optional, a host's override the stack's, and relative paths are resolved against the project", () => {
  const config = parsed({
    python,
    files: { source: "site", ignore: ["*.md"] },
    hosts: hosts({}, { files: { source: "/srv/site" } }),
  });
  expect(config.hosts.map((host) => jailArgsOf(host, "/project").files)).toEqual([
    { source: "/project/site", ignore: ["*.md"] },
    { source: "/srv/site", ignore: ["*.md"] },
  ]);
  const without = parsed({ python, files: {}, hosts: hosts({}) });
  expect(jailArgsOf(without.hosts[0]!, "/project")).toMatchObject({ files: undefined, system: {} });
});

test("files without a source are refused by an error that names the property", () => {
  expect(() => parsed({ python, files: { ignore: ["*.md"] }, hosts: hosts({}) })).toThrow(
    "python3jail:files.source: is missing: the path of a folder",
  );
  expect(() => parsed({ python, hosts: hosts({}, { files: { removeUnmanaged: true } }) })).toThrow(
    "python3jail:hosts[1].files.source: is missing: the path of a folder",
  );
  expect(() => parsed({ python, files: { source: "site", digest: "0" }, hosts: hosts({}) })).toThrow(
    'python3jail:files: unknown property "digest"',
  );
});

test("a builder may be `self`, a host of the stack by its name, or another host with its connection", () => {
  const away = { host: "builder", connection: { host: "192.0.2.9" } };
  const config = parsed({
    python: { ...python, builder: "judge-1" },
    hosts: hosts(
      {},
      { connection: { host: "192.0.2.2", identityFile: "keys/id" } },
      { python: { builder: "self" } },
      { python: { builder: away } },
    ),
  });
  expect(config.hosts.map((host) => jailArgsOf(host, "/project").python)).toEqual([
    ...Array.from({ length: 2 }, () => ({
      ...python,
      builder: { host: "judge-1", connection: { host: "192.0.2.2", identityFile: "/project/keys/id" } },
    })),
    { ...python, builder: "self" },
    { ...python, builder: away },
  ]);
  expect(jailArgsOf(parsed({ python, hosts: hosts({}) }).hosts[0]!, "/").python).toEqual(python);
  expect(() => parsed({ python: { ...python, builder: "nobody" }, hosts: hosts({}) })).toThrow(
    "python3jail:python.builder: must be self, shared, the name of one of the `hosts`, or `{host, connection}`",
  );
});

test("a host's system settings override those of the stack", () => {
  const config = parsed({
    python,
    system: { timezone: "Europe/Berlin", tmp: "directory" },
    hosts: hosts({ system: { tmp: "none" } }),
  });
  expect(jailArgsOf(config.hosts[0]!, "/").system).toEqual({ timezone: "Europe/Berlin", tmp: "none" });
});

test("the project's folder is the one that the SDK reports, or else the nearest parent with a Pulumi.yaml", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "project-")));
  try {
    mkdirSync(join(folder, "build", "src"), { recursive: true });
    expect(projectRoot("rootDirectory", join(folder, "build"))).toBe(join(folder, "build"));
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    expect([
      projectRoot("/told", folder),
      projectRoot("rootDirectory", join(folder, "build", "src")),
      projectRoot("", folder),
    ]).toEqual(["/told", folder, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const commit = "0123456789abcdef0123456789abcdef01234567";
const connection = { host: "h" };
const parse = (values: object) =>
  parseConfig(
    "p",
    Object.fromEntries(
      Object.entries({ python: { version: "3.13.5" }, ...values }).map(([key, value]) => [
        `p:${key}`,
        JSON.stringify(value),
      ]),
    ),
    "/project",
  );
const argsOf = (values: object, index = 0) => {
  const config = parse(values);
  return safeExecArgsOf(config.hosts[index]!, "/project");
};

describe("safeexec in a stack's config", () => {
  test("is not installed by default", () => {
    expect(argsOf({ hosts: [{ name: "a", connection }] })).toBeUndefined();
    expect(argsOf({ safeexec: {}, hosts: [{ name: "a", connection }] })).toBeUndefined();
  });

  test("has the stack's settings, those of the host that override them, and the host's connection", () => {
    const values = {
      safeexec: { git: { commit } },
      timeouts: { step: 9 },
      hosts: [
        { name: "a", connection },
        { name: "b", connection, safeexec: { firewall: true } },
      ],
    };
    expect(argsOf(values)).toMatchObject({ host: "a", connection, git: { commit }, timeouts: { step: 9 } });
    expect(argsOf(values, 1)).toMatchObject({ host: "b", git: { commit }, firewall: true });
  });

  test("resolves relative paths against the project's folder, wherever the program runs", () => {
    const at = (source: object) => argsOf({ safeexec: { source }, hosts: [{ name: "a", connection }] })!.source;
    expect(at({ folder: "vendor/safeexec" })).toEqual({ folder: "/project/vendor/safeexec" });
    expect(at({ path: "vendor/x.tgz", sha256: "0".repeat(64) })).toMatchObject({ path: "/project/vendor/x.tgz" });
  });

  const refused: [string, object, string][] = [
    [
      "no source",
      { safeexec: { firewall: true }, hosts: [{ name: "a", connection }] },
      "p:safeexec.git: is missing: give `git: {commit}`, or `source`",
    ],
    [
      "no source for one host",
      { hosts: [{ name: "a", connection, safeexec: { firewall: true } }] },
      "p:hosts[0].safeexec.git: is missing",
    ],
    [
      "half a commit",
      { safeexec: { git: { commit: "abc" } }, hosts: [{ name: "a", connection }] },
      "p:safeexec.git.commit: must be a whole commit id",
    ],
    [
      "different settings for one host",
      {
        safeexec: { git: { commit } },
        hosts: [
          { name: "a", connection },
          { name: "a", connection, path: "/srv/b", safeexec: { firewall: true } },
        ],
      },
      "p:hosts[1].safeexec: is not that of hosts[0], which is the same host: its jails share one",
    ],
    [
      "an unknown key",
      { safeexec: { git: { commit }, mode: "4755" }, hosts: [{ name: "a", connection }] },
      'p:safeexec: unknown property "mode"',
    ],
  ];
  test.each(refused)("is refused with %s", (_name, values, reason) => expect(() => parse(values)).toThrow(reason));
});

describe("the error for a typing mistake says what was probably meant", () => {
  const hosts = { a: {} };
  const newest = newestPatch("3.13");
  test.each<[string, object, string]>([
    [
      "a version without quotation marks",
      { hosts, python: { version: 3.13 } },
      `p:python.version: unquoted 3.13 is a number: write "${newest}"`,
    ],
    [
      "a version for all of python",
      { hosts, python: 3.13 },
      `p:python: must be a map, such as \`python: {version: "${newestVersion()}"}\``,
    ],
    [
      "a misspelt key",
      { hosts, pyhton: {} },
      'p: unknown property "pyhton": did you mean "python"? (known: audit, check, connection, ',
    ],
    [
      "a misspelt key of a host",
      { hosts: { a: { conection: {} } } },
      'p:hosts.a: unknown property "conection": did you mean "connection"? (known: ',
    ],
    [
      "a misspelt key of a resource",
      { hosts, python: { versoin: "3.13" } },
      'p:python: unknown property "versoin": did you mean "version"?',
    ],
    [
      "an address beside the connection",
      { hosts: { a: { host: "192.0.2.1" } } },
      'p:hosts.a: unknown property "host": "host" belongs into `connection` (known: ',
    ],
    [
      "an address beside the connection, in a list",
      { hosts: [{ name: "a", host: "192.0.2.1" }] },
      'p:hosts[0]: unknown property "host": "host" belongs into `connection`',
    ],
    ["sudo at the top", { hosts, sudo: true }, 'p: unknown property "sudo": "sudo" belongs into `connection`'],
    [
      "a version at the top",
      { hosts, version: "3.13" },
      'p: unknown property "version": "version" belongs into `python`',
    ],
    [
      "one host as a text",
      { hosts: "h1" },
      "p:hosts: must be a list or a map, such as `hosts: {judge-1: {connection: {host: 192.0.2.10}}}`",
    ],
    [
      "hosts as texts",
      { hosts: ["h1"] },
      "p:hosts[0]: must be a map, such as `{name: judge-1, connection: {host: 192.0.2.10}}`",
    ],
    [
      "a host as a text",
      { hosts: { a: "192.0.2.1" } },
      "p:hosts.a: must be a map, such as `{connection: {host: 192.0.2.10}}`",
    ],
    ["an audit that is true", { hosts, audit: true }, "p:audit: must be a map, such as `audit: {}`"],
    [
      "a device without quotation marks",
      { hosts, devices: [null] },
      'p:devices[0]: must be "null", in quotation marks',
    ],
    ["one device", { hosts, devices: "null" }, 'p:devices: must be a list, such as `devices: ["null", "urandom"]`'],
    [
      "a port in quotation marks",
      { hosts: { a: { connection: { port: "22" } } } },
      "p:hosts.a.connection.port: must be a number, without quotation marks",
    ],
    [
      "sudo in quotation marks",
      { hosts, connection: { sudo: "true" } },
      "p:connection.sudo: must be true or false, without quotation marks",
    ],
    [
      "a user as a number",
      { hosts, connection: { user: 1000 } },
      "p:connection.user: must be a text: put it in quotation marks",
    ],
  ])("%s", (_slip, values, says) => expect(() => parse(values)).toThrow(says));
});

describe("hosts", () => {
  const names = (config: ReturnType<typeof parse>) => config.hosts.map(nameOf);
  const settingsOf = (values: object) =>
    Object.fromEntries(parse(values).hosts.map((host) => [nameOf(host), host.settings]));

  test("mean the same as a map and as a list", () => {
    const own = { connection: { host: "192.0.2.1", user: "deploy" }, path: "/srv/other" };
    const list = parse({
      hosts: [
        { name: "judge-1", connection: { host: "192.0.2.1" } },
        { name: "judge-2", ...own },
      ],
    });
    const map = parse({ hosts: { "judge-1": { connection: { host: "192.0.2.1" } }, "judge-2": own } });
    expect(names(map)).toEqual(["judge-1", "judge-2:/srv/other"]);
    expect(map.hosts.map((host) => [nameOf(host), jailArgsOf(host, "/")])).toEqual(
      list.hosts.map((host) => [nameOf(host), jailArgsOf(host, "/")]),
    );
  });

  test("without settings of their own are connected to by name, with the stack's settings", () => {
    expect(
      settingsOf({
        connection: { user: "deploy", sudo: true },
        hosts: { "judge-1": null, "judge-2": { connection: { host: "192.0.2.2", sudo: false } } },
      }),
    ).toMatchObject({
      "judge-1": { connection: { host: "judge-1", user: "deploy", sudo: true } },
      "judge-2": { connection: { host: "192.0.2.2", user: "deploy", sudo: false } },
    });
  });

  test("override the settings of their groups, which override the stack's; later groups override earlier ones", () => {
    const settings = settingsOf({
      timeouts: { step: 1 },
      devices: ["null"],
      check: { uid: 1, gid: 1 },
      groups: {
        slow: { timeouts: { step: 2 }, check: { uid: 2 } },
        large: { python: { optimize: true }, check: { uid: 3, limits: { files: 9 } }, devices: ["null", "urandom"] },
      },
      hosts: {
        a: {},
        b: { group: "slow" },
        c: { group: ["slow", "large"] },
        d: { group: ["large", "slow"], check: { uid: 4 }, python: { version: "3.11.2" } },
      },
    });
    expect(settings.a).toMatchObject({
      python: { version: "3.13.5" },
      timeouts: { step: 1 },
      devices: ["null"],
      check: { uid: 1, gid: 1 },
    });
    expect(settings.b).toMatchObject({ timeouts: { step: 2 }, check: { uid: 2, gid: 1 }, devices: ["null"] });
    expect(settings.c).toMatchObject({
      python: { version: "3.13.5", optimize: true },
      timeouts: { step: 2 },
      check: { uid: 3, gid: 1, limits: { files: 9 } },
      devices: ["null", "urandom"],
    });
    expect(settings.d).toMatchObject({ python: { version: "3.11.2", optimize: true }, check: { uid: 4, gid: 1 } });
  });

  test("have resource names that do not depend on groups", () => {
    expect(
      names(parse({ groups: { g: { python: { optimize: true } } }, hosts: { a: { group: "g" }, b: {} } })),
    ).toEqual(["a", "b"]);
  });

  const refused: [string, object, string[]][] = [
    [
      "in unknown groups",
      { groups: { large: {} }, hosts: { a: { group: "larg" }, b: { group: ["large", "none"] } } },
      [
        'p:hosts.a.group: there is no group "larg": `groups` has large',
        'p:hosts.b.group: there is no group "none": `groups` has large',
      ],
    ],
    [
      "in a group if there are no groups",
      { hosts: [{ name: "a", group: "constructor" }] },
      ['p:hosts[0].group: there is no group "constructor": `groups` has none'],
    ],
    [
      "given twice, and in an unknown group",
      { hosts: [{ name: "a" }, { name: "a", group: "g" }] },
      [
        "p:hosts[1]: is the same host and path as hosts[0]; give one of them another `path`",
        'p:hosts[1].group: there is no group "g"',
      ],
    ],
    [
      "given twice, with the path of a group",
      {
        groups: { g: { path: "/srv/g" } },
        hosts: [
          { name: "a", group: "g" },
          { name: "a", path: "/srv/g" },
        ],
      },
      ["p:hosts[1]: is the same host and path as hosts[0]"],
    ],
    [
      "with invalid names",
      { hosts: { "a/b": {} } },
      ["p:hosts.a/b: must be a name: letters, digits, '.', '_' and '-'"],
    ],
    [
      "with unknown properties",
      { hosts: { a: { pyton: {} }, b: { connection: { port: "22" } } } },
      ['p:hosts.a: unknown property "pyton"', "p:hosts.b.connection.port: must be a number, without quotation marks"],
    ],
    ["in an empty map", { hosts: {} }, ["p:hosts: has no host: give at least one"]],
    ["missing from the config", {}, ["p:hosts: has no host: give at least one"]],
    [
      "with an address for all hosts or a group",
      { connection: { host: "192.0.2.1" }, groups: { g: { connection: { host: "192.0.2.1" } } }, hosts: { a: {} } },
      ['p:connection: unknown property "host"', 'p:groups.g.connection: unknown property "host"'],
    ],
    [
      "that are neither a list nor a map",
      { hosts: "judge-1" },
      ["p:hosts: must be a list or a map, such as `hosts: {judge-1: {connection: {host: 192.0.2.10}}}`"],
    ],
  ];
  test.each(refused)("are refused %s", (_name, values, reasons) => {
    for (const reason of reasons) expect(() => parse(values)).toThrow(reason);
  });

  test("get the exact version of a Python that is given as `3.13` or `latest`", () => {
    const version = (python: object) => settingsOf({ python, hosts: { a: {} } }).a?.python;
    expect(version({ version: "3.13" })).toEqual({ version: newestPatch("3.13") });
    expect(version({ version: "latest" })).toEqual({ version: newestVersion() });
  });

  test("with an invalid group are refused by one error that names the group", () => {
    const message = (): string => {
      try {
        parse({
          groups: { g: { python: { version: "3.99.1" }, files: { ignore: [] } } },
          hosts: { a: { group: "g" }, b: { group: "g" } },
        });
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    expect(message().split("\n").slice(1)).toEqual([
      expect.stringMatching(/^ {2}p:groups\.g\.python\.version: is not in the table/),
      "  p:groups.g.files.source: is missing: the path of a folder",
    ]);
  });

  test("that are all in other groups leave a group empty, which is a warning", () => {
    expect(parse({ groups: { g: {}, h: {} }, hosts: { a: { group: "g" } } }).warnings).toEqual([
      "p:groups.h: no host is in it",
    ]);
  });

  test("do not get the setting `unreachable`, which is the provider's", () => {
    expect(() => parse({ unreachable: "ignore", hosts: { a: {} } })).toThrow("p:unreachable: must be fail or forget");
    expect(settingsOf({ unreachable: "forget", hosts: { a: {} } }).a).not.toHaveProperty("unreachable");
  });
});
