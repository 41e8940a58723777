import { execa } from "execa";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { releaseOf } from "../src/python/releases.js";
import { machineCache, Project } from "../test/e2e/engine.js";
import { entryFor, jailPath, stackConfig } from "../test/e2e/jail-stack.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import type { Host } from "../test/hosts/host.js";
import { repositoryRoot } from "../test/hosts/repository.js";
import { milliseconds } from "./measure.js";
import { Peers } from "./peers.js";
import { line } from "./report.js";

const hostCount = Number(process.env.BENCH_HOSTS ?? 8);
const version = "3.13.5";

/**
 * Measures how long a fleet takes from nothing, with a build of CPython: ours, a build by hand that is copied to every
 * host, and Ansible. Each is measured once, as it takes minutes, on the same machine within a quarter of an hour.
 */
export async function once(): Promise<void> {
  const machines = await HostFleet.create();
  let project: Project | undefined;
  let peers: Peers | undefined;
  try {
    const hosts: Host[] = [];
    for (let number = 1; number <= hostCount; number += 1)
      hosts.push(await machines.addHost({ name: `judge-${number}` }));
    const [first] = hosts as [Host];
    project = await Project.create({ program: "repository", config: stackConfig(hosts.map((host) => entryFor(host))) });
    console.log(`${hostCount} hosts that have nothing; each of these builds CPython`);
    const ours = await milliseconds(() => project!.up({ flags: ["--parallel", "200"] }));

    const { sha256, file } = releaseOf(version)!;
    const source = join(machineCache(), "sources", sha256, file);
    mkdirSync(join(first.rootDirectory, "var/tmp/by-hand"), { recursive: true });
    copyFileSync(source, join(first.rootDirectory, "var/tmp/by-hand", file));
    const script = readFileSync(join(repositoryRoot, "bench/by-hand.sh"), "utf8").replaceAll("nice ", "");
    const build = await milliseconds(() =>
      first.run(`sh -s /var/tmp/by-hand/${file} /var/tmp/by-hand/store 1>&2`, { input: script }),
    );
    // Copy the same small jail as ours, so that the other side transfers no more than we do.
    const archive = join(project.directory, "jail.tar");
    await execa("tar", ["-C", join(first.rootDirectory, jailPath), "-cf", archive, "--exclude=./dev", "."]);
    const copy = async (host: Host): Promise<void> => {
      await execa("ssh", [...host.sshArguments(), "mkdir -p /srv/copy && tar -xf - -C /srv/copy"], {
        inputFile: archive,
      });
      await host.run("rm -rf /srv/copy");
    };
    const copies = await milliseconds(() => Promise.all(hosts.map(copy)));
    const inMinutes = (time: number): string => `${(time / 60_000).toFixed(1)} min`;
    line(
      `fleet from nothing / one build by hand + ${hostCount} × tar | ssh`,
      `${(ours / (build + copies)).toFixed(2)} (${inMinutes(ours)} / ${inMinutes(build)} + ${(copies / 1000).toFixed(1)} s)`,
      "≤ 1.35",
    );

    await project.destroy();
    peers = await Peers.create(hosts);
    const all = peers;
    await execa("gzip", ["-1", archive]);
    const deployed = await milliseconds(() => all.ansible("deploy.yml", { archive: `${archive}.gz` }));
    line(
      "the same by Ansible from an archive, and the build by hand before it",
      `${(ours / (build + deployed)).toFixed(2)} (${inMinutes(ours)} / ${inMinutes(build + deployed)})`,
      "",
    );
    if (process.env.BENCH_ANSIBLE_BUILDS === "1") {
      for (const host of hosts) await host.run(`rm -rf ${jailPath}`);
      const built = await milliseconds(() => all.ansible("deploy.yml", { source }));
      line(
        "the same by Ansible, where each host builds",
        `${(ours / built).toFixed(2)} (${inMinutes(ours)} / ${inMinutes(built)})`,
        "",
      );
    } else
      console.log(
        "  (BENCH_ANSIBLE_BUILDS=1 also lets Ansible build on every host: on one machine, eight builds at a time)",
      );
  } finally {
    peers?.remove();
    await project?.remove();
    await machines.destroy();
  }
}
