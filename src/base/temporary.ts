import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that the path of the directory for temporary files may have, so that a control socket in it is one that the kernel takes. */
const longestDirectory = 70;

/** Where directories for temporary files are made: in the system's, or in `/tmp` where that one's path is too long for a socket. */
export function temporaryDirectory(): string {
  return Buffer.byteLength(tmpdir()) > longestDirectory ? "/tmp" : tmpdir();
}

/** Makes a directory for temporary files that only this user can read (0700). Its name says which process may still need it. */
export function makeTemporaryFolder(use: string): string {
  return mkdtempSync(join(temporaryDirectory(), `${use}-${process.pid}-`));
}

/** Removes the directories that processes of this user made for a use and left when they were killed. */
export function clearTemporaryFolders(use: string, from = temporaryDirectory()): void {
  for (const name of readdirSync(from)) {
    if (!name.startsWith(`${use}-`)) continue;
    const pid = /^(\d+)-/.exec(name.slice(use.length + 1))?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      // Not what another user put there under such a name.
      if (lstatSync(join(from, name)).uid !== process.getuid?.()) continue;
      rmSync(join(from, name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove.
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
