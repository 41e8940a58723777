import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The path of a part of a jail's manifest (manifest.sh). */
export function manifestPath(records: string, part: string): string {
  return join(records, "manifest", part);
}

/** Writes a part of the manifest, with facts as `NAME VALUE`, and entries in the form of mtree(5). */
export function writeManifest(
  records: string,
  part: string,
  facts: readonly string[],
  entries: readonly string[],
): void {
  seal(manifestPath(records, part), ["#mtree", ...facts.map((fact) => `# ${fact}`), ...entries]);
}

/** Changes the text of a part, and its digest, so that it does not count as damaged. */
export function editManifest(records: string, part: string, edit: (text: string) => string): void {
  const path = manifestPath(records, part);
  seal(path, edit(readFileSync(path, "utf8")).trimEnd().split("\n").slice(0, -1));
}

/** The values of a fact in a part. */
export function factsOf(records: string, part: string, name: string): string[] {
  return readFileSync(manifestPath(records, part), "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`# ${name} `))
    .map((line) => line.slice(name.length + 3));
}

function seal(path: string, lines: readonly string[]): void {
  const text = lines.map((line) => `${line}\n`).join("");
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 16);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}# end ${digest}\n`);
}
