import { describe, expect, test } from "@jest/globals";
import { ansibleHosts, InventoryError, vaulted, type AnsibleInventory } from "../../src/inventory/ansible.js";
import { expandHosts } from "../../src/inventory/ansible-hosts.js";
import { parseAnsibleIni } from "../../src/inventory/ansible-ini.js";
import { parseAnsibleYaml } from "../../src/inventory/ansible-yaml.js";
import { ini, yaml } from "./inventories.js";

const all = (inventory: AnsibleInventory, wanted: (name: string) => boolean = () => true, group?: string) =>
  ansibleHosts(inventory, wanted, group);
const reasonsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof InventoryError) return error.reasons;
    throw error;
  }
  return [];
};

describe("a host entry", () => {
  const entries: [string, string[], number?][] = [
    ["judge-1", ["judge-1"]],
    ["judge-1.example.org:2222", ["judge-1.example.org"], 2222],
    ["judge-[1:3]", ["judge-1", "judge-2", "judge-3"]],
    [
      "judge-[08:11].example.org:22",
      ["judge-08.example.org", "judge-09.example.org", "judge-10.example.org", "judge-11.example.org"],
      22,
    ],
    ["[a:c]-[1:2]", ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"]],
    ["x[0:10:5]", ["x0", "x5", "x10"]],
    ["x[9:11]", ["x9", "x10", "x11"]],
  ];
  test.each(entries.map(([entry, names, port]) => ({ entry, names, port })))(
    "$entry is expanded",
    ({ entry, names, port }) => expect(expandHosts(entry)).toEqual({ names, port }),
  );

  const wrong: [string, string][] = [
    ["x[3:1]", "a range must be like"],
    ["x[01:100]", "a range must be like"],
    ["x[a:3]", "a range must be like"],
    ["x[1:3:0]", "a range must be like"],
    ["x[]", "a range must be like"],
    ["x[1:3", "a bracket is not closed"],
    ["x[1:99999999999]", "a range has more than 10000 hosts"],
    ["x[1:1000][1:1000]", "a range has more than 10000 hosts"],
  ];
  test.each(wrong)("%s is refused", (entry, reason) => expect(() => expandHosts(entry)).toThrow(reason));
});

const expected = {
  lonely: { groups: [], connection: { host: "192.0.2.9", port: 22 } },
  "judge-01": {
    groups: ["production", "judges"],
    connection: { port: 22, user: "judge", identityFile: "~/.ssh/production", sudo: true },
  },
  "judge-02": {
    groups: ["production", "judges"],
    connection: { port: 22, user: "judge", identityFile: "~/.ssh/production", sudo: true },
  },
  "judge-03": {
    groups: ["production", "judges", "web"],
    connection: { host: "192.0.2.3", port: 2222, user: "deploy", identityFile: "~/.ssh/production", sudo: true },
  },
  "web-1": { groups: ["production", "web"], connection: { port: 22, user: "wide", identityFile: "~/.ssh/production" } },
};

describe.each([
  ["INI", parseAnsibleIni(ini)],
  ["YAML", parseAnsibleYaml(yaml)],
])("an inventory in %s", (_form, inventory) => {
  test("gives each host its groups and connection: hosts override narrow groups, and these override wide ones", () => {
    const { hosts, problems, warnings } = all(inventory);
    expect(Object.fromEntries(hosts.map(({ name, ...rest }) => [name, rest]))).toEqual(expected);
    expect([problems, warnings]).toEqual([[], []]);
  });

  test.each([
    ["judges", ["judge-01", "judge-02", "judge-03"]],
    ["production", ["judge-01", "judge-02", "judge-03", "web-1"]],
    ["web", ["judge-03", "web-1"]],
  ])("is limited to the hosts of the group %s", (group, names) => {
    expect(
      all(inventory, undefined, group)
        .hosts.map(({ name }) => name)
        .sort(),
    ).toEqual(names);
  });

  test("is limited to wanted names", () => {
    expect(all(inventory, (name) => name.startsWith("web")).hosts.map(({ name }) => name)).toEqual(["web-1"]);
  });

  test("is refused with an unknown group", () =>
    expect(reasonsOf(() => all(inventory, undefined, "jugdes"))).toEqual(['there is no group "jugdes"']));
});

const secret = "hunter2";
describe("an unsupported variable is refused by a text that names host and variable, and no value", () => {
  const cases: [string, RegExp][] = [
    [`ansible_password=${secret}`, /^a: ansible_password: no password is taken .*`credentials`/],
    [`ansible_ssh_pass=${secret}`, /^a: ansible_ssh_pass: no password/],
    [`ansible_become_password=${secret} ansible_become=true`, /^a: ansible_become_password: no password/],
    [`ansible_host="{{ ${secret} }}"`, /^a: ansible_host: is encrypted or a template/],
    [`ansible_port=${secret}`, /^a: ansible_port: cannot be a port/],
    [`ansible_user="-o${secret}"`, /^a: ansible_user: cannot be a user/],
    [`ansible_host="a;${secret}"`, /^a: ansible_host: cannot be a host/],
    [`ansible_become=${secret}`, /^a: ansible_become: must be true or false/],
    ["ansible_connection=winrm", /^a: ansible_connection: must be ssh/],
    ["ansible_become=true ansible_become_method=doas", /^a: ansible_become_method: must be sudo/],
    ["ansible_become=true ansible_become_user=www", /^a: ansible_become_user: must be root/],
    ["python3jail_path=/srv/x", /^a: python3jail_path: .*`groups` or `hosts`/],
  ];
  test.each(cases)("%s", (variables, reason) => {
    const { problems } = all(parseAnsibleIni(`a ${variables}`));
    expect(problems).toEqual([expect.stringMatching(reason)]);
    expect(problems.join()).not.toContain(secret);
  });

  test("in one line for many hosts", () => {
    const variables = `\n[all:vars]\nansible_password=${secret}`;
    expect(all(parseAnsibleIni(`x-[1:40]${variables}`)).problems).toEqual([
      expect.stringMatching(/^x-1 and 39 more: ansible_password: /),
    ]);
    expect(all(parseAnsibleIni(`x-[1:2]${variables}`)).problems).toEqual([expect.stringMatching(/^x-1 and x-2: /)]);
  });

  test("only for wanted hosts", () =>
    expect(all(parseAnsibleIni(`a\nb ansible_password=${secret}`), (name) => name === "a").problems).toEqual([]));

  test("also if its value is encrypted, but not for a text that is marked as no template", () => {
    const { problems, hosts } = all(
      parseAnsibleYaml(
        'ungrouped:\n  hosts:\n    a: {ansible_user: !vault "|\\n 66"}\n    b: {ansible_user: !unsafe deploy}\n',
      ),
    );
    expect(problems).toEqual([expect.stringMatching(/^a: ansible_user: is encrypted/)]);
    expect(hosts[1]!.connection).toEqual({ user: "deploy" });
  });
});

test("the control machine itself is left out with a warning, whatever its variables are", () => {
  for (const by of ["local", "ansible.builtin.local"]) {
    const { hosts, problems, warnings } = all(
      parseAnsibleIni(`localhost ansible_connection=${by} ansible_password=x\n[judges]\na\n`),
    );
    expect([hosts.map(({ name }) => name), problems, warnings]).toEqual([
      ["a"],
      [],
      ["localhost: ansible_connection: is local, which is the machine that Ansible runs on: left out"],
    ]);
  }
});

test("an encrypted password or other value in a file of variables is a warning", () => {
  const variables = { ansible_password: vaulted, ansible_user: vaulted, something: vaulted };
  const { hosts, problems, warnings } = ansibleHosts(parseAnsibleIni("a\n"), () => true, "all", {
    of: (kind) => (kind === "group_vars" ? variables : {}),
    warnings: [],
  });
  expect([hosts, problems]).toEqual([[{ name: "a", groups: [], connection: {} }], []]);
  expect(warnings).toEqual([
    expect.stringMatching(/^a: ansible_user: is encrypted or a template/),
    expect.stringMatching(/^a: ansible_password: is encrypted, which only Ansible can read: not taken; /),
  ]);
});

test("options of ssh are a warning that points to OpenSSH's configuration", () => {
  expect(all(parseAnsibleIni("a ansible_ssh_common_args='-J bastion'")).warnings).toEqual([
    "a: ansible_ssh_common_args: is not taken; put what it says into OpenSSH's configuration",
  ]);
});

test("any number of hosts may share a YAML anchor", () => {
  const shared = `all:\n  vars: {x: &login {ansible_user: deploy}}\n  hosts:\n${Array.from({ length: 300 }, (_, number) => `    judge-${number}: {<<: *login, ansible_host: 192.0.2.${number % 250}}\n`).join("")}`;
  const { hosts } = all(parseAnsibleYaml(shared));
  expect([hosts.length, hosts[299]!.connection]).toEqual([300, { host: "192.0.2.49", user: "deploy" }]);
});

test("empty files, groups and values are accepted", () => {
  expect(all(parseAnsibleIni("a ansible_user= ansible_password=\n[g:vars]\n[g]\n")).hosts).toEqual([
    { name: "a", groups: [], connection: {} },
  ]);
  for (const text of ["", "---\n", "all:\n", "all: {hosts: , children: {g: }}"])
    expect(all(parseAnsibleYaml(text)).hosts).toEqual([]);
});

const wrongFiles: [string, () => unknown, string[]][] = [
  [
    "an INI with wrong lines",
    () =>
      parseAnsibleIni(
        `a ${secret}\n[g\n[g:hostvars]\n[g:vars]\n${secret}\n[h:children]\nnone\n[i:vars]\nx=1\n[h]\nb "c`,
      ),
    [
      "line 1: after a host's name come its variables, as `name=value`",
      "line 2: a bracket is not closed",
      "line 3: a section is [group], [group:children] or [group:vars]",
      'line 4: there is no group "g"',
      "line 5: a variable is `name = value`",
      'line 7: there is no group "none"',
      'line 8: there is no group "i"',
      "line 11: a quotation mark is not closed",
    ],
  ],
  [
    "a YAML with a syntax error",
    () => parseAnsibleYaml(`all:\n  hosts:\n    a: "${secret}`),
    ["line 3: is no YAML (missing char)"],
  ],
  [
    "a YAML of another form",
    () => parseAnsibleYaml(`all:\n  host: {a: }\n  hosts: [${secret}]\nweb: ${secret}`),
    [
      "all.hosts: must be a map (`name: value`)",
      'all: unknown property "host": did you mean "hosts"? (known: children, hosts, vars)',
      "web: must be a map (`name: value`)",
    ],
  ],
  ["a host twice", () => parseAnsibleYaml("all: {hosts: {a: , a: }}"), ["line 1: is no YAML (duplicate key)"]],
  [
    "a plugin's configuration",
    () => parseAnsibleYaml("plugin: amazon.aws.aws_ec2\n"),
    ["is the configuration of a plugin; give what `ansible-inventory --list --yaml` writes of it"],
  ],
  [
    "a playbook",
    () => parseAnsibleYaml(`- hosts: all\n  vars: {x: ${secret}}\n`),
    ["is a playbook, and no inventory: give the file that names the hosts, which `ansible-playbook` gets by `-i`"],
  ],
  [
    "a list",
    () => parseAnsibleYaml("[a, b]\n"),
    ["is a list: an inventory is a map of groups, such as `all: {hosts: {judge-1: }}`"],
  ],
  [
    "a group within itself",
    () => all(parseAnsibleIni("[a:children]\nb\n[b:children]\na\n[a]\nx")),
    ['the group "a" is a child of itself'],
  ],
  ["an invalid range", () => parseAnsibleYaml("g: {hosts: {'x[1:': }}"), ["g.hosts: a bracket is not closed"]],
];
test.each(wrongFiles)(
  "%s is refused with all its errors, and without any value of the file",
  (_name, read, reasons) => {
    const told = reasonsOf(read);
    expect(told.join("\n")).not.toContain(secret);
    expect(told).toEqual(reasons);
  },
);
