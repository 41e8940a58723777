import { expect, test } from "@jest/globals";
import { wordsOf } from "../../src/inventory/shell-words.js";

const lines: [string, string[]][] = [
  ["", []],
  ["  a\tb  ", ["a", "b"]],
  ["a key=\"two words\" 'one # more'", ["a", "key=two words", "one # more"]],
  ["a # comment", ["a"]],
  ["a#b", ["a#b"]],
  [String.raw`a\ b "c\"d" 'e\f' g\h`, ["a b", 'c"d', String.raw`e\f`, String.raw`g\h`]],
  ['a ""', ["a", ""]],
];
test.each(lines)("%j", (line, words) => expect(wordsOf(line)).toEqual(words));

test("an open quotation mark is refused", () =>
  expect(() => wordsOf('a "b')).toThrow("a quotation mark is not closed"));
