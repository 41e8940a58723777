import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { join } from "node:path";
import type { Host } from "../../hosts/host.js";
import { HostFleet } from "../../hosts/host-fleet.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { buildTimeout, jailPath, sharedBuilds } from "../jail-stack.js";
import { commandsOf } from "./commands.js";
import { Road } from "./road.js";

// An operator at 3 a.m.: hosts that somebody broke, a change that fails, and the way back.
jest.setTimeout(buildTimeout);

const page = join(repositoryRoot, "docs/troubleshooting.md");
const yes = { answers: [["Roll this out?", "y"]] } as const;
let fleet: HostFleet;
let first: Host;
let second: Host;
let road: Road;

beforeAll(async () => {
  fleet = await HostFleet.create();
  const mounts = { "/srv": "mode=755,size=400m,nr_inodes=100k" };
  first = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds, mounts });
  second = await fleet.addHost({ name: "judge-2", cacheDirectory: sharedBuilds });
  road = await Road.create("3 a.m.");
  road.install("jails");
  for (const host of fleet.hosts) road.knows(host, host.name);
  await road.prepare("npx python3jail init --yes --host judge-1 --python 3.13.5");
  const stack = "stacks/Pulumi.dev.yaml";
  await road.prepare(`printf '    - name: judge-2\\n      connection: { host: judge-2, dialErrorLimit: 1, perDialTimeout: 3 }\\n' >more
    sed -i '/^  python3jail:hosts:/r more' ${stack} && rm more && npx pulumi stack select dev`);
  await road.prepare("git init --quiet && git config user.name ana && git config user.email ana@example.org");
  await road.prepare("git add . && git commit --quiet -m 'Our jails' && npx python3jail up --yes");
});
afterAll(async () => {
  await fleet.destroy();
  road.tell();
  await road.remove();
});

const libraryOf = async (host: Host): Promise<string> => (await host.run(`readlink ${jailPath}/bin/python3`)).stdout;

test("an operator sees damage and a host that is down at once, and repairs what can be repaired", async () => {
  await first.run(`rm ${jailPath}/dev/null && chmod 0777 ${jailPath}/lib/python3.13/os.py`);
  await second.takeDown();
  await road.follow(page, "first-look", [{ answers: [], ends: 1 }, yes]);
  expect(road.said).toMatch(/dev\/null is missing/);
  expect(road.said).toMatch(/judge-2[^]*does not answer/);
  expect((await first.run(`stat -c %a ${jailPath}/dev/null ${jailPath}/lib/python3.13/os.py`)).stdout).toBe("666\n755");
  await second.bringUp();
});

test("a failed change says what to do, and the same command continues after that", async () => {
  const files = Number((await first.run("df --output=iused /srv | tail -n 1")).stdout);
  await first.run(`mount -o remount,nr_inodes=${files + 500} /srv`);
  await road.prepare(
    "sed -i 's/version: 3.13.5/version: 3.11.2/' stacks/Pulumi.dev.yaml && git commit --quiet -a -m 'Go to 3.11'",
  );
  const failed = await road.prepare("npx python3jail up", { ...yes, ends: 1 });
  expect(failed).toMatch(/what to do: make room there, then run the same command again/);
  const [status, again] = commandsOf(page, "failed") as [string, string];
  expect(await road.run(status, { answers: [], ends: 1 })).toMatch(/install python: [^]*a disk\s+was full[^]*judge-1/);
  await first.run("mount -o remount,nr_inodes=100k /srv");
  await road.run(again, yes);
  expect([await libraryOf(first), await libraryOf(second)]).toEqual(["python3.11", "python3.11"]);
});

test("two commands roll the change back, and nothing is built", async () => {
  const builds = "stat -c '%n %Z' /var/cache/python3jail/builds/*/manifest";
  const before = (await first.run(builds)).stdout;
  await road.follow(page, "rollback", [{}, yes]);
  expect([await libraryOf(first), await libraryOf(second)]).toEqual(["python3.13", "python3.13"]);
  expect((await first.run(builds)).stdout).toBe(before);
  expect([road.commands.length, road.edits.length]).toEqual([6, 0]);
});
