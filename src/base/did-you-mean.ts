import { nearest } from "./nearest.js";

/**
 * Returns `; did you mean "status"?` for the nearest of the known words, or an empty text if none is near. `shown`
 * formats the suggested word.
 */
export function didYouMean(
  word: string,
  words: readonly string[],
  shown = (known: string): string => `"${known}"`,
): string {
  const meant = nearest(word, words);
  return meant === undefined ? "" : `; did you mean ${shown(meant)}?`;
}
