import { signalNotice, unknownValue, type EngineEvent } from "../base/pulumi-internals.js";
import { nameIn } from "../status/state.js";
import type { Change } from "./changes.js";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** A resource in an event. The engine leaves out a field without a value, or sends null. */
interface ToldResource {
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>> | null;
  readonly outputs?: Readonly<Record<string, unknown>> | null;
}

/** Operations that change something. The engine reports a replacement as several. */
const changing: Readonly<Partial<Record<Metadata["op"], Change["op"]>>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/** Returns the operation on a resource; undefined if it changes nothing. */
export function operationOf({ op }: Metadata): Change["op"] | undefined {
  return changing[op];
}

/**
 * Returns the host of one of our resources; undefined for others. A host that is not known yet gets its jail's name.
 */
export function hostOf({ new: now, old, type }: Metadata): string | undefined {
  const state: ToldResource | undefined = now ?? old;
  const host = state?.inputs?.host;
  if (!/python3jail:/.test(type) || typeof host !== "string") return undefined;
  if (host !== unknownValue) return host;
  return state?.parent?.includes("python3jail:index:PythonJail::") ? nameIn(state.parent) : undefined;
}

/** Version of a host's CPython, and its current release if it has releases. */
export interface Installed {
  readonly python?: string;
  readonly release?: string;
}

/** Reads from one resource what is installed on its host. */
export function installedOf(state: ToldResource | undefined): Installed {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  const python = text(state?.outputs?.pythonVersion);
  const release = state?.type.endsWith(":JailReleases") ? text(state.outputs?.release) : undefined;
  return { ...(python === undefined ? {} : { python }), ...(release === undefined ? {} : { release }) };
}

/** Returns what adopting a jail kept and replaced, if this resource adopted one. */
export function adoptedIn(state: ToldResource | undefined): string | undefined {
  const adopted = state?.outputs?.adopted;
  return state?.type.endsWith(":JailRoot") && typeof adopted === "string" ? adopted : undefined;
}

/** Returns a message of the engine or a provider, without colour marks; undefined if people need not see it. */
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
  // The engine puts the error of an update that failed halfway into a list with one item.
  return message
    .replace(/<\{%.*?%\}>/g, "")
    .trim()
    .replace(/^error: /, "")
    .replace(/^1 error occurred:\s*\* /, "");
}
