import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { z } from "zod";
import { adoptionFactsIn, adoptionStep } from "../jail/adoption-facts.js";
import { adoptionInBrief } from "../jail/adoption-plan.js";
import { gitAddress } from "../base/address.js";
import { HostError } from "../base/errors.js";
import type { Drift, Kind } from "../provider/kind.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { oneLine } from "../base/text.js";
import { differingOwners, ownerNumbers, type Owners } from "../remote/accounts.js";
import type { Answer } from "../remote/answer.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { readHostFacts } from "../remote/facts.js";
import type { HostFacts } from "../remote/host-facts.js";
import { wholeNumber, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { accountName } from "../remote/ownership.js";
import { jailFields, overlapOf } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { differingAnswers, differingPaths } from "./differing.js";
import { gitCommit, gitUrl } from "./sources.js";
import { flag, optionalText, rest, text } from "../remote/arguments.js";

/** JailRoot's own inputs. */
const jailRootFields = {
  owner: accountName.default("root"),
  group: accountName.default("root"),
  git: z.strictObject({ url: gitUrl, commit: gitCommit }).optional(),
  deleteContents: z.boolean().default(false),
  keepCache: z.boolean().default(false),
};

const schema = z.strictObject({ ...jailFields, ...jailRootFields });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly jailId: string;
  // An older release recorded none.
  readonly hostFacts?: HostFacts;
  /** Summary of what the adoption kept, replaced and changed. Undefined if no jail was adopted. */
  readonly adopted?: string | undefined;
}

/** The parts of an adopted jail that a delete does not restore. */
const replacedForGood = "its Python, loader, libraries and device nodes are replaced for good";

/** The directories of a jail made by the manual procedure. */
const folders = ["dev", "lib64", "static", "scratch"] as const;

/** `kept`: allow a jail that JailReleases keeps as a release. Only JailReleases sets it. */
const removalArguments = { id: optionalText, deleteContents: flag, kept: flag };

export const rootSteps = {
  read: {
    does: "read the jail",
    script: "jail-root/read.sh",
    args: { folders: rest },
    reads: true,
    remembered: {},
    answers: {
      jail: one([oneOf("none", "ours", "lost", "marked", "empty", "foreign")]),
      id: maybe([said(64)]),
      host: maybe([said(255)]),
      commit: maybe([said(40)]),
      wrong: upTo(folders.length, [oneOf(...folders), oneOf("a symbolic link", "no folder")]),
      missing: upTo(folders.length, [oneOf(...folders)]),
      owner: maybe([said(), wholeNumber, said(), wholeNumber]),
      ...differingAnswers,
    },
  },
  apply: {
    does: "lay out the jail",
    script: "jail-root/apply.sh",
    args: { id: text, owner: text, group: text, url: optionalText, commit: optionalText, folders: rest },
    slow: true,
    confined: true,
    answers: { id: one([said(64)]) },
  },
  ask: { does: "remove the jail", script: "jail-root/ask.sh", args: removalArguments, reads: true, answers: {} },
  remove: {
    does: "remove the jail",
    script: "jail-root/remove.sh",
    args: removalArguments,
    slow: true,
    confined: true,
    answers: { emptied: maybe([oneOf("yes")]) },
  },
  forget: {
    does: "remove the jail's directory and its records",
    script: "jail-root/forget.sh",
    gets: ["jail", "records", "cache"],
    args: { keepCache: flag, kept: flag },
    answers: {},
  },
} satisfies Record<string, Step>;

/** Facts about the host: architecture, distribution… */
export type HostFactsStatus = Readonly<Record<string, string>>;

const shown: Shown<HostFactsStatus> = {
  key: "hostFacts",
  status({ hostFacts }) {
    const facts = z.record(z.string(), z.unknown()).catch({}).parse(hostFacts);
    return Object.fromEntries(
      Object.entries(facts).flatMap(([key, value]) =>
        ["string", "number", "boolean"].includes(typeof value) ? [[oneLine(key), oneLine(String(value))]] : [],
      ),
    );
  },
};

export const jailRoot: Kind<Inputs, Facts> = {
  type: "JailRoot",
  schema,
  steps: { root: rootSteps, adoption: { read: adoptionStep } },
  shown,
  settings: {
    key: "root",
    example: "{owner: judge}",
    schema: settingsOf(jailRootFields),
    description: "The jail's folder: `owner`, `group`, `git`, `deleteContents`, `keepCache`.",
  },
  quiet: ["deleteContents", "keepCache"],

  complete(inputs) {
    const overlap = overlapOf(inputs);
    return overlap === undefined ? { value: inputs, reasons: undefined } : { value: undefined, reasons: [overlap] };
  },

  announceCreate({ path }) {
    // A release is never made by hand.
    return posix.basename(posix.dirname(path)) === "releases"
      ? undefined
      : `where a jail made by hand is at a new path, \`up\` adopts it: ${replacedForGood}, and your files are kept. \`npx python3jail adopt --plan HOST\` tells what that is at a host`;
  },

  async read(jail, inputs, facts) {
    const [answer, hostFacts, numbers] = await Promise.all([
      readRoot(jail),
      readHostFacts(jail),
      ownerNumbers(jail, inputs),
    ]);
    if (answer.one("jail")[0] === "none") return undefined;
    return { drift: compareRoot(inputs, facts.jailId, answer, numbers), facts: { ...facts, hostFacts } };
  },

  async apply(jail, inputs, before) {
    const [seen, hostFacts, numbers] = await Promise.all([
      readRoot(jail),
      readHostFacts(jail),
      ownerNumbers(jail, inputs),
    ]);
    const [is] = seen.one("jail");
    const id = seen.maybe("id") || undefined;
    refuseOtherMachine(jail, before?.jailId, id);
    if (is === "ours" && id && Object.keys(compareRoot(inputs, id, seen, numbers)).length === 0)
      return { jailId: id, hostFacts, adopted: before?.adopted };
    const adopted = is === "marked" && before === undefined ? await adoption(jail, inputs) : before?.adopted;
    // The recorded id counts. A jail without a record may be a copy of another jail, so it gets an id of its own.
    const answer = await jail.run(rootSteps.apply, {
      id: before?.jailId ?? randomUUID(),
      owner: inputs.owner,
      group: inputs.group,
      url: inputs.git && gitAddress(inputs.git.url),
      commit: inputs.git?.commit,
      folders,
    });
    if (before === undefined && adopted !== undefined)
      console.log(
        `${jail.host.name}: adopted a jail ${id ? "that has no records here" : "made by hand"} at ${jail.path}: ${adopted}`,
      );
    return { jailId: answer.one("id", 1)[0], hostFacts, adopted };
  },

  async remove(jail, inputs, facts) {
    await removeJail(jail, facts.jailId ?? "", { deleteContents: inputs.deleteContents, keepCache: inputs.keepCache });
  },

  async relocate(jail, _inputs, facts) {
    const answer = await readRoot(jail);
    refuseOtherMachine(jail, facts.jailId, answer.maybe("id") ?? "");
  },
};

/** Removes a jail and our records of it. With `kept`, also a jail that is kept as a release. Throws HostError. */
export async function removeJail(
  jail: Target,
  id: string,
  { deleteContents = false, keepCache = false, kept = false },
): Promise<void> {
  const answer = await jail.run(rootSteps.remove, { id, deleteContents, kept });
  if (answer.maybe("emptied") === "yes") await jail.run(rootSteps.forget, { keepCache, kept });
}

/**
 * Summarises what adopting a jail will keep, replace and change. A jail that cannot be read is adopted all the same.
 */
async function adoption(jail: Target, inputs: Inputs): Promise<string> {
  try {
    return oneLine(adoptionInBrief(adoptionFactsIn(await jail.run(adoptionStep)), inputs), 1000);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return replacedForGood;
  }
}

function readRoot(jail: Target): Promise<Answer> {
  return jail.run(rootSteps.read, { folders });
}

/** Throws HostError if the jail at the address has another id than the known one, or none: it is another machine. */
function refuseOtherMachine(jail: Target, known: string | undefined, there: string | undefined): void {
  if (known === undefined || there === undefined || there === known) return;
  throw new HostError({
    host: jail.host.name,
    step: "read the jail",
    code: "other-machine",
    reason:
      there === ""
        ? "this address is another machine: our jail is not there"
        : "this address is another machine: its jail has another id",
    remedy:
      "correct the connection; for a new machine give the host a new name, or destroy the jail first (`pulumi destroy --target URN`)",
  });
}

/** The drift of a jail's directory: the wanted jail compared with the answer of `read.sh`. */
export function compareRoot(
  wanted: Pick<Inputs, "owner" | "group" | "git"> & { readonly host?: string },
  id: string | undefined,
  answer: Answer,
  numbers?: Owners,
): Drift {
  const drift: Drift = {};
  const [is] = answer.one("jail");
  if (is === "lost" || is === "marked") drift["marker"] = "REM_this_is_jail or the jail's id is missing";
  else if (is !== "ours") drift["."] = "is not our jail";
  else if (id !== undefined && answer.maybe("id") !== id)
    drift["id"] = "is another jail's: this is not the machine, or not the jail, that was made here";
  const host = answer.maybe("host") ?? "";
  if (is === "ours" && host !== "" && wanted.host !== undefined && host !== wanted.host)
    drift["host"] = `is declared as ${host} too`;
  for (const [folder] of answer.all("missing", 1)) drift[folder] = "is missing";
  for (const [folder, what] of answer.all("wrong", 2)) drift[folder] = `is ${what}, should be a folder`;
  Object.assign(drift, differingOwners(wanted, answer.all("owner")[0] ?? [], numbers));
  const commit = answer.maybe("commit") ?? "";
  if (is === "ours" && commit !== (wanted.git?.commit ?? ""))
    drift["commit"] = `is ${commit || "none"}, should be ${wanted.git?.commit ?? "none"}`;
  else Object.assign(drift, differingPaths(answer));
  return drift;
}
