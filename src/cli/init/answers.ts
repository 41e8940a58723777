import { checked } from "../../base/validation.js";
import { UsageError } from "../../base/usage-error.js";
import { newestPatch, newestVersion, releaseOf } from "../../python/releases.js";
import { jailFields } from "../../remote/target-inputs.js";

/** Names for one, two or three environments; the one to try changes in first comes first. */
const environments: readonly (readonly string[])[] = [["dev"], ["dev", "prod"], ["dev", "staging", "prod"]];

/** Returns the names of the stacks for so many environments. If one exists already, all get the prefix `my-`. */
export function stackNames(count: number, isThere: (stack: string) => boolean): readonly string[] {
  const names = environments[count - 1] ?? [];
  return names.some(isThere) ? names.map((name) => `my-${name}`) : names;
}

/** Parses the number of environments. Throws UsageError. */
export function readCount(text: string): number {
  if (!/^[1-9]$/.test(text) || Number(text) > environments.length)
    throw new UsageError(`must be 1 to ${environments.length}`);
  return Number(text);
}

/** Checks the jail's path. Throws UsageError. */
export function readPath(text: string): string {
  const { value, reasons } = checked(jailFields.path, text);
  if (reasons) throw new UsageError(reasons.join("; "));
  return value;
}

/** Parses a version in the table of releases; a release line ("3.13") gives its newest one. Throws UsageError. */
export function readVersion(text: string): string {
  const version = releaseOf(text) ? text : newestPatch(text);
  if (version === undefined)
    throw new UsageError(
      `there is no ${JSON.stringify(text)} in the table of releases; the newest is ${newestVersion()}`,
    );
  return version;
}

/** Checks a host's permanent name. Throws UsageError. */
export function readName(text: string): string {
  const { value, reasons } = checked(jailFields.host, text);
  if (reasons) throw new UsageError(reasons.join("; "));
  return value;
}

/** Suggests a name for a host: the first part of its DNS name, or `jail-1` for an IP address or an invalid name. */
export function usualName(address: string): string {
  const [first = ""] = address.split(".");
  return /^\d+$/.test(first) || !jailFields.host.safeParse(first).success ? "jail-1" : first;
}
