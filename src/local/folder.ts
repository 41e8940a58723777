import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readSync, statSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { pathPattern } from "../base/patterns.js";

/** A file in a local folder. */
export interface LocalFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly sha256: string;
  /** Whether its owner may run it. Nothing else of the file's mode is used. */
  readonly program: boolean;
}

/** Patterns that are always ignored: files that Python and version control create for themselves. */
const alwaysIgnored = ["__pycache__", "*.pyc", "*.pyo", ".git", ".hg", ".svn"];

/** Most files in a folder for a jail. More files would keep the hosts busy for minutes. */
export const mostFiles = 10_000;
const mostMegabytes = 256;

/**
 * Lists the files below a local folder, sorted by path, without those that a pattern of `ignore` matches. Throws if
 * something there cannot be sent, such as a symlink.
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

/** Returns a digest of several files: their paths, contents, and which of them are programs. */
export function digestOfAll(files: readonly LocalFile[]): string {
  const hash = createHash("sha256");
  for (const { path, sha256, program } of files) hash.update(`${sha256} ${program ? "x" : "-"} ${path}\n`);
  return hash.digest("hex");
}

/** Lists the names in a directory. Throws for names that cannot be sent. */
function namesIn(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), "buffer").map((bytes) => {
    const name = bytes.toString("utf8");
    if (!Buffer.from(name).equals(bytes))
      throw new Error(`${shown(join(below, name))} in ${folder} has a name that is not UTF-8: rename it`);
    // The host gets a list of files, one a line. Its tools print names with such characters in an escaped form.
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

/** Returns a function that tests a path. A pattern with a `/` must match the whole path, any other the last name. */
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

/** Digests of this process, by device, inode, size and time of change. All its sessions share them. */
const digests = new Map<string, string>();
/**
 * Coarsest resolution of a file system's times, in milliseconds. After a more recent change, another write may leave
 * the same time, so the digest is not kept.
 */
const timeResolution = 2000;

/** Returns the sha256 of a file. The file is read once, however many hosts get it. */
function digestOf(file: string, { dev, ino, size, ctimeNs, ctimeMs }: BigIntStats): string {
  const key = [dev, ino, size, ctimeNs].join(":");
  let digest = digests.get(key);
  if (digest === undefined) {
    digest = hashFile(file);
    if (Date.now() - Number(ctimeMs) > timeResolution) digests.set(key, digest);
  }
  return digest;
}

function hashFile(file: string): string {
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
