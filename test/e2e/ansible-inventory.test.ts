import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { askAnsible } from "../../src/inventory/ansible-program.js";
import type { InventoryArgs } from "../../src/inventory/inventory-args.js";
import { readInventory } from "../../src/inventory/inventory.js";
import type { Inventory } from "../../src/inventory/inventory-host.js";
import { ini, writeInventories, yaml } from "../inventory/inventories.js";
import { ansibleCore, virtualEnvironment } from "./virtual-environment.js";

const path = process.env.PATH ?? "";
let withAnsible: string;
let project: string;
beforeAll(async () => {
  withAnsible = [join(await virtualEnvironment("test-ansible", [ansibleCore]), "bin"), path].join(delimiter);
}, 600_000);
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "ansible-inventory-test-"));
  process.env.PATH = withAnsible;
});
afterEach(() => rmSync(project, { recursive: true, force: true }));
afterAll(() => {
  process.env.PATH = path;
});

const put = (name: string, content: string): string => {
  mkdirSync(dirname(join(project, name)), { recursive: true });
  writeFileSync(join(project, name), content);
  return join(project, name);
};

/** The inventory as each of the two reads it: each in a place of its own, as an answer is kept for a place. */
function both(make: () => void, args: InventoryArgs): { own: Inventory; ansible: Inventory } {
  const root = project;
  const [own, ansible] = ["own", "ansible"].map((reader) => {
    project = join(root, reader);
    mkdirSync(project);
    make();
    process.env.PATH = reader === "own" ? "/nowhere" : withAnsible;
    return readInventory(args, project);
  });
  // That it was asked, and said something.
  expect(askAnsible(join(project, args.ansible!))).toHaveProperty("inventory");
  project = root;
  return { own: own!, ansible: ansible! };
}

describe("Ansible and this program read the same hosts from", () => {
  const inventories: [string, () => void, InventoryArgs][] = [
    ["an INI", () => put("hosts", ini), { ansible: "hosts" }],
    ["a YAML", () => put("hosts.yml", yaml), { ansible: "hosts.yml" }],
    ["one group of an INI", () => put("hosts", ini), { ansible: "hosts", group: "web" }],
    ["some names of a YAML", () => put("hosts.yml", yaml), { ansible: "hosts.yml", match: "judge-*" }],
    ["a file that begins as YAML", () => writeInventories(project), { ansible: "hosts" }],
    [
      "an INI with variables in files",
      () => {
        writeInventories(project);
        // Nobody can read that without its password; another test has it.
        rmSync(join(project, "ansible/group_vars/judges/30-vault.yml"));
      },
      { ansible: "ansible/hosts.ini" },
    ],
    ["a folder", () => writeInventories(project), { ansible: "folder" }],
    ["one group of a folder", () => writeInventories(project), { ansible: "folder", group: "odd" }],
    [
      "an INI under a name of YAML",
      () => put("hosts.yml", "; judges\n[judges]\na ansible_user=x\n"),
      { ansible: "hosts.yml" },
    ],
    [
      "an INI of one host under a name of YAML",
      () => put("hosts.yml", "a ansible_port=22\n"),
      { ansible: "hosts.yml" },
    ],
    [
      "the control machine among the hosts",
      () => put("hosts", "localhost ansible_connection=local\n[judges]\na\n[judges:vars]\nansible_user=x\n"),
      { ansible: "hosts" },
    ],
    [
      "groups of groups of several levels, with variables at each",
      () =>
        put(
          "hosts.yml",
          "all:\n  vars: {ansible_port: 2200}\n  children:\n    europe:\n      vars: {ansible_user: eu}\n      children:\n        paris: {hosts: {'p[1:2].example.org': , q: {ansible_host: 192.0.2.7}}, vars: {ansible_become: true}}\n    web: {hosts: {q: }, vars: {ansible_user: web}}\n",
        ),
      { ansible: "hosts.yml" },
    ],
    [
      "a JSON",
      () =>
        put(
          "hosts.json",
          JSON.stringify({ web: { hosts: { a: null, b: { ansible_port: 22 } }, vars: { ansible_user: "x" } } }),
        ),
      { ansible: "hosts.json" },
    ],
    [
      "comments, empty lines, quotation marks and white space",
      () =>
        put(
          "hosts",
          "\n# all\n  [judges]  # mine\n\ta   ansible_user='deploy' # why\n;b\n[judges:vars]\nansible_port = 2222\nnote = a # b\n",
        ),
      { ansible: "hosts" },
    ],
    [
      "a host in many groups, of which one is named later than it is used",
      () =>
        put(
          "hosts",
          "[x:children]\ny\nz\n[y]\na\n[z]\na\nb\n[z:vars]\nansible_user=z\n[y:vars]\nansible_user=y\n[x:vars]\nansible_user=x\n",
        ),
      { ansible: "hosts" },
    ],
    ["a group without hosts in it", () => put("hosts", "[a]\nx\n[b]\n[c:children]\nb\na\n"), { ansible: "hosts" }],
    [
      "every way to write a range, a port and a truth",
      () =>
        put(
          "hosts",
          "a[1:3]\nb[08:11].example.org:22\n[g]\nc[a:c]-[1:2]\nd[0:10:5] ansible_become=on\n[g:vars]\nansible_become='True'\nansible_ssh_user=x\n",
        ),
      { ansible: "hosts" },
    ],
    [
      "what is encrypted, and what is no template",
      () => {
        put("hosts", "[g]\na\n[h]\nb\n");
        put("group_vars/g.yml", "ansible_user: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nansible_port: 22\n");
        put("group_vars/h.yml", 'ansible_user: !unsafe deploy\nansible_host: "{{ x }}"\n');
      },
      { ansible: "hosts" },
    ],
  ];
  test.each(inventories)("%s", (_name, make, args) => {
    const { own, ansible } = both(make, args);
    expect(own.problems).toEqual([]);
    expect(own.hosts.length).toBeGreaterThan(0);
    expect(ansible).toEqual(own);
  });
});

test("Ansible's reading is used if the two differ, with a warning", () => {
  const hosts = "[a]\nx\n[b]\nx\ny\n[a:vars]\nansible_user=a\nansible_group_priority=10\n[b:vars]\nansible_user=b\n";
  const { own, ansible } = both(() => put("hosts", hosts), { ansible: "hosts" });
  const users = ({ hosts }: Inventory) => hosts.map(({ name, connection }) => [name, connection.user]);
  expect([users(own), users(ansible)]).toEqual([
    [
      ["x", "b"],
      ["y", "b"],
    ],
    [
      ["x", "a"],
      ["y", "b"],
    ],
  ]);
  expect([own.warnings, ansible.warnings]).toEqual([
    [],
    [
      expect.stringMatching(
        /^inventory\.ansible: x: taken as ansible-inventory reads it; on a machine without Ansible/,
      ),
    ],
  ]);
});

test("this program's own reader is used if Ansible fails, and says so without quoting the file", () => {
  put("hosts", "[g]\na\n[h]\nb\n");
  put("group_vars/g.yml", "ansible_user: deploy\n");
  // Ansible reads the variables of all hosts.
  put("group_vars/h.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n");
  const { hosts, warnings } = readInventory({ ansible: "hosts", group: "g" }, project);
  expect(hosts).toEqual([{ name: "a", groups: ["g"], connection: { user: "deploy" } }]);
  expect(warnings).toEqual([
    "inventory.ansible: ansible-inventory ended with exit code 4, so that this program has read the file by itself; see `ansible-inventory -i FILE --list`",
  ]);
});

test("Ansible is not run for an inventory that this program refuses", () => {
  writeInventories(project);
  for (const inventory of ["programs", "ini-folder", "hosts.ini", "wrong-folder"]) {
    const { problems } = readInventory({ ansible: inventory }, project);
    expect(problems).toHaveLength(1);
  }
  const huge = put("huge", "x[1:99999999999]\n");
  expect(readInventory({ ansible: huge }, project).problems[0]?.message).toContain("more than 10000 hosts");
});

test("no program, plugin, setting or further variable of the user affects the reading", async () => {
  const ran = join(project, "ran");
  const program = `#!/bin/sh\necho ran >>${ran}\necho '{}'\n`;
  const plugin = `open(${JSON.stringify(ran)}, "a").write("plugin")\nfrom ansible.plugins.vars import BaseVarsPlugin\nclass VarsModule(BaseVarsPlugin):\n    def get_vars(self, loader, path, entities):\n        return {"ansible_user": "plugin"}\n`;
  chmodSync(put("password", program), 0o755);
  put("home/.ansible/plugins/vars/ours.py", plugin);
  put("work/vars_plugins/ours.py", plugin);
  put("work/group_vars/all.yml", "ansible_user: working-directory\n");
  put(
    "work/ansible.cfg",
    `[defaults]\nvault_password_file = ${join(project, "password")}\nvars_plugins = ${join(project, "work/vars_plugins")}\nask_vault_pass = true\n`,
  );
  put("inventory/hosts", "a ansible_port=22\n");
  put("inventory/group_vars/all.yml", "x: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n");
  const env = { HOME: join(project, "home"), ANSIBLE_CONFIG: join(project, "work/ansible.cfg"), PATH: withAnsible };
  const read = [
    "--input-type=commonjs",
    "--eval",
    `const { readInventory } = require(${JSON.stringify(join(__dirname, "../../src/inventory/inventory.js"))});
     process.stdout.write(JSON.stringify(readInventory({ ansible: "inventory" }, ${JSON.stringify(project)})));`,
  ];
  const { stdout } = await execa(process.execPath, read, { cwd: join(project, "work"), env });
  expect(JSON.parse(stdout)).toEqual({
    hosts: [{ name: "a", groups: [], connection: { port: 22 } }],
    problems: [],
    warnings: [],
  });
  expect(existsSync(ran)).toBe(false);
  expect(readdirSync(join(project, "home"))).toEqual([".ansible"]);
  // The trap itself: asked plainly, Ansible does run them. A terminal's user would be asked for a password.
  await execa("ansible-inventory", ["-i", join(project, "inventory"), "--list"], {
    cwd: join(project, "work"),
    env: { ...env, ANSIBLE_ASK_VAULT_PASS: "false" },
    stdin: "ignore",
    timeout: 30_000,
    reject: false,
  });
  expect(existsSync(ran)).toBe(true);
});
