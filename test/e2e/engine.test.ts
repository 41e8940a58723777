import { afterEach, expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { isRunning } from "../hosts/process-identity.js";
import { Project } from "./engine.js";
import { processesWith } from "./marked-processes.js";

let project: Project | undefined;

afterEach(async () => {
  await project?.remove();
  project = undefined;
});

test("an empty program is previewed, brought up and destroyed", async () => {
  project = await Project.create({ program: "module.exports = {};", stack: "empty" });
  expect((await project.preview()).stdout).toContain("Previewing update (empty)");
  await project.up();
  expect((await project.preview({ flags: ["--expect-no-changes"] })).exitCode).toBe(0);
  expect((await project.exportState()).deployment.resources?.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  await project.destroy();
  expect((await project.exportState()).deployment.resources ?? []).toEqual([]);
});

test("a program's text finds the SDK and this repository; config and secrets reach it", async () => {
  project = await Project.create({
    program: `
      const pulumi = require("@pulumi/pulumi");
      const config = new pulumi.Config("python3jail");
      exports.found = require("pulumi-python3jail/package.json").name;
      exports.hosts = config.requireObject("hosts");
      exports.word = config.requireSecret("word");
    `,
    config: { "python3jail:hosts": [{ name: "judge-1" }] },
  });
  await project.setSecret("python3jail:word", "swordfish");
  const up = await project.up();
  expect(up.all).not.toContain("swordfish");
  const outputs = async (showSecrets: boolean): Promise<Record<string, unknown> | undefined> =>
    (await project?.exportState({ showSecrets }))?.deployment.resources?.[0]?.outputs;
  expect(await outputs(true)).toMatchObject({ found: "pulumi-python3jail", hosts: [{ name: "judge-1" }] });
  expect(JSON.stringify(await outputs(true))).toContain("swordfish");
  expect(JSON.stringify(await outputs(false))).not.toContain("swordfish");

  project.setConfig({ "python3jail:hosts": [] });
  expect(readFileSync(project.configFile, "utf8")).toContain("encryptionsalt");
  expect((await project.preview({ expectFailure: true })).all).toContain("Missing required configuration variable");
});

test("a compiled program of this repository runs in its own directory", async () => {
  project = await Project.create({ program: join(__dirname, "fixtures", "compiled-program.js") });
  await project.up();
  const [stack] = (await project.exportState()).deployment.resources ?? [];
  expect(stack?.outputs).toEqual({ found: "pulumi-python3jail" });
});

test("an unexpected end throws, with the printed output", async () => {
  project = await Project.create({ program: `throw new Error("broken program");` });
  await expect(project.up()).rejects.toThrow("broken program");
  expect((await project.up({ expectFailure: true })).exitCode).not.toBe(0);
  await expect(project.pulumi(["version"], { expectFailure: true })).rejects.toThrow("ended with exit code 0");
});

/** A dynamic resource whose create says that it began and then takes its time. */
const SLOW_PROGRAM = `
  const pulumi = require("@pulumi/pulumi");
  const provider = {
    create: async () => {
      console.log("create began");
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return { id: "slow", outs: {} };
    },
  };
  class Slow extends pulumi.dynamic.Resource {}
  new Slow(provider, "slow", {});
`;

test("a first interruption lets a running create finish", async () => {
  project = await Project.create({ program: SLOW_PROGRAM });
  const running = project.startOperation("up");
  await running.waitFor(/create began/);
  running.signalGroup("SIGINT");
  await running.result;
  const state = await project.exportState();
  expect(state.deployment.resources?.map(({ id }) => id)).toContain("slow");
  expect(state.deployment.pending_operations ?? []).toEqual([]);
});

test("a killed engine leaves its lock, and no process beyond remove", async () => {
  project = await Project.create({ program: SLOW_PROGRAM });
  const running = project.startOperation("up");
  await running.waitFor(/create began/);
  expect(project.processes().map(({ command }) => command)).toContainEqual(expect.stringContaining("dynamic-provider"));
  running.signal("SIGKILL");
  expect((await running.result).signal).toBe("SIGKILL");
  expect(isRunning(running.identity)).toBe(false);
  expect((await project.up({ expectFailure: true })).all).toContain("locked");
  await project.pulumi(["cancel", "--yes", "--stack", project.stack]);

  await project.remove();
  expect(project.processes()).toEqual([]);
  expect(existsSync(dirname(project.directory))).toBe(false);
});

test("the next project clears the leftovers of a killed test run", async () => {
  const engine = join(__dirname, "engine.js");
  const script = `
    const { Project } = require(${JSON.stringify(engine)});
    Project.create({ program: ${JSON.stringify(SLOW_PROGRAM)} }).then(async (project) => {
      await project.startOperation("up").waitFor(/create began/);
      console.log(project.directory);
    });
  `;
  const owner = execa(process.execPath, ["-e", script], { reject: false, buffer: false, env: { NODE_OPTIONS: "" } });
  const line = await new Promise<string>((resolve) => owner.stdout.setEncoding("utf8").once("data", resolve));
  const temporary = dirname(line.trim());
  expect(processesWith("PULUMI_HOME", join(temporary, "home"))).not.toEqual([]);
  owner.kill("SIGKILL");
  await owner;

  project = await Project.create({ program: "" });
  expect(processesWith("PULUMI_HOME", join(temporary, "home"))).toEqual([]);
  expect(existsSync(temporary)).toBe(false);
});
