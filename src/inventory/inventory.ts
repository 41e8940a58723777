import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { messageOf } from "../base/errors.js";
import { AnsibleInventory, InventoryError, ansibleHosts, type AnsibleHosts } from "./ansible.js";
import { inventoryFiles } from "./ansible-folder.js";
import { parseAnsibleIni } from "./ansible-ini.js";
import { askAnsible } from "./ansible-program.js";
import { pathKind, variableFiles } from "./ansible-vars.js";
import { namePattern } from "../base/patterns.js";
import { checked } from "../base/validation.js";
import type { InventoryArgs } from "./inventory-args.js";
import { noInventory, type Inventory, type InventoryHost } from "./inventory-host.js";
import { expandGlob, opensshHosts } from "./openssh.js";

const text = z.string().min(1, "must not be empty");
export const inventorySchema = z
  .strictObject({ openssh: text.optional(), ansible: text.optional(), match: text.optional(), group: text.optional() })
  .superRefine(({ openssh, ansible, match, group }, context) => {
    // An empty map is Pulumi.yaml's default, and means no inventory.
    if (openssh === undefined && ansible === undefined && match === undefined && group === undefined) return;
    if ((openssh === undefined) === (ansible === undefined))
      context.addIssue({ code: "custom", message: "must have one of `openssh` and `ansible`: the path of a file" });
    if (openssh !== undefined && group !== undefined)
      context.addIssue({
        code: "custom",
        path: ["group"],
        message: "is for an Ansible inventory: OpenSSH knows no groups",
      });
  });

/** Loads the YAML reader when needed. Most stacks have no inventory, and would wait for the parser at every start. */
function yaml(): typeof import("./ansible-yaml.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` would make a promise of every inventory
  return require("./ansible-yaml.js") as typeof import("./ansible-yaml.js");
}

/** Reads the hosts of an inventory on this machine. Errors are returned as problems. */
export function readInventory(args: InventoryArgs | undefined, root: string): Inventory {
  const key = args?.openssh === undefined ? "ansible" : "openssh";
  const file = args?.[key];
  const { reasons } = checked(inventorySchema, args ?? {});
  if (reasons) return { ...noInventory, problems: reasons.map((message) => ({ place: ["inventory"], message })) };
  if (args === undefined || file === undefined) return noInventory;
  const wrong = (reasons: readonly string[], property: string = key): Inventory => ({
    hosts: [],
    warnings: [],
    problems: reasons.map((message) => ({ place: ["inventory", property], message })),
  });
  try {
    const pattern = args.match === undefined ? undefined : namePattern(args.match);
    const isWanted = (name: string): boolean => pattern?.test(name) ?? true;
    const place = pathOf(file, root);
    const { hosts, problems, warnings } =
      key === "openssh"
        ? fromOpenSsh(file, readFileSync(place, "utf8"), isWanted)
        : fromAnsible(place, isWanted, args.group);
    if (problems.length > 0) return wrong(problems);
    // Refuse an inventory without hosts: after a typing mistake, `up` would delete every jail of the fleet.
    if (hosts.length === 0)
      return wrong(
        [`${args.match ?? args.group ?? file} names no host`],
        args.match !== undefined ? "match" : args.group !== undefined ? "group" : key,
      );
    return { hosts, problems: [], warnings: warnings.map((warning) => `inventory.${key}: ${warning}`) };
  } catch (error) {
    return wrong(
      error instanceof InventoryError ? error.reasons : [`cannot be read on this machine (${messageOf(error)})`],
    );
  }
}

/**
 * Reads an Ansible inventory with our own reader, which refuses what we do not support. If this machine has Ansible,
 * the result is then that of `ansible-inventory`.
 */
function fromAnsible(place: string, isWanted: (name: string) => boolean, within: string | undefined): AnsibleHosts {
  const isFolder = pathKind(place) === "folder";
  const folder = isFolder ? place : dirname(place);
  const written = readFiles(folder, isFolder ? inventoryFiles(place) : [basename(place)], isFolder);
  const files = variableFiles(folder, (text) => yaml().parseYaml(text));
  const own = ansibleHosts(written, isWanted, within, files);
  // If one file is encrypted, Ansible reads nothing at all without the password.
  if (own.problems.length > 0 || files.warnings.length > 0) return own;
  const answer = askAnsible(place);
  if (!answer) return own;
  if ("failure" in answer)
    return {
      ...own,
      warnings: [
        ...own.warnings,
        `ansible-inventory ${answer.failure}, so that this program has read the file by itself; see \`ansible-inventory -i FILE --list\``,
      ],
    };
  const theirs = ansibleHosts(answer.inventory, isWanted, within, undefined, written);
  return { ...theirs, warnings: [...theirs.warnings, ...differences(own.hosts, theirs.hosts)] };
}

/** Warns about hosts that we read differently than Ansible: a user without Ansible would have another fleet. */
function differences(own: readonly InventoryHost[], theirs: readonly InventoryHost[]): string[] {
  const [before, after] = [own, theirs].map((hosts) => new Map(hosts.map((host) => [host.name, host])));
  const names = new Set([...own, ...theirs].map(({ name }) => name));
  const [first, ...more] = [...names].filter((name) => !isDeepStrictEqual(before?.get(name), after?.get(name)));
  if (first === undefined) return [];
  return [
    `${first}${more.length === 0 ? "" : ` and ${more.length} more`}: taken as ansible-inventory reads it; on a machine without Ansible, this program would read it otherwise: give its connection and groups in \`hosts\``,
  ];
}

function readFiles(folder: string, files: readonly string[], isFolder: boolean): AnsibleInventory {
  const inventory = new AnsibleInventory();
  for (const file of files) {
    try {
      addFile(inventory, join(folder, file));
    } catch (error) {
      throw isFolder && error instanceof InventoryError
        ? new InventoryError(error.reasons.map((reason) => `${file}: ${reason}`))
        : error;
    }
  }
  return inventory;
}

function addFile(inventory: AnsibleInventory, file: string): void {
  const content = readFileSync(file, "utf8");
  if (content.startsWith("#!"))
    throw new InventoryError(["is a program; give what `ansible-inventory --list --yaml` writes of it"]);
  if (isYaml(file, content)) yaml().parseAnsibleYaml(content, inventory);
  else parseAnsibleIni(content, inventory);
}

/** The user's configuration, which ssh reads by default. */
const userConfig = "~/.ssh/config";

function fromOpenSsh(
  file: string,
  content: string,
  isWanted: (name: string) => boolean,
): { hosts: InventoryHost[]; problems: string[]; warnings: string[] } {
  const include = (pattern: string): string[] =>
    expandGlob(pathOf(pattern, join(homedir(), ".ssh")), namesIn).flatMap((path) => readIncluded(path) ?? []);
  const names = opensshHosts(content, include).filter(isWanted);
  const settings = file === userConfig ? {} : { sshConfigFile: file };
  return {
    hosts: names.map((name) => ({ name, groups: [], connection: { host: name, ...settings } })),
    problems: [],
    warnings: [],
  };
}

function pathOf(path: string, root: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(root, path);
}

function namesIn(folder: string): string[] {
  return pathKind(folder) === "folder" ? readdirSync(folder) : [];
}

/**
 * Reads an included file. As in ssh, one that does not exist or is not a file is ignored. Throws for one that cannot be
 * read: it may list hosts, and `up` would delete their jails.
 */
function readIncluded(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new InventoryError([`includes ${path}, which cannot be read (${messageOf(error)})`]);
  }
}

/**
 * Whether an inventory file is YAML: by its name, or else by its first line that is not empty or a comment. As in
 * Ansible, a file named like YAML is an INI file if it begins like one: with `[group]`, or with a host and its
 * variables.
 */
function isYaml(file: string, content: string): boolean {
  const first = content.split(/\r?\n/).find((line) => line.trim() !== "" && !/^\s*[#;]/.test(line)) ?? "";
  if (/\.(ya?ml|json)$/.test(file))
    return !/^(\[[^[\],"']+\]\s*([#;].*)?|[^\s:{["']+(\s+\w+=.*)+)$/.test(first.trimEnd());
  return !/\.(ini|cfg)$/.test(file) && /^(---|[\w.-]+:\s*(#.*)?$|\{)/.test(first);
}
