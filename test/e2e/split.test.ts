import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { isInShard } from "../../src/fleet/shard.js";
import type { Shard } from "../../src/rollout/split.js";
import type { Fleet } from "../../src/status/fleet.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project, type PulumiResult } from "./engine.js";
import { buildTimeout, connectionTo, endAll, entryFor, jailPath, sharedBuilds, stackConfig } from "./jail-stack.js";

// One stack with two jails becomes two stacks with one each; the hosts do not notice.
let fleet: HostFleet;
let project: Project;
let first: Host;
let second: Host;

beforeAll(async () => {
  fleet = await HostFleet.create();
  const names = Array.from({ length: 20 }, (_, number) => `judge-${number + 1}`);
  const [one, other] = ["1/2", "2/2"].map((shard) => names.find((name) => isInShard(name, shard))!);
  first = await fleet.addHost({ name: one!, cacheDirectory: sharedBuilds });
  second = await fleet.addHost({ name: other!, cacheDirectory: sharedBuilds });
  project = await Project.create({ program: "repository", config: configWith() });
  await project.setSecret(
    `python3jail:credentials["${first.name}"].privateKey`,
    readFileSync(first.privateKeyFile, "utf8"),
  );
  await project.up();
}, buildTimeout);
afterAll(() => endAll(fleet, project));

/** The way to the first host is a secret of the stack: its shard must be able to read it. */
function configWith(): Record<string, unknown> {
  const { identityFile: _, ...connection } = connectionTo(first);
  return stackConfig([{ name: first.name, connection }, entryFor(second)]);
}

const split = (...flags: string[]): Promise<PulumiResult> =>
  project.python3jail(["fleet", "split", "--stack", project.stack, ...flags]).result;
const shardsIn = ({ stdout }: PulumiResult): Record<string, Shard["is"]> =>
  Object.fromEntries((JSON.parse(stdout) as Shard[]).map(({ stack, is }) => [stack, is]));
const stacks = async (): Promise<string[]> =>
  (JSON.parse((await project.pulumi(["stack", "ls", "--json"])).stdout) as { name: string }[])
    .map(({ name }) => name)
    .sort();
const configOf = async (stack: string): Promise<Record<string, { value: string; secret: boolean }>> =>
  JSON.parse((await project.pulumi(["config", "--json", "--show-secrets", "--stack", stack])).stdout) as Record<
    string,
    { value: string; secret: boolean }
  >;

test("a fleet that is small enough stays one stack, and a dry run makes none", async () => {
  expect(await split("--yes")).toMatchObject({
    exitCode: 0,
    stdout: "test has 2 hosts: one stack is enough for 150\n",
  });
  const planned = await split("--dry-run", "--hosts-per-stack", "1");
  expect(planned.stdout).toBe(
    "test: 2 hosts in 2 stacks\n  test-1  1/2     1 hosts  new\n  test-2  2/2     1 hosts  new\n",
  );
  expect([planned.exitCode, await stacks()]).toEqual([0, ["test"]]);
});

test("each shard gets the whole config and its share, secrets as secrets", async () => {
  // As if an earlier one had been cut off.
  await project.pulumi(["stack", "init", "test-2", "--no-select"]);
  const made = await split("--yes", "--hosts-per-stack", "1");
  expect(made.stdout).toMatch(/test-1 .* new\n.*test-2 .* to update\n/);
  expect(made.stdout).toMatch(
    /done; on the hosts: npx python3jail fleet up --stacks 'test-\*'\ntest itself still knows its jails: [^\n]*: pulumi state remove --all --force --stack test\n$/,
  );
  expect([made.exitCode, await stacks()]).toEqual([0, ["test", "test-1", "test-2"]]);
  const template = await configOf("test");
  for (const number of [1, 2])
    expect(await configOf(`test-${number}`)).toEqual({
      ...template,
      "python3jail:shard": { value: `${number}/2`, secret: false },
    });
  expect(template["python3jail:credentials"]).toMatchObject({ secret: true });
  expect(readFileSync(project.configFile.replace("test.yaml", "test-1.yaml"), "utf8")).not.toContain("PRIVATE KEY");
  // The user's next plain `pulumi up` is for the stack that it was for.
  expect((await project.pulumi(["stack", "--show-name"])).stdout.trim()).toBe("test");
  expect(shardsIn(await split("--yes", "--json"))).toEqual({
    "test-1": "as it should be",
    "test-2": "as it should be",
  });
});

test("a change of the template's config is copied to the shards", async () => {
  await project.pulumi(["config", "set", "--path", "python3jail:rollout.canary", "2", "--stack", "test"]);
  await project.pulumi([
    "config",
    "set",
    "--path",
    "python3jail:permissions.emptyScratch",
    "false",
    "--stack",
    "test-2",
  ]);
  // Which the template does not say: it is the default there.
  await project.pulumi(["config", "set", "python3jail:path", "/srv/other", "--stack", "test-2"]);
  expect(shardsIn(await split("--json", "--dry-run"))).toEqual({ "test-1": "to update", "test-2": "to update" });
  expect((await split("--yes")).exitCode).toBe(0);
  expect((await configOf("test-2"))["python3jail:rollout"]).toMatchObject({ value: '{"canary":2}' });
  const [one, other] = [await configOf("test-1"), await configOf("test-2")];
  expect(other).toEqual({ ...one, "python3jail:shard": other["python3jail:shard"] });
  expect(shardsIn(await split("--json", "--dry-run"))).toEqual({
    "test-1": "as it should be",
    "test-2": "as it should be",
  });
});

test.each([
  [
    "another number of shards",
    ["--shards", "3"],
    /test is in 2 shards already, and with 3 hosts would change their stacks/,
  ],
  ["a shard", ["--stack", "test-1"], /test-1 is a shard itself/],
  ["a stack by more than its name", ["--stack", "organization/python3jail/test"], /give the stack's plain name/],
  ["a stack that is not there", ["--stack", "nowhere"], /there is no stack nowhere/],
  [
    "both ways to say how many",
    ["--shards", "2", "--hosts-per-stack", "1"],
    /give one of --shards and --hosts-per-stack/,
  ],
])("%s is refused, and nothing is changed", async (_name, flags, message) => {
  const { exitCode, stderr } = await split("--yes", ...flags);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(await stacks()).toEqual(["test", "test-1", "test-2"]);
});

test("the shards adopt the jails as they are, and the stack that created them can forget them", async () => {
  const listings = () =>
    Promise.all([first, second].map((host) => host.listing({ paths: [jailPath], changeTimes: true })));
  const before = await listings();
  const ups = await project.python3jail(["fleet", "up", "--stacks", "test-*", "--yes", "--json"]).result;
  expect(JSON.parse(ups.stdout)).toMatchObject([
    { stack: "test-1", code: 0, report: { hosts: [{ host: first.name, result: "created" }] } },
    { stack: "test-2", code: 0, report: { hosts: [{ host: second.name, result: "created" }] } },
  ]);
  expect(await listings()).toEqual(before);

  await project.pulumi(["state", "remove", "--all", "--force", "--yes", "--stack", "test"]);
  const { stdout } = await project.python3jail(["status", "--json", "--live", "--stack", "test-1", "--stack", "test-2"])
    .result;
  const jails = (JSON.parse(stdout) as Fleet).jails.map(({ host, stack, state }) => `${stack} ${host} ${state}`).sort();
  expect(jails).toEqual([`test-1 ${first.name} well`, `test-2 ${second.name} well`]);
  // It is their template still.
  const again = await split("--yes");
  expect([again.exitCode, again.stdout]).toEqual([
    0,
    expect.stringMatching(/test-1 .* as it should be\n.*test-2 .* as it should be\n$/),
  ]);
});

test("a template with a written share is refused, even if that is all hosts; a shard without hosts has no jails", async () => {
  project.setConfig({ ...configWith(), "python3jail:shard": "1/1" });
  expect(await split("--yes")).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/test is a shard itself/) });
  const empty = Array.from({ length: 50 }, (_, index) => `${index + 1}/50`).find(
    (shard) => ![first, second].some(({ name }) => isInShard(name, shard)),
  )!;
  project.setConfig({ ...configWith(), "python3jail:shard": empty });
  expect((await project.preview()).stdout).toMatch(/warning: python3jail:shard: none of the 2 hosts is in \d+\/50/);
});
