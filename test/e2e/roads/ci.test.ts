import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Host } from "../../hosts/host.js";
import { HostFleet } from "../../hosts/host-fleet.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { buildTimeout, connectionsDuring, jailPath, sharedBuilds } from "../jail-stack.js";
import { blockOf, commandsOf } from "./commands.js";
import { Road } from "./road.js";

// A repository whose pull requests are previewed, whose main branch is rolled out, and whose hosts are read every night.
jest.setTimeout(buildTimeout);

const page = join(repositoryRoot, "docs/ci.md");
const [preview, up, drift] = commandsOf(page, "ci") as [string, string, string];
let fleet: HostFleet;
let host: Host;
let road: Road;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", user: "ci", sudo: "without-password", cacheDirectory: sharedBuilds });
  road = await Road.create("CI");
  road.knows(host, "judge-1");
  road.install("jails");
  await road.prepare(
    "npx python3jail init --yes --host judge-1 --python 3.13.5 && cp stacks/Pulumi.dev.yaml stacks/Pulumi.prod.yaml",
  );
  await road.prepare(
    'export PULUMI_BACKEND_URL=file://$HOME PULUMI_CONFIG_PASSPHRASE="$(cat ~/.python3jail-passphrase)" && rm ~/.python3jail-passphrase',
  );
  await road.prepare("npx pulumi stack init prod --no-select");
});
afterAll(async () => {
  await fleet.destroy();
  road.tell();
  await road.remove();
});

test("a pull request shows the changes without a login to any host, and fails if the config is wrong", async () => {
  expect(await connectionsDuring(host, () => road.run(preview))).toBe(0);
  expect(road.said).toMatch(/JailCheck +judge-1/);
  const right = road.read("stacks/Pulumi.prod.yaml");
  await road.prepare("sed -i 's/version: 3.13.5/version: 3.13/' stacks/Pulumi.prod.yaml");
  const wrong = await road.prepare(preview, { ends: "failing" });
  expect(wrong).toContain('unquoted 3.13 is a number: write "3.13');
  await road.prepare(`cat >stacks/Pulumi.prod.yaml <<'END'\n${right}END`);
});

test("the main branch is rolled out, and the result is one JSON object", async () => {
  await road.run(up);
  expect(JSON.parse(road.read("up.json"))).toMatchObject({
    result: "done",
    hosts: [{ host: "judge-1", result: "created", python: "3.13.5" }],
  });
  expect(await road.prepare(up)).toContain("nothing to do");
});

test("the nightly run ends with code 1 for drift, and the repair with 0", async () => {
  await road.run(drift);
  await host.run(`rm ${jailPath}/dev/null`);
  expect(await road.prepare(drift, { ends: 1 })).toContain("dev/null is missing");
  await road.follow(page, "ci-repair");
  await road.prepare(drift);
  expect([road.commands.length, road.edits.length]).toEqual([4, 0]);
});

test("the workflow on the page runs these very commands", () => {
  const { jobs } = parse(blockOf(page, "ci-workflow")) as {
    jobs: Record<string, { steps: readonly { run?: string }[] }>;
  };
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  const typed = [preview, up, drift].map((command) => command.replace(/ +#.*/, ""));
  expect(runs.filter((run) => run !== "npm ci")).toEqual(typed);
  expect(readFileSync(page, "utf8")).toContain("`npm ci`");
});
