import type { z } from "zod";
import { issueText } from "./issue-text.js";
import { unknownValue } from "./pulumi-internals.js";
import { canBeArgument } from "./text.js";

export type Checked<T> =
  { readonly value: T; readonly reasons: undefined } | { readonly value: undefined; readonly reasons: string[] };

/**
 * Checks a value against a schema. The reasons name the property and what would be right, and never print a value: it
 * may be secret. What is unknown yet is let pass, at any depth, and comes back as it came.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const result = schema.safeParse(value, { error: issueText, reportInput: true });
  if (result.success) {
    const unfit = unfitTexts(value);
    return unfit.length > 0 ? { value: undefined, reasons: unfit } : { value: result.data, reasons: undefined };
  }
  const reasons = flatten(result.error.issues)
    .filter((issue) => !leadsToUnknown(value, issue))
    .map((issue) => {
      const property = propertyText(issue.path);
      return property === "" ? issue.message : `${property}: ${issue.message}`;
    });
  return reasons.length > 0
    ? { value: undefined, reasons }
    : { value: completed(schema, value) as T, reasons: undefined };
}

/** No text with a NUL or half a character reaches a host or a program as it was given, whatever it is for. */
function unfitTexts(value: unknown, path: readonly PropertyKey[] = []): string[] {
  if (typeof value === "string")
    return canBeArgument(value)
      ? []
      : [`${propertyText(path)}: must not contain a NUL or half a character`.replace(/^: /, "")];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((inner, index) => unfitTexts(inner, [...path, index]));
  return Object.entries(value).flatMap(([key, inner]) => [
    ...unfitTexts(key, path),
    ...unfitTexts(inner, [...path, key]),
  ]);
}

/** A property as people write it: `hosts[3].python.version`. */
export function propertyText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`))
    .join("");
}

/**
 * Checks properties that a state holds. What another release recorded and this one would refuse stays as it is: that must be looked at
 * and taken away whatever the rules are by now. Only what is missing cannot be done without.
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
    value: fieldByField(shape, value, (field, recorded) => field.safeParse(recorded).data ?? recorded) as T,
    reasons: undefined,
  };
}

/** Where something is not known yet: the rest with its defaults and in its form, or it would look changed. */
function completed(schema: z.ZodType, value: unknown): unknown {
  const { shape } = schema as { shape?: Record<string, z.ZodType> };
  if (!shape || typeof value !== "object" || value === null) return value;
  return fieldByField(shape, value as Record<string, unknown>, (field, given) =>
    containsUnknown(given) ? given : field.safeParse(given).data,
  );
}

/** What each field of a schema comes to, without those that come to nothing. */
function fieldByField(
  shape: Readonly<Record<string, z.ZodType>>,
  value: Readonly<Record<string, unknown>>,
  of: (field: z.ZodType, value: unknown) => unknown,
): Record<string, unknown> {
  const fields = Object.entries(shape).map(([key, field]) => [key, of(field, value[key])] as const);
  return Object.fromEntries(fields.filter(([, known]) => known !== undefined));
}

type Issue = z.core.$ZodIssue;

/** A union's own message says nothing, nor does a record's on a wrong key: what lies below says what is wrong. */
function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code === "invalid_key") return flatten(issue.issues.map((inner) => ({ ...inner, path: issue.path })));
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const nearest = issue.errors.reduce((best, errors) => (distance(errors) < distance(best) ? errors : best));
    return flatten(nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
}

/** How far a value is from an alternative: by properties of another one first, then by how early it went wrong. */
function distance(issues: readonly Issue[]): number {
  const strange = issues.filter((issue) => issue.code === "unrecognized_keys" || isMissing(issue)).length;
  return strange - Math.max(0, ...issues.map((issue) => issue.path.length)) / 100;
}

function isMissing(issue: Issue): boolean {
  return issue.code === "invalid_type" && issue.input === undefined;
}

function leadsToUnknown(value: unknown, { code, path }: Issue): boolean {
  let here: unknown = value;
  for (const part of path) {
    if (here === unknownValue) return true;
    here = typeof here === "object" && here !== null ? (here as Record<PropertyKey, unknown>)[part] : undefined;
  }
  // A name that nobody knows is wrong whatever else will be known.
  return (
    here === unknownValue ||
    (code !== "unrecognized_keys" && typeof here === "object" && here !== null && containsUnknown(here))
  );
}

/** Whether anything within is not known yet. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsUnknown);
}
