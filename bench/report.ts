import type { Comparison } from "./measure.js";

/** How many pairs are measured. */
export const turns = Number(process.env.BENCH_TURNS ?? 5);

/** One figure: what, how much, and the goal where there is one. */
export function line(what: string, figure: string, goal: string): void {
  console.log(`  ${what.padEnd(58)} ${figure.padEnd(34)} ${goal}`);
}

/** A ratio with the range that it was in, and the milliseconds that it is of. */
export function inWords({ one, other, ratio, lowest, highest }: Comparison, digits = 0): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)}; ${one.toFixed(digits)} / ${other.toFixed(digits)} ms)`;
}
