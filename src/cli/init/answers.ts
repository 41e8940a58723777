import { checked } from "../../base/validation.js";
import { UsageError } from "../../base/usage-error.js";
import { newestPatch, newestVersion, releaseOf } from "../../python/releases.js";
import { jailFields } from "../../remote/target-inputs.js";

/** The names of so many environments, that which is tried first at the beginning. */
const environments: readonly (readonly string[])[] = [["dev"], ["dev", "prod"], ["dev", "staging", "prod"]];

/** The names of the stacks for so many environments. Where one is there already, they are `my-dev` and so on. */
export function stackNames(count: number, isThere: (stack: string) => boolean): readonly string[] {
  const names = environments[count - 1] ?? [];
  return names.some(isThere) ? names.map((name) => `my-${name}`) : names;
}

/** How many environments. */
export function readCount(text: string): number {
  if (!/^[1-9]$/.test(text) || Number(text) > environments.length)
    throw new UsageError(`must be 1 to ${environments.length}`);
  return Number(text);
}

/** The jail's path. */
export function readPath(text: string): string {
  const { value, reasons } = checked(jailFields.path, text);
  if (reasons) throw new UsageError(reasons.join("; "));
  return value;
}

/** A version of the table; of a release line ("3.13") the newest. */
export function readVersion(text: string): string {
  const version = releaseOf(text) ? text : newestPatch(text);
  if (version === undefined)
    throw new UsageError(
      `there is no ${JSON.stringify(text)} in the table of releases; the newest is ${newestVersion()}`,
    );
  return version;
}

/** A host's name for good. */
export function readName(text: string): string {
  const { value, reasons } = checked(jailFields.host, text);
  if (reasons) throw new UsageError(reasons.join("; "));
  return value;
}

/** The name that a host gets unless somebody says otherwise: the first part of its own; an address says nothing. */
export function usualName(address: string): string {
  const [first = ""] = address.split(".");
  return /^\d+$/.test(first) || !jailFields.host.safeParse(first).success ? "jail-1" : first;
}
