import { expect } from "@jest/globals";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project, withoutCheckpoints } from "./engine.js";
import {
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  nameOf,
  recordsPath,
  resourcesOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

/** What a host holds of ours, without what differs from one jail to the next: its id, times, inodes. */
async function holds(host: Host): Promise<string[]> {
  const { stdout } = await host.run(
    `find ${jailPath} ${recordsPath} -name readings -prune -o -printf '%p %y %m %U:%G %l\\n' | sort; cd ${jailPath} && find bin lib/python3.13 etc static .libraries -type f -exec sha256sum {} + | sort -k 2`,
  );
  return stdout.split("\n");
}

/**
 * Kills the engine in the midst of an `up` once that has made so many resources, and runs it again: nothing is built, nothing is
 * there twice, and what comes out is what comes of one that nobody killed. Then destroys it: nothing is left.
 */
export async function surviveKills(points: readonly number[]): Promise<void> {
  const fleet = await HostFleet.create();
  let project: Project | undefined;
  try {
    const host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
    project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
    await surviveKillsOf(project, host, points);
  } finally {
    await endAll(fleet, project);
  }
}

async function surviveKillsOf(project: Project, host: Host, points: readonly number[]): Promise<void> {
  const untouched = await host.listing();
  await project.up({ env: withoutCheckpoints });
  const whole = await holds(host);
  const resources = (await resourcesOf(project)).map(nameOf).sort();
  await project.destroy({ env: withoutCheckpoints });
  expect(await host.listing()).toEqual(untouched);

  for (const point of points) {
    const killed = project.startOperation("up", { env: withoutCheckpoints });
    await killed.waitFor(new RegExp(`(?: created \\([^]*){${point}}`), 180_000);
    killed.signal("SIGKILL");
    await killed.result;
    // Nothing of it is known: this is the price.
    expect(await resourcesOf(project)).toEqual([]);
    await project.pulumi(["cancel", "--yes", "--stack", project.stack]);

    const again = await project.up({ env: withoutCheckpoints });
    expect(again.all).not.toContain("the build has begun");
    expect((await resourcesOf(project)).map(nameOf).sort()).toEqual(resources);
    expect(Object.values(await jailsOf(project))).toEqual([expect.objectContaining({ printed: "2" })]);
    expect([point, await holds(host)]).toEqual([point, whole]);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await project.destroy({ env: withoutCheckpoints });
    expect([point, await host.listing()]).toEqual([point, untouched]);
  }
}
