import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheRoot, makePrivate } from "../local/cache.js";

// Pulumi's SDK is large, and every engine run starts two Nodes that load it, besides this one. What they have compiled is kept: that is
// a fifth of a second of processor time a start. Imported first, and inherited by the engine; a folder that cannot be written is none.
const theirs = process.env.NODE_COMPILE_CACHE;
const ours = join(cacheRoot(), "node");
if (theirs !== undefined) enableCompileCache(theirs);
else if (isOursAlone(ours)) keepIn(ours);

/** Makes the folder. What is in it runs as this user: where others can write, it is none. */
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
  // Node writes what it has compiled when it ends.
  process.on("exit", () => process.umask(0o077));
}
