import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../src/config.js";
import { jailArgsOf, nameOf } from "../../src/fleet/args.js";
import { writeInventories } from "./inventories.js";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "inventory-"));
  writeInventories(project);
});
afterAll(() => rmSync(project, { recursive: true }));

const parse = (values: object) =>
  parseConfig(
    "p",
    Object.fromEntries(
      Object.entries({ python: { version: "3.13.5" }, ...values }).map(([key, value]) => [
        `p:${key}`,
        JSON.stringify(value),
      ]),
    ),
    project,
  );
const connections = (values: object) =>
  Object.fromEntries(parse(values).hosts.map((host) => [nameOf(host), jailArgsOf(host, "/project").connection]));

test("hosts of an OpenSSH configuration are connected to by their names in it", () => {
  const sshConfigFile = "/project/ssh_config";
  expect(connections({ inventory: { openssh: "ssh_config", match: "judge-*" }, connection: { sudo: true } })).toEqual({
    "judge-1": { host: "judge-1", sshConfigFile, sudo: true },
    "judge-2": { host: "judge-2", sshConfigFile, sudo: true },
    "judge-3": { host: "judge-3", sshConfigFile, sudo: true },
  });
  expect(Object.keys(connections({ inventory: { openssh: "ssh_config" } }))).toContain("bastion");
});

test("an included file of an OpenSSH configuration is ignored if it does not exist or is not a file", () => {
  expect(Object.keys(connections({ inventory: { openssh: "half" } }))).toEqual(["judge-1"]);
});

test("hosts of an Ansible inventory get its connections, and the settings of groups that the config has too", () => {
  const config = parse({
    inventory: { ansible: "hosts.ini", group: "judges" },
    connection: { user: "root", sudo: true },
    groups: { large: { python: { optimize: true } } },
  });
  expect(
    config.hosts.map(({ name, settings }) => ({ name, connection: settings.connection, python: settings.python })),
  ).toEqual([
    { name: "judge-1", connection: { host: "judge-1", user: "deploy", sudo: true }, python: { version: "3.13.5" } },
    {
      name: "judge-2",
      connection: { host: "judge-2", user: "deploy", sudo: true },
      python: { version: "3.13.5", optimize: true },
    },
  ]);
});

test("a declared host overrides the inventory's host of the same name", () => {
  const inventory = { ansible: "hosts.ini", group: "judges" };
  const groups = { large: { path: "/srv/large" }, small: { path: "/srv/small" } };
  expect(
    connections({
      inventory,
      groups,
      hosts: { "judge-2": { group: "small", connection: { user: "admin" } }, "judge-9": {} },
    }),
  ).toEqual({
    "judge-1": { host: "judge-1", user: "deploy" },
    "judge-2:/srv/small": { host: "judge-2", user: "admin" },
    "judge-9": { host: "judge-9" },
  });
  // One host with two jails.
  expect(
    Object.keys(connections({ inventory, hosts: [{ name: "judge-1" }, { name: "judge-1", path: "/srv/b" }] })),
  ).toEqual(["judge-1", "judge-1:/srv/b", "judge-2"]);
});

test("an inventory's form follows from its name, or else from its first line; unused variables are a warning", () => {
  expect(parse({ inventory: { ansible: "hosts" } }).warnings).toEqual([
    "p:inventory.ansible: judge-1: ansible_ssh_common_args: is not taken; put what it says into OpenSSH's configuration",
  ]);
});

test.each([
  ["a group", "# judges\n[judges]\njudge-1\n"],
  ["a group with a comment", "[judges] ; all\njudge-1\n"],
  ["a host with variables", "judge-1 ansible_user=deploy\n"],
])("a file named like YAML is read as INI if it begins with %s", (_what, content) => {
  writeFileSync(join(project, "ini.yml"), content);
  expect(Object.keys(connections({ inventory: { ansible: "ini.yml" } }))).toEqual(["judge-1"]);
});

test("group_vars and host_vars beside an Ansible inventory are read, with Ansible's precedence", () => {
  const { hosts, warnings } = parse({ inventory: { ansible: "ansible/hosts.ini" } });
  expect(Object.fromEntries(hosts.map(({ name, settings }) => [name, settings.connection]))).toEqual({
    "judge-1": { host: "judge-1", user: "inline", port: 2202, sudo: true, identityFile: "~/.ssh/second" },
    "judge-2": { host: "192.0.2.2", port: 2202, sudo: true, identityFile: "~/.ssh/second" },
    "web-1": { host: "web-1", user: "deploy", port: 2200, sudo: true },
  });
  expect(warnings).toEqual([
    "p:inventory.ansible: judge-2: ansible_user: is encrypted or a template, which only Ansible can read; give the value here, or in `hosts`",
    "p:inventory.ansible: group_vars/judges/30-vault.yml: is encrypted, which only Ansible can read: nothing of it is taken",
  ]);
});

test("a folder is one Ansible inventory, without files that Ansible ignores; later files override earlier ones", () => {
  const judge = { port: 2201, sudo: true, identityFile: "~/.ssh/judges" };
  expect(connections({ inventory: { ansible: "folder" } })).toEqual({
    "judge-1": { ...judge, host: "judge-1", user: "third" },
    "judge-2": { ...judge, host: "judge-2", user: "first" },
    "web-1": { host: "web-1" },
  });
  expect(Object.keys(connections({ inventory: { ansible: "folder", group: "odd" } }))).toEqual(["judge-1"]);
});

test("an empty inventory, which is Pulumi.yaml's default, has no hosts", () =>
  expect(Object.keys(connections({ inventory: {}, hosts: { "judge-1": {} } }))).toEqual(["judge-1"]));

const refused: [string, object, string][] = [
  ["without a file", { match: "judge-*" }, "p:inventory: must have one of `openssh` and `ansible`"],
  [
    "with two files",
    { openssh: "ssh_config", ansible: "hosts" },
    "p:inventory: must have one of `openssh` and `ansible`",
  ],
  [
    "with a group that OpenSSH cannot have",
    { openssh: "ssh_config", group: "g" },
    "p:inventory.group: is for an Ansible inventory",
  ],
  ["that does not exist", { ansible: "nowhere" }, "p:inventory.ansible: cannot be read on this machine (ENOENT"],
  ["without hosts", { openssh: "empty" }, "p:inventory.openssh: empty names no host"],
  ["without a matching name", { openssh: "ssh_config", match: "jugde-*" }, "p:inventory.match: jugde-* names no host"],
  [
    "with an unknown group",
    { ansible: "hosts.ini", group: "jugdes" },
    'p:inventory.ansible: there is no group "jugdes"',
  ],
  [
    "with a syntax error in a file of variables",
    { ansible: "broken/hosts.ini", match: "judge-1" },
    "p:inventory.ansible: host_vars/judge-1: line 2: is no YAML",
  ],
  [
    "with a list in a file of variables",
    { ansible: "broken/hosts.ini", match: "judge-2" },
    "p:inventory.ansible: group_vars/list.yaml: must be a mapping of variables",
  ],
  [
    "with an inventory program",
    { ansible: "programs" },
    "p:inventory.ansible: 20-cloud: is a program; give what `ansible-inventory --list --yaml` writes of it",
  ],
  [
    "with a file in a folder that only some releases of Ansible read",
    { ansible: "ini-folder" },
    "p:inventory.ansible: hosts.ini: in a folder, Ansible reads such a name only from 2.19 on",
  ],
  ["with a wrong file in a folder", { ansible: "wrong-folder" }, "p:inventory.ansible: 10: line 1: "],
  [
    "with a password",
    { ansible: "hosts.ini" },
    "p:inventory.ansible: web-1: ansible_password: no password is taken from an inventory",
  ],
  ["with an invalid host name", { openssh: "hosts.d/odd" }, 'p:inventory: "git@host" cannot be a host\'s name'],
];
test.each(refused)("an inventory is refused %s", (_name, inventory, reason) => {
  writeFileSync(join(project, "hosts.d", "odd"), "Host git@host\n");
  expect(() => parse({ inventory, hosts: [] })).toThrow(reason);
  expect(() => parse({ inventory })).toThrow(reason);
  rmSync(join(project, "hosts.d", "odd"));
});

test("an inventory that cannot be read is reported with all other problems, but not as a fleet without hosts", () => {
  expect(() => parse({ inventory: { ansible: "nowhere" }, hosts: [{ name: "a" }, { name: "a" }] })).toThrow(
    /p:inventory\.ansible: cannot be read.*\n.*p:hosts\[1\]: is the same host/,
  );
  expect(() => parse({ inventory: { ansible: "nowhere" } })).toThrow(/^((?!no host)[^])*$/);
});
