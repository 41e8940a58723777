import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Project } from "../e2e/engine.js";
import { endAll, entryFor, jailsOf, runInJail, sharedBuilds, stackConfig } from "../e2e/jail-stack.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";

/** A build with profile-guided and link-time optimization takes up to an hour on two processors. */
const longBuild = 90 * 60_000;

let fleet: HostFleet;
let host: Host;
let project: Project | undefined;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
});
afterAll(() => endAll(fleet, project));

test(
  "an optimized build uses profiles and link-time optimization, and runs in the jail",
  async () => {
    project = await Project.create({
      program: "repository",
      config: stackConfig([entryFor(host)], {
        python: { version: "3.13.5", optimize: true },
        timeouts: { build: 5400 },
      }),
    });
    await project.up();
    const jail = (await jailsOf(project))["judge-1"];
    if (jail === undefined || jail === "failed") throw new Error("the jail failed");
    const flags = await runInJail(
      host,
      jail.command,
      "import sysconfig; print(sysconfig.get_config_var('CONFIG_ARGS'))",
    );
    expect(flags).toContain("--enable-optimizations");
    expect(flags).toContain("--with-lto");
  },
  longBuild,
);
