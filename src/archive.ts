import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { types } from "node:util";

/** An archive of source: what it must be, and where it may come from. */
export interface Archive {
  readonly sha256: string;
  /** Where it may be downloaded, in order; empty for a local archive. */
  readonly urls: readonly string[];
  /** An archive on the control machine. */
  readonly path?: string;
}

/** An archive as a resource's `source` names it. */
export type ArchiveInputs = { url: string; sha256: string } | { path: string; sha256: string };

export function archiveOf(source: ArchiveInputs): Archive {
  return "path" in source ? { sha256: source.sha256, urls: [], path: source.path } : { sha256: source.sha256, urls: [source.url] };
}

/** The control machine's own cache of verified archives: hosts that cannot download get them from here. */
function cacheFolder(sha256: string): string {
  const root = process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail");
  return join(root, "sources", sha256);
}

/** The archive on this machine, if it is here: declared by path, or in the cache. Throws where a declared one is not what it should be. */
export async function localArchive(archive: Archive): Promise<string | undefined> {
  if (archive.path !== undefined) {
    if (!existsSync(archive.path)) throw new Error(`source.path: there is no ${archive.path} on this machine`);
    const got = await sha256Of(archive.path);
    if (got !== archive.sha256) throw new Error(`source.sha256: the archive ${archive.path} has sha256 ${got}; it is truncated, or another archive`);
    return archive.path;
  }
  const cached = join(cacheFolder(archive.sha256), archiveName(archive));
  return existsSync(cached) && (await sha256Of(cached)) === archive.sha256 ? cached : undefined;
}

/** Downloads an archive to this machine's cache. Throws with what each address said. */
export async function downloadArchive(archive: Archive): Promise<string> {
  const folder = cacheFolder(archive.sha256);
  mkdirSync(folder, { recursive: true });
  const target = join(folder, archiveName(archive));
  const failures: string[] = [];
  for (const url of archive.urls) {
    const part = `${target}.${process.pid}.part`;
    const hash = createHash("sha256");
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(10 * 60_000) });
      if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
      await pipeline(Readable.fromWeb(response.body as import("node:stream/web").ReadableStream), through(hash), createWriteStream(part));
      const got = hash.digest("hex");
      if (got !== archive.sha256) throw new Error(`its sha256 is ${got}, not ${archive.sha256}`);
      renameSync(part, target);
      return target;
    } catch (error) {
      failures.push(`${url}: ${causeOf(error)}`);
    } finally {
      rmSync(part, { force: true });
    }
  }
  throw new Error(failures.join("\n"));
}

function archiveName(archive: Archive): string {
  return (archive.urls[0] ?? "").split("/").at(-1) || archive.sha256;
}

function through(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** fetch says only "fetch failed"; its cause says why. */
function causeOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  return types.isNativeError(error.cause) ? error.cause.message : error.message;
}
