import { z } from "zod";
import { connectionSchema } from "../ssh/connection.js";
import { cacheFolder, ownFolder } from "./host-paths.js";

/** A week, in seconds: nothing here takes longer, and a timer can wait for 24 days at most. */
const longest = 7 * 24 * 3600;
const seconds = z
  .number()
  .int("must be whole seconds")
  .min(1, "must be at least 1 second")
  .max(longest, `must be at most ${longest} seconds, a week`);

/** The fields of every resource's schema. */
export const hostFields = {
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a name: letters, digits, '.', '_' and '-'"),
  connection: connectionSchema,
  directories: z.strictObject({ state: ownFolder.optional(), cache: cacheFolder.optional() }).optional(),
  timeouts: z.strictObject({ step: seconds.optional(), build: seconds.optional() }).optional(),
};

/** The fields that the schema of a jail's resource begins with. */
export const jailFields = { ...hostFields, path: ownFolder };

/** Where a host keeps what is ours, unless `directories` says otherwise. */
export const defaultDirectories = { state: "/var/lib/python3jail", cache: "/var/cache/python3jail" } as const;

/** Why a jail cannot be where it is: what is of all jails of a host would be part of it, and go with it. */
export function overlapOf({ path, directories }: Pick<TargetInputs, "path" | "directories">): string | undefined {
  // Not known yet.
  if (typeof directories === "string") return undefined;
  for (const name of ["state", "cache"] as const) {
    const folder = directories?.[name] ?? defaultDirectories[name];
    if (within(path, folder) || within(folder, path))
      return `path: must be apart from directories.${name} (by default ${defaultDirectories[name]}), which is for all jails of the host`;
  }
  return undefined;
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

export type TargetInputs = z.output<z.ZodObject<typeof jailFields>>;
