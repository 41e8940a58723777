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

/** Where releases are fetched from; mirrors have the same layout. */
export const pythonOrg = "https://www.python.org/ftp/python";

/** The release of a version that our table of pins knows. */
export function releaseOf(version: string): Release | undefined {
  return Object.hasOwn(table, version) ? table[version] : undefined;
}

/** The newest version of a release line ("3.13") that the table knows, if any. */
export function newestPatch(line: string): string | undefined {
  return Object.keys(table).findLast((version) => version.startsWith(`${line}.`));
}

/** The newest version of every release line, the newest first. */
export function newestPatches(): string[] {
  const lines = new Map(Object.keys(table).map((version) => [version.replace(/\.\d+$/, ""), version]));
  return [...lines.values()].reverse();
}

/** The version that a text means: of "3.13" and "latest" the newest that the table knows, and else the text. */
export function pinnedVersion(version: string): string {
  if (version === "latest") return newestVersion();
  return /^\d+\.\d+$/.test(version) ? (newestPatch(version) ?? version) : version;
}

/** The newest version that the table knows. */
export function newestVersion(): string {
  const newest = Object.keys(table).at(-1);
  if (newest === undefined) throw new Error("the table of releases is empty");
  return newest;
}
