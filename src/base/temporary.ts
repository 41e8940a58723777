import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Longest path of the directory for temporary files, in bytes. The kernel limits the path of a control socket below it.
 */
const longestDirectory = 70;

/** Returns the system's directory for temporary files, or `/tmp` if its path is too long for a socket. */
export function temporaryDirectory(): string {
  return Buffer.byteLength(tmpdir()) > longestDirectory ? "/tmp" : tmpdir();
}

/**
 * Creates a temporary directory that only this user can access (0700). Its name holds the use and this process's id.
 */
export function makeTemporaryFolder(use: string): string {
  return mkdtempSync(join(temporaryDirectory(), `${use}-${process.pid}-`));
}

/** Removes the temporary directories of a use that killed processes of this user left behind. */
export function clearTemporaryFolders(use: string, from = temporaryDirectory()): void {
  for (const name of readdirSync(from)) {
    if (!name.startsWith(`${use}-`)) continue;
    const pid = /^(\d+)-/.exec(name.slice(use.length + 1))?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      // Another user may have created an entry with such a name.
      if (lstatSync(join(from, name)).uid !== process.getuid?.()) continue;
      rmSync(join(from, name), { recursive: true, force: true });
    } catch {
      // The entry is gone, or another user's: leave it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
