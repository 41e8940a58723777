/**
 * Returns the known word that is most similar to a mistyped one, or undefined if none is similar. Case does not matter.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: { readonly word: string; readonly edits: number } | undefined;
  for (const candidate of words) {
    const edits = editsBetween(typed, candidate.toLowerCase());
    // In a short word, two edits may change nearly every letter. So at least half of the letters must be right.
    const near = edits <= 2 && edits * 2 <= Math.min(typed.length, candidate.length);
    if (near && (best === undefined || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word;
}

/** Counts the letters to insert, delete, replace, or swap with a neighbour (the optimal string alignment distance). */
function editsBetween(from: string, to: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? Infinity;
}
