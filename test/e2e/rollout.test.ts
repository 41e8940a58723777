import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project, type PulumiResult } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  recordsPath,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// A stack of real jails, rolled out in steps.
jest.setTimeout(buildTimeout);

let fleet: HostFleet;
let project: Project;
let canary: Host;
let second: Host;
let third: Host;
const untouched = new Map<Host, string[]>();

beforeAll(async () => {
  fleet = await HostFleet.create();
  canary = await fleet.addHost({
    name: "judge-1",
    cacheDirectory: sharedBuilds,
    mounts: { "/srv": "mode=755,size=400m,nr_inodes=100k" },
  });
  second = await fleet.addHost({ name: "judge-2", cacheDirectory: sharedBuilds });
  third = await fleet.addHost({ name: "judge-10", cacheDirectory: sharedBuilds });
  for (const host of fleet.hosts) untouched.set(host, await host.listing());
  project = await Project.create({ program: "repository", config: config("3.13.5", fleet.hosts) });
});
afterAll(() => endAll(fleet, project));

function config(version: string, hosts: readonly Host[]): Record<string, unknown> {
  return stackConfig(
    hosts.map((host) => entryFor(host)),
    { python: { version }, rollout: { canary: 1, batch: "100%", maxFailures: 1 } },
  );
}

const up = (...flags: string[]): Promise<PulumiResult> =>
  project.python3jail(["up", "--stack", project.stack, "--yes", ...flags]).result;
const everything = async (...hosts: Host[]): Promise<string[]> =>
  (await Promise.all(hosts.map((host) => host.listing({ paths: [jailPath, recordsPath], changeTimes: true })))).flat();
const working = (python: string) => expect.objectContaining({ python, printed: "2" });

test("a rollout of new hosts does the canary first, then the others, and all that plain `pulumi up` would do", async () => {
  const { all, exitCode } = await up();
  expect(all).toMatch(/canary: judge-1\n[^]*✓ judge-1 +created +3\.13\.5[^]*batch 1 of 1: judge-2 judge-10\n/);
  expect(all).toMatch(/\n3 created\n$/);
  expect(exitCode).toBe(0);
  expect(await jailsOf(project)).toEqual({
    "judge-1": working("3.13.5"),
    "judge-2": working("3.13.5"),
    "judge-10": working("3.13.5"),
  });
  await project.preview({ flags: ["--expect-no-changes"] });
});

test("a canary with a full disk ends the rollout with the reason and the state of the hosts; the others stay as they are", async () => {
  const files = Number((await canary.run("df --output=iused /srv | tail -n 1")).stdout);
  await canary.run(`mount -o remount,nr_inodes=${files + 500} /srv`);
  const before = await everything(second, third);
  project.setConfig(config("3.11.2", fleet.hosts));
  const { stdout, exitCode } = await up();
  expect(stdout).toMatch(
    /✗ judge-1\n {2}judge-1: install python: python could not be copied whole into the jail[^]*what to do: make room there, then run the same command again/,
  );
  expect(stdout).toMatch(
    /✗ judge-1 +failed +3\.13\.5 .*\n +- judge-2 +not reached +3\.13\.5\n +- judge-10 +not reached +3\.13\.5\n\n1 failed, 2 not reached; stopped: the canary failed\n/,
  );
  expect(exitCode).toBe(1);
  expect(changedPaths(before, await everything(second, third))).toEqual([]);
  expect(await jailsOf(project)).toMatchObject({ "judge-2": working("3.13.5"), "judge-10": working("3.13.5") });
});

test("the next rollout continues after the repair; a host that is down may fail, and is left for the next one", async () => {
  await canary.run("mount -o remount,nr_inodes=100k /srv");
  await third.takeDown();
  const { stdout, exitCode } = await up();
  expect(stdout).toMatch(/✗ judge-10\n {2}judge-10: [^\n]*: it does not answer \[unreachable\]\n/);
  expect(stdout).toMatch(
    /✓ judge-1 +updated +3\.13\.5 → 3\.11\.2 .*\n +✓ judge-2 +updated +3\.13\.5 → 3\.11\.2 .*\n +✗ judge-10 +failed +3\.13\.5 .*\n\n2 updated, 1 failed\n/,
  );
  expect(exitCode).toBe(1);
  expect(await jailsOf(project)).toMatchObject({ "judge-1": working("3.11.2"), "judge-2": working("3.11.2") });

  await third.bringUp();
  const before = await everything(canary, second);
  const next = await up("--json");
  expect(JSON.parse(next.stdout)).toMatchObject({
    result: "done",
    unchanged: ["judge-1", "judge-2"],
    hosts: [{ host: "judge-10", result: "updated", python: "3.11.2", pythonBefore: "3.13.5" }],
  });
  expect(next.exitCode).toBe(0);
  expect(changedPaths(before, await everything(canary, second))).toEqual([]);
});

test("--refresh finds drift, and repairs only that", async () => {
  await second.run(`rm ${jailPath}/dev/null`);
  const { stdout, exitCode } = await up("--refresh");
  expect(stdout).toMatch(/canary: judge-2\n/);
  expect(stdout).toMatch(/✓ judge-2 +updated +3\.11\.2 .*\n +and 2 hosts as declared before\n\n1 updated\n/);
  expect(exitCode).toBe(0);
  expect(await second.listing({ paths: [`${jailPath}/dev/null`] })).toHaveLength(1);
});

test("a host that is removed from the config is cleared in a step of its own, and nothing of ours stays there", async () => {
  project.setConfig(config("3.11.2", [canary, second]));
  const { stdout, exitCode } = await up();
  expect(stdout).toMatch(/removal: judge-10\n[^]*\n1 removed\n/);
  expect(exitCode).toBe(0);
  expect(await third.listing()).toEqual(untouched.get(third));
  expect(Object.keys(await jailsOf(project))).toEqual(["judge-1", "judge-2"]);
  await project.destroy();
});

test("a wrong config is refused, in the rollout's settings as in the rest", async () => {
  project.setConfig({ ...config("3.11.2", [canary]), "python3jail:rollout": { batch: "some" } });
  const { stderr, exitCode } = await up();
  expect(stderr).toContain("python3jail:rollout.batch: must be a whole number of hosts, or a share such as 25%");
  expect(exitCode).toBe(2);
});
