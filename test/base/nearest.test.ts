import { describe, expect, test } from "@jest/globals";
import { nearest } from "../../src/base/nearest.js";

const keys = ["hosts", "groups", "python", "packages", "permissions", "check", "path", "audit"];
const commands = ["status", "up", "cache", "hosts", "audit", "report", "fleet"];

describe("the nearest word", () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ["is found if two letters are swapped", "pyhton", keys, "python"],
    ["is found if there is one letter too many", "hostss", keys, "hosts"],
    ["is found if one letter is missing", "chck", keys, "check"],
    ["is found if one letter is wrong", "gruups", keys, "groups"],
    ["is found if two letters are wrong", "packegas", keys, "packages"],
    ["is found in another case", "Python", keys, "python"],
    ["is the word itself if it is known", "path", keys, "path"],
    ["is the one with fewer edits", "hst", ["fast", "host"], "host"],
    ["is the first of two equally near words", "cat", ["bat", "hat"], "bat"],
    ["is undefined if three letters differ", "pyxxxn", keys, undefined],
    ["is undefined if all letters of a short word differ", "ls", commands, undefined],
    ["is found for a short word with swapped letters", "pu", commands, "up"],
    ["is undefined if no words are known", "python", [], undefined],
    ["is undefined for an empty word", "", keys, undefined],
  ])("%s", (_title, word, words, expected) => expect(nearest(word, words)).toBe(expected));
});
