import { describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { artifactSteps } from "../../src/python/artifacts.js";
import { buildSteps } from "../../src/python/building.js";
import { packageSteps } from "../../src/python/packages.js";
import { factsStep } from "../../src/remote/facts.js";
import { assemble, scriptText } from "../../src/remote/program.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/resources/DeviceNode.js";
import { checkStep } from "../../src/resources/JailCheck.js";
import { filesSteps } from "../../src/resources/JailFiles.js";
import { librarySteps } from "../../src/resources/JailLibraries.js";
import { auditSteps } from "../../src/audit/audit.js";
import { permissionSteps } from "../../src/resources/JailPermissions.js";
import { packagesSteps } from "../../src/resources/JailPackages.js";
import { releasesSteps } from "../../src/resources/JailReleases.js";
import { rootSteps } from "../../src/resources/JailRoot.js";
import { systemSteps } from "../../src/resources/JailSystem.js";
import { pythonSteps } from "../../src/resources/PythonBuild.js";
import { safeExecSteps } from "../../src/resources/SafeExec.js";
import { statusStep } from "../../src/status/live.js";
import { repositoryRoot } from "../hosts/repository.js";

jest.setTimeout(240_000);

const steps: Record<string, Step> = Object.fromEntries(
  Object.entries({ node: nodeSteps, root: rootSteps, permissions: permissionSteps, python: pythonSteps, build: buildSteps, artifact: artifactSteps, files: filesSteps, system: systemSteps, libraries: librarySteps, packages: packagesSteps, "package set": packageSteps, safeexec: safeExecSteps, check: { run: checkStep }, audit: auditSteps, releases: releasesSteps, status: { look: statusStep }, facts: { look: factsStep } }).flatMap(([kind, some]) =>
    Object.entries(some).map(([name, step]): [string, Step] => [`${kind}: ${name}`, step]),
  ),
);

const found = new Map<Step, Promise<string[]>>();

/** What shellcheck says of a step's whole program, with every check on, whatever `.shellcheckrc` leaves out. */
function findings(step: Step): Promise<string[]> {
  const shellcheck = async (): Promise<string[]> => {
    const { stdout } = await execa("shellcheck", ["--norc", "--shell=sh", "--format=gcc", "-"], { input: assemble(step, ["an", "argument"], "judge-1"), reject: false });
    return stdout.split("\n").filter((line) => line !== "");
  };
  const its = found.get(step) ?? shellcheck();
  found.set(step, its);
  return its;
}

// Of what the libraries offer, no step uses all: their unused names and functions are looked at below.
const ofLibraries = /\[SC(2034|2317)\]$/;

describe("an assembled step has nothing that shellcheck warns of", () => {
  test.each(Object.keys(steps))("%s", async (name) => {
    expect((await findings(steps[name]!)).filter((line) => !ofLibraries.test(line))).toEqual([]);
  });
});

test("no file sets a name that none of its steps reads", async () => {
  const unused = new Map(await Promise.all(Object.values(steps).map(async (step) => {
    const names = (await findings(step)).map((line) => /: (\w+) appears unused.*\[SC2034\]$/.exec(line)?.[1]);
    return [step, new Set(names)] as const;
  })));
  const setInVain = ["lib.sh", ...new Set(Object.values(steps).flatMap(({ files }) => files))].flatMap((file) => {
    const its = [...unused].filter(([step]) => file === "lib.sh" || step.files.includes(file)).map(([, names]) => names);
    const inVain = [...its[0]!].filter((name) => name !== undefined && new RegExp(`\\b${name}=`).test(scriptText(file)) && its.every((names) => names.has(name)));
    return inVain.map((name) => `${file}: ${name}`);
  });
  expect(setInVain).toEqual([]);
});

test("every script of a host is part of a step, or is sent by one", () => {
  const used = new Set(Object.values(steps).flatMap(({ files }) => files));
  const scripts = readdirSync(join(repositoryRoot, "src", "remote"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".sh"));
  expect(scripts.filter((file) => !used.has(file)).sort()).toEqual(["lib.sh", "python-build/recipe.sh", "python-build/trim.sh"]);
});
