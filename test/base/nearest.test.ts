import { describe, expect, test } from "@jest/globals";
import { nearest } from "../../src/base/nearest.js";

const keys = ["hosts", "groups", "python", "packages", "permissions", "check", "path", "audit"];
const commands = ["status", "up", "cache", "hosts", "audit", "report", "fleet"];

describe("the nearest word", () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ["is the word with two letters exchanged", "pyhton", keys, "python"],
    ["is the word with a letter too many", "hostss", keys, "hosts"],
    ["is the word with a letter missing", "chck", keys, "check"],
    ["is the word with another letter", "gruups", keys, "groups"],
    ["is the word with two wrong letters", "packegas", keys, "packages"],
    ["is the word in other capitals", "Python", keys, "python"],
    ["is the word itself where it is among them", "path", keys, "path"],
    ["is the one with fewer edits", "hst", ["fast", "host"], "host"],
    ["is the first of two that are equally near", "cat", ["bat", "hat"], "bat"],
    ["is none where three letters differ", "pyxxxn", keys, undefined],
    ["is none where a short word is another one", "ls", commands, undefined],
    ["is a short word with its letters exchanged", "pu", commands, "up"],
    ["is none among no words", "python", [], undefined],
    ["is none for an empty word", "", keys, undefined],
  ])("%s", (_title, word, words, expected) => expect(nearest(word, words)).toBe(expected));
});
