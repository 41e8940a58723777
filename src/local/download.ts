import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { splitLogin, withoutSecrets } from "../base/address.js";
import { Meter } from "../base/bounded.js";
import { isError, messageOf } from "../base/errors.js";
import { SingleFlight } from "../base/single-flight.js";
import { megabytes } from "../base/text.js";
import { beginPart, placeOf, prune, touch, type PinnedFile } from "./cache.js";
import { diskErrorOf, storing } from "./disk.js";

/** The file in this machine's cache, if it is there and whole. */
export async function cachedFile(file: PinnedFile): Promise<string | undefined> {
  const place = placeOf(file);
  if (!existsSync(place) || (await sha256Of(place)) !== file.sha256) return undefined;
  touch(place);
  return place;
}

/** Bytes of the largest file that is downloaded: an archive of source has 30 MB, a wheel may have some hundred. */
const mostBytes = 2e9;

/** Of the process, not of a session: the file that a download writes to is named after the process. */
const downloads = new SingleFlight<string>();

/** Downloads a file to this machine's cache, once for all who want it. Throws with what each address said, or LocalDiskError. */
export function download(file: PinnedFile, urls: readonly string[]): Promise<string> {
  return downloads.join(JSON.stringify([placeOf(file), urls]), () => fetchFile(file, urls));
}

async function fetchFile(file: PinnedFile, urls: readonly string[]): Promise<string> {
  const target = placeOf(file);
  const failures: string[] = [];
  for (const url of urls) {
    const part = await storing(target, () => beginPart(target));
    const hash = createHash("sha256");
    try {
      await pipeline(await open(url), through(hash), createWriteStream(part, { mode: 0o600 }));
      const got = hash.digest("hex");
      if (got !== file.sha256) throw new Error(`its sha256 is ${got}, not ${file.sha256}`);
      renameSync(part, target);
      prune(undefined, target);
      return target;
    } catch (error) {
      // Another address would not help.
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

/** The same as `fetch`, which takes no address with a login; a redirect to another server does not get the login. */
export function request(address: string, options: RequestInit = {}): Promise<Response> {
  const { url, login } = splitLogin(address);
  if (!login) return fetch(url, options);
  const headers = new Headers(options.headers);
  headers.set("authorization", `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`);
  return fetch(url, { ...options, headers });
}

/** An object of S3, by AWS's own command, which knows how to log in. */
async function openObject(url: string): Promise<Readable> {
  const { execa } = await import("execa");
  const aws = execa("aws", ["s3", "cp", "--only-show-errors", "--", url, "-"], {
    encoding: "buffer",
    buffer: { stdout: false },
  });
  // A failure ends the stream that is read with it.
  return aws.readable();
}

function through(hash: Hash): Transform {
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

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** fetch says only "fetch failed"; its cause says why. */
export function causeOf(error: unknown): string {
  return messageOf(isError(error) && isError(error.cause) ? error.cause : error);
}
