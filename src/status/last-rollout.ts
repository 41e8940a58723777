import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cacheRoot } from "../local/cache.js";

const leftHost = z.object({
  host: z.string(),
  /** `unfinished`: the rollout was cancelled while this host changed. */
  result: z.enum(["failed", "unfinished", "not reached"]),
  /** What its failed operations said. */
  messages: z.array(z.string()),
});

/** A host that a rollout did not bring to its end. */
export type LeftHost = z.output<typeof leftHost>;

const lastRollout = z.object({
  /** When the state was last written that it left (ISO 8601). It tells nothing of a state that was written since. */
  stateTime: z.string(),
  /** Why it stopped; none where it went through, and some hosts failed. */
  stopped: z.string().optional(),
  /** The hosts that are not done. */
  hosts: z.array(leftHost),
});

/** What the last `python3jail up` of a stack left undone. No state tells it: this machine keeps it in its cache. */
export type LastRollout = z.output<typeof lastRollout>;

/** A stack of a project, by their plain names. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** Reads what the last rollout left undone of the state that was written at this time; undefined where that is nothing, or not known. */
export function lastRolloutOf(name: StackName, stateTime: string | undefined): LastRollout | undefined {
  try {
    const found = lastRollout.parse(JSON.parse(readFileSync(fileOf(name), "utf8")));
    return found.stateTime === stateTime ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Records what a rollout left undone. Throws where the cache cannot be written to. */
export function recordRollout(name: StackName, rollout: LastRollout): void {
  const file = fileOf(name);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(rollout), { mode: 0o600 });
}

/** Forgets what the last rollout left undone: nothing is any more. */
export function forgetRollout(name: StackName): void {
  rmSync(fileOf(name), { force: true });
}

function fileOf({ project, stack }: StackName): string {
  return join(cacheRoot(), "rollouts", `${encodeURIComponent(project)} ${encodeURIComponent(stack)}.json`);
}
