import { lstatSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identifyProcess, isRunning } from "./process-identity.js";

/**
 * Makes a temporary folder that tells whose it is. The owner is in the name, so that the folder never exists without it,
 * however early its owner is killed.
 */
export function makeOwnedDirectory(prefix: string, base = tmpdir()): string {
  const owner = identifyProcess(process.pid);
  return mkdtempSync(join(base, `${prefix}-${process.pid}-${owner?.startTime}-`));
}

/** The folders of that prefix whose owners are dead. */
export function abandonedDirectories(prefix: string, base = tmpdir()): string[] {
  return readdirSync(base).flatMap((name) => {
    const owner = /^(?<prefix>.+)-(?<pid>\d+)-(?<startTime>\d+)-[^-]+$/.exec(name)?.groups;
    if (owner === undefined || owner.prefix !== prefix) {
      return [];
    }
    const path = join(base, name);
    const lives = isRunning({ pid: Number(owner.pid), startTime: owner.startTime ?? "" });
    return lives || !isOurs(path) ? [] : [path];
  });
}

/** Anybody can make a folder of such a name; what is in it is to be believed only in our own. */
function isOurs(path: string): boolean {
  try {
    return lstatSync(path).uid === process.getuid?.();
  } catch {
    return false;
  }
}
