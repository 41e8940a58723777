import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheRoot, makePrivate } from "../local/cache.js";

// Enables Node's compile cache. Pulumi's SDK is large, and every engine run starts two more Node processes that load
// it. The cache saves each start a fifth of a second of processor time. `main` imports this module early, and the
// engine inherits the setting. If the folder is not writable, there is no cache.
const theirs = process.env.NODE_COMPILE_CACHE;
const ours = join(cacheRoot(), "node");
if (theirs !== undefined) enableCompileCache(theirs);
else if (isOursAlone(ours)) keepIn(ours);

/** Makes the folder. False if another user owns it or can write to it, as Node runs the code in it as this user. */
function isOursAlone(folder: string): boolean {
  try {
    makePrivate(folder);
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

function keepIn(folder: string): void {
  process.env.NODE_COMPILE_CACHE = folder;
  const umask = process.umask(0o077);
  enableCompileCache(folder);
  process.umask(umask);
  // Node writes the cache when it exits.
  process.on("exit", () => process.umask(0o077));
}
