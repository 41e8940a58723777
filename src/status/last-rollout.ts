import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cacheRoot } from "../local/cache.js";

const leftHost = z.object({
  host: z.string(),
  /** `unfinished`: the rollout was cancelled while this host changed. */
  result: z.enum(["failed", "unfinished", "not reached"]),
  /** Error messages of its failed operations. */
  messages: z.array(z.string()),
});

/** A host that a rollout did not finish. */
export type LeftHost = z.output<typeof leftHost>;

const lastRollout = z.object({
  /**
   * When the rollout last wrote the stack's state (ISO 8601). The record does not apply to a state that was written
   * later.
   */
  stateTime: z.string(),
  /** Why it stopped; undefined if it ran to its end although some hosts failed. */
  stopped: z.string().optional(),
  /** The hosts that are not done. */
  hosts: z.array(leftHost),
});

/**
 * What the last `python3jail up` of a stack left undone. Pulumi's state does not hold this, so this machine's cache
 * does.
 */
export type LastRollout = z.output<typeof lastRollout>;

/** Plain names of a stack and its project. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/**
 * Reads what the last rollout left undone; undefined if that is nothing, unknown, or not of the state with this time.
 */
export function lastRolloutOf(name: StackName, stateTime: string | undefined): LastRollout | undefined {
  try {
    const found = lastRollout.parse(JSON.parse(readFileSync(fileOf(name), "utf8")));
    return found.stateTime === stateTime ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Records what a rollout left undone. Throws if the cache cannot be written. */
export function recordRollout(name: StackName, rollout: LastRollout): void {
  const file = fileOf(name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(rollout), { mode: 0o600 });
}

/** Removes the record of the last rollout, once nothing is left undone. */
export function forgetRollout(name: StackName): void {
  rmSync(fileOf(name), { force: true });
}

function fileOf({ project, stack }: StackName): string {
  return join(cacheRoot(), "rollouts", `${encodeURIComponent(project)} ${encodeURIComponent(stack)}.json`);
}
