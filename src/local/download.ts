import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { splitLogin, withoutSecrets } from "../base/address.js";
import { Meter } from "../base/bounded.js";
import { isError, messageOf } from "../base/errors.js";
import { SingleFlight } from "../base/single-flight.js";
import { megabytes } from "../base/text.js";
import { cachePath, createPart, markUsed, prune, type PinnedFile } from "./cache.js";
import { diskErrorOf, withDiskErrors } from "./disk.js";

/** Returns the path of a file in this machine's cache, or undefined if it is missing or its digest is wrong. */
export async function cachedFile(file: PinnedFile): Promise<string | undefined> {
  const path = cachePath(file);
  if (!existsSync(path) || (await sha256Of(path)) !== file.sha256) return undefined;
  markUsed(path);
  return path;
}

/** Most bytes of a download. A source archive has 30 MB, and a wheel may have some hundred. */
const mostBytes = 2e9;

/** In-flight downloads of this process, of all its sessions: the name of a partial file contains the process's id. */
const downloads = new SingleFlight<string>();

/**
 * Downloads a file to this machine's cache, and returns its path. Concurrent callers share one download. Tries the
 * addresses in order. Throws with the error of each address, or LocalDiskError.
 */
export function download(file: PinnedFile, urls: readonly string[]): Promise<string> {
  return downloads.join(JSON.stringify([cachePath(file), urls]), () => fetchFile(file, urls));
}

async function fetchFile(file: PinnedFile, urls: readonly string[]): Promise<string> {
  const target = cachePath(file);
  const failures: string[] = [];
  for (const url of urls) {
    const part = await withDiskErrors(target, () => createPart(target));
    const hash = createHash("sha256");
    try {
      await pipeline(await open(url), hashing(hash), createWriteStream(part, { mode: 0o600 }));
      const got = hash.digest("hex");
      if (got !== file.sha256) throw new Error(`its sha256 is ${got}, not ${file.sha256}`);
      renameSync(part, target);
      prune(undefined, target);
      return target;
    } catch (error) {
      // A full disk fails for every address: do not try the next one.
      const disk = diskErrorOf(target, error);
      if (disk) throw disk;
      failures.push(withoutSecrets(`${url}: ${causeOf(error)}`));
    } finally {
      rmSync(part, { force: true });
    }
  }
  throw new Error(failures.join("\n"));
}

async function open(url: string): Promise<Readable> {
  if (url.startsWith("s3://")) return openObject(url);
  const response = await request(url, { signal: AbortSignal.timeout(10 * 60_000) });
  if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
  return Readable.fromWeb(response.body);
}

/**
 * Does the same as `fetch`, but also accepts an address with a login, which `fetch` refuses. A redirect to another
 * server does not get the login.
 */
export function request(address: string, options: RequestInit = {}): Promise<Response> {
  const { url, login } = splitLogin(address);
  if (!login) return fetch(url, options);
  const headers = new Headers(options.headers);
  headers.set("authorization", `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`);
  return fetch(url, { ...options, headers });
}

/** Opens an object of S3 with AWS's own command, which knows the user's credentials. */
async function openObject(url: string): Promise<Readable> {
  const { execa } = await import("execa");
  const aws = execa("aws", ["s3", "cp", "--only-show-errors", "--", url, "-"], {
    encoding: "buffer",
    buffer: { stdout: false },
  });
  // If the command fails, the returned stream ends with its error.
  return aws.readable();
}

/** Returns a stream that passes bytes on, and adds them to a hash. It fails above `mostBytes`. */
function hashing(hash: Hash): Transform {
  const meter = new Meter(mostBytes, `it has more than ${megabytes(mostBytes)}`);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        meter.count(chunk.length);
      } catch (error) {
        done(error as Error);
        return;
      }
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** Returns the sha256 of a file, in hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Returns the message of an error's cause, if it has one. `fetch` itself says only "fetch failed". */
export function causeOf(error: unknown): string {
  return messageOf(isError(error) && isError(error.cause) ? error.cause : error);
}
