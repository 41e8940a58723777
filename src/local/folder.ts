import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readSync, statSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { pathPattern } from "../base/patterns.js";

/** One file of a local folder. */
export interface LocalFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** Whether its owner may run it. Of a file's mode nothing else counts. */
  readonly program: boolean;
}

/** What never belongs to a site's modules: what Python and version control make for themselves. */
const alwaysIgnored = ["__pycache__", "*.pyc", "*.pyo", ".git", ".hg", ".svn"];

/** A jail's modules, not a data set: above this the hosts would be kept busy for minutes. */
export const mostFiles = 10_000;
const mostMegabytes = 256;

/**
 * The files below a local folder, sorted by path, but for those that a pattern of `ignore` names. No link is followed. Throws
 * with a reason where something there cannot be sent.
 */
export function filesBelow(folder: string, ignore: readonly string[]): LocalFile[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`there is no folder ${folder} on this machine`);
  const ignored = matcher([...alwaysIgnored, ...ignore]);
  const files: LocalFile[] = [];
  let bytes = 0n;
  const walk = (below: string): void => {
    for (const name of namesIn(folder, below)) {
      const path = below === "" ? name : `${below}/${name}`;
      if (ignored(path)) continue;
      const stats = lstatSync(join(folder, path), { bigint: true });
      if (stats.isDirectory()) {
        walk(path);
        continue;
      }
      if (!stats.isFile())
        throw new Error(
          `${shown(path)} in ${folder} is ${stats.isSymbolicLink() ? "a symbolic link" : "no regular file"}: only files are sent; put a file there, or name it in \`ignore\``,
        );
      bytes += stats.size;
      if (files.length === mostFiles)
        throw new Error(
          `${folder} holds more than ${mostFiles} files: is it the right folder? Name in \`ignore\` what the jail does not need`,
        );
      if (bytes > BigInt(mostMegabytes * 1024 * 1024))
        throw new Error(
          `${folder} holds more than ${mostMegabytes} MB: is it the right folder? Name in \`ignore\` what the jail does not need`,
        );
      files.push({ path, sha256: digestOf(join(folder, path), stats), program: (stats.mode & 0o100n) !== 0n });
    }
  };
  walk("");
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Identifies the whole: paths, contents, and which of them are programs. */
export function digestOfAll(files: readonly LocalFile[]): string {
  const hash = createHash("sha256");
  for (const { path, sha256, program } of files) hash.update(`${sha256} ${program ? "x" : "-"} ${path}\n`);
  return hash.digest("hex");
}

function namesIn(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), "buffer").map((bytes) => {
    const name = bytes.toString("utf8");
    if (!Buffer.from(name).equals(bytes))
      throw new Error(`${shown(join(below, name))} in ${folder} has a name that is not UTF-8: rename it`);
    // A list of files is a text of lines on the host, and what its tools print of such names is not the name itself.
    if (/[\u0000-\u001f\u007f\\]/.test(name))
      throw new Error(
        `${shown(join(below, name))} in ${folder} has a line break, another control character or a backslash in its name: rename it`,
      );
    return name;
  });
}

function shown(path: string): string {
  return path.replace(/[\u0000-\u001f\u007f]/g, "?");
}

/** Says of a path whether a pattern names it: by its last name, or, where the pattern has a `/`, as a whole. */
function matcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => ({
    whole: pattern.includes("/"),
    expression: pathPattern(pattern.replace(/\/+$/, "")),
  }));
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return expressions.some(({ whole, expression }) => expression.test(whole ? path : name));
  };
}

/** Of the process, by the file itself: no file on this machine has one content for one session and another for the next. */
const digests = new Map<string, string>();
/** Milliseconds after which a file's time of change tells one content from the next, on any file system. */
const timesTell = 2000;

/** The sha256 of a file, read once however many hosts get it. */
function digestOf(file: string, { dev, ino, size, ctimeNs, ctimeMs }: BigIntStats): string {
  const key = [dev, ino, size, ctimeNs].join(":");
  let digest = digests.get(key);
  if (digest === undefined) {
    digest = read(file);
    if (Date.now() - Number(ctimeMs) > timesTell) digests.set(key, digest);
  }
  return digest;
}

function read(file: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(file, "r");
  try {
    for (let got; (got = readSync(descriptor, buffer)) > 0;) hash.update(buffer.subarray(0, got));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
