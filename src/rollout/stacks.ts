import pLimit from "p-limit";
import { namePattern } from "../base/patterns.js";
import { byName } from "./changes.js";

/** How one stack's rollout ended. */
export interface StackEnd {
  readonly stack: string;
  /** The exit code of its `python3jail up`; undefined where that did not begin. */
  readonly code?: number;
  /** What it printed as JSON. */
  readonly report?: unknown;
}

/** The stacks whose names match a pattern, with `*` and `?`, in the order of their names. */
export function stacksMatching(pattern: string, stacks: readonly string[]): string[] {
  const expression = namePattern(pattern);
  return stacks.filter((name) => expression.test(name)).sort(byName);
}

/** Runs stacks, the first alone and then so many at a time, until one does not come through: those under way end, no other begins. */
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
