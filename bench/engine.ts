import { Project } from "../test/e2e/engine.js";
import { entryFor, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import { inertProgram } from "./inert.js";
import { sideBySide } from "./measure.js";
import { inWords, line, turns } from "./report.js";

/** Measures operations of the engine on one jail of one host, each together with its baseline in one run. */
export async function engine(): Promise<void> {
  const fleet = await HostFleet.create();
  const projects: Project[] = [];
  try {
    const host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
    const jail = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
    projects.push(jail);
    const empty = await Project.create({ program: 'require("@pulumi/pulumi");' });
    projects.push(empty);
    // The baseline is the least that any dynamic resource costs: the engine starts a second Node for the dynamic
    // provider.
    const inert = await Project.create({ program: inertProgram(1) });
    projects.push(inert);
    console.log("one jail on one host; the first `up` builds CPython unless the cache has it");
    await jail.up();
    await empty.up();
    await inert.up();

    const connections = await host.sshConnections();
    const before = await host.listing({ changeTimes: true });
    await jail.up();
    const after = await host.listing({ changeTimes: true });
    const written = after.filter((entry) => !before.includes(entry)).length;
    const connectionsOfUp = (await host.sshConnections()) - connections;
    await jail.refresh();
    const connectionsOfRefresh = (await host.sshConnections()) - connections - connectionsOfUp;
    const sizes = ((await jail.exportState()).deployment.resources ?? []).map(
      (resource) => JSON.stringify(resource).length,
    );

    line(
      "no-op preview / empty program's preview",
      inWords(
        await sideBySide(
          () => jail.preview(),
          () => empty.preview(),
          turns,
        ),
      ),
      "≤ 1.3",
    );
    line(
      "no-op preview / one inert dynamic resource's preview",
      inWords(
        await sideBySide(
          () => jail.preview(),
          () => inert.preview(),
          turns,
        ),
      ),
      "",
    );
    line(
      "no-op refresh / empty program's refresh",
      inWords(
        await sideBySide(
          () => jail.refresh(),
          () => empty.refresh(),
          turns,
        ),
      ),
      "",
    );
    line("SSH connections of a second `up`", String(connectionsOfUp), "0: there is nothing to do");
    line("SSH connections of a refresh (9 resources)", String(connectionsOfRefresh), "1");
    line("state of the largest resource, bytes", String(Math.max(...sizes)), "≤ 6000");
    line("paths on the host that a second `up` wrote", String(written), "0");
  } finally {
    for (const project of projects) await project.remove();
    await fleet.destroy();
  }
}
