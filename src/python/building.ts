import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileNameOf } from "../base/address.js";
import { downloadArchive, localArchive, type Archive } from "../local/archive.js";
import { LocalDiskError } from "../local/disk.js";
import { HostError, messageOf } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import type { Phase } from "../base/progress.js";
import { SingleFlight } from "../base/single-flight.js";
import type { Answer } from "../remote/answer.js";
import { installCommand, packagesFor, type Family } from "../remote/distributions.js";
import { scriptText } from "../remote/scripts.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { wholeNumber, hostPath, maybeNumber, plainName, said, oneOf } from "../remote/fields.js";
import { badAnswer } from "../remote/read-answer.js";
import type { Step } from "../remote/step.js";
import type { Target } from "../remote/target.js";
import { buildKey, flagsOf, includedTrims, programs, spaceFor, type BuildInputs } from "./build.js";
import {
  familyIn,
  headersFor,
  lackingOf,
  lacksInWords,
  needLines,
  needText,
  tools,
  xz,
  type BuildNeed,
} from "./modules.js";
import { sourceOf } from "./source.js";
import { flag, list, optionalText, number, rest, text } from "../remote/arguments.js";

export const buildSteps = {
  preflight: {
    does: "check whether the host can build python",
    script: "python-build/preflight.sh",
    gets: ["jail", "cache"],
    args: { cacheMb: number, jailMb: number, needs: rest },
    answers: {
      ...needLines,
      disk: upTo(2, [hostPath, wholeNumber, wholeNumber, oneOf("build", "jail")]),
      noexec: maybe([hostPath]),
      downloader: maybe([oneOf("yes")]),
    },
  },
  dependencies: {
    does: "install the build dependencies",
    script: "python-build/dependencies.sh",
    gets: [],
    args: { family: text, packages: rest },
    slow: true,
    answers: {},
  },
  source: {
    does: "bring python's source",
    script: "python-build/adopt-source.sh",
    gets: ["cache"],
    args: { key: text, sha256: text, uploaded: optionalText },
    answers: { source: one([oneOf("there")], [hostPath]) },
  },
  begin: {
    does: "build python",
    script: "python-build/begin.sh",
    gets: ["records", "cache"],
    args: {
      key: text,
      sha256: text,
      again: flag,
      recipe: text,
      making: text,
      trim: text,
      modulesPy: text,
      jobs: number,
      urls: list,
      include: list,
      flags: rest,
    },
    answers: { state: one([oneOf("cached", "needs-source")], [oneOf("running"), oneOf("joined", "started")]) },
  },
  status: {
    does: "build python",
    script: "python-build/status.sh",
    gets: ["cache"],
    args: { key: text },
    answers: {
      build: one([plainName]),
      state: one([oneOf("done", "running", "failed", "none")]),
      phase: maybe([said(40)]),
      compiled: maybe([wholeNumber, wholeNumber]),
      reason: maybe([plainName, said()]),
      log: maybe([hostPath]),
      free: maybe([maybeNumber]),
    },
  },
  leave: { does: "leave the build of python", script: "python-build/leave.sh", gets: ["records"], answers: {} },
} satisfies Record<string, Step>;

/**
 * Builds CPython in a host's cache, unless the finished build is there (`cached`). Joins a build that is running on the
 * host. `replace` discards the finished build first. The build runs detached on the host, so a lost connection does not
 * end it. Throws HostError.
 */
export async function buildOn(jail: Target, inputs: BuildInputs, replace: boolean): Promise<"cached" | "built"> {
  const key = buildKey(inputs);
  const source = sourceOf(inputs);
  const [now] = (await jail.run(buildSteps.status, { key })).one("state");
  if (now === "done" && !replace) return "cached";
  let urls: readonly string[] = [];
  const prepare = async (): Promise<void> => {
    const downloader = await preflight(jail, inputs, source);
    urls = (await bringSource(jail, key, source, !downloader)) ? [] : source.urls;
  };
  if (now !== "running") await prepare();
  for (;;) {
    const begun = await jail.run(buildSteps.begin, {
      key,
      sha256: source.sha256,
      again: replace && now !== "running",
      recipe: scriptText(programs.recipe),
      making: scriptText(programs.making),
      trim: scriptText(programs.trim),
      modulesPy: scriptText(programs.modules),
      jobs: inputs.jobs,
      urls,
      include: includedTrims(inputs),
      flags: flagsOf(inputs),
    });
    const [state, how] = begun.one("state");
    if (state === "cached") return "cached";
    if (state === "needs-source") {
      // The running build failed before we could join it.
      await prepare();
      continue;
    }
    say(jail, how === "joined" ? "waits for the build that is running there" : "the build has begun");
    const failure = await follow(jail, key).finally(() => jail.session.progress.end(jail.host.name, "python"));
    if (!failure) return "built";
    if (failure.code !== "download" || urls.length === 0) throw failure;
    // The host cannot reach the internet, but the control machine may.
    say(jail, "the host cannot download the source: fetched here, to be sent there");
    await bringSource(jail, key, source, true);
    urls = [];
  }
}

/**
 * Checks that the host has all that a build needs. Installs missing packages if `installBuildDependencies` is set.
 * Returns whether the host has a download program. Throws HostError with everything that is missing.
 */
async function preflight(jail: Target, inputs: BuildInputs, source: Archive): Promise<boolean> {
  const archive = fileNameOf(source.urls[0] ?? source.path ?? "");
  const needs = new Map<string, BuildNeed>([
    ...Object.entries(tools),
    ...(/\.(tgz|tar\.gz|tar)$/.test(archive) ? [] : [["xz", xz] as const]),
    ...Object.entries(headersFor(inputs.requireModules)),
  ]);
  const space = spaceFor(inputs);
  const check = () =>
    jail.run(buildSteps.preflight, {
      cacheMb: space.build,
      jailMb: space.jail,
      needs: [...new Set([...needs.values()].map(needText))],
    });
  let answer = await check();
  const family = familyIn(answer);
  const lacking = () => lackingOf(needs, answer);
  if (lacking().length > 0 && inputs.installBuildDependencies && family) {
    const packages = packagesFor(
      lacking().map(([, need]) => need),
      family,
    );
    say(jail, `installs ${packages.join(" ")}`);
    await jail.run(buildSteps.dependencies, { family, packages });
    answer = await check();
    // Missing headers show only once there is a compiler.
    if (lacking().length > 0) {
      const rest = packagesFor(
        lacking().map(([, need]) => need),
        family,
      );
      await jail.run(buildSteps.dependencies, { family, packages: rest });
      answer = await check();
    }
  }
  const reasons = answer
    .all("disk")
    .map(
      ([place, free, wanted, what]) =>
        `${place} has ${free} MB free, ${what === "build" ? "the build" : "the jail"} needs ${wanted} MB`,
    );
  for (const [place] of answer.all("noexec")) reasons.push(`${place} is mounted noexec`);
  const missing = lacking();
  if (missing.length > 0) reasons.push(lacksInWords(missing));
  if (reasons.length > 0)
    throw new HostError({
      host: jail.host.name,
      step: buildSteps.preflight.does,
      code: "cannot-build",
      reason: reasons.join("; "),
      remedy: remedyFor(
        missing.map(([, need]) => need),
        family,
        answer.all("disk").length > 0,
      ),
    });
  return answer.maybe("downloader") === "yes";
}

function remedyFor(needs: readonly BuildNeed[], family: Family | undefined, disk: boolean): string {
  const remedies = [];
  if (needs.length > 0)
    remedies.push(
      `install what is missing: ${installCommand(needs, family)}, or set \`installBuildDependencies: true\``,
    );
  if (disk) remedies.push("make room, or give another place in `directories.cache`");
  return remedies.join("; ") || "give another place in `directories.cache`";
}

/** The in-flight uploads of sources. */
class SourceUploads extends SingleFlight<boolean> {}

/**
 * Uploads the source to a host's cache, once per host and cache however many jails ask. Without `must`, uploads it only
 * if the control machine has it already; with `must`, downloads it to the control machine first. Returns whether the
 * host has the source.
 */
function bringSource(jail: Target, key: string, source: Archive, must: boolean): Promise<boolean> {
  return jail.session
    .part(SourceUploads)
    .join(JSON.stringify([jail.host.name, jail.cache, source, must]), () => sendSource(jail, key, source, must));
}

async function sendSource(jail: Target, key: string, source: Archive, must: boolean): Promise<boolean> {
  const [place] = (await jail.run(buildSteps.source, { key, sha256: source.sha256, uploaded: undefined })).one(
    "source",
  );
  if (place === "there" || place === undefined) return true;
  const archive = await sourceOnControlMachine(jail, source, must);
  if (archive === undefined) return false;
  say(jail, "python's source is sent there");
  await jail.host.upload(buildSteps.source.does, place, () => createReadStream(archive), jail.buildTimeout);
  await jail.run(buildSteps.source, { key, sha256: source.sha256, uploaded: place });
  return true;
}

async function sourceOnControlMachine(jail: Target, source: Archive, must: boolean): Promise<string | undefined> {
  const failed = (code: FailureCode, reason: string, output: string, remedy: string): HostError =>
    new HostError({ host: jail.host.name, step: buildSteps.source.does, code, reason, output, remedy });
  try {
    const local = await localArchive(source);
    if (local !== undefined || !must) return local;
  } catch (error) {
    throw failed("wrong-source", messageOf(error), "", "give the whole archive that was declared");
  }
  try {
    return await downloadArchive(source);
  } catch (error) {
    if (error instanceof LocalDiskError) throw error.at(jail.host.name, buildSteps.source.does);
    throw failed(
      "download",
      "neither the host nor this machine can download python's source",
      messageOf(error),
      "give a mirror (`mirrors`), or a local archive (`source: {path, sha256}`)",
    );
  }
}

/**
 * Returns the name of a build (KEY-PLATFORM) from the host's answer. The control machine names files by it, so an
 * answer that names another key throws HostError.
 */
export function buildNameIn(jail: Target, key: string, answer: Answer): string {
  const [name] = answer.one("build", 1);
  if (name.startsWith(`${key}-`)) return name;
  throw badAnswer(jail.host.name, buildSteps.status.does, `it names the build of another key (${name})`);
}

/** How long a host that builds may be unreachable, in milliseconds. */
const maxSilence = 180_000;

/**
 * Waits for the build on the host, and reports its progress. Returns the error if the build fails. Throws HostError on
 * a timeout.
 */
async function follow(jail: Target, key: string): Promise<HostError | undefined> {
  const deadline = Date.now() + jail.buildTimeout * 1000;
  let lastAnswer = Date.now();
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 4000)) {
    await sleep(pause);
    let answer;
    try {
      answer = await jail.run(buildSteps.status, { key });
      lastAnswer = Date.now();
    } catch (error) {
      // The build runs detached, so only a host that stays unreachable is an error.
      const lost = error instanceof HostError && ["connection-lost", "unreachable"].includes(error.code);
      if (!lost || Date.now() - lastAnswer > maxSilence) throw error;
      continue;
    }
    const [state] = answer.one("state");
    if (state === "done") return undefined;
    if (state === "running") jail.session.progress.report(jail.host.name, "python", phaseIn(answer));
    else return failureOf(jail, answer);
    if (Date.now() > deadline) {
      throw new HostError({
        host: jail.host.name,
        step: buildSteps.begin.does,
        code: "timeout",
        reason: `not done after ${jail.buildTimeout} s (phase ${answer.maybe("phase")})`,
        remedy: "it goes on there: run the same command again to wait for it; the limit is `timeouts.build`",
      });
    }
  }
}

/** Ends of a build that are failures of their own. Any other one is a phase that failed. */
const buildFailures = ["archive", "download", "killed", "wrong-sha256"] as const satisfies readonly FailureCode[];

function failureOf(jail: Target, answer: Awaited<ReturnType<Target["run"]>>): HostError {
  const [ended = "ended", reason = "it ended"] = answer.all("reason")[0] ?? [];
  const code = buildFailures.find((known) => known === ended) ?? "build";
  const free = Number(answer.maybe("free") ?? Infinity);
  const full = free < 20 || answer.output.includes("No space left on device");
  const log = answer.maybe("log");
  const remedies: Partial<Record<FailureCode, string>> = {
    "wrong-sha256": "the source is not the one that was declared: check `sha256`, `url` and `mirrors`",
    download: "give a mirror (`mirrors`), or a local archive (`source: {path, sha256}`)",
    killed: "run the same command again; give it fewer `jobs` if memory was short",
  };
  return new HostError({
    host: jail.host.name,
    step: buildSteps.begin.does,
    code: full ? "disk-full" : code,
    output: answer.output,
    // On a full disk, the build cannot record why it ended.
    reason: full
      ? `${code === "killed" ? "" : `${reason}; `}the disk is full${free < 20 ? ` (${free} MB free)` : ""}`
      : reason,
    remedy: `${full ? "make room" : (remedies[code] ?? "see its log")}, then run \`pulumi up\` again${log ? ` (the whole log is on the host: ${log})` : ""}`,
  });
}

/** The phase of a running build, and the fraction that is compiled if the host reports it. */
function phaseIn(answer: Answer): Phase {
  const phase = answer.maybe("phase") ?? "";
  const [compiled] = answer.all("compiled", 2);
  const [done, total] = compiled ? [Number(compiled[0]), Number(compiled[1])] : [0, 0];
  return phase === "make" && total > 0 ? { phase, done: done / total } : { phase };
}

/** Prints a line of progress about the python of a host. */
export function say(jail: Target, text: string): void {
  jail.session.progress.say(jail.host.name, "python", text);
}
