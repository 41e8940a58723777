/** The word among some that another one was probably meant to be; undefined where none is near. Capital letters do not count. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const meant = word.toLowerCase();
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const candidate of words) {
    const edits = editsBetween(meant, candidate.toLowerCase());
    // In short words nearly every letter may be another one: half of them must be right.
    const near = edits <= 2 && edits * 2 <= Math.min(meant.length, candidate.length);
    if (near && (best === undefined || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word;
}

/** Letters that are put in, left out, changed, or exchanged with the one beside them (the optimal string alignment distance). */
function editsBetween(from: string, to: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const exchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (same ? 0 : 1),
        exchanged ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? Infinity;
}
