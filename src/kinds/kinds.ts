import type { Kind } from "../provider/kind.js";
import { deviceNode } from "./DeviceNode.js";
import { jailAudit } from "./JailAudit.js";
import { jailCheck } from "./JailCheck.js";
import { jailFiles } from "./JailFiles.js";
import { jailLibraries } from "./JailLibraries.js";
import { jailPackages } from "./JailPackages.js";
import { jailPermissions } from "./JailPermissions.js";
import { jailReleases } from "./JailReleases.js";
import { jailSystem } from "./JailSystem.js";
import { pythonBuild } from "./PythonBuild.js";
import { jailRoot } from "./JailRoot.js";
import { safeExec } from "./SafeExec.js";

/** All kinds of resources, by their name in the type token. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind knows its own inputs and facts
export const kinds: Readonly<Record<string, Kind<any, any>>> = Object.fromEntries(
  [
    jailRoot,
    deviceNode,
    jailPermissions,
    pythonBuild,
    jailPackages,
    jailFiles,
    jailSystem,
    jailLibraries,
    jailCheck,
    jailAudit,
    jailReleases,
    safeExec,
  ].map((kind) => [kind.type, kind]),
);
