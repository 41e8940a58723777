import { execa } from "execa";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Project } from "../test/e2e/engine.js";
import { entryFor, resourcesOf, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import type { Host } from "../test/hosts/host.js";
import { Delay, type Reachable } from "./delay.js";
import { inertProgram } from "./inert.js";
import { comparison, milliseconds, sideBySide, type Comparison } from "./measure.js";
import { Peers } from "./peers.js";
import { inWords, line, turns } from "./report.js";

const sizes = (process.env.BENCH_HOSTS ?? "8,32").split(",").map(Number);
const parallel = { flags: ["--parallel", "200"] };
/** Milliseconds of a round trip to distant hosts. */
const farAway = 50;

/**
 * Measures reads of unchanged fleets: ours beside the tools that people would use instead, on the same hosts and files.
 */
export async function fleet(): Promise<void> {
  const costs: { size: number; ours: number; ssh: number }[] = [];
  for (const size of sizes) costs.push({ size, ...(await measure(size)) });
  const [small, large] = costs;
  if (!small || !large) return;
  const each = (of: "ours" | "ssh"): number => (large[of] - small[of]) / (large.size - small.size);
  line(
    "what one host more costs: CPU of our processes / of one `ssh`",
    `${(each("ours") / each("ssh")).toFixed(2)} (${(1000 * each("ours")).toFixed(0)} / ${(1000 * each("ssh")).toFixed(0)} ms)`,
    "≤ 1.2",
  );
}

/**
 * Measures a fleet of so many hosts. Returns the seconds of this machine's processor for one read of it, and for one
 * bare `ssh` per host.
 */
async function measure(size: number): Promise<{ ours: number; ssh: number }> {
  const machines = await HostFleet.create();
  const projects: Project[] = [];
  const cleanups: (() => void)[] = [];
  const projectWith = async (program: string, config: Record<string, unknown> = {}): Promise<Project> => {
    const project = await Project.create({ program, config });
    projects.push(project);
    await project.up(parallel);
    return project;
  };
  try {
    const hosts: Host[] = [];
    for (let number = 1; number <= size; number += 1)
      hosts.push(await machines.addHost({ name: `judge-${number}`, cacheDirectory: sharedBuilds }));
    const ours = await projectWith("repository", stackConfig(hosts.map((host) => entryFor(host))));
    const resources = (await resourcesOf(ours)).length;
    await Peers.remember(hosts);
    // Two changes within one tick of the clock have the same change time, so a host remembers no answers on a jail that
    // has just changed.
    await sleep(3000);
    console.log(`${size} hosts with a jail each, ${resources} resources, nothing to do`);
    const inert = await projectWith(inertProgram(resources));
    const peers = await Peers.create(hosts);
    cleanups.push(() => peers.remove());

    const near = await inTurn({
      ours: () => ours.refresh(parallel),
      live: () => live(ours),
      inert: () => inert.refresh(parallel),
      ansible: () => peers.ansible("refresh.yml"),
      pyinfra: () => peers.pyinfra(),
      ssh: () => bareSsh(hosts),
    });
    compare("status --live", near, size);
    line(
      "  refresh",
      inWords(
        pairs(
          near.ours,
          near.ours.map((_, turn) => near.inert[turn]! + 1.4 * near.ssh[turn]!),
        ),
      ),
      "≤ 1: as many inert resources' + 1.4 × bare ssh",
    );
    line(
      "  refresh: Ansible / ours, pyinfra / ours",
      `${pairs(near.ansible, near.ours).ratio.toFixed(2)}, ${pairs(near.pyinfra, near.ours).ratio.toFixed(2)}`,
      "",
    );
    line(
      "  no-op preview / as many inert resources' preview",
      inWords(
        await sideBySide(
          () => ours.preview(parallel),
          () => inert.preview(parallel),
          turns,
        ),
      ),
      "≤ 1.1",
    );

    const { delay, hosts: far } = await Delay.of(hosts, farAway);
    cleanups.push(() => delay.close());
    const entries = hosts.map((host, index) => entryFor(host, { connection: reached(far[index]!) }));
    const distant = await projectWith("repository", stackConfig(entries));
    const distantPeers = await Peers.create(far);
    cleanups.push(() => distantPeers.remove());
    const times = await inTurn({
      live: () => live(distant),
      ansible: () => distantPeers.ansible("refresh.yml"),
      pyinfra: () => distantPeers.pyinfra(),
      ssh: () => bareSsh(far),
    });
    compare(`status --live, ${farAway} ms round trip`, times, size);
    return { ours: await processorSeconds(() => live(ours)), ssh: await processorSeconds(() => bareSsh(hosts)) };
  } finally {
    for (const cleanup of cleanups) cleanup();
    for (const project of projects) await project.remove();
    await machines.destroy();
  }
}

type Times = Record<"live" | "ansible" | "pyinfra" | "ssh", number[]>;

function compare(what: string, times: Times, size: number): void {
  line(what, inWords(pairs(times.live, times.ssh)), "of bare ssh");
  const goal = times.ssh.map((time) => 1.4 * time + 400);
  line("  ours / (1.4 × bare ssh + 0.4 s)", inWords(pairs(times.live, goal)), size > 8 ? "≤ 1" : "");
  line("  Ansible / ours", inWords(pairs(times.ansible, times.live)), "≥ 8; far away ≥ 6");
  line("  pyinfra / ours", inWords(pairs(times.pyinfra, times.live)), "far away ≥ 1.3");
}

function pairs(one: readonly number[], other: readonly number[]): Comparison {
  return comparison(one.map((time, turn) => [time, other[turn]!] as const));
}

/** Runs one bare command on every host at once, which is the least that any tool needs. */
async function bareSsh(hosts: readonly Pick<Reachable, "sshArguments">[]): Promise<void> {
  await Promise.all(hosts.map((host) => execa("ssh", [...host.sshArguments(), "true"])));
}

function reached({ address, port, user, privateKeyFile, knownHostsFile }: Reachable): Record<string, unknown> {
  return { host: address, port, user, identityFile: privateKeyFile, knownHostsFile };
}

/** Reads the same, and sizes and logs too, with our command alone. */
async function live(project: Project): Promise<void> {
  const { exitCode, all } = await project.python3jail(["status", "--live", "--stack", project.stack, "--json"]).result;
  if (exitCode !== 0) throw new Error(all);
}

/** Returns the average processor seconds of the processes that this one starts. */
async function processorSeconds(run: () => Promise<unknown>): Promise<number> {
  await run();
  const before = ofChildren();
  for (let turn = 0; turn < turns; turn += 1) await run();
  return (ofChildren() - before) / turns;
}

/** Reads the processor time of all descendants that have ended, in the kernel's clock ticks of 10 ms. */
function ofChildren(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Measures several functions in turn, in milliseconds, after one round that does not count. */
async function inTurn<Name extends string>(
  runs: Record<Name, () => Promise<unknown>>,
): Promise<Record<Name, number[]>> {
  const times = Object.fromEntries(Object.keys(runs).map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const [name, run] of Object.entries(runs) as [Name, () => Promise<unknown>][]) {
      const time = await milliseconds(run);
      if (turn > 0) times[name].push(time);
    }
  }
  return times;
}
