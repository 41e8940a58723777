import { z } from "zod";
import { nearest } from "./nearest.js";

type RawIssue = z.core.$ZodRawIssue;

/** Names of zod's types, in the words of a config file. */
const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map (`name: value`)",
  record: "a map (`name: value`)",
};

/** Adds an example to a schema. The error for a value of the wrong type shows it: "a list, such as `[a, b]`". */
export function withExample<T extends z.ZodType>(schema: T, example: string): T {
  return schema.meta({ example });
}

/**
 * Returns the error text for a value that its schema rejects, or undefined if the schema has its own message. The text
 * may name properties, but never contains the value: it may be secret.
 */
export function issueText(issue: RawIssue): string | undefined {
  if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, shapeOf(issue.inst));
  if (issue.code === "invalid_type")
    return issue.input === undefined
      ? `is missing: ${typeText(issue)}`
      : `must be ${typeText(issue)}${quotingHint(issue)}`;
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

/** Returns the schema's example, or else the name of the expected type. */
function typeText({ inst, expected }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const example = inst && z.globalRegistry.get(inst as z.core.$ZodType)?.example;
  return typeof example === "string" ? example : (typeNames[expected] ?? expected);
}

/** Returns a hint if quotation marks in YAML explain the wrong type, or else an empty text. */
function quotingHint({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (expected === "string" && ["number", "boolean"].includes(typeof input)) return ": put it in quotation marks";
  if (expected === "number" && typeof input === "string" && /^\d+$/.test(input)) return ", without quotation marks";
  if (expected === "boolean" && (input === "true" || input === "false")) return ", without quotation marks";
  return "";
}

/** Returns a limit with the unit of what it limits: characters, entries, or none. */
function amount({ origin }: { readonly origin: string }, count: number | bigint): string {
  if (origin === "string") return `${count} characters long`;
  return origin === "array" || origin === "set" ? `${count} entries long` : String(count);
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** Returns the properties of an object schema, also if it is wrapped (optional, default). Other schemas have none. */
function shapeOf(schema: RawIssue["inst"]): Shape {
  const { shape, innerType } = (schema?._zod.def ?? {}) as { shape?: Shape; innerType?: z.core.$ZodType };
  return shape ?? (innerType ? shapeOf(innerType) : {});
}

/** Returns the error text for unknown properties: which they are, what was probably meant, and the known ones. */
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
