import { LineCounter, parseDocument, type ScalarTag } from "yaml";
import { z } from "zod";
import { messageOf } from "../base/errors.js";
import { checked } from "../base/validation.js";
import { AnsibleInventory, InventoryError, vaulted } from "./ansible.js";
import { expandHosts } from "./ansible-hosts.js";

interface Group {
  hosts?: Record<string, Record<string, unknown> | null> | null | undefined;
  vars?: Record<string, unknown> | null | undefined;
  children?: Record<string, Group | null> | null | undefined;
}

const variables = z.record(z.string(), z.unknown()).nullable();
const groups: z.ZodType<Record<string, Group | null>> = z.lazy(() => z.record(z.string(), group.nullable()));
const group: z.ZodType<Group> = z.strictObject({
  hosts: z.record(z.string(), variables).nullish(),
  vars: variables.optional(),
  children: z.lazy(() => groups.nullish()),
});

/** Ansible's own tags, for values that its vault has encrypted, and for texts that are not templates. */
const tags: ScalarTag[] = [
  { tag: "!vault", resolve: () => vaulted },
  { tag: "!vault-encrypted", resolve: () => vaulted },
  { tag: "!unsafe", resolve: (text) => text },
];

/** Parses YAML as Ansible does. JSON is YAML too. Throws InventoryError with all errors. */
export function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  // No pretty errors: they show the line, and there may be a password in it.
  const document = parseDocument(text, {
    version: "1.1",
    customTags: (known) => [...known, ...tags],
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  if (document.errors.length > 0)
    throw new InventoryError(
      document.errors.map(
        ({ code, pos }) =>
          `line ${lines.linePos(pos[0]).line}: is no YAML (${code.toLowerCase().replaceAll("_", " ")})`,
      ),
    );
  // No limit on aliases: the file is the operator's own, and any number of hosts may share an anchor.
  return document.toJS({ maxAliasCount: -1 });
}

/** Whether an entry of a list is a play. A list of plays is a playbook. */
function isPlay(entry: unknown): boolean {
  const marks = ["hosts", "import_playbook", "ansible.builtin.import_playbook"];
  return typeof entry === "object" && entry !== null && marks.some((mark) => mark in entry);
}

/** Parses an Ansible inventory in YAML form, and adds it to `inventory`. Throws InventoryError with all errors. */
export function parseAnsibleYaml(text: string, inventory = new AnsibleInventory()): AnsibleInventory {
  const content = parseYaml(text);
  if (typeof content === "object" && content !== null && "plugin" in content) {
    throw new InventoryError([
      "is the configuration of a plugin; give what `ansible-inventory --list --yaml` writes of it",
    ]);
  }
  if (Array.isArray(content)) {
    throw new InventoryError([
      content.some(isPlay)
        ? "is a playbook, and no inventory: give the file that names the hosts, which `ansible-playbook` gets by `-i`"
        : "is a list: an inventory is a map of groups, such as `all: {hosts: {judge-1: }}`",
    ]);
  }
  const { value, reasons } = checked(groups, content ?? {});
  if (reasons) throw new InventoryError(reasons);

  const wrong: string[] = [];
  const add = (name: string, given: Group | null): void => {
    const own = inventory.group(name);
    own.variables = { ...own.variables, ...given?.vars };
    for (const [entry, settings] of Object.entries(given?.hosts ?? {})) {
      try {
        const { names, port } = expandHosts(entry);
        inventory.addHosts(own, names, { ...(port === undefined ? {} : { ansible_port: port }), ...settings });
      } catch (error) {
        wrong.push(`${name}.hosts: ${messageOf(error)}`);
      }
    }
    for (const [child, below] of Object.entries(given?.children ?? {})) {
      own.children.add(child);
      add(child, below);
    }
  };
  for (const [name, given] of Object.entries(value)) add(name, given);
  if (wrong.length > 0) throw new InventoryError(wrong);
  return inventory;
}
