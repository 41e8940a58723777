/**
 * Splits a line into words like a shell: quotation marks protect white space, a backslash protects the next character,
 * and `#` begins a comment. Throws if a quotation mark is not closed.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === "\\" && quote !== "'" && /["'\\\s#]/.test(line[index + 1] ?? "")) {
      word = (word ?? "") + line.charAt((index += 1));
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "#" && word === undefined) {
      return words;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") throw new Error("a quotation mark is not closed");
  return word === undefined ? words : [...words, word];
}
