import { afterAll, beforeAll, test } from "@jest/globals";
import { endAll, entryFor, sharedBuilds, stackConfig } from "../e2e/jail-stack.js";
import { Project } from "../e2e/engine.js";
import { surviveKills } from "../e2e/killed-engine.js";
import { HostFleet } from "../hosts/host-fleet.js";

let fleet: HostFleet;
let project: Project;
beforeAll(async () => {
  fleet = await HostFleet.create();
  const host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
});
afterAll(() => endAll(fleet, project));

test("wherever the engine is killed, the next one finishes what it began", () => surviveKills(project, fleet.hosts[0]!, [1, 2, 3, 4, 5, 6, 7, 8, 9]), 3_600_000);
