import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  resourcesOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// A whole new jail beside the old, and a way back. Every change of what a jail holds is another release.
let fleet: HostFleet;
let project: Project;
let host: Host;
let untouched: string[];
const ids: Record<string, string> = {};

const current = `${jailPath}/current`;
const leads = async () => (await host.run(`readlink ${current}`)).stdout.replace("releases/", "");
const there = async () => (await host.run(`ls ${jailPath}/releases`)).stdout.split("\n").sort();
/** Says which site's modules the jail has. */
const says = async (path = current) =>
  (
    await host.run(
      `PYTHONHOME=/ PYTHONPATH=/static chroot --userspec=10000:1000 ${path} /bin/python3 -c 'import site_version; print(site_version.name)'`,
    )
  ).stdout;
const site = (name: string) => writeFileSync(join(project.directory, "site/site_version.py"), `name = "${name}"\n`);
const configure = (settings: object = {}) =>
  project.setConfig(
    stackConfig([entryFor(host)], {
      files: { source: join(project.directory, "site") },
      releases: { keep: 1 },
      ...settings,
    }),
  );

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  untouched = await host.listing();
  project = await Project.create({ program: "repository" });
  mkdirSync(join(project.directory, "site"));
  site("first");
  configure();
});
afterAll(() => endAll(fleet, project));

test(
  "the first release becomes current after its check",
  async () => {
    await project.up();
    ids.first = await leads();
    expect([await there(), await says()]).toEqual([[ids.first], "first"]);
    const { path, command, printed } = (await jailsOf(project))["judge-1"] as {
      path: string;
      command: string;
      printed: string;
    };
    expect([path, printed]).toEqual([current, "2"]);
    expect(command).toContain(` ${current} /bin/python3`);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
  },
  buildTimeout,
);

test("a change makes a new release beside the old one, in which programs keep running", async () => {
  const running =
    host.run(`PYTHONHOME=/ PYTHONPATH=/static timeout 300 chroot --userspec=10000:1000 ${current} /bin/python3 -c '
import os, time
print("begun", flush=True)
while not os.path.exists("/static/go"): time.sleep(0.05)
import site_version, json, decimal
print(site_version.name)'`);
  site("second");
  const { stdout } = await project.preview();
  expect(stdout).toMatch(/JailReleases judge-1 update[^\n]*diff: ~release/);
  expect(stdout).toMatch(/judge-1: makes one new release, [0-9a-f]{12}, beside the current one: /);
  await project.up();
  ids.second = await leads();
  expect(ids.second).not.toBe(ids.first);
  expect([await there(), await says()]).toEqual([[ids.first, ids.second].sort(), "second"]);
  await host.run(`touch ${jailPath}/releases/${ids.first}/static/go`);
  expect((await running).stdout).toBe("begun\nfirst");
  await host.run(`rm ${jailPath}/releases/${ids.first}/static/go`);
  await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
});

test("a release that fails its check never becomes current, and a rollback removes it", async () => {
  site("broken");
  configure({ check: { limits: { memoryKb: 4096 } } });
  const { all } = await project.up({ expectFailure: true });
  expect(all).toMatch(/error: judge-1: run the basic test in the jail/);
  expect([await leads(), await says()]).toEqual([ids.second, "second"]);
  expect(await there()).toHaveLength(3);

  site("second");
  configure();
  await project.up();
  expect([await leads(), await there()]).toEqual([ids.second, [ids.first, ids.second].sort()]);
});

test("a rollback is shown in preview, uses a kept release, and builds nothing", async () => {
  site("first");
  const { stdout } = await project.preview();
  expect(stdout).toContain(`judge-1: goes back to the release ${ids.first}, which is kept there: nothing is built`);
  const made = (
    await host.run(
      `stat -c %Z ${jailPath}/releases/${ids.first}/bin/python3 ${jailPath}/releases/${ids.first}/static/site_version.py`,
    )
  ).stdout;
  const up = await project.python3jail(["up", "--stack", project.stack, "--yes", "--json"]).result;
  expect(JSON.parse(up.stdout)).toMatchObject({
    result: "done",
    hosts: [
      {
        host: "judge-1",
        result: "updated",
        pythonBefore: "3.13.5",
        python: "3.13.5",
        releaseBefore: ids.second,
        release: ids.first,
      },
    ],
  });
  expect(up.all).not.toMatch(/judge-1: python: /);
  expect([await leads(), await says(), await there()]).toEqual([ids.first, "first", [ids.first, ids.second].sort()]);
  expect(
    (
      await host.run(
        `stat -c %Z ${jailPath}/releases/${ids.first}/bin/python3 ${jailPath}/releases/${ids.first}/static/site_version.py`,
      )
    ).stdout,
  ).toBe(made);
});

test("only the newest `keep` releases stay, the symlink is repaired, and destroy leaves nothing", async () => {
  site("third");
  await host.run(`ln -sfn /etc ${jailPath}/other; ln -sfn releases/${ids.second} ${current}`);
  await host.run(`rm ${jailPath}/other`);
  await project.up({ refresh: true });
  ids.third = await leads();
  expect(await there()).toEqual([ids.first, ids.third].sort());
  const kept = (await resourcesOf(project)).find(({ type }) => type.endsWith("JailReleases"))!.outputs!.kept;
  expect(kept).toEqual([ids.first, ids.third]);
  await project.destroy();
  expect(await host.listing()).toEqual(untouched);
});
