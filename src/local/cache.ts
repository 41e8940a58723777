import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { oneLine } from "../base/text.js";

/**
 * The folders of the control machine's cache: source archives, Python packages, and builds of CPython for the hosts.
 */
const cacheKinds = ["sources", "wheels", "artifacts"] as const;
export type CacheKind = (typeof cacheKinds)[number];

/** A file of the cache, identified by its digest and its name. */
export interface PinnedFile {
  /** The cache's folder for this kind of file. */
  readonly kind: CacheKind;
  readonly sha256: string;
  readonly name: string;
}

/** One file in the cache. */
export interface CachedFile extends PinnedFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly used: number;
}

/** The cache's limit in bytes, unless `PYTHON3JAIL_CACHE_LIMIT` sets another. It is enough for about 300 builds. */
const defaultLimit = 4e9;

/**
 * Returns the folder of the control machine's cache of verified files. Hosts that cannot download get them from here.
 */
export function cacheRoot(): string {
  return (
    process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail")
  );
}

const digestForm = /^[0-9a-f]{64}$/;

/**
 * Returns the path of a file in the cache, whether it exists or not. Throws if its name or digest could lead elsewhere.
 */
export function cachePath({ kind, sha256, name }: PinnedFile): string {
  if (!digestForm.test(sha256)) throw new Error(`${oneLine(sha256)} is no sha256`);
  if (
    name === "" ||
    name === "." ||
    name === ".." ||
    /[/\u0000-\u001f\u007f]/.test(name) ||
    Buffer.byteLength(name) > 230
  )
    throw new Error(`${oneLine(name)} is no name for a file in the cache`);
  return join(cacheRoot(), kind, sha256, name);
}

/** Lists the files in the cache, the last used first. */
export function cachedFiles(): CachedFile[] {
  const found = cacheKinds.flatMap((kind) =>
    namesIn(join(cacheRoot(), kind))
      .filter((name) => digestForm.test(name))
      .flatMap((sha256) =>
        namesIn(join(cacheRoot(), kind, sha256)).flatMap((name): CachedFile[] => {
          const path = join(cacheRoot(), kind, sha256, name);
          // Another process may have renamed or removed the file meanwhile.
          const stat = lstatSync(path, { throwIfNoEntry: false });
          return stat ? [{ kind, sha256, name, path, bytes: stat.size, used: stat.mtimeMs }] : [];
        }),
      ),
  );
  return found.sort((one, other) => other.used - one.used);
}

/** Records that a file of the cache is used now. */
export function markUsed(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The cache is another user's, or the file was pruned meanwhile. The time only decides what is pruned first.
  }
}

/**
 * Removes the least recently used files until the rest takes at most `limit` bytes. Returns the removed files. `kept`
 * is the path of a file that is not removed.
 */
export function prune(
  limit = parseSize(process.env.PYTHON3JAIL_CACHE_LIMIT) ?? defaultLimit,
  kept?: string,
): CachedFile[] {
  let taken = 0;
  return cachedFiles().filter((file) => {
    taken += file.bytes;
    if (taken <= limit || file.path === kept) return false;
    rmSync(file.path, { recursive: true, force: true });
    // Two files may have the same digest, such as the same build from two hosts.
    if (namesIn(join(file.path, "..")).length === 0) rmSync(join(file.path, ".."), { recursive: true, force: true });
    return true;
  });
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Parses a size such as `4GB`, `500M` or `0` into bytes. Returns undefined if the text is not a size. */
export function parseSize(size: string | undefined): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(size ?? "") ?? [];
  const factor = units[unit.toLowerCase()];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/**
 * Creates a folder of this machine's cache and its missing parents, for this user only (0700), whatever the umask is.
 * An existing folder of this user that everybody may write to gets mode 0700 too.
 */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = resolve(cacheRoot());
  const names = relative(root, resolve(folder)).split(sep);
  for (const at of [root, ...names.map((_name, index) => join(root, ...names.slice(0, index + 1)))]) {
    const { uid, mode } = statSync(at);
    if (uid === process.getuid?.() && (mode & 0o002) !== 0) chmodSync(at, 0o700);
  }
}

/** Creates the partial file of a transfer and its folder, for this user only. Returns the path of the partial file. */
export function createPart(target: string): string {
  makePrivate(dirname(target));
  const part = partPath(target);
  closeSync(openSync(part, "a", 0o600));
  return part;
}

/**
 * Returns the path of a file during its transfer. It contains the process's id, as two processes may want the same
 * file.
 */
export function partPath(target: string): string {
  return `${target}.${process.pid}.part`;
}

/** Takes over the partial file that an ended process left of a transfer. Returns the number of bytes that are there. */
export function resumePart(target: string): number {
  const part = partPath(target);
  const folder = join(target, "..");
  const name = target.slice(folder.length + 1);
  for (const left of namesIn(folder)) {
    const pid = left.startsWith(name) ? /^\.(\d+)\.part$/.exec(left.slice(name.length))?.[1] : undefined;
    if (pid === undefined || existsSync(`/proc/${pid}`) || (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 0)
      continue;
    renameSync(join(folder, left), part);
  }
  return existsSync(part) ? statSync(part).size : 0;
}

/** Lists the names in a folder; none if it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
