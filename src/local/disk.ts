import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { HostError, messageOf } from "../base/errors.js";

/** Error codes of a failed write, with the reason in words. */
const refusals: Readonly<Record<string, string>> = {
  ENOSPC: "is full",
  EDQUOT: "is full (quota)",
  EROFS: "is read-only",
  EACCES: "may not be written by this user",
  EPERM: "may not be written by this user",
};

/** This machine's disk cannot store a file of the cache. */
export class LocalDiskError extends Error {
  /** Returns the HostError for the step that failed on account of this. */
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

/**
 * Runs `store`, which writes to a path. Throws LocalDiskError if the disk cannot store it, and other errors unchanged.
 */
export async function withDiskErrors<T>(path: string, store: () => T | Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    throw diskErrorOf(path, error) ?? error;
  }
}

/** Returns the LocalDiskError for an error of writing to a path, or undefined if the error is about something else. */
export function diskErrorOf(path: string, error: unknown): LocalDiskError | undefined {
  if (error instanceof LocalDiskError) return error;
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // A recursive mkdir reports only ENOENT if it may not write to an existing parent.
  const is = refusals[(syscall === "mkdir" && code === "ENOENT" ? refusalAbove(path) : code) ?? ""];
  return is === undefined
    ? undefined
    : new LocalDiskError(`the disk of this machine's cache ${is}: ${path} cannot be written (${messageOf(error)})`);
}

/** Returns the error code of writing to the nearest existing parent of a path, or undefined if it can be written. */
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
