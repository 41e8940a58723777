import { nearest } from "./nearest.js";

/** `; did you mean "status"?`, or nothing where no word is near. `shown` writes a word as a person would. */
export function didYouMean(
  word: string,
  words: readonly string[],
  shown = (known: string): string => `"${known}"`,
): string {
  const meant = nearest(word, words);
  return meant === undefined ? "" : `; did you mean ${shown(meant)}?`;
}
