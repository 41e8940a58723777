import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HostError } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import { megabytes } from "../base/text.js";
import {
  createPart,
  cacheRoot,
  cachedFiles,
  partPath,
  cachePath,
  prune,
  resumePart,
  type PinnedFile,
} from "../local/cache.js";
import { diskErrorOf } from "../local/disk.js";
import { cachedFile, sha256Of } from "../local/download.js";
import { flag, list, optionalText, number, text } from "../remote/arguments.js";
import { one } from "../remote/declaration.js";
import { wholeNumber, hostPath, plainName, sha256Field, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import type { Target } from "../remote/target.js";
import { loginFailures } from "../ssh/diagnosis.js";
import { say } from "./building.js";
import { resuming, transfer } from "./transfers.js";

/** The archive of a finished build on the control machine. Every host of its platform can use it. */
export interface Artifact {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export const artifactSteps = {
  pack: {
    does: "pack the build of python",
    script: "python-build/pack.sh",
    gets: ["cache"],
    args: { key: text },
    slow: true,
    answers: { packed: one([hostPath, sha256Field, wholeNumber]) },
  },
  receive: {
    does: "receive the build of python",
    script: "python-build/receive.sh",
    gets: ["cache"],
    args: { key: text, name: text, sha256: text, bytes: number, again: flag },
    answers: { receive: one([oneOf("there")], [hostPath, wholeNumber]) },
  },
  fetch: {
    does: "download the build of python",
    script: "python-build/fetch.sh",
    gets: ["cache"],
    args: { key: text, sha256: text, url: text },
    slow: true,
    answers: { fetched: one([oneOf("yes"), hostPath], [oneOf("no")]) },
  },
  adopt: {
    does: "unpack the build of python",
    script: "python-build/adopt.sh",
    gets: ["cache"],
    args: {
      key: text,
      sha256: text,
      file: text,
      version: optionalText,
      include: list,
      trim: text,
      modulesPy: text,
      again: flag,
    },
    slow: true,
    answers: { build: one([plainName]) },
  },
} satisfies Record<string, Step>;

/**
 * Largest archive that is downloaded from a host, in bytes. A build with tests, debug information and static library
 * has 200 MB.
 */
const maxArchiveBytes = 2e9;

/** Failures that keep the partial download: this process, or the next one, resumes it. */
const resumable: readonly FailureCode[] = [...loginFailures, "connection-lost", "timeout"];

/** The file of a build in the control machine's cache. `build` is KEY-PLATFORM, `maker` the host that made it. */
function pinned(build: string, maker: string, sha256: string): PinnedFile {
  return { kind: "artifacts", sha256, name: `${build}@${maker}.tar.gz` };
}

/**
 * Finds the complete archive of a build in the control machine's cache. Without `maker`, a build of any host counts.
 */
export async function cachedArtifact(build: string, maker: string | undefined): Promise<Artifact | undefined> {
  for (const { kind, sha256, name, bytes } of cachedFiles()) {
    const wanted =
      maker === undefined
        ? name.startsWith(`${build}@`) && name.endsWith(".tar.gz")
        : name === pinned(build, maker, sha256).name;
    if (kind !== "artifacts" || !wanted) continue;
    const whole = await cachedFile({ kind, sha256, name });
    if (whole !== undefined) return { file: whole, sha256, bytes };
  }
  return undefined;
}

/** Packs the finished build in a host's cache, and downloads the archive to the control machine. Throws HostError. */
export async function fetchArtifact(maker: Target, key: string, build: string): Promise<Artifact> {
  try {
    return await fetchFrom(maker, key, build);
  } catch (error) {
    throw diskErrorOf(join(cacheRoot(), "artifacts"), error)?.at(maker.host.name, artifactSteps.pack.does) ?? error;
  }
}

async function fetchFrom(maker: Target, key: string, build: string): Promise<Artifact> {
  const [path, sha256, size] = (await maker.run(artifactSteps.pack, { key })).one("packed", 3);
  const pin = pinned(build, maker.host.name, sha256);
  const artifact = { file: cachePath(pin), sha256, bytes: Number(size) };
  if ((await cachedFile(pin)) !== undefined) return artifact;
  if (artifact.bytes > maxArchiveBytes) {
    throw new HostError({
      host: maker.host.name,
      step: artifactSteps.pack.does,
      code: "too-large",
      reason: `its build has ${megabytes(artifact.bytes)}, and at most ${megabytes(maxArchiveBytes)} are brought here`,
      remedy: "let every host build for itself (`builder: self`), or keep less of it (`include`)",
    });
  }
  say(maker, `its build is fetched (${megabytes(artifact.bytes)})`);
  try {
    await download(maker, path, artifact);
  } catch (error) {
    if (!(error instanceof HostError && resumable.includes(error.code)))
      rmSync(partPath(artifact.file), { force: true });
    throw error;
  }
  prune(undefined, artifact.file);
  return artifact;
}

/** Downloads an archive from a host, resuming a partial download, and verifies its digest. */
async function download(maker: Target, path: string, { file, sha256, bytes }: Artifact): Promise<void> {
  const part = createPart(file);
  await resuming(async () => {
    let offset = resumePart(file);
    // The partial download is longer than the archive, so it is of another archive.
    if (offset > bytes) {
      rmSync(part);
      createPart(file);
      offset = 0;
    }
    if (offset < bytes)
      await transfer(maker, () =>
        maker.host.download(artifactSteps.pack.does, path, offset, bytes - offset, part, maker.buildTimeout),
      );
  });
  const actual = await sha256Of(part);
  if (actual !== sha256)
    throw new HostError({
      host: maker.host.name,
      step: artifactSteps.pack.does,
      code: "wrong-sha256",
      reason: `what arrived of the build has sha256 ${actual}, not ${sha256}`,
      remedy: "run the same command again",
    });
  renameSync(part, file);
}
