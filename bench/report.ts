/** How many pairs are measured. */
export const turns = Number(process.env.BENCH_TURNS ?? 5);

/** One figure: what, how much, and the goal where there is one. */
export function line(what: string, figure: string, goal: string): void {
  console.log(`  ${what.padEnd(58)} ${figure.padEnd(34)} ${goal}`);
}
