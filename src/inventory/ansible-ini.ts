import { messageOf } from "../base/errors.js";
import { AnsibleInventory, InventoryError, type Variables } from "./ansible.js";
import { expandHosts } from "./ansible-hosts.js";
import { shellWords } from "./shell-words.js";

/**
 * Parses an Ansible inventory in INI form, and adds it to `inventory`. Throws InventoryError with every invalid line.
 */
export function parseAnsibleIni(text: string, inventory = new AnsibleInventory()): AnsibleInventory {
  const declared = new Set(["all", "ungrouped", ...inventory.groups.keys()]);
  const mentioned: { group: string; line: number }[] = [];
  const wrong: { line: number; reason: string }[] = [];
  let section = { group: "ungrouped", kind: "hosts" };

  const read = (content: string, line: number): void => {
    const [, group, kind = "hosts"] = /^\[([^\]:]+)(?::([^\]]*))?\]\s*(?:[#;].*)?$/.exec(content) ?? [];
    if (group !== undefined) {
      if (!["hosts", "children", "vars"].includes(kind))
        throw new Error("a section is [group], [group:children] or [group:vars]");
      section = { group, kind };
      if (kind === "vars") mentioned.push({ group, line });
      else declared.add(group);
      inventory.group(group);
    } else if (section.kind === "vars") {
      const at = content.indexOf("=");
      if (at < 1) throw new Error("a variable is `name = value`");
      const own = inventory.group(section.group);
      own.variables = { ...own.variables, [content.slice(0, at).trim()]: unquoted(content.slice(at + 1).trim()) };
    } else if (section.kind === "children") {
      const [child = ""] = shellWords(content);
      inventory.group(section.group).children.add(child);
      mentioned.push({ group: child, line });
    } else {
      const [entry = "", ...settings] = shellWords(content);
      const { names, port } = expandHosts(entry);
      inventory.addHosts(inventory.group(section.group), names, {
        ...(port === undefined ? {} : { ansible_port: port }),
        ...variablesIn(settings),
      });
    }
  };
  text.split(/\r?\n/).forEach((raw, index) => {
    const content = raw.trim();
    if (content === "" || /^[#;]/.test(content)) return;
    try {
      read(content, index + 1);
    } catch (error) {
      wrong.push({ line: index + 1, reason: messageOf(error) });
    }
  });
  for (const { group, line } of mentioned)
    if (!declared.has(group)) wrong.push({ line, reason: `there is no group "${group}"` });
  if (wrong.length > 0)
    throw new InventoryError(
      wrong.sort((one, other) => one.line - other.line).map(({ line, reason }) => `line ${line}: ${reason}`),
    );
  return inventory;
}

/** Parses the variables after a host's name. */
function variablesIn(settings: readonly string[]): Variables {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf("=");
      if (at < 1) throw new Error("after a host's name come its variables, as `name=value`");
      return [setting.slice(0, at), setting.slice(at + 1)];
    }),
  );
}

/** Removes the quotation marks around a text. */
function unquoted(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}
