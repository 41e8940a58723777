import { lstat, readdir, readlink } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { join } from "node:path";
import { isShared } from "./host-layout.js";

export interface ListingOptions {
  /** Folders of the host to list whole; otherwise, what differs from the root that the host was started from. */
  paths?: string[];
  /** Also tell when each entry was last changed in any way, so that even a needless write shows. */
  changeTimes?: boolean;
}

export interface ListingSource {
  /** The host's root as the machine reaches it. */
  root: string;
  /** The overlay's upper layer: whatever was written since the host started, or made for it. */
  upper: string;
  /** The overlay's lower layer. */
  lower: string;
  /** Folders of the host on file systems of their own, which the upper layer does not hold. */
  mounts: string[];
}

/** Written by sshd at every login. */
const SSHD_WRITES = new Set(["/var/log/lastlog", "/var/log/wtmp", "/var/log/btmp"]);

/** What a host remembers of reads: it goes with the records that it lies in. */
const REMEMBERED = /^\/var\/lib\/python3jail\/.*\/readings(\/|$)/;

/** One line an entry, sorted by path: compare two listings to see what happened on a host in between. */
export async function listHost(source: ListingSource, options: ListingOptions): Promise<string[]> {
  const lines: string[] = [];
  const add = (path: string, stats: BigIntStats, target?: string): void => {
    if (!SSHD_WRITES.has(path) && !REMEMBERED.test(path)) {
      lines.push(describe(path, stats, target, options.changeTimes ?? false));
    }
  };

  const walkWhole = async (path: string): Promise<void> => {
    await walk(source.root, path, (entry, stats, target) => {
      add(entry, stats, target);
      return Promise.resolve();
    });
  };
  if (options.paths !== undefined) {
    for (const path of options.paths) {
      await walkWhole(path);
    }
  } else {
    await walk(source.upper, "/", async (entry, stats, target) => {
      // Making and removing something in a folder leaves a copy of the folder in the upper layer. That is no difference.
      const same = isShared(entry) && (await isSame(join(source.lower, entry), stats, target));
      if (!same || (options.changeTimes ?? false)) {
        add(entry, stats, target);
      }
    });
    for (const path of source.mounts) {
      await walkWhole(path);
    }
  }
  return lines.sort();
}

async function walk(
  base: string,
  path: string,
  visit: (path: string, stats: BigIntStats, target?: string) => Promise<void>,
): Promise<void> {
  const onMachine = join(base, path);
  const stats = await statOrNothing(onMachine, path === "/");
  if (stats === undefined) {
    return;
  }
  await visit(path, stats, stats.isSymbolicLink() ? await readlink(onMachine) : undefined);
  if (stats.isDirectory()) {
    for (const name of await readdir(onMachine)) {
      await walk(base, join(path, name), visit);
    }
  }
}

/** The base itself is a link of /proc's, to be followed; nothing else is. */
async function statOrNothing(path: string, follow = false): Promise<BigIntStats | undefined> {
  try {
    return await lstat(follow ? `${path}/.` : path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR") {
      return undefined;
    }
    throw error;
  }
}

async function isSame(lowerPath: string, stats: BigIntStats, target: string | undefined): Promise<boolean> {
  const lower = await statOrNothing(lowerPath);
  if (lower === undefined) {
    return false;
  }
  const lowerTarget = lower.isSymbolicLink() ? await readlink(lowerPath) : undefined;
  return describe("", lower, lowerTarget, false) === describe("", stats, target, false);
}

function describe(path: string, stats: BigIntStats, target: string | undefined, changeTimes: boolean): string {
  if (stats.isCharacterDevice() && stats.rdev === 0n) {
    return `${path} removed`;
  }
  const words = [path, kindOf(stats), (stats.mode & 0o7777n).toString(8).padStart(4, "0"), `${stats.uid}:${stats.gid}`];
  if (stats.isCharacterDevice() || stats.isBlockDevice()) {
    words.push(`device=${deviceNumbers(stats.rdev)}`);
  }
  // A folder's size and time follow from what happens in it, which the other lines tell.
  if (!stats.isDirectory()) {
    words.push(`size=${stats.size}`, `modified=${stats.mtimeNs}`);
  }
  if (changeTimes) {
    words.push(`changed=${stats.ctimeNs}`);
  }
  if (target !== undefined) {
    words.push(`-> ${target}`);
  }
  return words.join(" ");
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isCharacterDevice()) return "character-device";
  if (stats.isBlockDevice()) return "block-device";
  if (stats.isFIFO()) return "fifo";
  return "socket";
}

/** As the C library splits a device's number. */
function deviceNumbers(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `${major},${minor}`;
}
