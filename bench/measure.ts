/** Milliseconds that something takes. */
export async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export interface Comparison {
  /** Medians, in what was measured. */
  readonly ours: number;
  readonly theirs: number;
  /** Median of the ratios ours / theirs, pair by pair: a machine whose speed drifts bends both of a pair alike. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Measures two things in turn, after one turn that does not count. */
export async function compare(ours: () => Promise<number>, theirs: () => Promise<number>, turns: number): Promise<Comparison> {
  await ours();
  await theirs();
  const pairs: [number, number][] = [];
  for (let turn = 0; turn < turns; turn += 1) pairs.push([await ours(), await theirs()]);
  return comparison(pairs);
}

/** The milliseconds of two things, run in turn. */
export function sideBySide(ours: () => Promise<unknown>, theirs: () => Promise<unknown>, turns: number): Promise<Comparison> {
  return compare(() => milliseconds(ours), () => milliseconds(theirs), turns);
}

export function comparison(pairs: readonly (readonly [ours: number, theirs: number])[]): Comparison {
  const ratios = pairs.map(([one, other]) => one / other);
  return {
    ours: median(pairs.map(([one]) => one)),
    theirs: median(pairs.map(([, other]) => other)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
