import { homedir } from "node:os";
import { join } from "node:path";
import { Project } from "../test/e2e/engine.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import { sideBySide, type Comparison } from "./measure.js";

const turns = Number(process.env.BENCH_TURNS ?? 5);
const cacheDirectory = join(process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail"), "test-builds");

function line(what: string, figure: string, goal: string): void {
  console.log(`  ${what.padEnd(58)} ${figure.padEnd(34)} ${goal}`);
}

function inWords({ ours, theirs, ratio, lowest, highest }: Comparison): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)}; ${Math.round(ours)} / ${Math.round(theirs)} ms)`;
}

const inertProgram = `
const pulumi = require("@pulumi/pulumi");
class Inert extends pulumi.CustomResource {
  constructor() {
    super("pulumi-nodejs:dynamic/inert:Inert", "inert", { __provider: "exports.handler = () => ({ create: async () => ({ id: 'inert', outs: {} }) })" });
  }
}
new Inert();
`;

/** The figures of one jail on one host, each beside what it is measured against, in one run. */
async function main(): Promise<void> {
  const fleet = await HostFleet.create();
  const projects: Project[] = [];
  try {
    const host = await fleet.addHost({ name: "judge-1", cacheDirectory });
    const connection = { host: host.address, port: host.port, user: "root", identityFile: host.privateKeyFile, knownHostsFile: host.knownHostsFile, hostKeyPolicy: "strict" };
    const jail = await Project.create({
      program: "repository",
      config: { "python3jail:python": { version: "3.13.5" }, "python3jail:root": { keepCache: true }, "python3jail:hosts": [{ name: "judge-1", connection }] },
    });
    projects.push(jail);
    const empty = await Project.create({ program: 'require("@pulumi/pulumi");' });
    projects.push(empty);
    // The least that any dynamic resource costs: the engine starts a second Node for Pulumi's dynamic provider.
    const inert = await Project.create({ program: inertProgram });
    projects.push(inert);
    console.log("one jail on one host; the first `up` builds CPython unless the cache has it");
    await jail.up();
    await empty.up();
    await inert.up();

    const connections = await host.sshConnections();
    const before = await host.listing({ changeTimes: true });
    await jail.up();
    const after = await host.listing({ changeTimes: true });
    const written = after.filter((entry) => !before.includes(entry)).length;
    const connectionsOfUp = (await host.sshConnections()) - connections;
    await jail.refresh();
    const connectionsOfRefresh = (await host.sshConnections()) - connections - connectionsOfUp;
    const sizes = ((await jail.exportState()).deployment.resources ?? []).map((resource) => JSON.stringify(resource).length);

    console.log(`\n  ${"figure".padEnd(58)} ${"measured".padEnd(34)} goal`);
    line("no-op preview / empty program's preview", inWords(await sideBySide(() => jail.preview(), () => empty.preview(), turns)), "≤ 1.3");
    line("no-op preview / one inert dynamic resource's preview", inWords(await sideBySide(() => jail.preview(), () => inert.preview(), turns)), "");
    line("no-op refresh / empty program's refresh", inWords(await sideBySide(() => jail.refresh(), () => empty.refresh(), turns)), "");
    line("SSH connections of a second `up`", String(connectionsOfUp), "0: there is nothing to do");
    line("SSH connections of a refresh (9 resources)", String(connectionsOfRefresh), "1");
    line("state of the largest resource, bytes", String(Math.max(...sizes)), "≤ 6000");
    line("paths on the host that a second `up` wrote", String(written), "0");
  } finally {
    for (const project of projects) await project.remove();
    await fleet.destroy();
  }
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
