import { z } from "zod";
import { nearest } from "./nearest.js";

type RawIssue = z.core.$ZodRawIssue;

/** The types as people write them in a config. */
const inWords: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map (`name: value`)",
  record: "a map (`name: value`)",
};

/** A schema that tells, where a value of another type is given, what is right: "a list, such as `[a, b]`". */
export function withExample<T extends z.ZodType>(schema: T, example: string): T {
  return schema.meta({ example });
}

/**
 * Says in words why a value does not fit its schema. Never repeats the value, which may be secret; the name of a property is none.
 * Undefined where the schema says it itself.
 */
export function issueText(issue: RawIssue): string | undefined {
  if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, shapeOf(issue.inst));
  if (issue.code === "invalid_type")
    return issue.input === undefined ? `is missing: ${typeText(issue)}` : `must be ${typeText(issue)}${slip(issue)}`;
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map((value) => JSON.stringify(value)).join("|");
    return issue.input === null && issue.values.includes("null")
      ? 'must be "null", in quotation marks: without them YAML takes it for nothing'
      : `must be ${issue.values.length > 1 ? "one of " : ""}${allowed}`;
  }
  if (issue.code === "too_big" && issue.inclusive !== false) return `must be at most ${amount(issue, issue.maximum)}`;
  if (issue.code === "too_small" && issue.inclusive !== false)
    return `must be at least ${amount(issue, issue.minimum)}`;
  return undefined;
}

/** The type in words, with an example where the schema has one. */
function typeText({ inst, expected }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const example = inst && z.globalRegistry.get(inst as z.core.$ZodType)?.example;
  return typeof example === "string" ? example : (inWords[expected] ?? expected);
}

/** What YAML makes of a text without quotation marks, and of a number in them. */
function slip({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (expected === "string" && ["number", "boolean"].includes(typeof input)) return ": put it in quotation marks";
  if (expected === "number" && typeof input === "string" && /^\d+$/.test(input)) return ", without quotation marks";
  if (expected === "boolean" && (input === "true" || input === "false")) return ", without quotation marks";
  return "";
}

function amount({ origin }: { readonly origin: string }, count: number | bigint): string {
  if (origin === "string") return `${count} characters long`;
  return origin === "array" || origin === "set" ? `${count} entries long` : String(count);
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** The properties of an object's schema, whatever it is wrapped in; none of any other schema. */
function shapeOf(schema: RawIssue["inst"]): Shape {
  const { shape, innerType } = (schema?._zod.def ?? {}) as { shape?: Shape; innerType?: z.core.$ZodType };
  return shape ?? (innerType ? shapeOf(innerType) : {});
}

function unknownKeys(keys: readonly string[], shape: Shape): string {
  const known = Object.keys(shape).sort();
  const hints = keys.flatMap((key) => {
    const homes = known.filter((name) => Object.hasOwn(shapeOf(shape[name]), key));
    const meant = nearest(key, known);
    if (homes.length > 0 && homes.length <= 2)
      return [`"${key}" belongs into ${homes.map((home) => `\`${home}\``).join(" or ")}`];
    return meant === undefined ? [] : [`did you mean "${meant}"?`];
  });
  const names = keys.map((key) => `"${key}"`).join(", ");
  const what = `unknown ${keys.length > 1 ? "properties" : "property"} ${names}`;
  const list = known.length > 0 ? ` (known: ${known.join(", ")})` : "";
  return `${hints.length > 0 ? `${what}: ${hints.join("; ")}` : what}${list}`;
}
