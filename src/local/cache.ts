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

/** The folders of the control machine's cache: archives of source, Python packages, and builds of CPython for the hosts. */
const cacheKinds = ["sources", "wheels", "artifacts"] as const;
export type CacheKind = (typeof cacheKinds)[number];

/** A file that is known by its content. */
export interface PinnedFile {
  /** The folder of the cache that it belongs to. */
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

/** Bytes that the cache may take, unless `PYTHON3JAIL_CACHE_LIMIT` says otherwise: some 300 builds. */
const defaultLimit = 4e9;

/** The control machine's own cache of verified files: hosts that cannot download get them from here. */
export function cacheRoot(): string {
  return (
    process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail")
  );
}

const digestForm = /^[0-9a-f]{64}$/;

/** Where a file of the cache lies, or would. Throws where a name would lead elsewhere, whoever gave it. */
export function placeOf({ kind, sha256, name }: PinnedFile): string {
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

/** Everything in the cache, what was used last first. */
export function cachedFiles(): CachedFile[] {
  const found = cacheKinds.flatMap((kind) =>
    namesIn(join(cacheRoot(), kind))
      .filter((name) => digestForm.test(name))
      .flatMap((sha256) =>
        namesIn(join(cacheRoot(), kind, sha256)).flatMap((name): CachedFile[] => {
          const path = join(cacheRoot(), kind, sha256, name);
          // Another process may just have given it its name.
          const stat = lstatSync(path, { throwIfNoEntry: false });
          return stat ? [{ kind, sha256, name, path, bytes: stat.size, used: stat.mtimeMs }] : [];
        }),
      ),
  );
  return found.sort((one, other) => other.used - one.used);
}

/** Tells the cache that a file of it was used now. */
export function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Another user's cache, or a file that was pruned meanwhile: it is only about what goes first.
  }
}

/** Removes what was not used for the longest time until the rest takes no more than so many bytes; returns what went. `kept`: a file that stays. */
export function prune(
  limit = limitOf(process.env.PYTHON3JAIL_CACHE_LIMIT) ?? defaultLimit,
  kept?: string,
): CachedFile[] {
  let taken = 0;
  return cachedFiles().filter((file) => {
    taken += file.bytes;
    if (taken <= limit || file.path === kept) return false;
    rmSync(file.path, { recursive: true, force: true });
    // Two may have one content: the same build of two makers.
    if (namesIn(join(file.path, "..")).length === 0) rmSync(join(file.path, ".."), { recursive: true, force: true });
    return true;
  });
}

const units: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Bytes of a size as people write it: `4GB`, `500M`, `0`; undefined where it is none. */
export function limitOf(size: string | undefined): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(size ?? "") ?? [];
  const factor = units[unit.toLowerCase()];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/**
 * Makes a folder of this machine's cache, and those on its way there, for this user alone, whatever the caller's umask. One that is this
 * user's and that everybody may write to is closed.
 */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const root = resolve(cacheRoot());
  const ways = relative(root, resolve(folder)).split(sep);
  for (const at of [root, ...ways.map((_name, index) => join(root, ...ways.slice(0, index + 1)))]) {
    const { uid, mode } = statSync(at);
    if (uid === process.getuid?.() && (mode & 0o002) !== 0) chmodSync(at, 0o700);
  }
}

/** Makes the folder of a file that is to arrive, and the file that its bytes go to, for this user alone; where that is. */
export function beginPart(target: string): string {
  makePrivate(dirname(target));
  const part = partOf(target);
  closeSync(openSync(part, "a", 0o600));
  return part;
}

/** How the file is called while it arrives. A process's own: two may want the same. */
export function partOf(target: string): string {
  return `${target}.${process.pid}.part`;
}

/** Goes on with what a process that has ended left of a file; the bytes that are there. */
export function resumePart(target: string): number {
  const part = partOf(target);
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

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
