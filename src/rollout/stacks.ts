import pLimit from "p-limit";
import { namePattern } from "../base/patterns.js";
import { byName } from "./changes.js";

/** Result of one stack's rollout. */
export interface StackEnd {
  readonly stack: string;
  /** Exit code of its `python3jail up`; undefined if that did not begin. */
  readonly code?: number;
  /** What it printed as JSON. */
  readonly report?: unknown;
}

/** Returns the stacks whose names match a pattern with `*` and `?`, sorted by name. */
export function stacksMatching(pattern: string, stacks: readonly string[]): string[] {
  const expression = namePattern(pattern);
  return stacks.filter((name) => expression.test(name)).sort(byName);
}

/**
 * Runs stacks: the first alone, then `parallel` at a time. After one fails, those in flight finish and no other begins.
 */
export async function runStacks(
  stacks: readonly string[],
  parallel: number,
  mayBegin: () => boolean,
  run: (stack: string) => Promise<StackEnd>,
): Promise<StackEnd[]> {
  let failed = false;
  const begin = async (stack: string): Promise<StackEnd> => {
    if (failed || !mayBegin()) return { stack };
    const end = await run(stack);
    failed ||= end.code !== 0;
    return end;
  };
  const limit = pLimit(parallel);
  const first = await Promise.all(stacks.slice(0, 1).map(begin));
  return [...first, ...(await Promise.all(stacks.slice(1).map((stack) => limit(() => begin(stack)))))];
}
