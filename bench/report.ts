import type { Comparison } from "./measure.js";

/** Number of pairs to measure. */
export const turns = Number(process.env.BENCH_TURNS ?? 5);

/** Prints one figure: its name, its value, and its goal if it has one. */
export function line(what: string, figure: string, goal: string): void {
  console.log(`  ${what.padEnd(58)} ${figure.padEnd(34)} ${goal}`);
}

/** Formats a ratio with its range, and the milliseconds that it compares. */
export function inWords({ one, other, ratio, lowest, highest }: Comparison, digits = 0): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)}; ${one.toFixed(digits)} / ${other.toFixed(digits)} ms)`;
}
