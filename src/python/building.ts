import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileNameOf } from "../base/address.js";
import { downloadArchive, localArchive, type Archive } from "../local/archive.js";
import { LocalDiskError } from "../local/disk.js";
import { HostError, messageOf } from "../base/errors.js";
import type { Phase } from "../base/progress.js";
import { SingleFlight } from "../base/single-flight.js";
import type { Answer } from "../remote/answer.js";
import { installCommand, packagesFor, type Family } from "../remote/distributions.js";
import { scriptText } from "../remote/scripts.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { causeCode, wholeNumber, hostPath, maybeNumber, plainName, said, oneOf } from "../remote/fields.js";
import { badAnswer } from "../remote/read-answer.js";
import type { Step } from "../remote/step.js";
import type { Target } from "../remote/target.js";
import { buildKey, flagsOf, included, programs, spaceFor, type BuildInputs } from "./build.js";
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
    does: "look whether the host can build python",
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
      reason: maybe([causeCode, said()]),
      log: maybe([hostPath]),
      free: maybe([maybeNumber]),
    },
  },
  leave: { does: "leave the build of python", script: "python-build/leave.sh", gets: ["records"], answers: {} },
} satisfies Record<string, Step>;

/**
 * Makes the finished build in a host's cache: takes it, joins the one that runs, or starts it and waits. `again` throws a
 * finished one away first. Losing the connection on the way loses nothing: the build runs by itself.
 */
export async function buildOn(jail: Target, inputs: BuildInputs, again: boolean): Promise<"cached" | "built"> {
  const key = buildKey(inputs);
  const source = sourceOf(inputs);
  const [now] = (await jail.run(buildSteps.status, { key })).one("state");
  if (now === "done" && !again) return "cached";
  let urls: readonly string[] = [];
  const prepare = async (): Promise<void> => {
    const downloader = await preflight(jail, inputs, source);
    urls = (await bring(jail, key, source, !downloader)) ? [] : source.urls;
  };
  if (now !== "running") await prepare();
  for (;;) {
    const begun = await jail.run(buildSteps.begin, {
      key,
      sha256: source.sha256,
      again: again && now !== "running",
      recipe: scriptText(programs.recipe),
      making: scriptText(programs.making),
      trim: scriptText(programs.trim),
      modulesPy: scriptText(programs.modules),
      jobs: inputs.jobs,
      urls,
      include: included(inputs),
      flags: flagsOf(inputs),
    });
    const [state, how] = begun.one("state");
    if (state === "cached") return "cached";
    if (state === "needs-source") {
      // The build that ran there had ended, badly, before we could join it.
      await prepare();
      continue;
    }
    say(jail, how === "joined" ? "waits for the build that is running there" : "the build has begun");
    const failure = await follow(jail, key).finally(() => jail.session.progress.end(jail.host.name, "python"));
    if (!failure) return "built";
    if (failure.code !== "download" || urls.length === 0) throw failure;
    // The host has no way to the internet, but we may have one.
    say(jail, "the host cannot download the source: fetched here, to be sent there");
    await bring(jail, key, source, true);
    urls = [];
  }
}

/** Checks all that a build needs, installs what is missing if that was asked for, and says whether the host can download. */
async function preflight(jail: Target, inputs: BuildInputs, source: Archive): Promise<boolean> {
  const archive = fileNameOf(source.urls[0] ?? source.path ?? "");
  const needs = new Map<string, BuildNeed>([
    ...Object.entries(tools),
    ...(/\.(tgz|tar\.gz|tar)$/.test(archive) ? [] : [["xz", xz] as const]),
    ...Object.entries(headersFor(inputs.requireModules)),
  ]);
  const space = spaceFor(inputs);
  const look = () =>
    jail.run(buildSteps.preflight, {
      cacheMb: space.build,
      jailMb: space.jail,
      needs: [...new Set([...needs.values()].map(needText))],
    });
  let answer = await look();
  const family = familyIn(answer);
  const lacking = () => lackingOf(needs, answer);
  if (lacking().length > 0 && inputs.installBuildDependencies && family) {
    const packages = packagesFor(
      lacking().map(([, need]) => need),
      family,
    );
    say(jail, `installs ${packages.join(" ")}`);
    await jail.run(buildSteps.dependencies, { family, packages });
    answer = await look();
    // What only a compiler finds missing.
    if (lacking().length > 0) {
      const rest = packagesFor(
        lacking().map(([, need]) => need),
        family,
      );
      await jail.run(buildSteps.dependencies, { family, packages: rest });
      answer = await look();
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
      code: "preflight",
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

/** Sources that are being sent. */
class SourceUploads extends SingleFlight<boolean> {}

/** Sends the source from this machine, where it is here or must come from here. Once per host and cache, however many ask. */
function bring(jail: Target, key: string, source: Archive, must: boolean): Promise<boolean> {
  return jail.session
    .part(SourceUploads)
    .join(JSON.stringify([jail.host.name, jail.cache, source, must]), () => send(jail, key, source, must));
}

async function send(jail: Target, key: string, source: Archive, must: boolean): Promise<boolean> {
  const [place] = (await jail.run(buildSteps.source, { key, sha256: source.sha256, uploaded: undefined })).one(
    "source",
  );
  if (place === "there" || place === undefined) return true;
  const archive = await atHome(jail, source, must);
  if (archive === undefined) return false;
  say(jail, "python's source is sent there");
  await jail.host.upload(buildSteps.source.does, place, () => createReadStream(archive), jail.buildTimeout);
  await jail.run(buildSteps.source, { key, sha256: source.sha256, uploaded: place });
  return true;
}

async function atHome(jail: Target, source: Archive, must: boolean): Promise<string | undefined> {
  const failed = (code: string, reason: string, output: string, remedy: string): HostError =>
    new HostError({ host: jail.host.name, step: buildSteps.source.does, code, reason, output, remedy });
  try {
    const local = await localArchive(source);
    if (local !== undefined || !must) return local;
  } catch (error) {
    throw failed("wrong-source", messageOf(error), "", "give the archive that was declared, whole");
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

/** How a host names the build of a key: the key, and its platform. Files of ours are named so too. Throws HostError where it is another key. */
export function buildNameIn(jail: Target, key: string, answer: Answer): string {
  const [name] = answer.one("build", 1);
  if (name.startsWith(`${key}-`)) return name;
  throw badAnswer(jail.host.name, buildSteps.status.does, `it names the build of another key (${name})`);
}

/** How long a host may be away while it builds, in milliseconds. */
const patience = 180_000;

/** Waits for the build on the host, and tells how far it is. Returns why it failed, if it did. */
async function follow(jail: Target, key: string): Promise<HostError | undefined> {
  const deadline = Date.now() + jail.buildTimeout * 1000;
  let heard = Date.now();
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 4000)) {
    await sleep(pause);
    let answer;
    try {
      answer = await jail.run(buildSteps.status, { key });
      heard = Date.now();
    } catch (error) {
      // The build does not need us: only a host that stays away for long is given up.
      const away = error instanceof HostError && ["connection-lost", "unreachable"].includes(error.code);
      if (!away || Date.now() - heard > patience) throw error;
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

function failureOf(jail: Target, answer: Awaited<ReturnType<Target["run"]>>): HostError {
  const [code = "ended", reason = "it ended"] = answer.all("reason")[0] ?? [];
  const free = Number(answer.maybe("free") ?? Infinity);
  const full = free < 20 || answer.output.includes("No space left on device");
  const log = answer.maybe("log");
  const remedies: Record<string, string> = {
    "wrong-sha256": "the source is not the one that was declared: check `sha256`, `url` and `mirrors`",
    download: "give a mirror (`mirrors`), or a local archive (`source: {path, sha256}`)",
    killed: "run the same command again; give it fewer `jobs` if memory was short",
  };
  return new HostError({
    host: jail.host.name,
    step: buildSteps.begin.does,
    code: full ? "disk-full" : code,
    output: answer.output,
    // A build on a full disk cannot even write down how it ended.
    reason: full
      ? `${code === "killed" ? "" : `${reason}; `}the disk is full${free < 20 ? ` (${free} MB free)` : ""}`
      : reason,
    remedy: `${full ? "make room" : (remedies[code] ?? "see its log")}, then run \`pulumi up\` again${log ? ` (the whole log is on the host: ${log})` : ""}`,
  });
}

/** Where the build is; and how much of the compiling is done, where the host can tell. */
function phaseIn(answer: Answer): Phase {
  const phase = answer.maybe("phase") ?? "";
  const [compiled] = answer.all("compiled", 2);
  const [done, total] = compiled ? [Number(compiled[0]), Number(compiled[1])] : [0, 0];
  return phase === "make" && total > 0 ? { phase, done: done / total } : { phase };
}

/** Tells how the python of a host gets on. */
export function say(jail: Target, text: string): void {
  jail.session.progress.say(jail.host.name, "python", text);
}
