import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A release of CPython: its source archive's name, and the sha256 that python.org publishes for it. */
export interface Release {
  readonly file: string;
  readonly sha256: string;
}

const table = z
  .record(z.string(), z.strictObject({ file: z.string(), sha256: z.string() }))
  .parse(JSON.parse(readFileSync(join(__dirname, "releases.json"), "utf8")));

/** The address below which python.org has releases. Mirrors have the same layout. */
export const pythonOrg = "https://www.python.org/ftp/python";

/** The release of an exact version; undefined if the table of pinned releases does not have it. */
export function releaseOf(version: string): Release | undefined {
  return Object.hasOwn(table, version) ? table[version] : undefined;
}

/** The newest version of a release line ("3.13") in the table; undefined if there is none. */
export function newestPatch(line: string): string | undefined {
  return Object.keys(table).findLast((version) => version.startsWith(`${line}.`));
}

/** The newest version of every release line in the table, newest line first. */
export function newestPatches(): string[] {
  const lines = new Map(Object.keys(table).map((version) => [version.replace(/\.\d+$/, ""), version]));
  return [...lines.values()].reverse();
}

/** Resolves "3.13" and "latest" to the newest version in the table. Any other text is returned as it is. */
export function pinnedVersion(version: string): string {
  if (version === "latest") return newestVersion();
  return /^\d+\.\d+$/.test(version) ? (newestPatch(version) ?? version) : version;
}

/** The newest version in the table. */
export function newestVersion(): string {
  const newest = Object.keys(table).at(-1);
  if (newest === undefined) throw new Error("the table of releases is empty");
  return newest;
}
