import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { HostError, messageOf } from "../base/errors.js";

/** What the kernel says of a disk that takes nothing: full, over quota, read-only, not ours. */
const refusals: Readonly<Record<string, string>> = {
  ENOSPC: "is full",
  EDQUOT: "is full (quota)",
  EROFS: "is read-only",
  EACCES: "may not be written by this user",
  EPERM: "may not be written by this user",
};

/** This machine's own disk does not take a file. */
export class LocalDiskError extends Error {
  /** The error that an operation at a host ends with. */
  at(host: string, step: string): HostError {
    return new HostError({
      host,
      step,
      code: "this-machine",
      reason: this.message,
      remedy: "make room there, or give another place in `PYTHON3JAIL_CACHE_DIR`; then run the same command again",
    });
  }
}

/** Stores something at a path of this machine. Throws LocalDiskError where the disk does not take it, and anything else as it is. */
export async function storing<T>(path: string, store: () => T | Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    throw diskErrorOf(path, error) ?? error;
  }
}

/** What an error says of the disk at a path; undefined where it is about something else. */
export function diskErrorOf(path: string, error: unknown): LocalDiskError | undefined {
  if (error instanceof LocalDiskError) return error;
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // Node tells of no more than this where a folder cannot be made for another one in it.
  const is = refusals[(syscall === "mkdir" && code === "ENOENT" ? refusalAbove(path) : code) ?? ""];
  return is === undefined
    ? undefined
    : new LocalDiskError(`the disk of this machine's cache ${is}: ${path} cannot be written (${messageOf(error)})`);
}

/** The code of the error with which the nearest folder above a path refuses to be written. */
function refusalAbove(path: string): string | undefined {
  let above = dirname(path);
  while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
  try {
    accessSync(above, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
