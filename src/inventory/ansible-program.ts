import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeTemporaryFolder } from "../base/temporary.js";
import { AnsibleInventory, vaulted } from "./ansible.js";

/** Milliseconds; it needs about 600, and a preview waits for it. */
const timeLimit = 30_000;
const mostBytes = 64 * 1024 * 1024;

/** What `ansible-inventory` says of an inventory, or why it says nothing. */
export type AnsibleAnswer = { readonly inventory: AnsibleInventory } | { readonly failure: string };

const answerSchema = z
  .object({ _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }) })
  .catchall(z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) }));

/** Of the process: the fleets of a program, and the stacks of a command, read the same inventories, and none has a session yet. */
const answers = new Map<string, AnsibleAnswer | undefined>();

/**
 * Lets the machine's `ansible-inventory` read an inventory, a file or a folder by its absolute path, once a process. Returns undefined
 * where the machine has none. Each host's variables are complete: those of its groups and of `group_vars` and `host_vars` are in them.
 */
export function askAnsible(place: string): AnsibleAnswer | undefined {
  if (!answers.has(place)) answers.set(place, ask(place));
  return answers.get(place);
}

/** Runs it in an empty directory, which is its home too, so that it finds no settings, plugins, vaults' passwords and further variables. */
function ask(place: string): AnsibleAnswer | undefined {
  const directory = makeTemporaryFolder("ansible-inventory");
  try {
    const { error, status, signal, stdout } = spawnSync("ansible-inventory", ["-i", place, "--list"], {
      cwd: directory,
      env: environment(directory),
      encoding: "utf8",
      // Never what it prints of a file that it cannot read: there may be passwords in it.
      stdio: ["ignore", "pipe", "ignore"],
      timeout: timeLimit,
      killSignal: "SIGKILL",
      maxBuffer: mostBytes,
    });
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === "ENOENT") return undefined;
    if (status !== 0) return { failure: `ended with ${code ?? signal ?? `exit code ${status}`}` };
    return { inventory: inventoryIn(stdout) };
  } catch {
    return { failure: "printed what is no inventory" };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function environment(directory: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("ANSIBLE_"));
  const nowhere = join(directory, "none");
  // Not our user's, nor one in a folder above.
  const settings = join(directory, "ansible.cfg");
  writeFileSync(settings, "");
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: "C.UTF-8",
    ANSIBLE_CONFIG: settings,
    ANSIBLE_HOME: directory,
    ANSIBLE_LOCAL_TEMP: directory,
    ANSIBLE_COLLECTIONS_PATH: nowhere,
    ANSIBLE_INVENTORY_PLUGINS: nowhere,
    ANSIBLE_VARS_PLUGINS: nowhere,
    // Files alone: no script, and nothing that asks a cloud.
    ANSIBLE_INVENTORY_ENABLED: "ansible.builtin.yaml,ansible.builtin.ini",
    ANSIBLE_VARS_ENABLED: "ansible.builtin.host_group_vars",
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "true",
    ANSIBLE_INVENTORY_UNPARSED_FAILED: "true",
  };
}

/** Reads the JSON of `ansible-inventory --list`. Throws where it is none. */
export function inventoryIn(json: string): AnsibleInventory {
  const { _meta, ...groups } = answerSchema.parse(JSON.parse(json));
  const inventory = new AnsibleInventory();
  for (const [name, { hosts, children }] of Object.entries(groups)) {
    const group = inventory.group(name);
    inventory.addHosts(group, hosts, {});
    for (const child of children) {
      group.children.add(child);
      // A group without hosts is told of by its parent alone.
      inventory.group(child);
    }
  }
  for (const [name, variables] of Object.entries(_meta.hostvars))
    inventory.hosts.set(
      name,
      Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, valueOf(value)])),
    );
  return inventory;
}

/** Its form for what the vault has encrypted, and for a text that is no template. */
function valueOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("__ansible_vault" in value) return vaulted;
  return "__ansible_unsafe" in value ? value.__ansible_unsafe : value;
}
