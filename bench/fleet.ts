import { Project } from "../test/e2e/engine.js";
import { entryFor, resourcesOf, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import type { Host } from "../test/hosts/host.js";
import { inertProgram } from "./inert.js";
import { comparison, milliseconds, sideBySide, type Comparison } from "./measure.js";
import { Peers } from "./peers.js";
import { inWords, line, turns } from "./report.js";

const hostCount = Number(process.env.BENCH_HOSTS ?? 8);
const parallel = { flags: ["--parallel", "200"] };

/** A fleet with nothing to do: ours beside what people would use instead, each looking at the same of the same hosts. */
export async function fleet(): Promise<void> {
  const machines = await HostFleet.create();
  const projects: Project[] = [];
  let peers: Peers | undefined;
  try {
    const hosts: Host[] = [];
    for (let number = 1; number <= hostCount; number += 1)
      hosts.push(await machines.addHost({ name: `judge-${number}`, cacheDirectory: sharedBuilds }));
    const ours = await Project.create({
      program: "repository",
      config: stackConfig(hosts.map((host) => entryFor(host))),
    });
    projects.push(ours);
    const empty = await Project.create({ program: 'require("@pulumi/pulumi");' });
    projects.push(empty);
    await ours.up(parallel);
    await empty.up();
    peers = await Peers.create(hosts);
    await peers.remember();
    const resources = (await resourcesOf(ours)).length;
    console.log(`${hostCount} hosts with a jail each, ${resources} resources, nothing to do`);

    // The least that as many dynamic resources cost: the engine, and the second Node that it starts for them.
    const inert = await Project.create({ program: inertProgram(resources) });
    projects.push(inert);
    await inert.up(parallel);

    const all = peers;
    const runs = {
      ours: () => ours.refresh(parallel),
      live: () => lookLive(ours),
      engine: () => empty.refresh(),
      inert: () => inert.refresh(parallel),
      ansible: () => all.ansible("refresh.yml"),
      pyinfra: () => all.pyinfra(),
      ssh: () => all.bareSsh(),
    };
    const times = await inTurn(runs);
    const pairs = (one: number[], other: number[]): Comparison =>
      comparison(one.map((time, turn) => [time, other[turn]!] as const));
    line("refresh: Ansible / ours", inWords(pairs(times.ansible, times.ours)), "≥ 8");
    line("refresh: pyinfra / ours", inWords(pairs(times.pyinfra, times.ours)), "≥ 2");
    line(
      "refresh beyond the engine's start / `ssh host true` at once",
      inWords(
        pairs(
          times.ours.map((time, turn) => time - times.engine[turn]!),
          times.ssh,
        ),
      ),
      "≤ 2",
    );
    line(
      "refresh beyond as many inert resources' / `ssh host true` at once",
      inWords(
        pairs(
          times.ours.map((time, turn) => time - times.inert[turn]!),
          times.ssh,
        ),
      ),
      "≤ 2",
    );
    line(
      "Ansible / `python3jail status --live`, which needs no engine for the looks",
      inWords(pairs(times.ansible, times.live)),
      "",
    );
    line("pyinfra / `python3jail status --live`", inWords(pairs(times.pyinfra, times.live)), "");
    line("refresh: ours / the engine's on an empty stack", inWords(pairs(times.ours, times.engine)), "");

    line(
      "no-op preview / as many inert resources' preview",
      inWords(
        await sideBySide(
          () => ours.preview(parallel),
          () => inert.preview(parallel),
          turns,
        ),
      ),
      "≤ 1.2",
    );
  } finally {
    peers?.remove();
    for (const project of projects) await project.remove();
    await machines.destroy();
  }
}

/** The same looks, and sizes and logs besides, by our command alone. */
async function lookLive(project: Project): Promise<void> {
  const { exitCode, all } = await project.python3jail(["status", "--live", "--stack", project.stack, "--json"]).result;
  if (exitCode !== 0) throw new Error(all);
}

/** Milliseconds of several things, run in turn, after one turn that does not count. */
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
