import { z } from "zod";
import type { HostFailure } from "../base/errors.js";
import { kindIn, valueSignature } from "../base/pulumi-internals.js";
import { oneLine } from "../base/text.js";
import type { LiveFacts } from "./fleet.js";
import type { LastRollout } from "./last-rollout.js";

/** A resource in a state: the fields that are read here. */
const resource = z.object({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  outputs: z.record(z.string(), z.unknown()).nullish(),
  created: z.string().optional(),
  modified: z.string().optional(),
  /** True for a resource that was replaced and is not deleted yet. */
  delete: z.boolean().optional(),
  /** Why its create or update did not finish. */
  initErrors: z.array(z.string()).nullish(),
});
export type StateResource = z.output<typeof resource> & {
  /** Why it could not be read (live.ts). */
  readonly failure?: HostFailure;
  readonly live?: LiveFacts;
};

const schema = z.object({
  deployment: z.object({
    manifest: z.object({ time: z.string() }).partial().nullish(),
    resources: z.array(resource).nullish(),
    pending_operations: z.array(z.object({ resource, type: z.string() })).nullish(),
  }),
});

/** A stack's state, as `pulumi stack export` prints it. */
export interface StackState {
  /** The stack's name. */
  readonly stack: string;
  /** The project's name; empty if the state has no resource. */
  readonly project: string;
  /** When the state was last written (ISO 8601). */
  readonly time?: string | undefined;
  readonly resources: readonly StateResource[];
  /** Operations whose outcome is unknown, because the engine was killed. */
  readonly pending: readonly { readonly resource: StateResource; readonly type: string }[];
  /** What the last rollout left undone, if that is known and the state was not written since. */
  readonly rollout?: LastRollout | undefined;
}

/** Parses an exported state. Throws if it is not one. */
export function stateOf(exported: unknown): StackState {
  const { success, data } = schema.safeParse(exported);
  if (!success)
    throw new Error(
      "this is no stack's state, or has a form that this release does not know: give what `pulumi stack export` prints",
    );
  const { manifest, resources, pending_operations } = data.deployment;
  const all = resources ?? [];
  return { ...namesIn(all[0]?.urn), time: manifest?.time, resources: all, pending: pending_operations ?? [] };
}

/** Reads the names of stack and project from a URN. Both are empty without one, as in a stack without resources. */
function namesIn(urn = ""): { stack: string; project: string } {
  const [stack = "", project = ""] = urn.split("::");
  return { stack: stack.replace(/^urn:pulumi:/, ""), project };
}

/** Returns the kind of one of our resources ("JailRoot"); undefined for other resources. */
export function kindOf({ type }: StateResource): string | undefined {
  return kindIn(type);
}

/** Returns the resource's name in a URN: "judge-1". */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Formats the kind and name of a resource: "DeviceNode judge-1-null". */
export function titleOf(one: StateResource): string {
  return oneLine(`${kindOf(one)} ${nameIn(one.urn)}`);
}

/** True if a value holds a secret at any depth. */
export function hasSecretValue(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (valueSignature in value || Object.values(value).some(hasSecretValue))
  );
}

/** Replaces the wrapped secrets in a value, exported with `--show-secrets`, by their plain values. */
export function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (valueSignature in value) return "plaintext" in value ? revealed(JSON.parse(String(value.plaintext))) : undefined;
  if (Array.isArray(value)) return value.map(revealed);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
