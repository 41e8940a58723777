import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../hosts/host.js";
import { HostFleet } from "../../hosts/host-fleet.js";
import { buildTimeout, jailPath, loginWithSudo } from "../jail-stack.js";
import { Road } from "./road.js";

// The first commands of the README and of "Getting started", as they stand there, in a clean clone.
jest.setTimeout(buildTimeout);

let fleet: HostFleet;
let host: Host;
const roads: Road[] = [];

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", ...loginWithSudo });
});
afterAll(async () => {
  await fleet.destroy();
  for (const road of roads) {
    road.tell();
    await road.remove();
  }
});

async function startRoad(name: string): Promise<Road> {
  const road = await Road.create(name);
  // That npm installs its packages is seen once.
  const [other] = roads;
  roads.push(road);
  road.knows(host, "judge-1");
  await road.clone(other);
  return road;
}

/** What `init` asks, and what a teacher with one server answers. */
const initAnswers = (path: string) =>
  [
    ["How many environments", ""],
    ["Where is the jail to be?", path],
    ["Which Python?", "3.13.5"],
    ["Host of my-dev", "judge-1"],
    ["Its name for good", ""],
    ["Write this?", "y"],
  ] as const;
const upAnswers = [["Roll this out?", "y"]] as const;

test("the README's commands lead a teacher with one server from the clone to a jail on it", async () => {
  const road = await startRoad("the README");
  try {
    await road.follow(road.file("README.md"), "quickstart", [{ answers: [] }]);
    expect(road.said).toContain("runs in the jail: print(1+1) -> 2");
    await road.follow(road.file("README.md"), "hosts", [{ answers: initAnswers("") }, { answers: upAnswers }]);
    expect(road.said).toMatch(/✓ judge-1 +created +3\.13\.5/);
    expect((await host.run(`ls ${jailPath}/bin/python3.13`)).exitCode).toBe(0);
    expect(road.commands.length).toBeLessThanOrEqual(4);
    expect(road.edits.length).toBeLessThanOrEqual(1);
  } finally {
    await road.prepare("npm run quickstart -- --destroy");
  }
});

test("the first commands of Getting started need nothing before them, and Pulumi's own commands can create a stack", async () => {
  const road = await startRoad("Getting started");
  const page = road.file("docs/getting-started.md");
  // A wrong step leads on, and does no harm: npx keeps what it finds.
  expect(await road.prepare("npx python3jail init", { ends: 1 })).toContain("run: npm run setup");
  await road.follow(page, "first-hour", [{}, { answers: initAnswers("/srv/first") }, { answers: upAnswers }]);
  expect(road.said).toMatch(/✓ judge-1 +created +3\.13\.5/);
  expect(road.commands.length).toBeLessThanOrEqual(4);
  expect(road.edits).toEqual([]);

  // Somebody else, who has not run init.
  await road.prepare("rm ~/.python3jail-passphrase && npx pulumi logout --all");
  await road.follow(page, "by-pulumi", [
    {},
    {},
    {},
    {},
    (text) =>
      text
        .replace("host: dev-1.example.org", "host: judge-1")
        .replace("user: admin", "user: deploy")
        .replace("name: dev-1", "name: judge-1")
        .replace("path: /srv/python3jail", "path: /srv/second")
        .replace(/version: \S+/, "version: 3.13.5"),
    {},
    {},
    { answers: [["Do you want to perform this update?", "yes"]] },
  ]);
  expect((await host.run("ls -d /srv/*/bin/python3.13")).stdout.split("\n")).toEqual(
    expect.arrayContaining(["/srv/first/bin/python3.13", "/srv/second/bin/python3.13"]),
  );
  expect(readFileSync(join(road.home, ".python3jail-passphrase"), "utf8")).toMatch(/^\S{32}\n$/);
});
