import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { z } from "zod";
import { gitAddress } from "../base/address.js";
import { archiveOf, downloadArchive, localArchive } from "../local/archive.js";
import { LocalDiskError } from "../local/disk.js";
import { HostError, messageOf } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import { digestOfAll, filesBelow } from "../local/folder.js";
import { tarOf } from "../local/tar.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedText, recordedTexts } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { familyIn, lackingOf, lacksInWords, needLines, needText, tools, type BuildNeed } from "../python/modules.js";
import type { Answer } from "../remote/answer.js";
import { maybe, one, upTo, type Answers, type Lines } from "../remote/declaration.js";
import { installCommand } from "../remote/distributions.js";
import { hostPath, maybeSha256, octal, sha256Field, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { absolutePath } from "../remote/host-paths.js";
import { hostFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { archiveByPath, archiveByUrl, gitCommit, gitUrl, sha256 } from "./sources.js";
import { flag, optionalText, rest, text } from "../remote/arguments.js";

/**
 * The default repository of safeexec. It has the options that JailCheck uses (`--chroot_dir`, `--env_vars PY`…). The
 * original, ochko/safeexec, now has other options (`--chroot`, `--minuid`…) and needs cmake.
 */
export const upstream = "https://github.com/cemc/safeexec";

/** A local folder and its digest. Check computes the digest; refresh and destroy do not need the folder any more. */
const folderFields = { folder: z.string().min(1), digest: sha256.optional() };

const folder = z.strictObject(folderFields);

const readFolder = folder.transform((given, context) => {
  if (given.digest !== undefined) return given;
  try {
    return { ...given, digest: digestOfAll(filesBelow(given.folder, [])) };
  } catch (error) {
    context.addIssue({
      code: "custom",
      path: ["folder"],
      message: `cannot be read on this machine (${messageOf(error)})`,
    });
    return z.NEVER;
  }
});

const program = absolutePath.refine(
  (value) => value !== "/",
  "must be a program's path, such as /usr/local/bin/safeexec",
);

/** SafeExec's own inputs. */
const safeExecFields = {
  path: program.default("/usr/local/bin/safeexec"),
  git: z.strictObject({ url: gitUrl.default(upstream), commit: gitCommit }).optional(),
  source: z.union([archiveByUrl, archiveByPath, folder]).optional(),
  firewall: z.boolean().default(false),
  requireFree: z.boolean().optional(),
};

/** Checks that there is exactly one source. */
function oneSafeExecSource<T extends { git?: unknown; source?: unknown }>(value: T, context: z.RefinementCtx<T>): void {
  if (value.git === undefined && value.source === undefined)
    context.addIssue({ code: "custom", path: ["git"], message: "is missing: give `git: {commit}`, or `source`" });
  if (value.git !== undefined && value.source !== undefined)
    context.addIssue({ code: "custom", path: ["source"], message: "must not be given together with `git`" });
}

const schema = z
  .strictObject({
    ...hostFields,
    ...safeExecFields,
    source: z.union([archiveByUrl, archiveByPath, readFolder]).optional(),
  })
  .superRefine(oneSafeExecSource);

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly digest: string;
  readonly builtFrom: string;
  readonly warnings: string[];
  readonly firewallTool: string;
}

/** The lines that `tell` (program.sh) answers. */
const programLines = (lines: (...forms: Lines["forms"]) => Lines): Answers => ({
  program: lines(
    [oneOf("there"), sha256Field, octal, said(), said()],
    [oneOf("none", "a symbolic link", "a folder", "a socket, FIFO or device")],
  ),
  built: lines([maybeSha256]),
  source: lines([said()]),
  host: lines([said(255)]),
  dead: upTo(2, [oneOf("nosuid", "noexec")]),
  firewall: maybe([oneOf("", "nft", "iptables"), oneOf("missing", "there"), oneOf("", "ours")]),
  taken: upTo(20, [said(), said(), oneOf("group", "users")]),
});

export const safeExecSteps = {
  read: {
    does: "read safeexec",
    script: "safeexec/read.sh",
    args: { firewallWanted: flag },
    reads: true,
    answers: programLines(one),
  },
  receive: {
    does: "bring safeexec's source",
    script: "safeexec/receive.sh",
    answers: { archive: one([hostPath]) },
  },
  apply: {
    does: "install safeexec",
    script: "safeexec/apply.sh",
    args: {
      source: text,
      url: optionalText,
      commit: optionalText,
      archive: optionalText,
      sha256: optionalText,
      strip: optionalText,
      firewallWanted: flag,
      needs: rest,
    },
    slow: true,
    answers: { ...programLines(maybe), ...needLines },
  },
  remove: {
    does: "remove safeexec",
    script: "safeexec/remove.sh",
    answers: {},
  },
} satisfies Record<string, Step>;

/** The host's safeexec. */
export interface SafeExecStatus {
  readonly path?: string | undefined;
  readonly digest?: string | undefined;
  readonly builtFrom?: string | undefined;
  readonly firewall?: string | undefined;
  readonly warnings: readonly string[];
}

const outputs = z.object({
  path: recordedText,
  digest: recordedText,
  builtFrom: recordedText,
  firewallTool: recordedText,
  warnings: recordedTexts,
});

const shown: Shown<SafeExecStatus> = {
  key: "safeexec",
  status(recorded) {
    const { firewallTool, ...status } = outputs.parse(recorded);
    return { ...status, firewall: firewallTool || undefined };
  },
  problems: (recorded) =>
    outputs.parse(recorded).warnings.map((text) => ({
      state: "warns",
      text,
      remedy: "change it on the host; `requireFree` makes it an error",
    })),
  section: ({ path, builtFrom, digest, firewall }) => ({
    title: "safeexec",
    facts: [
      ["program", { code: path }],
      // Shortens digests to 12 digits, which people can compare: "commit 3f2a9c1b4d5e…".
      ["built from", { code: builtFrom?.replace(/\b([0-9a-f]{12})[0-9a-f]{20,}\b/g, "$1…") }],
      ["digest", { code: digest?.slice(0, 16) }],
      ["firewall", firewall ?? "none of ours"],
    ],
  }),
};

export const safeExec: Kind<Inputs, Facts> = {
  type: "SafeExec",
  schema,
  steps: { safeexec: safeExecSteps },
  shown,
  settings: {
    key: "safeexec",
    example: "{git: {commit: …}}",
    schema: settingsOf(safeExecFields),
    description:
      "safeexec on the hosts, through which the jails are then tried: `git` (its `commit`) or `source`, `path`, `firewall`, `requireFree`. Default: none is installed.",
    optional: true,
    localPaths: ["source.path", "source.folder"],
    check: (settings, context) => oneSafeExecSource(settings, context as never),
  },
  target: "program",

  async read(place, inputs) {
    const answer = await read(place, inputs);
    if (answer.one("program")[0] === "none" && answer.one("built")[0] === "") return undefined;
    return { drift: compareSafeExec(inputs, answer), facts: factsOf(answer) };
  },

  async apply(place, inputs) {
    let answer = await read(place, inputs);
    refuseTaken(place, inputs, answer);
    if (Object.keys(compareSafeExec(inputs, answer)).length > 0) answer = await install(place, inputs, answer);
    const facts = factsOf(answer);
    for (const warning of facts.warnings) console.warn(`warning: ${place.host.name}: safeexec: ${warning}`);
    return facts;
  },

  async remove(place) {
    await place.run(safeExecSteps.remove);
  },

  async relocate(place, inputs) {
    const answer = await read(place, inputs);
    const [host] = answer.one("host");
    if (host === place.host.name) return;
    throw new HostError({
      host: place.host.name,
      step: safeExecSteps.read.does,
      code: "other-machine",
      reason: `this address is another machine: its ${inputs.path} ${host === "" ? "was not put there by us" : `is ${host}'s`}`,
      remedy:
        "correct the connection; for a new machine give the host a new name, or destroy safeexec first (`pulumi destroy --target URN`)",
    });
  },
};

function read(place: Target, { firewall }: Inputs): Promise<Answer> {
  return place.run(safeExecSteps.read, { firewallWanted: firewall });
}

/** Parses the facts that `program.sh` answers at the end of a step. */
function factsOf(answer: Answer): Facts {
  const [tool = "", state = "", ours = ""] = answer.all("firewall")[0] ?? [];
  return {
    digest: answer.one("built", 1)[0],
    builtFrom: answer.one("source", 1)[0],
    warnings: warningsOf(answer),
    firewallTool: state === "there" && ours === "ours" ? tool : "",
  };
}

/** Selects the uses of our ids that are an error: all with `requireFree`; those of the group with `firewall` alone. */
function mustBeFree({ firewall, requireFree }: Pick<Inputs, "firewall" | "requireFree">, answer: Answer): string[][] {
  return answer.all("taken").filter(([, , kind]) => requireFree ?? (firewall && kind === "group"));
}

function warningsOf(answer: Answer): string[] {
  return answer.all("taken").map(([fact, remedy]) => `${fact}: ${remedy}`);
}

function refuseTaken(place: Target, inputs: Inputs, answer: Answer): void {
  const taken = mustBeFree(inputs, answer);
  if (taken.length === 0) return;
  const facts = taken.map(([fact]) => fact).join("; ");
  const dropped = inputs.firewall && taken.some(([, , kind]) => kind === "group");
  throw new HostError({
    host: place.host.name,
    step: safeExecSteps.apply.does,
    code: "ids-in-use",
    reason: dropped ? `${facts}. The rule of \`firewall\` would drop all that gid 1000 sends` : facts,
    remedy: `${taken.map(([, remedy]) => remedy).join("; ")}; or ${dropped ? "set `firewall: false`, as safeexec gives its programs no network anyway" : "leave `requireFree` out"}`,
  });
}

/** The source of the program, in the form of the host's record. */
export function sourceText({ git, source }: Pick<Inputs, "git" | "source">): string {
  if (git) return `commit ${git.commit}`;
  if (!source) throw new Error("git: is missing");
  return "folder" in source ? `folder ${source.digest}` : `archive ${source.sha256}`;
}

/** The drift of safeexec: the wanted program compared with the answer of `program.sh`. */
export function compareSafeExec(
  wanted: Pick<Inputs, "path" | "git" | "source" | "firewall" | "requireFree"> & { readonly host?: string },
  answer: Answer,
): Drift {
  const drift: Drift = {};
  const differences: string[] = [];
  const [is, digest, mode, owner, group] = answer.one("program");
  if (is === "none") {
    differences.push("is missing");
  } else if (is !== "there") {
    differences.push(`is ${is}, should be a program`);
  } else {
    if (digest !== answer.one("built")[0])
      differences.push(answer.one("built")[0] === "" ? "was not installed by us, or not wholly" : "was altered");
    if (mode !== "4755") differences.push(`mode is ${mode}, should be 4755`);
    if (owner !== "root") differences.push(`owner is ${owner}, should be root`);
    if (group !== "root") differences.push(`group is ${group}, should be root`);
  }
  for (const [option] of answer.all("dead")) differences.push(`is dead: its file system is mounted ${option}`);
  if (differences.length > 0) drift[wanted.path] = differences.join("; ");
  const [from] = answer.one("source");
  if (from !== "" && from !== sourceText(wanted)) drift["source"] = "is another than the one that was declared";
  const [host] = answer.one("host");
  if (host !== "" && wanted.host !== undefined && host !== wanted.host) drift["host"] = `is declared as ${host} too`;
  const [, state, ours] = answer.all("firewall")[0] ?? [];
  if (wanted.firewall && state !== "there") drift["firewall rule"] = "is missing";
  else if (wanted.firewall && ours !== "ours") drift["firewall rule"] = "is not recorded as ours";
  if (!wanted.firewall && ours === "ours") drift["firewall rule"] = "is not declared";
  for (const [fact] of mustBeFree(wanted, answer))
    drift[`${wanted.requireFree ? "requireFree" : "firewall"}: ${fact}`] = "is not as declared";
  return drift;
}

const needs: readonly (readonly [string, BuildNeed])[] = [
  ...(["a C compiler", "the C library's headers", "make", "tar", "flock"] as const).map(
    (name) => [name, tools[name]] as const,
  ),
  ["unshare", { command: "unshare", packages: tools.setsid.packages }],
];

const git: BuildNeed = { command: "git", packages: { debian: "git", fedora: "git", alpine: "git", suse: "git" } };

async function install(place: Target, inputs: Inputs, seen: Answer): Promise<Answer> {
  const source = sourceText(inputs);
  const toSend = !inputs.git && seen.one("source")[0] !== source ? inputs.source : undefined;
  const sent = toSend ? await send(place, toSend) : { archive: undefined, sha256: undefined, strip: undefined };
  const all = inputs.git ? [...needs, ["git", git] as const] : needs;
  const answer = await place.run(safeExecSteps.apply, {
    source,
    url: inputs.git && gitAddress(inputs.git.url),
    commit: inputs.git?.commit,
    ...sent,
    firewallWanted: inputs.firewall,
    needs: all.map(([, need]) => needText(need)),
  });
  const lacking = lackingOf(all, answer);
  if (lacking.length === 0) return answer;
  throw new HostError({
    host: place.host.name,
    step: safeExecSteps.apply.does,
    code: "cannot-build",
    reason: lacksInWords(lacking),
    remedy: `install what is missing: ${installCommand(
      lacking.map(([, need]) => need),
      familyIn(answer),
    )}`,
  });
}

/**
 * Sends the source to the host. Returns its path there, its sha256 and the number of top-level directories to strip.
 */
async function send(
  place: Target,
  source: NonNullable<Inputs["source"]>,
): Promise<{ archive: string; sha256: string; strip: string }> {
  const local = await localSource(place, source);
  const [archive] = (await place.run(safeExecSteps.receive)).one("archive", 1);
  await place.host.upload(safeExecSteps.receive.does, archive, local.content, place.buildTimeout);
  return { archive: archive, sha256: local.sha256, strip: local.strip };
}

async function localSource(
  place: Target,
  source: NonNullable<Inputs["source"]>,
): Promise<{ content: () => Readable; sha256: string; strip: string }> {
  const failed = (code: FailureCode, error: unknown, remedy: string): HostError =>
    new HostError({ host: place.host.name, step: safeExecSteps.receive.does, code, reason: messageOf(error), remedy });
  if ("folder" in source) {
    try {
      const files = filesBelow(source.folder, []);
      if (digestOfAll(files) !== source.digest) throw new Error(`${source.folder} is not what it was in the preview`);
      const tar = Buffer.concat([...tarOf(source.folder, files, ({ path }) => path)]);
      return {
        content: () => Readable.from([tar]),
        sha256: createHash("sha256").update(tar).digest("hex"),
        strip: "0",
      };
    } catch (error) {
      throw failed("source-changed", error, "run the same command again");
    }
  }
  const archive = archiveOf(source);
  try {
    const file = (await localArchive(archive)) ?? (await downloadArchive(archive));
    return { content: () => createReadStream(file), sha256: source.sha256, strip: "1" };
  } catch (error) {
    if (error instanceof LocalDiskError) throw error.at(place.host.name, safeExecSteps.receive.does);
    throw failed("download", error, "give an archive on this machine (`source: {path, sha256}`)");
  }
}
