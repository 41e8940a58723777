import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Project, withoutCheckpoints } from "../test/e2e/engine.js";
import { entryFor, resourcesOf, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import { repositoryRoot } from "../test/hosts/repository.js";
import { milliseconds } from "./measure.js";
import { line } from "./report.js";

const sizes = (process.env.BENCH_SCALE ?? "50,100,200").split(",").map(Number);
const flags = ["--parallel", "64"];

/**
 * Measures simulated fleets: the engine, the provider and its processes are real; the answers were recorded from one
 * real host.
 */
export async function scale(): Promise<void> {
  const lab = mkdtempSync(join(tmpdir(), "bench-scale-"));
  const path = process.env.PATH;
  copyFileSync(join(repositoryRoot, "bench/replayed-ssh.py"), join(lab, "ssh"));
  chmodSync(join(lab, "ssh"), 0o755);
  const client = (path ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "ssh"))
    .find((file) => existsSync(file))!;
  const answers = join(lab, "answers");
  mkdirSync(answers);
  const phase = (name: string, more: Record<string, string> = {}) => ({
    ...withoutCheckpoints,
    REPLAY_FOLDER: answers,
    REPLAY_PHASE: name,
    REPLAY_CLIENT: client,
    ...more,
  });
  process.env.PATH = `${lab}${delimiter}${path}`;
  try {
    await record((name) => phase(name, { REPLAY_RECORDS: "yes" }));
    console.log(
      "hosts that are simulated, with 9 resources each; one in fifty is down. A host's share of time, memory and state must not grow",
    );
    for (const size of sizes) await measure(size, phase);
  } finally {
    process.env.PATH = path;
    rmSync(lab, { recursive: true });
  }
}

/** Records what a real host answers. */
async function record(phase: (name: string) => Record<string, string>): Promise<void> {
  const machines = await HostFleet.create();
  let project: Project | undefined;
  try {
    const host = await machines.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
    project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
    // Make the build first, as the simulated hosts find theirs made.
    await project.up({ env: phase("first") });
    await project.destroy({ env: phase("first") });
    await project.up({ env: phase("up") });
    await project.refresh({ env: phase("refresh") });
  } finally {
    await project?.remove();
    await machines.destroy();
  }
}

async function measure(
  size: number,
  phase: (name: string, more?: Record<string, string>) => Record<string, string>,
): Promise<void> {
  const names = Array.from({ length: size }, (_, number) => `judge-${number + 1}`);
  const down = names.filter((_, number) => number % 50 === 49);
  const hosts = names.map((name) => ({ name, connection: { host: name, dialErrorLimit: 1 } }));
  const project = await Project.create({ program: "repository", config: stackConfig(hosts) });
  try {
    const most = { program: 0, memory: 0, processes: 0 };
    const watch = setInterval(() => {
      const all = project.processes();
      most.processes = Math.max(most.processes, all.length);
      for (const { pid } of all.filter(({ command }) => command.includes("dynamic-provider")))
        most.memory = Math.max(most.memory, residentMegabytes(pid));
      for (const { pid } of all.filter(({ command }) => command.includes("cmd/run/index.js")))
        most.program = Math.max(most.program, residentMegabytes(pid));
    }, 1000);
    const more = { REPLAY_DOWN: down.join(",") };
    const up = await milliseconds(() => project.up({ env: phase("up", more), flags, expectFailure: down.length > 0 }));
    const refresh = await milliseconds(() => project.refresh({ env: phase("refresh", more), flags }));
    clearInterval(watch);
    const made = await resourcesOf(project);
    const jails = made.filter(({ type }) => type.endsWith("JailCheck")).length;
    if (jails !== size - down.length) throw new Error(`${jails} of ${size - down.length} jails came to be`);
    const state = JSON.stringify(await project.exportState()).length;
    const each = (total: number, digits = 0): string => (total / size).toFixed(digits);
    line(
      `${size} hosts: up, refresh`,
      `${(up / 1000).toFixed(0)} s, ${(refresh / 1000).toFixed(0)} s (${each(up)}, ${each(refresh)} ms a host)`,
      "",
    );
    line(
      `${size} hosts: the program's memory, the provider's, processes, the state`,
      `${most.program.toFixed(0)} MB, ${most.memory.toFixed(0)} MB, ${most.processes}, ${(state / 1e6).toFixed(1)} MB (${each(state / 1000, 1)} kB a host)`,
      "",
    );
  } finally {
    await project.remove();
  }
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
