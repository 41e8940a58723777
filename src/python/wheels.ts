import { readdirSync } from "node:fs";
import { join } from "node:path";
import { below, withLoginOf, withoutSecrets } from "../base/address.js";
import { Meter } from "../base/bounded.js";
import { LocalDiskError } from "../local/disk.js";
import { cachedFile, causeOf, download, request, sha256Of } from "../local/download.js";
import { megabytes } from "../base/text.js";
import { canonicalName, type Requirement } from "./requirements.js";

/** A wheel to choose from: in a folder of the control machine, or in an index. */
export interface Candidate {
  /**
   * The file's name, such as `markupsafe-3.0.2-cp313-cp313-manylinux_2_17_x86_64.whl`. It names the Pythons and
   * platforms it is for.
   */
  readonly file: string;
  /** The path or the address of the file. */
  readonly place: string;
  /** Undefined if the index does not publish it. */
  readonly sha256?: string | undefined;
}

/** A wheel on the control machine. */
export interface Wheel {
  readonly file: string;
  readonly path: string;
}

/** Parses the file name of a wheel: name, version and tags. Undefined for any other file. */
export function wheelName(
  file: string,
): { readonly name: string; readonly version: string; readonly tags: readonly string[] } | undefined {
  if (!/^[A-Za-z0-9._+!-]+\.whl$/.test(file)) return undefined;
  const parts = file.slice(0, -".whl".length).split("-");
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [name = "", version = ""] = parts;
  const [pythons = "", abis = "", platforms = ""] = parts.slice(-3);
  const tags = pythons
    .split(".")
    .flatMap((python) =>
      abis.split(".").flatMap((abi) => platforms.split(".").map((platform) => `${python}-${abi}-${platform}`)),
    );
  return { name: canonicalName(name), version, tags };
}

/**
 * Chooses the wheel for a requirement. `tags` are the tags that the Python accepts, best first. Undefined if no
 * candidate fits.
 */
export function bestWheel<C extends Candidate>(
  { name, version, hashes }: Requirement,
  candidates: readonly C[],
  tags: readonly string[],
): C | undefined {
  const ranks = new Map(tags.map((tag, index) => [tag, index]));
  const ranked = candidates.flatMap((candidate) => {
    const of = wheelName(candidate.file);
    if (of?.name !== name || !sameVersion(of.version, version)) return [];
    if (hashes.length > 0 && !hashes.includes(candidate.sha256 ?? "")) return [];
    const best = Math.min(...of.tags.map((tag) => ranks.get(tag) ?? Infinity));
    return best === Infinity ? [] : [{ candidate, rank: best }];
  });
  return ranked.sort((one, other) => one.rank - other.rank)[0]?.candidate;
}

/** Compares versions as PEP 440 does: `1.0` equals `1.0.0`, and `1.0+local-1` equals `1.0+local_1`. */
function sameVersion(one: string, other: string): boolean {
  const plain = (version: string): string =>
    version
      .toLowerCase()
      .replace(/^v/, "")
      .replace(/[-_]/g, ".")
      .replace(/(\.0+)+(?=$|\+)/, "");
  return plain(one) === plain(other);
}

/**
 * Finds the wheels for the requirements in a folder of the control machine. Throws an error that names all missing
 * ones.
 */
export async function localWheels(
  folder: string,
  requirements: readonly Requirement[],
  tags: readonly string[],
): Promise<Wheel[]> {
  const files = readdirSync(folder);
  return all(requirements, async (requirement) => {
    const named = files.filter((file) => wheelName(file)?.name === requirement.name);
    const candidates = await Promise.all(
      named.map(async (file): Promise<Candidate & { sha256: string }> => ({
        file,
        place: join(folder, file),
        sha256: await sha256Of(join(folder, file)),
      })),
    );
    const best = bestWheel(requirement, candidates, tags);
    if (best) return { file: best.file, path: best.place };
    throw new Error(missing(requirement, candidates));
  });
}

/**
 * Downloads the wheels for the requirements from an index, unless the cache has them. Throws an error that names every
 * failure.
 */
export async function indexWheels(
  index: string,
  requirements: readonly Requirement[],
  tags: readonly string[],
): Promise<Wheel[]> {
  return all(requirements, async (requirement) => {
    const candidates = await candidatesOf(index, requirement.name);
    const best = bestWheel(requirement, candidates, tags);
    if (!best) throw new Error(missing(requirement, candidates));
    // Without a declared hash, the index must publish one.
    if (best.sha256 === undefined) throw new Error(missing(requirement, [best]));
    const file = { kind: "wheels", sha256: best.sha256, name: best.file } as const;
    return {
      file: best.file,
      path: (await cachedFile(file)) ?? (await download(file, [withLoginOf(index, best.place)])),
    };
  });
}

/** Finds a wheel for every requirement. Throws one error with the failures of all, or the first LocalDiskError. */
async function all(
  requirements: readonly Requirement[],
  find: (requirement: Requirement) => Promise<Wheel>,
): Promise<Wheel[]> {
  const found = await Promise.allSettled(requirements.map(find));
  const disk = found.find((result) => result.status === "rejected" && result.reason instanceof LocalDiskError);
  if (disk?.status === "rejected") throw disk.reason;
  const failures = requirements.flatMap(({ name, version }, index) => {
    const result = found[index];
    return result?.status === "rejected" ? [`${name} ${version}: ${causeOf(result.reason)}`] : [];
  });
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return found.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

/** The reason why none of the candidates fits. */
function missing({ hashes, version }: Requirement, candidates: readonly Candidate[]): string {
  const ofVersion = candidates.filter(({ file }) => sameVersion(wheelName(file)?.version ?? "", version));
  if (ofVersion.length === 0)
    return candidates.length === 0 ? "there is no wheel of it" : "there are wheels of it, but none of this version";
  if (ofVersion.some(({ sha256 }) => sha256 === undefined)) return "the index does not tell the sha256 of its wheels";
  const hashed = ofVersion.filter(({ sha256 }) => hashes.length === 0 || hashes.includes(sha256 ?? ""));
  if (hashed.length === 0) return "there are wheels of this version, but none has one of its hashes";
  return `the wheels ${hashes.length === 0 ? "of this version" : "that its hashes allow"} are for other Pythons or platforms`;
}

const json = "application/vnd.pypi.simple.v1+json";

/** Reads the files of a package from an index, by the simple API in JSON or HTML. An unknown package has none. */
async function candidatesOf(index: string, name: string): Promise<Candidate[]> {
  const address = below(index, `${name}/`);
  const response = await request(address, {
    headers: { accept: `${json}, text/html;q=0.1` },
    signal: AbortSignal.timeout(60_000),
  });
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`${withoutSecrets(address)}: HTTP status ${response.status}`);
  const text = await textOf(response, withoutSecrets(address));
  return (response.headers.get("content-type") ?? "").includes("json")
    ? ofJson(text, response.url)
    : ofHtml(text, response.url);
}

/** Largest page of an index, in bytes. The page of a package with many thousand files has some 20 MB. */
const maxPageBytes = 100e6;

async function textOf({ body }: Response, address: string): Promise<string> {
  const meter = new Meter(maxPageBytes, `${address}: answers more than ${megabytes(maxPageBytes)}`);
  const chunks: Uint8Array[] = [];
  const stream: AsyncIterable<Uint8Array> | Uint8Array[] = body ?? [];
  for await (const chunk of stream) {
    meter.count(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function ofJson(text: string, base: string): Candidate[] {
  const { files } = JSON.parse(text) as { files: { filename: string; url: string; hashes?: Record<string, string> }[] };
  return files.map(({ filename, url, hashes }) => ({
    file: filename,
    place: new URL(url, base).href,
    sha256: hashes?.sha256,
  }));
}

function ofHtml(text: string, base: string): Candidate[] {
  return [...text.matchAll(/<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map(([, double, single]) => {
    const url = new URL((double ?? single ?? "").replace(/&amp;/g, "&"), base);
    const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
    url.hash = "";
    return { file: decodeURIComponent(url.pathname.split("/").at(-1) ?? ""), place: url.href, sha256 };
  });
}
