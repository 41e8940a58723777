import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { endAll, resourcesOf } from "./jail-stack.js";

// A change that fails on the way, and is then taken back: the host is brought back to what it had.
const patience = 120_000;
let fleet: HostFleet;
let host: Host;
let project: Project;
const node = "/srv/jail/dev/null";

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", passwordLogin: true });
  project = await Project.create({
    program: `
const { JailRoot, DeviceNode } = require("pulumi-python3jail");
const fs = require("fs");
const { connection, mode } = JSON.parse(fs.readFileSync("given.json", "utf8"));
const place = { host: "judge-1", connection, path: "/srv/jail" };
const root = new JailRoot("judge-1", place);
new DeviceNode("null", { ...place, preset: "null", mode }, { dependsOn: root });
`,
  });
});
afterAll(() => endAll(fleet, project));

function give(mode: string): void {
  const connection = {
    host: host.address,
    port: host.port,
    user: "root",
    password: host.password,
    agentSocketPath: "none",
    knownHostsFile: host.knownHostsFile,
    hostKeyPolicy: "strict",
    dialErrorLimit: 1,
  };
  writeFileSync(join(project.directory, "given.json"), JSON.stringify({ connection, mode }));
}

const nodeOf = async () => (await resourcesOf(project)).find(({ type }) => type.endsWith(":DeviceNode"))!;

test(
  "a rollback is an ordinary change that uses the old build; a host that was not reached stays as it was",
  async () => {
    give("0666");
    await project.up();

    give("0600");
    await host.refuse();
    expect((await project.up({ expectFailure: true })).all).toContain(
      "judge-1: read the device node: nothing listens on its SSH port",
    );
    await host.accept();
    expect((await nodeOf()).outputs).not.toHaveProperty("drift");
    give("0666");
    await project.preview({ flags: ["--expect-no-changes"] });

    // The step begins, and meets a folder where the node should be.
    await host.run(`rm ${node} && mkdir ${node}`);
    give("0600");
    expect((await project.up({ expectFailure: true })).all).toContain(
      `judge-1: make the device node: dev/null is a folder`,
    );
    const failed = await nodeOf();
    expect(failed.outputs).toMatchObject({ mode: "0600", drift: { "the last change": "failed" } });
    expect(failed.initErrors).toEqual([expect.stringContaining("judge-1: make the device node")]);
    expect(JSON.stringify(await project.exportState())).not.toContain(host.password);
    const { problems } = (
      JSON.parse((await project.python3jail(["status", "--stack", project.stack, "--json"]).result).stdout) as {
        jails: { problems: { state: string; resource: string }[] }[];
      }
    ).jails[0]!;
    expect(problems).toContainEqual(expect.objectContaining({ state: "failed", resource: "DeviceNode null" }));

    await host.run(`rmdir ${node}`);
    give("0666");
    await project.preview({ expectFailure: true, flags: ["--expect-no-changes"] });
    // Nor does a look at the host forget it.
    await project.refresh();
    await project.up();
    expect((await host.run(`stat -c '%a %F' ${node}`)).stdout).toBe("666 character special file");
    expect((await nodeOf()).outputs).not.toHaveProperty("drift");
    await project.preview({ flags: ["--expect-no-changes"] });
  },
  patience,
);
