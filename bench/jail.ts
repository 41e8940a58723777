import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { releaseOf } from "../src/python/releases.js";
import { Project } from "../test/e2e/engine.js";
import { entryFor, jailPath, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import type { Host } from "../test/hosts/host.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import { repositoryRoot } from "../test/hosts/repository.js";
import { comparison } from "./measure.js";
import { inWords, line, turns } from "./report.js";

/** Cache for the builds of this bench, so that builds of the tests do not evict them. A second run builds nothing. */
const benchBuilds = join(dirname(sharedBuilds), "bench-builds");
const version = "3.13.5";
/** True to build with optimizations, which takes half an hour and more. */
const optimize = process.env.BENCH_OPTIMIZE === "1";

/** Directory of the measured jails, on this machine's own disk, like a host's. A test host's /srv is in memory. */
const place = "/var/cache/python3jail/measured";
const byHand = `${place}/by-hand/jail`;
const ours = `${place}/ours`;
const optimized = `${place}/optimized`;

/**
 * Compares the size, start and speed of a jail with one that was made by hand from the same source on the same host.
 */
export async function jail(): Promise<void> {
  const fleet = await HostFleet.create();
  let project: Project | undefined;
  try {
    const host = await fleet.addHost({ name: "judge-1", cacheDirectory: benchBuilds });
    const hosts = [
      entryFor(host),
      ...(optimize
        ? [entryFor(host, { path: "/srv/optimized", python: { version, optimize: true }, timeouts: { build: 7200 } })]
        : []),
    ];
    project = await Project.create({ program: "repository", config: stackConfig(hosts, { python: { version } }) });
    await project.up();
    await makeByHand(host);
    await host.run(
      `rm -rf ${ours} ${optimized}; cp -a ${jailPath} ${ours}; ${optimize ? `cp -a /srv/optimized ${optimized}` : ":"}`,
    );

    const share = async (what: string, goal: string, but = ""): Promise<void> => {
      const [mine, theirs] = [await megabytes(host, ours, but), await megabytes(host, byHand, but)];
      line(what, `${((100 * mine) / theirs).toFixed(1)} % (${mine.toFixed(0)} / ${theirs.toFixed(0)} MB)`, goal);
    };
    await share("size of the jail / of one made by hand", "≤ 20 %");
    await share("the same without the host's libraries", "", ".libraries lib64 lib/*-linux-gnu");
    await starts(host, ["-S", "-c", "pass"]);
    await starts(host, ["-c", "import json, re, random"]);
    await loops(host, "loops by hand / ours", ours, "");
    if (optimize) await loops(host, "loops by hand / ours, optimized", optimized, "≥ 1.1");
    else console.log("  (BENCH_OPTIMIZE=1 also builds and measures one with `optimize: true`: half an hour and more)");
  } finally {
    await project?.remove();
    await fleet.destroy();
  }
}

async function makeByHand(host: Host): Promise<void> {
  const { sha256, file } = releaseOf(version)!;
  const here = join(benchBuilds, "measured");
  mkdirSync(here, { recursive: true, mode: 0o755 });
  copyFileSync(join(dirname(sharedBuilds), "sources", sha256, file), join(here, file));
  await host.run(`sh -s ${place}/${file} ${place}/by-hand 1>&2`, { input: text("by-hand.sh") });
}

function text(file: string): string {
  return readFileSync(join(repositoryRoot, "bench", file), "utf8");
}

async function megabytes(host: Host, path: string, but: string): Promise<number> {
  const exclude = but
    .split(" ")
    .filter(Boolean)
    .map((pattern) => `--exclude='${path}/${pattern}'`);
  return Number((await host.run(`du -sk ${exclude.join(" ")} ${path} | cut -f 1`)).stdout) / 1024;
}

/** Measures starts of Python in both jails in turn. The measuring program runs on the host, with our own Python. */
async function starts(host: Host, arguments_: string[]): Promise<void> {
  const words = [String(40 * turns), byHand, ours, ...arguments_].map((word) => `'${word}'`).join(" ");
  const { stdout } = await host.run(`PYTHONHOME=${ours} ${ours}/bin/python3 -S - ${words}`, {
    input: text("starts.py"),
  });
  const pairs = stdout.split("\n").map((printed) => printed.split(" ").map(Number) as [number, number]);
  line(`start by hand / ours: python3 ${arguments_.join(" ")}`, inWords(comparison(pairs), 1), "≥ 1");
}

/** Runs every loop in both jails in turn; prints a line for each, and their geometric mean. */
async function loops(host: Host, what: string, path: string, goal: string): Promise<void> {
  const run = async (jail: string): Promise<[string, number][]> => {
    const { stdout } = await host.run(
      `env -i PATH="$PATH" PYTHONHOME=/ chroot --userspec=+10000:+1000 --groups= ${jail} /bin/python3 -S -`,
      { input: text("loops.py") },
    );
    return stdout
      .split("\n")
      .map((printed) => printed.split(" "))
      .map(([name, seconds]) => [name!, 1000 * Number(seconds)]);
  };
  const pairs = new Map<string, [number, number][]>();
  for (let turn = 0; turn < 2 * turns; turn += 1) {
    const [theirs, mine] = [await run(byHand), new Map(await run(path))];
    for (const [name, time] of theirs) pairs.set(name, [...(pairs.get(name) ?? []), [time, mine.get(name)!]]);
  }
  const compared = [...pairs].map(([name, times]) => [name, comparison(times)] as const);
  const mean = Math.exp(compared.reduce((sum, [, { ratio }]) => sum + Math.log(ratio), 0) / compared.length);
  line(what, `${mean.toFixed(2)} (geometric mean)`, goal);
  for (const [name, measured] of compared) line(`  ${name}`, inWords(measured, 1), "");
}
