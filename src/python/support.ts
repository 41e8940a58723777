import * as pulumi from "@pulumi/pulumi";
import { newestPatch } from "./releases.js";

/**
 * The last day on which CPython's developers publish security fixes for a release line (devguide.python.org/versions).
 */
const endOfLife: Readonly<Record<string, string>> = {
  "3.9": "2025-10-31",
  "3.10": "2026-10-31",
  "3.11": "2027-10-31",
  "3.12": "2028-10-31",
  "3.13": "2029-10-31",
  "3.14": "2030-10-31",
  "3.15": "2031-10-31",
};

/**
 * The reasons to pin another version, in words; undefined if there are none. Every newer patch release in the table is
 * a reason, as ordinary patch releases contain security fixes too.
 */
export function adviceOn(version: string, today: Date): string | undefined {
  const line = version.split(".").slice(0, 2).join(".");
  const reasons: string[] = [];
  const newest = newestPatch(line);
  if (newest !== undefined && newest !== version) reasons.push(`${newest} is out, and mends what ${version} does not`);
  const end = endOfLife[line];
  if (end !== undefined && today.toISOString().slice(0, 10) > end)
    reasons.push(`nobody mends ${line} any more since ${end}`);
  return reasons.length > 0 ? reasons.join("; ") : undefined;
}

/**
 * The versions that have been logged. Process-wide, as a process is one run of a Pulumi program, and programs have no
 * session.
 */
const advised = new Set<string>();

/** Logs which exact version "3.13" or "latest" stands for, once for each. */
export function logPinnedVersion(who: string, version: string, pinned: string): void {
  if (version === pinned || advised.has(version)) return;
  advised.add(version);
  void pulumi.log.info(
    `${who}: python ${version}: is ${pinned}, the newest of it that this release of pulumi-python3jail knows (said once, for all that want it)`,
  );
}

/** Warns that another version should be pinned, once for each version however many hosts pin it. */
export function warnOfOldVersion(who: string, version: string, today = new Date()): void {
  if (advised.has(version)) return;
  const advice = adviceOn(version, today);
  if (advice === undefined) return;
  advised.add(version);
  void pulumi.log.warn(`${who}: python ${version}: ${advice} (said once, for all that pin it)`);
}
