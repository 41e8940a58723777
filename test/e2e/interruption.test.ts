import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { buildTimeout, endAll, entryFor, jailsOf, stackConfig } from "./jail-stack.js";

// A build of CPython that is interrupted in every way. Its cache is its own, or there would be nothing to interrupt from the
// second run on; without optimization it is built in a minute or so.
const quickBuild = { version: "3.13.5", configureFlags: ["CFLAGS=-O0 -g0"] };
const cache = mkdtempSync(join(tmpdir(), "python3jail-builds-"));
let fleet: HostFleet;
let host: Host;
let project: Project;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: cache });
  project = await Project.create({
    program: "repository",
    config: stackConfig([entryFor(host)], { python: quickBuild }),
  });
});
afterAll(async () => {
  await endAll(fleet, project);
  rmSync(cache, { recursive: true, force: true });
});

const builders = async (): Promise<string> => (await host.run("pgrep -f '/[r]ecipe.sh' || true")).stdout.trim();

async function until(what: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  for (let waited = 0; waited < seconds; waited += 0.5) {
    if (await what()) return true;
    await sleep(500);
  }
  return false;
}

test(
  "a build outlives its lost connection, and the provider ends with a killed engine",
  async () => {
    const first = project.startOperation("up");
    await first.waitFor(/python: (configure|make)/, buildTimeout);
    await host.dropConnections();
    await first.waitFor(/python: make, [1-9]0 %/, buildTimeout);
    first.signal("SIGKILL");
    await first.result;
    // Pulumi's own language host may stay until its program ends; what works at hosts may not.
    const providers = () => project.processes().filter(({ command }) => command.includes("dynamic-provider"));
    expect(await until(() => providers().length === 0, 15)).toBe(true);
    expect(await builders()).not.toBe("");
  },
  buildTimeout,
);

test(
  "the next up waits for the same build, and an interruption lets it finish the operation in flight",
  async () => {
    await project.pulumi(["cancel", "--yes", "--stack", project.stack]);
    const second = project.startOperation("up");
    await second.waitFor(/waits for the build that is running there/, buildTimeout);
    second.signal("SIGINT");
    await second.result;
    expect(second.output).toMatch(/PythonBuild judge-1 created/);
  },
  buildTimeout,
);

test(
  "the up after that finishes the jail with one build, and nothing left over",
  async () => {
    const third = await project.up();
    expect(third.all).not.toContain("the build has begun");
    expect((await jailsOf(project))["judge-1"]).toMatchObject({ python: "3.13.5", printed: "2" });
    expect(
      (
        await host.run(
          "ls /var/cache/python3jail/builds | wc -l; ls /var/cache/python3jail/work | grep -v lock | wc -l; ls -A /srv",
        )
      ).stdout
        .trim()
        .split(/\s+/),
    ).toEqual(["1", "0", "python3jail"]);
    await project.refresh({ flags: ["--clear-pending-creates"] });
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await project.destroy();
  },
  buildTimeout,
);

test(
  "destroy ends a build that no run waits for, and leaves nothing",
  async () => {
    const before = await host.listing();
    project.setConfig(
      stackConfig([entryFor(host)], {
        python: { ...quickBuild, configureFlags: [...quickBuild.configureFlags, "--without-doc-strings"] },
      }),
    );
    const up = project.startOperation("up");
    await up.waitFor(/python: (configure|make)/, buildTimeout);
    up.signal("SIGKILL");
    await up.result;
    expect(await builders()).not.toBe("");
    await project.pulumi(["cancel", "--yes", "--stack", project.stack]);
    await project.destroy();
    expect(await until(async () => (await builders()) === "", 10)).toBe(true);
    expect(await host.listing()).toEqual(before);
  },
  buildTimeout,
);
