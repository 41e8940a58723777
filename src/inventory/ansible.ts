import { connectionSchema, type Connection } from "../ssh/connection.js";
import type { InventoryHost } from "./inventory-host.js";

/** Variables by name. A value that Ansible's vault has encrypted is `vaulted`. */
export type Variables = Readonly<Record<string, unknown>>;
/** Stands for a value that Ansible's vault has encrypted. */
export const vaulted = Symbol("vaulted");

/** A group of an inventory. */
export interface AnsibleGroup {
  /** Host names, with ranges expanded. */
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  variables: Variables;
}

/** The groups and hosts of one or several inventory files. Later values override earlier ones. */
export class AnsibleInventory {
  readonly groups = new Map<string, AnsibleGroup>();
  /** The variables that are given for each host itself, in any of its groups. */
  readonly hosts = new Map<string, Variables>();

  /** Returns a group by name, and creates it if needed. */
  group(name: string): AnsibleGroup {
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, (group = { hosts: new Set(), children: new Set(), variables: {} }));
    return group;
  }

  /** Adds hosts to a group, and adds variables to those hosts. */
  addHosts(group: AnsibleGroup, names: readonly string[], variables: Variables): void {
    for (const name of names) {
      group.hosts.add(name);
      this.hosts.set(name, { ...this.hosts.get(name), ...variables });
    }
  }
}

/** Reads the variables of groups and hosts in `group_vars` and `host_vars` beside an inventory. */
export interface VariableFiles {
  of(kind: "group_vars" | "host_vars", name: string): Variables;
  /** Texts about files that `of` could not read. */
  readonly warnings: readonly string[];
}

const noVariableFiles: VariableFiles = { of: () => ({}), warnings: [] };

/** An invalid inventory. The reasons quote no value of the file: there may be passwords in it. */
export class InventoryError extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join("; "));
  }
}

export interface AnsibleHosts {
  readonly hosts: readonly InventoryHost[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Groups that every inventory has without declaring them. */
const implicit = ["all", "ungrouped"];

/**
 * Returns the wanted hosts with their groups (wider groups first) and connections. `within` limits them to one group.
 *
 * Variables have Ansible's precedence. A host's own variables override those of its groups. Those of a narrow group
 * override those of a wider one. Those in `files` override what the inventory says of the same group or host.
 *
 * `written` is the inventory as its files say it, if `inventory` is Ansible's reading of them.
 */
export function ansibleHosts(
  inventory: AnsibleInventory,
  wanted: (name: string) => boolean,
  within = "all",
  files: VariableFiles = noVariableFiles,
  written = inventory,
): AnsibleHosts {
  const { groups: known } = inventory;
  const parents = parentsIn(inventory);
  const depths = new Map([...known.keys()].map((name) => [name, depthOf(name, parents)]));
  const depth = (group: string): number => depths.get(group) ?? 0;
  if (within !== "all" && !known.has(within)) throw new InventoryError([`there is no group "${within}"`]);

  const findings = new Findings();
  const hosts = [...new Set([...written.hosts.keys(), ...inventory.hosts.keys()])]
    .filter(wanted)
    .flatMap((name): InventoryHost[] => {
      const own = inventory.hosts.get(name);
      if (!own) return [];
      const groups = ancestorsOf(
        [...known].filter(([, group]) => group.hosts.has(name)).map(([group]) => group),
        parents,
      );
      if (within !== "all" && !groups.has(within)) return [];
      const ordered = [...groups]
        .filter((group) => group !== "all")
        .sort((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1));
      const all = ["all", ...ordered];
      const ofGroups = ({ groups }: AnsibleInventory) => all.map((group) => groups.get(group)?.variables);
      const inFiles = all.map((group) => files.of("group_vars", group));
      const variables = Object.assign(
        {},
        ...ofGroups(inventory),
        ...inFiles,
        own,
        files.of("host_vars", name),
      ) as Variables;
      if (isLocal(variables)) {
        findings.add(
          "ignored",
          name,
          "ansible_connection: is local, which is the machine that Ansible runs on: left out",
        );
        return [];
      }
      const inline = Object.assign({}, ...ofGroups(written), written.hosts.get(name)) as Variables;
      return [
        {
          name,
          groups: ordered.filter((group) => !implicit.includes(group)),
          connection: connectionOf(name, variables, inline, findings),
        },
      ];
    });
  return { hosts, problems: findings.lines("wrong"), warnings: [...findings.lines("ignored"), ...files.warnings] };
}

function parentsIn({ groups }: AnsibleInventory): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of groups)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** Returns a group's depth below `all`. Throws if the group contains itself. */
function depthOf(name: string, parents: Map<string, string[]>, below: readonly string[] = []): number {
  if (below.includes(name)) throw new InventoryError([`the group "${name}" is a child of itself`]);
  return name === "all"
    ? 0
    : 1 + Math.max(0, ...(parents.get(name) ?? []).map((parent) => depthOf(parent, parents, [...below, name])));
}

/** Returns groups together with all groups that contain them. */
function ancestorsOf(groups: readonly string[], parents: Map<string, string[]>): Set<string> {
  return new Set(groups.flatMap((group) => [group, ...ancestorsOf(parents.get(group) ?? [], parents)]));
}

/** Collects problems and warnings about hosts' variables. The same finding for several hosts becomes one line. */
class Findings {
  private readonly hosts = { wrong: new Map<string, string[]>(), ignored: new Map<string, string[]>() };

  add(how: "wrong" | "ignored", host: string, what: string): void {
    this.hosts[how].set(what, [...(this.hosts[how].get(what) ?? []), host]);
  }

  lines(how: "wrong" | "ignored"): string[] {
    return [...this.hosts[how]].map(
      ([what, [first, second, ...more]]) =>
        `${first}${second === undefined ? "" : more.length === 0 ? ` and ${second}` : ` and ${more.length + 1} more`}: ${what}`,
    );
  }
}

/** The variables that say how to connect to a host, each with its other names. */
const connectionVariables = {
  host: ["ansible_host", "ansible_ssh_host"],
  port: ["ansible_port", "ansible_ssh_port"],
  user: ["ansible_user", "ansible_ssh_user"],
  identityFile: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  sudo: ["ansible_become"],
} as const;

/** Variables with options of ssh, which we do not read. */
const sshOptions = ["ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"];

/**
 * Returns the connection that a host's variables describe. `inline` are the variables in the inventory itself. A
 * password or an encrypted value there is a problem. In `group_vars` and `host_vars`, where Ansible needs it, it is
 * only a warning.
 */
function connectionOf(host: string, variables: Variables, inline: Variables, findings: Findings): Partial<Connection> {
  const wrong = (name: string, what: string): void => findings.add("wrong", host, `${name}: ${what}`);
  const connection: Record<string, unknown> = {};
  for (const [key, names] of Object.entries(connectionVariables)) {
    const name = names.find((each) => isGiven(variables[each]));
    if (name === undefined) continue;
    const value = variables[name];
    if (value === vaulted || (typeof value === "string" && value.includes("{{"))) {
      findings.add(
        value === inline[name] ? "wrong" : "ignored",
        host,
        `${name}: is encrypted or a template, which only Ansible can read; give the value here, or in \`hosts\``,
      );
      continue;
    }
    const parsed = key === "port" ? Number(value) : key === "sudo" ? parseBoolean(value) : String(value);
    if (connectionSchema.shape[key as keyof typeof connectionVariables].safeParse(parsed).success)
      connection[key] = parsed;
    else
      wrong(
        name,
        key === "sudo"
          ? "must be true or false"
          : `cannot be ${key === "identityFile" ? "the path of a key" : `a ${key}`}`,
      );
  }
  for (const [name, value] of Object.entries(variables)) {
    if (!isGiven(value)) continue;
    if (/^ansible_(.*_)?(password|pass|passphrase)$/.test(name)) {
      if (isGiven(inline[name]))
        wrong(
          name,
          "no password is taken from an inventory; put it into the stack's encrypted `credentials` (docs/connections.md), sudo has to do without one, and leave it out here",
        );
      else if (value === vaulted)
        findings.add(
          "ignored",
          host,
          `${name}: is encrypted, which only Ansible can read: not taken; where a login needs it, put it into the stack's encrypted \`credentials\``,
        );
    }
    if (name.startsWith("python3jail_"))
      wrong(name, "settings of the jail are not read from an inventory; give them in `groups` or `hosts`");
    if (sshOptions.includes(name))
      findings.add("ignored", host, `${name}: is not taken; put what it says into OpenSSH's configuration`);
  }
  const {
    ansible_connection: by = "ssh",
    ansible_become_method: method = "sudo",
    ansible_become_user: user = "root",
  } = variables;
  if (!["ssh", "smart", "paramiko", "ansible.builtin.ssh"].includes(String(by)))
    wrong("ansible_connection", "must be ssh: we know no other way; leave the host out by `match` or `group`");
  if (connection.sudo === true && !["sudo", "ansible.builtin.sudo"].includes(String(method)))
    wrong("ansible_become_method", "must be sudo");
  if (connection.sudo === true && user !== "root") wrong("ansible_become_user", "must be root");
  return connection;
}

/** Whether a host is the control machine itself. Many inventories have `localhost ansible_connection=local`. */
function isLocal({ ansible_connection: by }: Variables): boolean {
  return by === "local" || by === "ansible.builtin.local";
}

/** Whether a variable has a value. As in Ansible, an empty value counts as none. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** Parses a boolean as Ansible does. Returns any other value unchanged. */
function parseBoolean(value: unknown): unknown {
  const word = String(value).toLowerCase();
  if (["true", "yes", "on", "1", "y", "t"].includes(word)) return true;
  return ["false", "no", "off", "0", "n", "f"].includes(word) ? false : value;
}
