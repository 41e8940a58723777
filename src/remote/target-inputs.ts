import { z } from "zod";
import { connectionSchema } from "../ssh/connection.js";
import { cacheDirectory, ownDirectory } from "./host-paths.js";

/** The longest timeout, in seconds: a week. Node's timers can wait for 24 days at most. */
const maxTimeout = 7 * 24 * 3600;
const seconds = z
  .number()
  .int("must be whole seconds")
  .min(1, "must be at least 1 second")
  .max(maxTimeout, `must be at most ${maxTimeout} seconds, a week`);

/** The schema fields that all resources have. */
export const hostFields = {
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a name: letters, digits, '.', '_' and '-'"),
  connection: connectionSchema,
  directories: z.strictObject({ state: ownDirectory.optional(), cache: cacheDirectory.optional() }).optional(),
  timeouts: z.strictObject({ step: seconds.optional(), build: seconds.optional() }).optional(),
};

/** The schema fields that all resources of a jail have. */
export const jailFields = { ...hostFields, path: ownDirectory };

/** The default directories for our state and cache on a host. `directories` overrides them. */
export const defaultDirectories = { state: "/var/lib/python3jail", cache: "/var/cache/python3jail" } as const;

/**
 * The reason why a jail must not be at its path; undefined if it may. A jail must not overlap the directories that all
 * jails of the host share: deleting the jail would delete them.
 */
export function overlapOf({ path, directories }: Pick<TargetInputs, "path" | "directories">): string | undefined {
  // An output that is not known yet.
  if (typeof directories === "string") return undefined;
  for (const name of ["state", "cache"] as const) {
    const directory = directories?.[name] ?? defaultDirectories[name];
    if (within(path, directory) || within(directory, path))
      return `path: must be apart from directories.${name} (by default ${defaultDirectories[name]}), which is for all jails of the host`;
  }
  return undefined;
}

function within(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

export type TargetInputs = z.output<z.ZodObject<typeof jailFields>>;
