import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stubText } from "../../src/base/pulumi-internals.js";
import { kinds } from "../../src/kinds/kinds.js";
import { repositoryRoot } from "../hosts/repository.js";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "stub-test-"));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(repositoryRoot, join(project, "node_modules", "pulumi-python3jail"));
});
afterAll(() => rmSync(project, { recursive: true }));

/**
 * Runs a stub as Pulumi's dynamic provider does, in the program's folder. Returns the provider's functions, or the
 * error.
 */
async function run(text: string, cwd: string): Promise<string> {
  const script = `
    const fromString = require(${JSON.stringify(join(repositoryRoot, "node_modules", "require-from-string"))});
    try { console.log(Object.keys(fromString(${JSON.stringify(text)}).handler()).sort().join(" ")); } catch (error) { console.log(error.message); }
  `;
  return (await execa(process.execPath, ["-e", script], { cwd, env: { NODE_OPTIONS: "" }, timeout: 20_000 })).stdout;
}

describe("the stub in every resource's state", () => {
  // States of old releases hold this text. If it ever changes, the old text must keep working.
  test("never changes", () => {
    expect(stubText("DeviceNode")).toBe(
      'exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider("DeviceNode");\n',
    );
  });

  const functions = "check configure create delete diff read update";
  test("loads the package that is installed in the program's node_modules", async () => {
    expect(await run(stubText("DeviceNode"), project)).toBe(functions);
  });

  test("loads the package if the program is inside the package", async () => {
    mkdirSync(join(repositoryRoot, "build", "src"), { recursive: true });
    expect(await run(stubText("JailRoot"), join(repositoryRoot, "build", "src"))).toBe(functions);
  });

  test("fails for an unknown resource with an error that says what to install", async () => {
    expect(await run(stubText("JailMoat"), project)).toBe(
      'this release of pulumi-python3jail knows no resource "JailMoat": install the one that made it, or a newer one',
    );
  });

  test("exists for these kinds", () => {
    expect(Object.keys(kinds).sort()).toEqual([
      "DeviceNode",
      "JailAudit",
      "JailCheck",
      "JailFiles",
      "JailLibraries",
      "JailPackages",
      "JailPermissions",
      "JailReleases",
      "JailRoot",
      "JailSystem",
      "PythonBuild",
      "SafeExec",
    ]);
  });
});
