import { describe, expect, test } from "@jest/globals";
import { HostError, lastLines, messageOf } from "../../src/base/errors.js";
import { hideStack } from "../../src/base/pulumi-internals.js";

const failure = { host: "judge-1", step: "lay out the jail", reason: "the disk is full", code: "disk-full" } as const;

describe("a HostError", () => {
  test("names the host, the step, the reason and the remedy", () => {
    expect(new HostError({ ...failure, remedy: "make room" }).message).toBe(
      "judge-1: lay out the jail: the disk is full [disk-full]\n  what to do: make room",
    );
  });

  test("leaves out an empty remedy and empty output", () => {
    expect(new HostError({ ...failure, remedy: "", output: "\n \n" }).message).toBe(
      "judge-1: lay out the jail: the disk is full [disk-full]",
    );
  });

  test("shows only the last 15 lines of the step's output", () => {
    const output = Array.from({ length: 40 }, (_, index) => `line ${index}`).join("\n");
    const lines = new HostError({ ...failure, output }).message.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "judge-1: lay out the jail: the disk is full [disk-full]",
      "  its last lines:",
      "  | line 25",
    ]);
    expect(lines).toHaveLength(17);
    expect(lines.at(-1)).toBe("  | line 39");
  });

  test("cuts a long line of output to 400 characters", () => {
    expect(new HostError({ ...failure, output: "x".repeat(100_000) }).message.split("\n").at(-1)).toBe(
      `  | ${"x".repeat(400)}…`,
    );
  });

  test("removes terminal sequences and control characters from reason, remedy and output", () => {
    const { message, failure: kept } = new HostError({
      ...failure,
      reason: "no \u001b[2Jroom\nfor \u202eyou\u009b31m",
      remedy: "run \u200bthis\u0007",
      output: "\u001b]52;c;eHg=\u0007last\u0085",
    });
    expect(message).toBe(
      "judge-1: lay out the jail: no room?for ?you [disk-full]\n  its last lines:\n  | last?\n  what to do: run ?this?",
    );
    expect([kept.reason, kept.remedy]).toEqual(["no room?for ?you", "run ?this?"]);
  });

  test("has a code for programs, and no stack trace for people", () => {
    const error = new HostError(failure);
    expect(error.code).toBe("disk-full");
    expect(error.stack).toBe(error.message);
  });
});

test.each([
  ["colours", "\u001b[1;31mred\u001b[0m", ["red"]],
  ["a terminal's title", "\u001b]0;title\u0007beep", ["beep"]],
  ["bells and NULs", "\u0007beep\u0000", ["?beep?"]],
  ["carriage returns", "a\r\nb\rc", ["a", "b", "c"]],
  ["empty lines", "a\n\n  \nb\n", ["a", "b"]],
])("the last lines of a text are free of %s", (_name, text, lines) => {
  expect(lastLines(text, 10)).toEqual(lines);
});

test("hideStack hides an error's stack trace, and messageOf returns a message for any thrown value", () => {
  const error = new Error("plain");
  hideStack(error);
  expect(error.stack).toBe("plain");
  expect([messageOf(error), messageOf("text"), messageOf(undefined)]).toEqual(["plain", "text", "undefined"]);
});
