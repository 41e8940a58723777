import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import { stackConfig } from "./jail-stack.js";

// A real Node of the line before the oldest that is supported, from the registry.
const version = "20.20.2";
const refusal = `pulumi-python3jail needs Node ≥ 22, this is ${version}`;
const temporary = mkdtempSync(join(tmpdir(), "python3jail-old-node-"));
const old = join(temporary, "node_modules", `node-linux-${process.arch}`, "bin");
let project: Project | undefined;

beforeAll(async () => {
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--prefix", temporary];
  await execa("npm", ["install", ...options, `node-linux-${process.arch}@${version}`]);
});

afterAll(async () => {
  await project?.remove();
  rmSync(temporary, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  execa(join(old, "node"), args, { cwd: repositoryRoot, env: { NODE_OPTIONS: "" }, reject: false });

test("the command line says which Node it needs, and nothing else", async () => {
  const { stdout, stderr, exitCode } = await run("build/src/cli/main.js", "status");
  expect([stdout, stderr.split("\n"), exitCode]).toEqual([
    "",
    [`error: ${refusal}`, expect.stringMatching(/^ +install it, or put it first on the PATH/)],
    1,
  ]);
});

test.each(["pulumi-python3jail", "pulumi-python3jail/provider", "./build/src/program.js"])(
  "%s says which Node it needs when it is loaded",
  async (entry) => {
    const caught = `try { require(${JSON.stringify(entry)}) } catch (error) { console.log(error.stack) }`;
    expect((await run("-e", caught)).stdout).toBe(refusal);
  },
);

test("npx in a checkout runs the command line on the checkout's own Node, without a warning", async () => {
  const { stdout, stderr } = await execa("npx", ["--no-install", "python3jail", "--help"], {
    cwd: repositoryRoot,
    env: {
      PATH: [old, process.env.PATH].join(delimiter),
      NODE_OPTIONS: "",
      // As a person's shell: without what the npm that runs the tests has set, and with a cache that goes with the test.
      npm_config_cache: join(temporary, "npm"),
      npm_config_loglevel: undefined,
    },
  });
  expect([stdout.split("\n")[0], stderr]).toEqual(["usage: python3jail COMMAND [OPTION…]", ""]);
});

test("a preview says which Node it needs, without a stack trace", async () => {
  project = await Project.create({
    program: "repository",
    config: stackConfig([{ name: "judge-1", connection: { host: "192.0.2.1" } }]),
  });
  const env = { PATH: [old, process.env.PATH].join(delimiter), NODE_OPTIONS: "" };
  const { all } = await project.preview({ expectFailure: true, env });
  expect(all).toContain(refusal);
  expect(all).not.toContain("    at ");
});
