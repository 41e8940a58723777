import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { checked, containsUnknown } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";

const schema = z.strictObject({
  name: z.string().regex(/^[a-z]+$/, "must be small letters"),
  size: z.number().int("must be a whole number").max(10).default(3),
  mode: z
    .string()
    .regex(/^[0-7]+$/, "must be octal")
    .transform((mode) => mode.padStart(4, "0"))
    .optional(),
  list: z.array(z.string().min(2, "must have two letters")).default([]),
  kind: z.enum(["c", "b"]).optional(),
  inner: z.strictObject({ deep: z.strictObject({ port: z.number() }), other: z.string().optional() }).optional(),
  either: z
    .union([
      z.strictObject({ url: z.string(), sum: z.string().regex(/^\d+$/, "must be digits") }),
      z.strictObject({ path: z.string(), sum: z.string().regex(/^\d+$/, "must be digits") }),
    ])
    .optional(),
  modes: z
    .record(z.string().regex(/^[a-z/]+$/, "must be a path"), z.string().regex(/^[0-7]+$/, "must be octal"))
    .optional(),
});
const reasons = (value: unknown): string[] | undefined => checked<unknown>(schema, value).reasons;

describe("a wrong value is refused by a reason that names its property", () => {
  const cases: [string, unknown, string[]][] = [
    ["a missing property", {}, ["name: is missing: a text"]],
    ["a value of the wrong type", { name: 5 }, ["name: must be a text: put it in quotation marks"]],
    ["a value of the wrong form", { name: "A" }, ["name: must be small letters"]],
    ["a value that is too large", { name: "a", size: 11 }, ["size: must be at most 10"]],
    [
      "wrong entries of a list",
      { name: "a", list: ["ok", "x", 5] },
      ["list[1]: must have two letters", "list[2]: must be a text: put it in quotation marks"],
    ],
    ["a value outside an enumeration", { name: "a", kind: "d" }, ['kind: must be one of "c"|"b"']],
    [
      "a wrong value in a nested object",
      { name: "a", inner: { deep: { port: "22" } } },
      ["inner.deep.port: must be a number, without quotation marks"],
    ],
    [
      "a missing property of a nested object",
      { name: "a", inner: { deep: {} } },
      ["inner.deep.port: is missing: a number"],
    ],
    [
      "an unknown property",
      { name: "a", extra: 1 },
      ['unknown property "extra" (known: either, inner, kind, list, mode, modes, name, size)'],
    ],
    [
      "two unknown properties of a nested object",
      { name: "a", inner: { deep: { port: 1 }, x: 1, y: 2 } },
      ['inner: unknown properties "x", "y" (known: deep, other)'],
    ],
    ["null", { name: null }, ["name: must be a text"]],
    ["a wrong value of a record", { name: "a", modes: { bin: "rwx" } }, ["modes.bin: must be octal"]],
    ["a wrong key of a record", { name: "a", modes: { BIN: "755" } }, ["modes.BIN: must be a path"]],
    ["a text instead of an object", "text", ["must be a map (`name: value`)"]],
    ["several wrong values", { name: "A", size: 0.5 }, ["name: must be small letters", "size: must be a whole number"]],
  ];
  test.each(cases)("%s", (_name, value, expected) => expect(reasons(value)).toEqual(expected));
});

describe("for a union, the nearest alternative gives the reason", () => {
  const cases: [string, unknown, string[]][] = [
    ["the first, with a wrong field", { url: "u", sum: "x" }, ["either.sum: must be digits"]],
    ["the second, with a wrong field", { path: "p", sum: "x" }, ["either.sum: must be digits"]],
    ["the second, with a missing field", { path: "p" }, ["either.sum: is missing: a text"]],
    [
      "the first, with an unknown field",
      { url: "u", sum: "1", more: 1 },
      ['either: unknown property "more" (known: sum, url)'],
    ],
    ["neither", 5, ["either: must be a map (`name: value`)"]],
  ];
  test.each(cases)("%s", (_name, either, expected) => expect(reasons({ name: "a", either })).toEqual(expected));
});

describe("an unknown value is accepted", () => {
  const cases: [string, unknown][] = [
    ["at the top", { name: unknownValue }],
    ["in the place of a number", { name: "a", size: unknownValue }],
    ["in the place of an object", { name: "a", inner: unknownValue }],
    ["in a nested object", { name: "a", inner: { deep: { port: unknownValue } } }],
    ["as a list", { name: "a", list: unknownValue }],
    ["in a list", { name: "a", list: ["ok", unknownValue] }],
    ["in the place of an enumeration", { name: "a", kind: unknownValue }],
    ["in the first alternative", { name: "a", either: { url: unknownValue, sum: unknownValue } }],
    ["in the second alternative", { name: "a", either: { path: unknownValue, sum: unknownValue } }],
    ["beside a known field of the second alternative", { name: "a", either: { path: "p", sum: unknownValue } }],
    ["in the place of a union", { name: "a", either: unknownValue }],
    ["in a record", { name: "a", modes: { bin: unknownValue } }],
  ];
  test.each(cases)("%s", (_name, value) => expect(reasons(value)).toBeUndefined());

  test("and returned unchanged, while known fields are parsed and get their defaults", () => {
    expect(checked<unknown>(schema, { name: "a", mode: "755", kind: unknownValue }).value).toEqual({
      name: "a",
      size: 3,
      list: [],
      mode: "0755",
      kind: unknownValue,
    });
  });

  const besides: [string, unknown, string[]][] = [
    ["a wrong value beside it", { name: unknownValue, mode: "rwx" }, ["mode: must be octal"]],
    [
      "a wrong value beside it in a nested object",
      { name: "a", inner: { deep: { port: "22" }, other: unknownValue } },
      ["inner.deep.port: must be a number, without quotation marks"],
    ],
    [
      "an unknown property beside it",
      { name: unknownValue, extra: 1 },
      ['unknown property "extra" (known: either, inner, kind, list, mode, modes, name, size)'],
    ],
    ["a missing property beside it", { size: unknownValue }, ["name: is missing: a text"]],
    [
      "a wrong value in the same alternative",
      { name: "a", either: { path: unknownValue, sum: "x" } },
      ["either.sum: must be digits"],
    ],
  ];
  test.each(besides)("but not %s", (_name, value, expected) => expect(reasons(value)).toEqual(expected));
});

describe("no reason contains the value", () => {
  const secret = "hunter2";
  /** Wrong values of every type that a field may have, all with the secret inside. */
  const wrong: unknown[] = [
    secret,
    [secret],
    { [`x`]: secret },
    { deep: secret },
    { deep: { port: secret } },
    { url: secret, sum: secret },
    { path: secret, sum: secret },
    { bin: secret },
  ];
  const cases = Object.keys(schema.shape).flatMap((key) => wrong.map((value): [string, unknown] => [key, value]));
  test.each(cases)("of %s with %j", (key, value) => {
    expect((reasons({ name: "A B", [key]: value }) ?? []).join("\n")).not.toContain(secret);
  });

  test("given in the place of the object", () => {
    expect(reasons(secret)!.join()).not.toContain(secret);
  });
});

test.each<[unknown, boolean]>([
  [unknownValue, true],
  [{ a: [{ b: unknownValue }] }, true],
  ["text", false],
  [{ a: [1, null, undefined] }, false],
  [null, false],
  [`${unknownValue} and more`, false],
])("containsUnknown of %j is %j", (value, expected) => {
  expect(containsUnknown(value)).toBe(expected);
});
