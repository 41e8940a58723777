import { z } from "zod";
import type { HostFailure } from "../base/errors.js";
import { kindIn, valueSignature } from "../base/pulumi-internals.js";
import { oneLine } from "../base/text.js";
import type { LiveFacts } from "./fleet.js";
import type { LastRollout } from "./last-rollout.js";

/** A resource as a state holds it, as far as we look at it. */
const resource = z.object({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  outputs: z.record(z.string(), z.unknown()).nullish(),
  created: z.string().optional(),
  modified: z.string().optional(),
  /** What was replaced, and could not be removed yet. */
  delete: z.boolean().optional(),
  /** Why it is only half made. */
  initErrors: z.array(z.string()).nullish(),
});
export type StateResource = z.output<typeof resource> & {
  /** Why it could not be looked at (live.ts). */
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
  /** Its project's; empty where the state has no resource. */
  readonly project: string;
  /** When it was last written to. */
  readonly time?: string | undefined;
  readonly resources: readonly StateResource[];
  /** Operations of which nobody knows how they ended: the engine was killed. */
  readonly pending: readonly { readonly resource: StateResource; readonly type: string }[];
  /** What the last rollout left undone, where that is known and nothing was written since. */
  readonly rollout?: LastRollout | undefined;
}

/** Reads an export. Throws where it is none. */
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

/** Every URN begins with the stack's name and the project's; a stack without resources has none that we see. */
function namesIn(urn = ""): { stack: string; project: string } {
  const [stack = "", project = ""] = urn.split("::");
  return { stack: stack.replace(/^urn:pulumi:/, ""), project };
}

/** "JailRoot" for a resource of ours; undefined for others. */
export function kindOf({ type }: StateResource): string | undefined {
  return kindIn(type);
}

/** The name in a URN: "judge-1". */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** "DeviceNode judge-1-null". */
export function titleOf(one: StateResource): string {
  return oneLine(`${kindOf(one)} ${nameIn(one.urn)}`);
}

/** Whether a value holds a secret, at any depth. */
export function hasSecretValue(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (valueSignature in value || Object.values(value).some(hasSecretValue))
  );
}

/** A value of a state that was exported with its secrets: with them in it. */
export function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (valueSignature in value) return "plaintext" in value ? revealed(JSON.parse(String(value.plaintext))) : undefined;
  if (Array.isArray(value)) return value.map(revealed);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
