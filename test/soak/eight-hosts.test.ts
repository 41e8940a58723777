import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Project, type PulumiResult } from "../e2e/engine.js";
import { endAll, entryFor, jailPath, jailsOf, sharedBuilds, stackConfig } from "../e2e/jail-stack.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";

// What a fleet of eight goes through in a year: each part of it has a test of its own on fewer hosts that runs always.
const patience = 20 * 60_000;

let fleet: HostFleet;
let hosts: Host[];
let project: Project;
const first = new Map<string, string>();

beforeAll(async () => {
  fleet = await HostFleet.create();
  hosts = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      fleet.addHost({ name: `judge-${index + 1}`, cacheDirectory: sharedBuilds }),
    ),
  );
  project = await Project.create({ program: "repository", config: config("3.13.5", hosts.slice(0, 7)) });
}, patience);
afterAll(() => endAll(fleet, project));

const config = (version: string, of: Host[], settings: Record<string, unknown> = {}): Record<string, unknown> =>
  stackConfig(
    of.map((host) => entryFor(host)),
    { python: { version }, releases: { keep: 1 }, rollout: { canary: 1, batch: "25%", maxFailures: 1 }, ...settings },
  );
const up = (...flags: string[]): Promise<PulumiResult> =>
  project.python3jail(["up", "--stack", project.stack, "--yes", ...flags]).result;
const current = async (host: Host): Promise<string> => (await host.run(`readlink ${jailPath}/current`)).stdout;
const pythons = async (): Promise<unknown[]> =>
  Object.values(await jailsOf(project)).map((jail) => (jail === "failed" ? jail : `${jail.python} ${jail.printed}`));

test(
  "seven new hosts are rolled out as a canary, then in batches of a quarter",
  async () => {
    const { stdout, exitCode } = await up();
    expect(stdout).toMatch(
      /canary: judge-1\n[^]*batch 1 of 3: judge-2 judge-3\n[^]*batch 3 of 3: judge-6 judge-7\n[^]*\n7 created\n$/,
    );
    expect([exitCode, await pythons()]).toEqual([0, Array(7).fill("3.13.5 2")]);
  },
  patience,
);

test(
  "a host that is added is the only one that changes",
  async () => {
    project.setConfig(config("3.13.5", hosts));
    const { stdout, exitCode } = await up("--json");
    expect(JSON.parse(stdout)).toMatchObject({
      result: "done",
      hosts: [{ host: "judge-8", result: "created" }],
      unchanged: { length: 7 },
    });
    expect(exitCode).toBe(0);
    for (const host of hosts) first.set(host.name, await current(host));
  },
  patience,
);

test(
  "a canary whose new release fails its check ends the rollout, and all eight hosts keep their release",
  async () => {
    project.setConfig(config("3.11.2", hosts, { check: { limits: { memoryKb: 4096 } } }));
    const { stdout, exitCode } = await up();
    expect(stdout).toMatch(/✗ judge-1 +failed [^]*1 failed, 7 not reached; stopped: the canary failed\n/);
    expect(exitCode).toBe(1);
    for (const host of hosts) expect(await current(host)).toBe(first.get(host.name));
  },
  patience,
);

test(
  "an upgrade skips a host that is down, and the next run finishes it",
  async () => {
    await hosts[4]!.takeDown();
    project.setConfig(config("3.11.2", hosts));
    const { stdout, exitCode } = await up();
    expect(stdout).toMatch(/✗ judge-5 +failed [^]*\n7 updated, 1 failed\n/);
    expect(exitCode).toBe(1);
    await hosts[4]!.bringUp();
    const next = await up("--json");
    expect(JSON.parse(next.stdout)).toMatchObject({
      result: "done",
      hosts: [{ host: "judge-5", result: "updated", python: "3.11.2" }],
    });
    expect(await pythons()).toEqual(Array(8).fill("3.11.2 2"));
  },
  patience,
);

test(
  "a rollback builds nothing; of two control machines at once, one is refused with the other's name",
  async () => {
    project.setConfig(config("3.13.5", hosts));
    const one = project.python3jail(["up", "--stack", project.stack, "--yes"]);
    await one.waitFor(/canary: judge-1\n/, patience);
    const ends = await Promise.all([up(), one.result]);
    expect(ends.map(({ exitCode }) => exitCode === 0).sort()).toEqual([false, true]);
    expect(ends.find(({ exitCode }) => exitCode !== 0)!.all).toMatch(/another run has this stack/);
    for (const { all } of ends) expect(all).not.toMatch(/the build has begun|is sent there/);
    expect(await pythons()).toEqual(Array(8).fill("3.13.5 2"));
    for (const host of hosts) expect(await current(host)).toBe(first.get(host.name));
  },
  patience,
);

test(
  "a host that is gone for good is forgotten on request, and the others are destroyed as usual",
  async () => {
    await hosts[7]!.takeDown();
    project.setConfig(config("3.13.5", hosts.slice(0, 7)));
    expect(await up()).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/judge-8: [^\n]*: it does not answer\n[^]*python3jail:unreachable forget/),
    });
    project.setConfig(config("3.13.5", hosts.slice(0, 7), { unreachable: "forget" }));
    expect(await up()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\n1 removed\n/) });
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await project.destroy();
    for (const host of hosts.slice(0, 7))
      expect((await host.run(`ls -A ${jailPath} 2>/dev/null || true`)).stdout).toBe("");
  },
  patience,
);
