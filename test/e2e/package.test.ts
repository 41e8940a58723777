import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import { buildTimeout, connectionTo, endAll, jailPath, sharedBuilds } from "./jail-stack.js";

// The package as its users get it: packed, and installed from the registry with its dependencies into a project of theirs.
const packed = mkdtempSync(join(tmpdir(), "python3jail-package-"));
let fleet: HostFleet;
let host: Host;
let project: Project | undefined;
let archive: string;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  // --ignore-scripts: what is packed is what these tests were compiled with.
  const { stdout } = await execa("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", packed], {
    cwd: repositoryRoot,
  });
  archive = join(packed, stdout.trim().split("\n").at(-1)!);
});

afterAll(async () => {
  rmSync(packed, { recursive: true, force: true });
  await endAll(fleet, project);
});

test("the package contains every file that it needs, and nothing else", async () => {
  const { stdout } = await execa("tar", ["-tzf", archive]);
  const files = stdout.split("\n").map((file) => file.replace(/^package\//, ""));
  expect(files).toEqual(
    expect.arrayContaining([
      "package.json",
      "README.md",
      "bin/python3jail.js",
      "build/src/index.js",
      "build/src/index.d.ts",
      "build/src/python/releases.json",
      "build/src/report/style.css",
      "build/src/report/script.js",
      "build/src/remote/base.sh",
      "build/src/serve.js",
      "build/src/remote/python-build/modules.py",
    ]),
  );
  expect(
    files.filter((file) => /^(build\/)?(test|bench|examples|quickstart|setup|engine|stacks)\//.test(file)),
  ).toEqual([]);
});

test("publint and arethetypeswrong find nothing wrong with the package, and would find a wrong path", async () => {
  const check = (file: string) =>
    execa("node", ["setup/release.mjs", file], { cwd: repositoryRoot, all: true, reject: false });
  expect(await check(archive)).toMatchObject({ exitCode: 0, all: "" });

  const broken = join(packed, "broken");
  await execa("sh", ["-c", 'mkdir "$1" && tar -xzf "$0" -C "$1"', archive, broken]);
  const manifest = join(broken, "package", "package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("build/src/index.js", "build/src/absent.js"));
  await execa("tar", ["-czf", `${broken}.tgz`, "-C", broken, "package"]);
  expect(await check(`${broken}.tgz`)).toMatchObject({ exitCode: 1, all: expect.stringContaining("absent.js") });
});

test(
  "a ten-line program with the installed package creates a jail on a host, and removes it",
  async () => {
    const program = `
const { PythonJail } = require("pulumi-python3jail");
const jail = new PythonJail("judge-1", {
  host: "judge-1",
  connection: ${JSON.stringify(connectionTo(host))},
  path: "${jailPath}",
  root: { keepCache: true },
  python: { version: "3.13.5" },
});
exports.printed = jail.printed;
`;
    project = await Project.create({ program });
    rmSync(join(project.directory, "node_modules"), { recursive: true });
    await execa("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", archive], { cwd: project.directory });
    const before = await host.listing();

    await project.up();
    const { stdout } = await project.pulumi(["stack", "output", "printed", "--stack", project.stack]);
    expect(stdout.trim()).toBe("2");
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });

    await project.destroy();
    expect(await host.listing()).toEqual(before);
  },
  buildTimeout,
);
