import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeTemporaryFolder } from "../base/temporary.js";
import { AnsibleInventory, vaulted } from "./ansible.js";

/** Time limit of `ansible-inventory` in milliseconds. It needs about 600, and a preview waits for it. */
const timeLimit = 30_000;
/** Most bytes that `ansible-inventory` may print. */
const mostBytes = 64 * 1024 * 1024;

/** An inventory as `ansible-inventory` reads it, or how that failed. */
export type AnsibleAnswer = { readonly inventory: AnsibleInventory } | { readonly failure: string };

const answerSchema = z
  .object({ _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }) })
  .catchall(z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) }));

/**
 * Answers by path of the inventory. The whole process shares them, as the fleets of a program and the stacks of a
 * command read the same inventories before they have a session.
 */
const answers = new Map<string, AnsibleAnswer | undefined>();

/**
 * Reads an inventory (the absolute path of a file or folder) with this machine's `ansible-inventory`, once in a
 * process. Returns undefined if the machine does not have that program. Each host has all its variables: its own, those
 * of its groups, and those of `group_vars` and `host_vars`.
 */
export function askAnsible(place: string): AnsibleAnswer | undefined {
  if (!answers.has(place)) answers.set(place, ask(place));
  return answers.get(place);
}

/**
 * Runs `ansible-inventory` in an empty directory, which is its home too. So it finds no other settings, plugins, vault
 * passwords or variables.
 */
function ask(place: string): AnsibleAnswer | undefined {
  const directory = makeTemporaryFolder("ansible-inventory");
  try {
    const { error, status, signal, stdout } = spawnSync("ansible-inventory", ["-i", place, "--list"], {
      cwd: directory,
      env: environment(directory),
      encoding: "utf8",
      // Drop its errors: they may quote a line of the file, and there may be a password in it.
      stdio: ["ignore", "pipe", "ignore"],
      timeout: timeLimit,
      killSignal: "SIGKILL",
      maxBuffer: mostBytes,
    });
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === "ENOENT") return undefined;
    if (status !== 0) return { failure: `ended with ${code ?? signal ?? `exit code ${status}`}` };
    return { inventory: parseInventoryJson(stdout) };
  } catch {
    return { failure: "printed what is no inventory" };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function environment(directory: string): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("ANSIBLE_"));
  const nowhere = join(directory, "none");
  // An empty file, so that Ansible does not look for the user's settings.
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
    // Only the plugins that read files: none that runs scripts or asks a cloud.
    ANSIBLE_INVENTORY_ENABLED: "ansible.builtin.yaml,ansible.builtin.ini",
    ANSIBLE_VARS_ENABLED: "ansible.builtin.host_group_vars",
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "true",
    ANSIBLE_INVENTORY_UNPARSED_FAILED: "true",
  };
}

/** Parses the JSON of `ansible-inventory --list`. Throws if it has another form. */
export function parseInventoryJson(json: string): AnsibleInventory {
  const { _meta, ...groups } = answerSchema.parse(JSON.parse(json));
  const inventory = new AnsibleInventory();
  for (const [name, { hosts, children }] of Object.entries(groups)) {
    const group = inventory.group(name);
    inventory.addHosts(group, hosts, {});
    for (const child of children) {
      group.children.add(child);
      // A group without hosts appears only among the children of its parent.
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

/** Converts Ansible's JSON form of a value that its vault has encrypted, or of a text that is not a template. */
function valueOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("__ansible_vault" in value) return vaulted;
  return "__ansible_unsafe" in value ? value.__ansible_unsafe : value;
}
