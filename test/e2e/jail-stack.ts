import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import type { HostFleet } from "../hosts/host-fleet.js";
import { machineCache, type Project } from "./engine.js";
import type { StateResource } from "./stack-state.js";

/** For a test that may have to build CPython, or to wait for another one that builds it. */
export const buildTimeout = 40 * 60_000;

/** Finished builds, for all test hosts and from one run to the next. Give it to a host as its `cacheDirectory`. */
export const sharedBuilds = join(machineCache(), "test-builds");
/** Settings of a test host with the shared builds, where an ordinary user logs in and sudo asks for no password. */
export const loginWithSudo = { user: "deploy", sudo: "without-password", cacheDirectory: sharedBuilds } as const;

export const jailPath = "/srv/python3jail";
export const recordsPath = "/var/lib/python3jail";

/** How to get to a test host; nothing waits long for one that is down. */
export function connectionTo(host: Host): Record<string, unknown> {
  return {
    host: host.address,
    port: host.port,
    user: host.user,
    identityFile: host.privateKeyFile,
    knownHostsFile: host.knownHostsFile,
    hostKeyPolicy: "strict",
    perDialTimeout: 3,
    dialErrorLimit: 1,
  };
}

/** One entry of `hosts`; settings go over those of the stack, `connection` over the host's own. */
export function entryFor(host: Host, settings: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: host.name,
    ...settings,
    connection: { ...connectionTo(host), ...(settings.connection as object | undefined) },
  };
}

/** The config of the repository's program: `hosts` in any of its forms. The cache stays: other tests' hosts share it. */
export function stackConfig(
  hosts: Record<string, unknown>[] | Record<string, Record<string, unknown>>,
  settings: Record<string, unknown> = {},
): Record<string, unknown> {
  const all = { python: { version: "3.13.5" }, root: { keepCache: true }, ...settings, hosts };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`python3jail:${key}`, value]));
}

/** Ends what a test file made, whatever became of it. */
export async function endAll(fleet: HostFleet | undefined, ...projects: (Project | undefined)[]): Promise<void> {
  try {
    for (const project of projects) await project?.remove();
  } finally {
    await fleet?.destroy();
  }
}

/** The stack's own resources, without those that the engine adds. */
export async function resourcesOf(project: Project): Promise<StateResource[]> {
  const { resources = [] } = (await project.exportState()).deployment;
  return resources.filter(({ type }) => type.includes("python3jail:"));
}

/** "JailRoot judge-1" for a resource of ours. */
export function nameOf({ urn }: StateResource): string {
  const [type = "", ...name] = urn.split("::").slice(2);
  return `${type.split(":").at(-1)} ${name.join("::")}`;
}

type Jails = Record<string, { path: string; python: string; printed: string; command: string } | "failed">;

/** What the program says of its jails: the stack's output. */
export async function jailsOf(project: Project): Promise<Jails> {
  const { resources = [] } = (await project.exportState()).deployment;
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.jails as Jails;
}

/** Runs a program in a jail, in the way that the jail's check ran. */
export async function runInJail(host: Host, command: string, program: string): Promise<string> {
  return (await host.run(`${command} -S -c "$(cat)" 2>&1 | cat`, { input: program })).stdout;
}

/** The paths whose lines differ between two listings of a host. */
export function changedPaths(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before);
  const now = new Set(after);
  const lines = [...before.filter((line) => !now.has(line)), ...after.filter((line) => !known.has(line))];
  return [
    ...new Set(
      lines.map(
        (line) =>
          /^(.*?) (file|folder|link|character-device|block-device|fifo|socket|removed)( |$)/.exec(line)?.[1] ?? line,
      ),
    ),
  ].sort();
}

/** After whatever `up` changed or repaired, another look at the hosts finds nothing to do. */
export async function expectSettled(project: Project): Promise<void> {
  await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
}

/** How many SSH connections a host got meanwhile. */
export async function connectionsDuring(host: Host, work: () => Promise<unknown>): Promise<number> {
  const before = await host.sshConnections();
  await work();
  return (await host.sshConnections()) - before;
}
