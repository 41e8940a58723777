import { z } from "zod";
import { HostError } from "../base/errors.js";
import type { StackConfig } from "../ssh/credentials.js";

/** The config key of what to do with the resources of a host that cannot be reached, when they are to be deleted. */
export const unreachableKey = "python3jail:unreachable";

export const unreachableSchema = z.enum(["fail", "forget"], "must be fail or forget");

export type Unreachable = z.output<typeof unreachableSchema>;

/** The setting in the stack's config. Throws where it has the wrong form. */
export function unreachableIn(config: StackConfig): Unreachable {
  const text = config.get(unreachableKey);
  const { data, error } = unreachableSchema.safeParse(text ?? "fail");
  if (error) throw new Error(`${unreachableKey}: ${error.issues.map(({ message }) => message).join("; ")}`);
  return data;
}

/** Whether a failed delete is to be taken for done: only where nothing of the host answers, and the operator said so. */
export function forgets(error: unknown, unreachable: Unreachable): error is HostError {
  return unreachable === "forget" && mayBeGone(error);
}

/** The same error, which tells of the way out as well, where there is one. */
export function withWayOut(error: unknown): unknown {
  if (!mayBeGone(error)) return error;
  const out = `if it is gone for good, run \`pulumi config set ${unreachableKey} forget\`, then \`pulumi up\`, before a \`destroy\` too`;
  return new HostError({ ...error.failure, remedy: [error.failure.remedy, out].filter(Boolean).join("; ") });
}

function mayBeGone(error: unknown): error is HostError {
  return error instanceof HostError && error.code === "unreachable" && error.failure.gone === true;
}
