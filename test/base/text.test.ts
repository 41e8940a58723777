import { describe, expect, test } from "@jest/globals";
import { cleaned, oneLine } from "../../src/base/text.js";

describe("cleaned text", () => {
  test.each([
    ["keeps plain text, umlauts and emoji", "Grüße, 世界 🐍", "Grüße, 世界 🐍"],
    ["loses colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["loses colours of C1", "\u009b31mred", "red"],
    ["loses a window's title", "\u001b]0;title\u0007text", "text"],
    ["loses a link", "\u001b]8;;https://example.org\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["loses an unterminated string up to the end of the line", "a\u001b]52;c;aGk\nb", "a?b"],
    ["loses a device control string", "\u001bPq#0\u001b\\text", "text"],
    ["loses the sequence that resets a terminal", "\u001bctext", "text"],
    ["loses a cursor's movement", "a\u001b[2Ab\u001b[2K", "ab"],
    ["shows `?` for C0 controls", "a\u0000b\u0008c\u007f", "a?b?c?"],
    ["shows `?` for C1 controls", "a\u0085b", "a?b"],
    ["shows `?` for bidi controls", "a\u202eb\u2066c\u200f", "a?b?c?"],
    ["shows `?` for zero-width characters", "a\u200bb\ufeffc", "a?b?c"],
    ["shows `?` for line separators", "a\u2028b\rc", "a?b?c"],
    ["has a space for a tab", "a\tb", "a b"],
    ["shows `?` for half of a surrogate pair", "a\ud800b", "a?b"],
    ["shows `?` for an escape character at the end", "a\u001b", "a?"],
  ])("%s", (_name, text, expected) => expect(cleaned(text)).toBe(expected));

  test("takes linear time, whatever the text is", () => {
    for (const piece of ["\u001b]", "\u009d", "\u001b[", "\u001b[1;", "\u202e"])
      expect(cleaned(piece.repeat(500_000)).length).toBeLessThan(1_000_001);
  });
});

test("oneLine cuts a text to 300 characters", () => {
  expect(oneLine(` ${"x".repeat(400)} `)).toBe(`${"x".repeat(299)}…`);
});
