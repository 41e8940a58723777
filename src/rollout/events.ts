import { signalNotice, unknownValue, type EngineEvent } from "../base/pulumi-internals.js";
import { nameIn } from "../status/state.js";
import type { Change } from "./changes.js";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** A resource as an event has it; what it lacks the engine leaves out, or tells as null. */
interface ToldResource {
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>> | null;
  readonly outputs?: Readonly<Record<string, unknown>> | null;
}

/** Operations that change something; a replacement is told as several. */
const changing: Readonly<Partial<Record<Metadata["op"], Change["op"]>>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/** What the engine means to do to a resource; undefined where that is nothing. */
export function operationOf({ op }: Metadata): Change["op"] | undefined {
  return changing[op];
}

/** The host that a resource is given: of ours, all are. One that is not known yet goes by its jail's name. */
export function hostOf({ new: now, old, type }: Metadata): string | undefined {
  const state: ToldResource | undefined = now ?? old;
  const host = state?.inputs?.host;
  if (!/python3jail:/.test(type) || typeof host !== "string") return undefined;
  if (host !== unknownValue) return host;
  return state?.parent?.includes("python3jail:index:PythonJail::") ? nameIn(state.parent) : undefined;
}

/** What a host has: the version of its CPython, and the release that is current where it has releases. */
export interface Installed {
  readonly python?: string;
  readonly release?: string;
}

/** What of that a resource tells of its host. */
export function installedOf(state: ToldResource | undefined): Installed {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  const python = text(state?.outputs?.pythonVersion);
  const release = state?.type.endsWith(":JailReleases") ? text(state.outputs?.release) : undefined;
  return { ...(python === undefined ? {} : { python }), ...(release === undefined ? {} : { release }) };
}

/** What was kept and replaced of a jail that was adopted, where this resource did so. */
export function adoptedIn(state: ToldResource | undefined): string | undefined {
  const adopted = state?.outputs?.adopted;
  return state?.type.endsWith(":JailRoot") && typeof adopted === "string" ? adopted : undefined;
}

/** What the engine or a provider said, without its marks for colours; undefined where a person need not hear it. */
export function saidIn({
  diagnosticEvent: said,
  stdoutEvent,
}: EngineEvent): { urn?: string | undefined; error: boolean; text: string } | undefined {
  if (stdoutEvent) {
    const text = plain(stdoutEvent.message);
    return signalNotice.test(text) ? undefined : { error: false, text };
  }
  if (!said || said.ephemeral || !["info", "info#err", "warning", "error"].includes(said.severity)) return undefined;
  const text = plain(said.message);
  return text === "" ? undefined : { urn: said.urn || undefined, error: said.severity === "error", text };
}

function plain(message: string): string {
  // The engine makes a list of one out of what an update says that failed on the way.
  return message
    .replace(/<\{%.*?%\}>/g, "")
    .trim()
    .replace(/^error: /, "")
    .replace(/^1 error occurred:\s*\* /, "");
}
