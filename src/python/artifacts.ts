import pLimit from "p-limit";
import { createReadStream, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileNameOf } from "../base/address.js";
import { HostError, messageOf } from "../base/errors.js";
import {
  beginPart,
  cacheRoot,
  cachedFiles,
  partOf,
  placeOf,
  prune,
  resumePart,
  type PinnedFile,
} from "../local/cache.js";
import { LocalDiskError, diskErrorOf } from "../local/disk.js";
import { cachedFile, download, sha256Of } from "../local/download.js";
import { scriptText } from "../remote/scripts.js";
import { one } from "../remote/declaration.js";
import { wholeNumber, hostPath, plainName, sha256Field, oneOf } from "../remote/fields.js";
import { badAnswer } from "../remote/read-answer.js";
import type { Step } from "../remote/step.js";
import type { Session } from "../remote/session.js";
import type { Target } from "../remote/target.js";
import { loginFailures } from "../ssh/diagnosis.js";
import { megabytes } from "../base/text.js";
import { Turns, Underway } from "../base/underway.js";
import { included, programs, type ArtifactInputs, type BuildInputs } from "./build.js";
import { say } from "./building.js";
import { flag, list, maybeText, number, text } from "../remote/arguments.js";

/** A finished build in one archive on the control machine, for every host of its platform. */
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
      version: maybeText,
      include: list,
      trim: text,
      modulesPy: text,
      again: flag,
    },
    slow: true,
    answers: { build: one([plainName]) },
  },
} satisfies Record<string, Step>;

/** The builds that one process moves. */
class Transfers {
  /** Transfers at a time, over all hosts; each host has one at a time. */
  readonly limit = pLimit(8);
  /** What is in the control machine's cache, by build and maker. */
  readonly known = new Map<string, Promise<Artifact | undefined>>();
  readonly sending = new Underway<void>();
  readonly receiving = new Underway<void>();
  /** A host takes one archive at one place: jails that keep different things of it come one after another. */
  readonly turns = new Turns();
}

/** How often a transfer is gone on with that was cut off. */
const attempts = 5;

/** Bytes of the largest build that is brought here: one with tests, debug information and static library takes some 200 MB, and this ten times that. */
const mostBytes = 2e9;

/** Failures after which what has arrived is gone on with, by this process or the next. */
const resumable: readonly string[] = [...loginFailures, "connection-lost", "timeout"];

/** How a build (KEY-PLATFORM) is named here, by its maker: hosts take one of a builder that they trust. Without, how all of it begin. */
function keptAs(name: string, maker = ""): string {
  return `${name}@${maker}`;
}

function pinned(name: string, maker: string, sha256: string): PinnedFile {
  return { kind: "artifacts", sha256, name: `${keptAs(name, maker)}.tar.gz` };
}

/** The artifact of a build in this machine's cache, of a maker or else of any, if there is one and it is whole. */
export function keptArtifact(session: Session, name: string, maker?: string): Promise<Artifact | undefined> {
  const { known } = session.part(Transfers);
  let found = known.get(keptAs(name, maker));
  if (!found) known.set(keptAs(name, maker), (found = findArtifact(name, maker)));
  return found;
}

async function findArtifact(build: string, maker: string | undefined): Promise<Artifact | undefined> {
  for (const { kind, sha256, name, bytes } of cachedFiles()) {
    const wanted =
      maker === undefined
        ? name.startsWith(keptAs(build)) && name.endsWith(".tar.gz")
        : name === pinned(build, maker, sha256).name;
    if (kind !== "artifacts" || !wanted) continue;
    const whole = await cachedFile({ kind, sha256, name });
    if (whole !== undefined) return { file: whole, sha256, bytes };
  }
  return undefined;
}

/** Brings the finished build of a host here. Throws HostError. */
export async function fetchArtifact(jail: Target, key: string, name: string): Promise<Artifact> {
  try {
    return await fetchFrom(jail, key, name);
  } catch (error) {
    throw diskErrorOf(join(cacheRoot(), "artifacts"), error)?.at(jail.host.name, artifactSteps.pack.does) ?? error;
  }
}

async function fetchFrom(jail: Target, key: string, name: string): Promise<Artifact> {
  const [path, sha256, size] = (await jail.run(artifactSteps.pack, { key })).one("packed", 3);
  const pin = pinned(name, jail.host.name, sha256);
  const artifact = { file: placeOf(pin), sha256, bytes: Number(size) };
  if ((await cachedFile(pin)) === undefined) {
    if (artifact.bytes > mostBytes) {
      throw new HostError({
        host: jail.host.name,
        step: artifactSteps.pack.does,
        code: "too-large",
        reason: `its build has ${megabytes(artifact.bytes)}, and at most ${megabytes(mostBytes)} are brought here`,
        remedy: "let every host build for itself (`builder: self`), or keep less of it (`include`)",
      });
    }
    say(jail, `its build is fetched (${megabytes(artifact.bytes)})`);
    try {
      await bring(jail, path, artifact);
    } catch (error) {
      if (!(error instanceof HostError && resumable.includes(error.code)))
        rmSync(partOf(artifact.file), { force: true });
      throw error;
    }
    prune(undefined, artifact.file);
  }
  for (const maker of [undefined, jail.host.name])
    jail.session.part(Transfers).known.set(keptAs(name, maker), Promise.resolve(artifact));
  return artifact;
}

async function bring(jail: Target, path: string, { file, sha256, bytes }: Artifact): Promise<void> {
  const part = beginPart(file);
  await persistently(async () => {
    let there = resumePart(file);
    // Of another file than the one that is there now.
    if (there > bytes) {
      rmSync(part);
      beginPart(file);
      there = 0;
    }
    if (there < bytes)
      await jail.session
        .part(Transfers)
        .limit(() => jail.host.download(artifactSteps.pack.does, path, there, bytes - there, part, jail.buildTimeout));
  });
  const got = await sha256Of(part);
  if (got !== sha256)
    throw new HostError({
      host: jail.host.name,
      step: artifactSteps.pack.does,
      code: "wrong-sha256",
      reason: `what arrived of the build has sha256 ${got}, not ${sha256}`,
      remedy: "run the same command again",
    });
  renameSync(part, file);
}

const placeThere = (jail: Target, sha256: string): string => JSON.stringify([jail.host.name, jail.cache, sha256]);

/**
 * Sends an artifact to a host that has not that build, or whose build it is to take the place of, and unpacks it there. Once a host,
 * cache and build, however many ask. Throws HostError.
 */
export function sendArtifact(
  jail: Target,
  inputs: BuildInputs,
  key: string,
  name: string,
  artifact: Artifact,
  { inPlaceOf = false } = {},
): Promise<void> {
  const { sending, turns } = jail.session.part(Transfers);
  return sending.join(JSON.stringify([jail.host.name, jail.cache, key, artifact.sha256, inPlaceOf]), () =>
    turns.take(placeThere(jail, artifact.sha256), () => send(jail, inputs, key, name, artifact, inPlaceOf)),
  );
}

async function send(
  jail: Target,
  inputs: BuildInputs,
  key: string,
  name: string,
  { file, sha256, bytes }: Artifact,
  inPlaceOf: boolean,
): Promise<void> {
  const place = await persistently(async () => {
    const [part, there] = (await jail.run(artifactSteps.receive, { key, name, sha256, bytes, again: inPlaceOf })).one(
      "receive",
      1,
    );
    if (part === "there") return undefined;
    const from = Number(there ?? 0);
    if (from > bytes)
      throw badAnswer(jail.host.name, artifactSteps.receive.does, `it has ${from} bytes of a file of ${bytes}`);
    if (from === bytes) return part;
    say(
      jail,
      from > 0
        ? `the rest of the build is sent there (${megabytes(bytes - from)})`
        : `the build is sent there (${megabytes(bytes)})`,
    );
    await jail.session
      .part(Transfers)
      .limit(() =>
        jail.host.upload(
          artifactSteps.receive.does,
          part,
          () => createReadStream(file, { start: from }),
          jail.buildTimeout,
          { append: true },
        ),
      );
    return part;
  });
  if (place !== undefined) await adopt(jail, inputs, key, sha256, place, inPlaceOf);
}

/** Lets a host fetch a declared artifact, or, where it cannot, this machine, which sends it. Once a host, cache and build. Throws HostError. */
export function receiveDeclared(
  jail: Target,
  inputs: BuildInputs,
  key: string,
  artifact: ArtifactInputs,
): Promise<void> {
  const { receiving, turns } = jail.session.part(Transfers);
  return receiving.join(JSON.stringify([jail.host.name, jail.cache, key, artifact.sha256]), () =>
    turns.take(placeThere(jail, artifact.sha256), () => receive(jail, inputs, key, artifact)),
  );
}

async function receive(jail: Target, inputs: BuildInputs, key: string, { url, sha256 }: ArtifactInputs): Promise<void> {
  say(jail, "downloads the build");
  const answer = await persistently(() => jail.run(artifactSteps.fetch, { key, sha256, url }));
  if (answer.one("fetched")[0] === "yes") {
    const [, place] = answer.one("fetched", 2);
    return adopt(jail, inputs, key, sha256, place);
  }
  say(jail, "the host cannot download the build: fetched here, to be sent there");
  const file: PinnedFile = { kind: "artifacts", sha256, name: fileNameOf(url) || sha256 };
  try {
    const path = (await cachedFile(file)) ?? (await download(file, [url]));
    await send(jail, inputs, key, "", { file: path, sha256, bytes: statSync(path).size }, false);
  } catch (error) {
    if (error instanceof HostError) throw error;
    if (error instanceof LocalDiskError) throw error.at(jail.host.name, artifactSteps.fetch.does);
    throw new HostError({
      host: jail.host.name,
      step: artifactSteps.fetch.does,
      code: "download",
      reason: "neither the host nor this machine can download it",
      output: `${answer.output}\nthis machine:\n${messageOf(error)}`,
      remedy: "correct `artifact` (`url`, `sha256`), or give one that can be reached",
    });
  }
}

async function adopt(
  jail: Target,
  inputs: BuildInputs,
  key: string,
  sha256: string,
  place: string,
  inPlaceOf = false,
): Promise<void> {
  await jail.run(artifactSteps.adopt, {
    key,
    sha256,
    file: place,
    version: inputs.artifact && inputs.version,
    include: included(inputs),
    trim: scriptText(programs.trim),
    modulesPy: scriptText(programs.modules),
    again: inPlaceOf,
  });
}

/** Tries again where the connection was lost: what has arrived is kept, at either end. */
async function persistently<T>(transfer: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transfer();
    } catch (error) {
      const dropped = error instanceof HostError && error.code === "connection-lost";
      if (!dropped || attempt === attempts) throw error;
    }
  }
}
