import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Project } from "../e2e/engine.js";
import { endAll, entryFor, jailsOf, sharedBuilds, stackConfig } from "../e2e/jail-stack.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";

const count = 20;
const patience = 40 * 60_000;

let fleet: HostFleet;
let hosts: Host[];
let project: Project | undefined;

beforeAll(async () => {
  fleet = await HostFleet.create();
  hosts = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      fleet.addHost({ name: `judge-${index + 1}`, cacheDirectory: sharedBuilds }),
    ),
  );
}, patience);
afterAll(() => endAll(fleet, project));

test(
  `an up of ${count} hosts with one down finishes the others, and the next up finishes that one`,
  async () => {
    project = await Project.create({ program: "repository", config: stackConfig(hosts.map((host) => entryFor(host))) });
    await hosts[7]!.takeDown();
    const failed = await project.up({ expectFailure: true });
    expect(failed.all).toContain("judge-8: ");
    const jails = await jailsOf(project);
    expect(Object.values(jails).filter((jail) => jail !== "failed" && jail.printed === "2")).toHaveLength(count - 1);

    await hosts[7]!.bringUp();
    await project.up();
    expect(Object.values(await jailsOf(project)).every((jail) => jail !== "failed" && jail.printed === "2")).toBe(true);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await project.destroy();
  },
  patience,
);
