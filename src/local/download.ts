import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { types } from "node:util";

/** A file that is known by its content. */
export interface PinnedFile {
  /** The folder of the cache that it belongs to. */
  readonly kind: "sources" | "wheels";
  readonly sha256: string;
  readonly name: string;
}

/** The control machine's own cache of verified files: hosts that cannot download get them from here. */
function placeOf({ kind, sha256, name }: PinnedFile): string {
  const root = process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail");
  return join(root, kind, sha256, name);
}

/** The file in this machine's cache, if it is there and whole. */
export async function cachedFile(file: PinnedFile): Promise<string | undefined> {
  const place = placeOf(file);
  return existsSync(place) && (await sha256Of(place)) === file.sha256 ? place : undefined;
}

const underWay = new Map<string, Promise<string>>();

/** Downloads a file to this machine's cache, once for all who want it. Throws with what each address said. */
export function download(file: PinnedFile, urls: readonly string[]): Promise<string> {
  const id = JSON.stringify([placeOf(file), urls]);
  let running = underWay.get(id);
  if (!running) underWay.set(id, (running = fetchFile(file, urls).finally(() => underWay.delete(id))));
  return running;
}

async function fetchFile(file: PinnedFile, urls: readonly string[]): Promise<string> {
  const target = placeOf(file);
  mkdirSync(join(target, ".."), { recursive: true });
  const failures: string[] = [];
  for (const url of urls) {
    const part = `${target}.${process.pid}.part`;
    const hash = createHash("sha256");
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(10 * 60_000) });
      if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
      await pipeline(Readable.fromWeb(response.body as import("node:stream/web").ReadableStream), through(hash), createWriteStream(part));
      const got = hash.digest("hex");
      if (got !== file.sha256) throw new Error(`its sha256 is ${got}, not ${file.sha256}`);
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

function through(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** fetch says only "fetch failed"; its cause says why. */
export function causeOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  return types.isNativeError(error.cause) ? error.cause.message : error.message;
}
