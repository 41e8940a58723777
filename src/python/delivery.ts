import { createReadStream, statSync } from "node:fs";
import { fileNameOf } from "../base/address.js";
import { HostError, messageOf } from "../base/errors.js";
import { megabytes } from "../base/text.js";
import type { PinnedFile } from "../local/cache.js";
import { LocalDiskError } from "../local/disk.js";
import { cachedFile, download } from "../local/download.js";
import { badAnswer } from "../remote/read-answer.js";
import { scriptText } from "../remote/scripts.js";
import { artifactSteps, type Artifact } from "./artifacts.js";
import { includedTrims, programs, type ArtifactInputs, type WantedBuild } from "./build.js";
import { say } from "./building.js";
import { arrival, resuming, transfer } from "./transfers.js";

/** Uploads an archive to a host and unpacks it into its cache, once however many jails want it. Throws HostError. */
export function sendArtifact(wanted: WantedBuild, artifact: Artifact): Promise<void> {
  return arrival(wanted.jail, artifact.sha256, wanted.key, wanted.replace, () => send(wanted, artifact));
}

async function send(wanted: WantedBuild, { file, sha256, bytes }: Artifact): Promise<void> {
  const { jail, key, name, replace } = wanted;
  const arrived = await resuming(async () => {
    const answer = await jail.run(artifactSteps.receive, { key, name, sha256, bytes, again: replace });
    const [part, received = "0"] = answer.one("receive", 1);
    if (part === "there") return undefined;
    const from = Number(received);
    if (from > bytes)
      throw badAnswer(jail.host.name, artifactSteps.receive.does, `it has ${from} bytes of a file of ${bytes}`);
    if (from === bytes) return part;
    say(jail, `the ${from > 0 ? "rest of the " : ""}build is sent there (${megabytes(bytes - from)})`);
    const content = () => createReadStream(file, { start: from });
    await transfer(jail, () =>
      jail.host.upload(artifactSteps.receive.does, part, content, jail.buildTimeout, { append: true }),
    );
    return part;
  });
  if (arrived !== undefined) await unpack(wanted, sha256, arrived);
}

/**
 * Has a host download a declared artifact into its cache. If it cannot, the control machine downloads and uploads it.
 * Throws HostError.
 */
export function receiveDeclared(wanted: WantedBuild, artifact: ArtifactInputs): Promise<void> {
  return arrival(wanted.jail, artifact.sha256, wanted.key, wanted.replace, () => receive(wanted, artifact));
}

async function receive(wanted: WantedBuild, { url, sha256 }: ArtifactInputs): Promise<void> {
  const { jail, key } = wanted;
  say(jail, "downloads the build");
  const answer = await resuming(() => jail.run(artifactSteps.fetch, { key, sha256, url }));
  if (answer.one("fetched")[0] === "yes") {
    const [, file] = answer.one("fetched", 2);
    return unpack(wanted, sha256, file);
  }
  say(jail, "the host cannot download the build: fetched here, to be sent there");
  const pin: PinnedFile = { kind: "artifacts", sha256, name: fileNameOf(url) || sha256 };
  try {
    const file = (await cachedFile(pin)) ?? (await download(pin, [url]));
    await send(wanted, { file, sha256, bytes: statSync(file).size });
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

/** Unpacks an archive that is on the host into the host's cache. */
async function unpack({ jail, inputs, key, replace }: WantedBuild, sha256: string, file: string): Promise<void> {
  await jail.run(artifactSteps.adopt, {
    key,
    sha256,
    file,
    version: inputs.artifact && inputs.version,
    include: includedTrims(inputs),
    trim: scriptText(programs.trim),
    modulesPy: scriptText(programs.modules),
    again: replace,
  });
}
