import { connectionSchema, type Connection } from "../ssh/connection.js";
import type { InventoryHost } from "./inventory-host.js";

/** A value of a variable; `vaulted` where Ansible's vault has encrypted it. */
export type Variables = Readonly<Record<string, unknown>>;
export const vaulted = Symbol("vaulted");

/** A group as it is written down, in either form of inventory. */
export interface AnsibleGroup {
  /** By name, ranges counted out. */
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  variables: Variables;
}

/** What is written down of groups and hosts, in one file or several: what comes later stands over what came before. */
export class AnsibleInventory {
  readonly groups = new Map<string, AnsibleGroup>();
  /** What is said of each host itself, wherever it is named. */
  readonly hosts = new Map<string, Variables>();

  /** The group of a name, made where it is not there yet. */
  group(name: string): AnsibleGroup {
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, (group = { hosts: new Set(), children: new Set(), variables: {} }));
    return group;
  }

  /** Puts hosts into a group, and more variables to those that are there. */
  addHosts(group: AnsibleGroup, names: readonly string[], variables: Variables): void {
    for (const name of names) {
      group.hosts.add(name);
      this.hosts.set(name, { ...this.hosts.get(name), ...variables });
    }
  }
}

/** What stands of groups and hosts in `group_vars` and `host_vars` beside an inventory. */
export interface VariableFiles {
  of(kind: "group_vars" | "host_vars", name: string): Variables;
  /** What could not be read of what was asked for. */
  readonly warnings: readonly string[];
}

const noVariableFiles: VariableFiles = { of: () => ({}), warnings: [] };

/** What is wrong with a file, in words that print none of it: there may be passwords in it. */
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

/** Groups that every inventory has, and nobody declares. */
const implicit = ["all", "ungrouped"];

/**
 * The hosts that are wanted, with their groups (wider ones first) and how to get to them. As Ansible has it, a host's own
 * variables stand over those of its groups, a narrow group's over a wider one's, and what files say of a group or host over what
 * the inventory itself says of it. `written` is what stands in the inventory itself, where `inventory` is Ansible's reading of it.
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

  const said = new Said();
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
        said.say("ignored", name, "ansible_connection: is local, which is the machine that Ansible runs on: left out");
        return [];
      }
      const inventorys = Object.assign({}, ...ofGroups(written), written.hosts.get(name)) as Variables;
      return [
        {
          name,
          groups: ordered.filter((group) => !implicit.includes(group)),
          connection: connectionOf(name, variables, inventorys, said),
        },
      ];
    });
  return { hosts, problems: said.lines("wrong"), warnings: [...said.lines("ignored"), ...files.warnings] };
}

function parentsIn({ groups }: AnsibleInventory): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of groups)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** How far a group lies below `all`; throws where it lies within itself. */
function depthOf(name: string, parents: Map<string, string[]>, below: readonly string[] = []): number {
  if (below.includes(name)) throw new InventoryError([`the group "${name}" is a child of itself`]);
  return name === "all"
    ? 0
    : 1 + Math.max(0, ...(parents.get(name) ?? []).map((parent) => depthOf(parent, parents, [...below, name])));
}

function ancestorsOf(groups: readonly string[], parents: Map<string, string[]>): Set<string> {
  return new Set(groups.flatMap((group) => [group, ...ancestorsOf(parents.get(group) ?? [], parents)]));
}

/** What there is to say of hosts' variables: the same of many hosts is one line. */
class Said {
  private readonly hosts = { wrong: new Map<string, string[]>(), ignored: new Map<string, string[]>() };

  say(how: "wrong" | "ignored", host: string, what: string): void {
    this.hosts[how].set(what, [...(this.hosts[how].get(what) ?? []), host]);
  }

  lines(how: "wrong" | "ignored"): string[] {
    return [...this.hosts[how]].map(
      ([what, [first, second, ...more]]) =>
        `${first}${second === undefined ? "" : more.length === 0 ? ` and ${second}` : ` and ${more.length + 1} more`}: ${what}`,
    );
  }
}

/** The variables that say how to get to a host, each with its older names. */
const taken = {
  host: ["ansible_host", "ansible_ssh_host"],
  port: ["ansible_port", "ansible_ssh_port"],
  user: ["ansible_user", "ansible_ssh_user"],
  identityFile: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  sudo: ["ansible_become"],
} as const;

const inOpenSsh = ["ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"];

/**
 * `inventorys` are those of the variables that stand in the inventory itself: what must not be there is refused. What Ansible has in
 * files of its own, and needs there, is only not taken.
 */
function connectionOf(host: string, variables: Variables, inventorys: Variables, said: Said): Partial<Connection> {
  const wrong = (name: string, what: string): void => said.say("wrong", host, `${name}: ${what}`);
  const connection: Record<string, unknown> = {};
  for (const [key, names] of Object.entries(taken)) {
    const name = names.find((each) => isGiven(variables[each]));
    if (name === undefined) continue;
    const value = variables[name];
    if (value === vaulted || (typeof value === "string" && value.includes("{{"))) {
      said.say(
        value === inventorys[name] ? "wrong" : "ignored",
        host,
        `${name}: is encrypted or a template, which only Ansible can read; give the value here, or in \`hosts\``,
      );
      continue;
    }
    const known = key === "port" ? Number(value) : key === "sudo" ? truth(value) : String(value);
    if (connectionSchema.shape[key as keyof typeof taken].safeParse(known).success) connection[key] = known;
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
      if (isGiven(inventorys[name]))
        wrong(
          name,
          "no password is taken from an inventory; put it into the stack's encrypted `credentials` (docs/connections.md), sudo has to do without one, and leave it out here",
        );
      else if (value === vaulted)
        said.say(
          "ignored",
          host,
          `${name}: is encrypted, which only Ansible can read: not taken; where a login needs it, put it into the stack's encrypted \`credentials\``,
        );
    }
    if (name.startsWith("python3jail_"))
      wrong(name, "settings of the jail are not read from an inventory; give them in `groups` or `hosts`");
    if (inOpenSsh.includes(name))
      said.say("ignored", host, `${name}: is not taken; put what it says into OpenSSH's configuration`);
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

/** Whether it is no host that somebody logs in to: `localhost ansible_connection=local` stands in many inventories. */
function isLocal({ ansible_connection: by }: Variables): boolean {
  return by === "local" || by === "ansible.builtin.local";
}

/** An empty value says nothing, as in Ansible. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** Ansible's own idea of yes and no. */
function truth(value: unknown): unknown {
  const word = String(value).toLowerCase();
  if (["true", "yes", "on", "1", "y", "t"].includes(word)) return true;
  return ["false", "no", "off", "0", "n", "f"].includes(word) ? false : value;
}
