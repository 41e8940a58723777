import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vaulted } from "../../src/inventory/ansible.js";
import { askAnsible, parseInventoryJson } from "../../src/inventory/ansible-program.js";
import { readInventory } from "../../src/inventory/inventory.js";

const path = process.env.PATH;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ansible-program-"));
  writeFileSync(join(folder, "hosts"), "[g]\na ansible_user=deploy\n");
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** Puts a program with a name first on the PATH. */
const program = (text: string): void => {
  writeFileSync(join(folder, "ansible-inventory"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
};

test("the output of `ansible-inventory --list` is parsed: groups, hosts without variables, encrypted values", () => {
  const { groups, hosts } = parseInventoryJson(
    JSON.stringify({
      _meta: {
        hostvars: { a: { user: { __ansible_vault: "x" }, text: { __ansible_unsafe: "{{ x }}" }, map: { k: 1 } } },
        profile: "inventory_legacy",
      },
      all: { children: ["ungrouped", "g", "without-hosts"] },
      g: { hosts: ["a", "b"] },
    }),
  );
  expect([...groups.keys()].sort()).toEqual(["all", "g", "ungrouped", "without-hosts"]);
  expect(Object.fromEntries(hosts)).toEqual({ a: { user: vaulted, text: "{{ x }}", map: { k: 1 } }, b: {} });
});

test.each(["", "{", "[]", "{}", '{"_meta": {"hostvars": {}}, "g": {"hosts": {"a": {}}}}'])(
  "%j is refused as output of `ansible-inventory`",
  (json) => expect(() => parseInventoryJson(json)).toThrow(),
);

const failures: [string, string, string][] = [
  ["fails", "echo hunter2 >&2; exit 3", "ended with exit code 3"],
  ["is killed", "kill -9 $$", "ended with SIGKILL"],
  ["prints something else", "echo hunter2", "printed what is no inventory"],
  ["prints without end", "yes hunter2", "ended with ENOBUFS"],
];
test.each(failures)("if ansible-inventory %s, our own reader's result is used, with a warning", (_how, text, says) => {
  program(text);
  expect(readInventory({ ansible: "hosts" }, folder)).toEqual({
    hosts: [{ name: "a", groups: ["g"], connection: { user: "deploy" } }],
    problems: [],
    warnings: [
      `inventory.ansible: ansible-inventory ${says}, so that this program has read the file by itself; see \`ansible-inventory -i FILE --list\``,
    ],
  });
});

test("ansible-inventory runs once for each inventory, in an empty directory that is removed afterwards", () => {
  program(`echo asked >>${folder}/asked; ls -A >${folder}/there; pwd >${folder}/directory; exit 1`);
  for (let time = 0; time < 3; time += 1) readInventory({ ansible: "hosts" }, folder);
  const said = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect([said("asked"), said("there")]).toEqual(["asked\n", "ansible.cfg\n"]);
  expect(() => readdirSync(said("directory").trim())).toThrow("ENOENT");
});

test("a machine without ansible-inventory gets no warning", () => {
  process.env.PATH = folder;
  expect(askAnsible(join(folder, "hosts"))).toBeUndefined();
  expect(readInventory({ ansible: "hosts" }, folder).warnings).toEqual([]);
});

test("ansible-inventory is not run for an inventory that our own reader refuses", () => {
  program(`echo asked >>${folder}/asked`);
  const refused = ["#!/bin/sh\n", "plugin: x\n", "x[1:99999999999]\n", "a ansible_password=hunter2\n", "[g\n"];
  for (const [index, content] of refused.entries()) {
    writeFileSync(join(folder, `refused-${index}`), content);
    expect(readInventory({ ansible: `refused-${index}` }, folder).problems).toHaveLength(1);
  }
  expect(readdirSync(folder)).not.toContain("asked");
});
