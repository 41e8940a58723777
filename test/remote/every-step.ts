import { artifactSteps } from "../../src/python/artifacts.js";
import { buildSteps } from "../../src/python/building.js";
import { packageSteps } from "../../src/python/packages.js";
import { accountsStep } from "../../src/remote/accounts.js";
import { disksStep } from "../../src/remote/disks.js";
import { factsStep } from "../../src/remote/facts.js";
import type { Argument, Value } from "../../src/remote/arguments.js";
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

const stepsOf: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  node: nodeSteps,
  root: rootSteps,
  permissions: permissionSteps,
  python: pythonSteps,
  build: buildSteps,
  artifact: artifactSteps,
  files: filesSteps,
  system: systemSteps,
  libraries: librarySteps,
  packages: packagesSteps,
  "package set": packageSteps,
  safeexec: safeExecSteps,
  check: { run: checkStep },
  audit: auditSteps,
  releases: releasesSteps,
  status: { look: statusStep },
  facts: { look: factsStep },
  disks: { look: disksStep },
  accounts: { look: accountsStep },
};

/** Every step of the provider, by the sort of what it works on and its own name: `root: ensure`. */
export const everyStep: Record<string, Step> = Object.fromEntries(
  Object.entries(stepsOf).flatMap(([kind, some]) =>
    Object.entries(some).map(([name, step]) => [`${kind}: ${name}`, step]),
  ),
);

/** Something for each argument that a step takes. */
export function sampleValues({ args = {} }: Step): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, sampleOf(argument)]));
}

function sampleOf({ schema }: Argument): Value {
  const sample = ["a text", 7, true, ["an item"]].find((one) => schema.safeParse(one).success);
  if (sample === undefined) throw new Error("there is no sample for an argument");
  return sample;
}
