/** Measures in milliseconds how long a function takes. */
export async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export interface Comparison {
  /** Medians, in milliseconds. */
  readonly one: number;
  readonly other: number;
  /** Median of the ratios one / other of each pair, as a change in the machine's speed affects both of a pair alike. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Runs two functions in turn, after one round that does not count, and compares their milliseconds. */
export async function sideBySide(
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  turns: number,
): Promise<Comparison> {
  await ours();
  await theirs();
  const pairs: [number, number][] = [];
  for (let turn = 0; turn < turns; turn += 1) pairs.push([await milliseconds(ours), await milliseconds(theirs)]);
  return comparison(pairs);
}

/** Compares two series of measurements, pair by pair. */
export function comparison(pairs: readonly (readonly [one: number, other: number])[]): Comparison {
  const ratios = pairs.map(([one, other]) => one / other);
  return {
    one: median(pairs.map(([one]) => one)),
    other: median(pairs.map(([, other]) => other)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
