import type { z } from "zod";
import { issueText } from "./issue-text.js";
import { unknownValue } from "./pulumi-internals.js";
import { canBeArgument } from "./text.js";

export type Checked<T> =
  { readonly value: T; readonly reasons: undefined } | { readonly value: undefined; readonly reasons: string[] };

/**
 * Checks a value against a schema. Each reason names a property and what would be right. No reason contains a value,
 * which may be secret. Unknown values pass at any depth, and are returned unchanged.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const result = schema.safeParse(value, { error: issueText, reportInput: true });
  if (result.success) {
    const invalid = invalidTexts(value);
    return invalid.length > 0 ? { value: undefined, reasons: invalid } : { value: result.data, reasons: undefined };
  }
  const reasons = flatten(result.error.issues)
    .filter((issue) => !leadsToUnknown(value, issue))
    .map((issue) => {
      const property = propertyText(issue.path);
      return property === "" ? issue.message : `${property}: ${issue.message}`;
    });
  return reasons.length > 0
    ? { value: undefined, reasons }
    : { value: withDefaults(schema, value) as T, reasons: undefined };
}

/**
 * Returns a reason for each text, at any depth, that cannot be passed to a program or a host unchanged.
 */
function invalidTexts(value: unknown, path: readonly PropertyKey[] = []): string[] {
  if (typeof value === "string")
    return canBeArgument(value)
      ? []
      : [`${propertyText(path)}: must not contain a NUL or half a character`.replace(/^: /, "")];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((inner, index) => invalidTexts(inner, [...path, index]));
  return Object.entries(value).flatMap(([key, inner]) => [
    ...invalidTexts(key, path),
    ...invalidTexts(inner, [...path, key]),
  ]);
}

/** Formats a property's path: `hosts[3].python.version`. */
export function propertyText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

/**
 * Checks the properties of a resource in a state. A value that another release recorded and this one rejects is
 * returned unchanged, so that read and delete work for every recorded resource. Only a missing required property is
 * refused.
 */
export function checkedRecord<T>(schema: z.ZodType<T>, value: Readonly<Record<string, unknown>>): Checked<T> {
  const result = checked(schema, value);
  const { shape } = schema as unknown as { shape: Record<string, z.ZodType> };
  if (
    !result.reasons ||
    Object.entries(shape).some(([key, field]) => value[key] === undefined && !field.safeParse(undefined).success)
  )
    return result;
  return {
    value: mapFields(shape, value, (field, recorded) => field.safeParse(recorded).data ?? recorded) as T,
    reasons: undefined,
  };
}

/**
 * Parses the known fields of a value that contains unknown ones, and adds their defaults. Without this, diff would show
 * the known fields as changed.
 */
function withDefaults(schema: z.ZodType, value: unknown): unknown {
  const { shape } = schema as { shape?: Record<string, z.ZodType> };
  if (!shape || typeof value !== "object" || value === null) return value;
  return mapFields(shape, value as Record<string, unknown>, (field, given) =>
    containsUnknown(given) ? given : field.safeParse(given).data,
  );
}

/** Applies a function to each field of a schema and its value. Leaves out undefined results. */
function mapFields(
  shape: Readonly<Record<string, z.ZodType>>,
  value: Readonly<Record<string, unknown>>,
  of: (field: z.ZodType, value: unknown) => unknown,
): Record<string, unknown> {
  const fields = Object.entries(shape).map(([key, field]) => [key, of(field, value[key])] as const);
  return Object.fromEntries(fields.filter(([, result]) => result !== undefined));
}

type Issue = z.core.$ZodIssue;

/**
 * Replaces the issue of a union, or of a record's wrong key, by the issues inside it: only those say what is wrong. For
 * a union, it takes the alternative that is nearest to the value.
 */
function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code === "invalid_key") return flatten(issue.issues.map((inner) => ({ ...inner, path: issue.path })));
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const nearest = issue.errors.reduce((best, errors) => (distance(errors) < distance(best) ? errors : best));
    return flatten(nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
}

/**
 * Measures how far a value is from one alternative of a union. Unknown and missing properties count most. With equal
 * counts, the alternative that failed deeper inside the value is nearer.
 */
function distance(issues: readonly Issue[]): number {
  const mismatched = issues.filter((issue) => issue.code === "unrecognized_keys" || isMissing(issue)).length;
  return mismatched - Math.max(0, ...issues.map((issue) => issue.path.length)) / 100;
}

function isMissing(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.input === undefined;
}

/** Whether an issue may only come from an unknown value: at its path, above it, or below it. */
function leadsToUnknown(value: unknown, { code, path }: Issue): boolean {
  let here: unknown = value;
  for (const part of path) {
    if (here === unknownValue) return true;
    here = typeof here === "object" && here !== null ? (here as Record<PropertyKey, unknown>)[part] : undefined;
  }
  // An unknown property name is wrong, whatever the unknown values turn out to be.
  return (
    here === unknownValue ||
    (code !== "unrecognized_keys" && typeof here === "object" && here !== null && containsUnknown(here))
  );
}

/** Whether a value is unknown, or contains an unknown value at any depth. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsUnknown);
}
