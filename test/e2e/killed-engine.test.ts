import { afterAll, beforeAll, test } from "@jest/globals";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { buildTimeout, endAll, entryFor, sharedBuilds, stackConfig } from "./jail-stack.js";
import { surviveKills } from "./killed-engine.js";

let fleet: HostFleet;
let project: Project;
beforeAll(async () => {
  fleet = await HostFleet.create();
  const host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
});
afterAll(() => endAll(fleet, project));

// At every point: `npm run soak`.
test("an engine that keeps its state in memory and is killed loses nothing on the host", () => surviveKills(project, fleet.hosts[0]!, [5]), buildTimeout);
