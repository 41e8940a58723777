import { expect, test } from "@jest/globals";
import { shellWords } from "../../src/inventory/shell-words.js";

const lines: [string, string[]][] = [
  ["", []],
  ["  a\tb  ", ["a", "b"]],
  ["a key=\"two words\" 'one # more'", ["a", "key=two words", "one # more"]],
  ["a # comment", ["a"]],
  ["a#b", ["a#b"]],
  [String.raw`a\ b "c\"d" 'e\f' g\h`, ["a b", 'c"d', String.raw`e\f`, String.raw`g\h`]],
  ['a ""', ["a", ""]],
];
test.each(lines)("%j is split into words", (line, words) => expect(shellWords(line)).toEqual(words));

test("an unclosed quotation mark is refused", () =>
  expect(() => shellWords('a "b')).toThrow("a quotation mark is not closed"));
