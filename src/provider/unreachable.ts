import { z } from "zod";
import { HostError } from "../base/errors.js";
import type { StackConfig } from "../ssh/credentials.js";

/** The config key that says what a delete does if the host is unreachable. */
export const unreachableKey = "python3jail:unreachable";

export const unreachableSchema = z.enum(["fail", "forget"], "must be fail or forget");

export type Unreachable = z.output<typeof unreachableSchema>;

/** Reads the setting from the stack's config. Default: `fail`. Throws if it is malformed. */
export function unreachableIn(config: StackConfig): Unreachable {
  const text = config.get(unreachableKey);
  const { data, error } = unreachableSchema.safeParse(text ?? "fail");
  if (error) throw new Error(`${unreachableKey}: ${error.issues.map(({ message }) => message).join("; ")}`);
  return data;
}

/** True if a failed delete counts as done: nothing at the host's address answers, and the operator has set `forget`. */
export function countsAsDeleted(error: unknown, unreachable: Unreachable): error is HostError {
  return unreachable === "forget" && mayBeGone(error);
}

/**
 * Adds to an error of a host that may be gone how to delete its resources all the same. Any other error is returned as
 * it is.
 */
export function withForgetHint(error: unknown): unknown {
  if (!mayBeGone(error)) return error;
  const hint = `if it is gone for good, run \`pulumi config set ${unreachableKey} forget\`, then \`pulumi up\`; before \`pulumi destroy\` too`;
  return new HostError({ ...error.failure, remedy: [error.failure.remedy, hint].filter(Boolean).join("; ") });
}

function mayBeGone(error: unknown): error is HostError {
  return error instanceof HostError && error.code === "unreachable" && error.failure.gone === true;
}
