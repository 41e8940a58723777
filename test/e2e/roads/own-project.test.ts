import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { join } from "node:path";
import type { Host } from "../../hosts/host.js";
import { HostFleet } from "../../hosts/host-fleet.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { buildTimeout, runInJail, loginWithSudo } from "../jail-stack.js";
import { templateSettings } from "../template-settings.js";
import { blockOf } from "./commands.js";
import { Registry } from "./registry.js";
import { Road } from "./road.js";

// A Pulumi user with a project of their own, in TypeScript, who adds a jail to it.
jest.setTimeout(buildTimeout);

const page = join(repositoryRoot, "docs/getting-started.md");
let fleet: HostFleet;
let host: Host;
let road: Road;
let registry: Registry;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", ...loginWithSudo });
  road = await Road.create("own project");
  road.hasNewNode();
  road.knows(host, "192.0.2.10");
  registry = await Registry.start(road.home);
  road.set("npm_config_registry", registry.url);
});
afterAll(async () => {
  registry.stop();
  await fleet.destroy();
  road.tell();
  await road.remove();
});

test("a Pulumi user adds a jail to a project with the documented program, except for the version of Python", async () => {
  await existingProject();
  await road.follow(page, "own-project-install");
  road.edit(
    "index.ts",
    (text) => text + blockOf(page, "own-project-program").replace(/version: "\S+"/, 'version: "3.13.5"'),
  );
  await road.follow(page, "own-project-up", [{ answers: [["Do you want to perform this update?", "yes"]] }]);
  const command = await road.prepare("npx pulumi stack output run");
  expect(await runInJail(host, command, "print(1 + 1)")).toBe("2");
  expect([road.commands.length, road.edits.length]).toEqual([2, 1]);
});

/** What `pulumi new typescript` leaves, with a stack. */
async function existingProject(): Promise<void> {
  const manifest = { name: "shop", main: "index.ts", devDependencies: { "@types/node": "^24", typescript: "^5.0.0" } };
  const write = async (name: string, text: string): Promise<string> =>
    road.prepare(`mkdir -p ~/shop && cd ~/shop && cat >${name} <<'END'\n${text}\nEND`);
  await write("Pulumi.yaml", "name: shop\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm");
  await write("package.json", JSON.stringify(manifest));
  await write("tsconfig.json", JSON.stringify(templateSettings));
  await write("index.ts", 'export const shop = "open";');
  await road.prepare("echo secret >~/passphrase && export PULUMI_CONFIG_PASSPHRASE_FILE=~/passphrase");
  const pulumi = join(repositoryRoot, "node_modules/.bin/pulumi");
  await road.prepare(`${pulumi} login --local && ${pulumi} stack init dev`);
}
