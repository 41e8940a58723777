import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

/** How the engine hands us an input that is not known before something else has run. */
export const unknownValue: string = pulumi.runtime.unknownValue;

export type Checked<T> = { readonly value: T; readonly reasons: undefined } | { readonly value: undefined; readonly reasons: string[] };

/**
 * Checks a value against a schema. The reasons name the property and what would be right, and never print a value: it
 * may be secret. What is unknown yet is let pass, at any depth; the value then comes back as it came.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, reasons: undefined };
  const reasons = flatten(result.error.issues)
    .filter((issue) => !leadsToUnknown(value, issue.path))
    .map((issue) => {
      const property = issue.path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`)).join("");
      return property === "" ? plain(issue) : `${property}: ${plain(issue)}`;
    });
  return reasons.length > 0 ? { value: undefined, reasons } : { value: value as T, reasons: undefined };
}

type Issue = z.core.$ZodIssue;

/** A union's own message says nothing: the branch that came nearest says what is wrong. */
function flatten(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const nearest = issue.errors.reduce((best, errors) => (depth(errors) > depth(best) ? errors : best));
    return flatten(nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function plain(issue: Issue): string {
  if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.length > 1 ? "properties" : "property"} ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
  if (issue.code === "invalid_type" && /received undefined/.test(issue.message)) return `is missing (${issue.expected})`;
  return issue.message.replace(/^Invalid (input|option): expected/, "must be").replace(/, received .*$/, "");
}

function leadsToUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
  let here: unknown = value;
  for (const part of path) {
    if (here === unknownValue) return true;
    here = typeof here === "object" && here !== null ? (here as Record<PropertyKey, unknown>)[part] : undefined;
  }
  return here === unknownValue || (typeof here === "object" && here !== null && containsUnknown(here));
}

/** Whether anything within is not known yet. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsUnknown);
}
