import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedNumber, recordedText, recordedTexts } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import type { Answer } from "../remote/answer.js";
import { scriptDigest } from "../remote/scripts.js";
import { maybe, noJail, upTo } from "../remote/declaration.js";
import { wholeNumber, hex, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { quote } from "../ssh/openssh.js";
import { absolutePath } from "../remote/host-paths.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { flag, list, number, rest, text, type ValuesOf } from "../remote/arguments.js";

const libraryName = z
  .string()
  .regex(/^[A-Za-z0-9._+-]+$/, "must be a library's name (libstdc++.so.6) or its absolute path on the host");

const word = z.string().refine((value) => !value.includes("\0"), "must not contain a NUL");

const programInJail = word.refine(
  (value) => value.startsWith("/"),
  "must be a program's absolute path in the jail, such as /bin/python3",
);

/** JailLibraries' own inputs. */
const librariesFields = {
  mode: z.enum(["closure", "all"]).default("closure"),
  extra: z.array(z.union([libraryName, absolutePath])).default([]),
  trace: z
    .array(z.tuple([programInJail]).rest(word))
    .max(20, "must be at most 20 commands")
    .default([]),
  triggers: z.array(z.string()).default([]),
};

const schema = z.strictObject({
  ...jailFields,
  ...librariesFields,
  without: z.array(z.enum(["packages", "files"])).default([]),
});

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly count: number;
  readonly digest: string;
  readonly loader: string;
  readonly libc: string;
  readonly traced: string[];
}

const inWords: Record<string, string> = {
  missing: "is missing",
  altered: "was altered",
  stale: "is out of date: the host's own was updated",
  other: "is not the host's",
  "no-file": "is no regular file",
  "no-link": "is not the link to the library that was put there",
  "other-set": "does not lead to the libraries that were put there",
  read: "could not be read",
  unneeded: "is not needed any more",
};

/** The lines that describe the libraries in the jail. */
const factLines = {
  count: maybe([wholeNumber]),
  digest: maybe([hex(16)]),
  loader: maybe([said()]),
  libc: maybe([said()]),
  traced: upTo(1000, [said()]),
};

const closureArguments = { closureIs: text, leaving: list, mode: text, tracing: flag, extra: rest };

export const librarySteps = {
  read: {
    does: "read the libraries",
    script: "jail-libraries/read.sh",
    args: closureArguments,
    reads: true,
    remembered: {},
    answers: {
      ...noJail,
      made: maybe([oneOf("yes", "no")]),
      ...factLines,
      problem: maybe([said()]),
      bent: upTo(1000, [said()]),
      unresolved: upTo(5, [said(), said()]),
      differs: upTo(5, [said(), oneOf("missing", ...Object.keys(inWords))]),
      differing: maybe([wholeNumber]),
    },
  },
  apply: {
    does: "copy the libraries",
    script: "jail-libraries/apply.sh",
    args: closureArguments,
    confined: true,
    answers: factLines,
  },
  trace: {
    does: "trace what the jail's programs look for",
    script: "jail-libraries/trace.sh",
    args: { uid: number, gid: number, seconds: number, commands: rest },
    slow: true,
    answers: {
      ended: upTo(1000, [wholeNumber, wholeNumber, said()]),
      added: upTo(1000, [said()]),
      changed: maybe([oneOf("yes")]),
    },
  },
  remove: {
    does: "remove the libraries",
    script: "jail-libraries/remove.sh",
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

const outputs = z.object({
  count: recordedNumber,
  digest: recordedText,
  /** The C library and its version: "glibc 2.36". */
  libc: recordedText,
  loader: recordedText,
  traced: recordedTexts,
});

export type LibrariesStatus = z.output<typeof outputs> & {
  /** The libraries that are older than the host's own. */
  readonly stale: readonly string[];
};

const shown: Shown<LibrariesStatus> = {
  key: "libraries",
  status(recorded, drift) {
    const stale = Object.keys(drift).filter((library) => drift[library]?.startsWith("is out of date"));
    return { ...outputs.parse(recorded), stale };
  },
  columns: [
    {
      title: "Libraries",
      rank: 1,
      inStatus: "never",
      cell: ({ libc }) => libc,
      mark: ({ stale }) => (stale.length > 0 ? `${stale.length} stale` : undefined),
    },
  ],
  section: ({ libc, count, digest, loader, stale, traced }) => ({
    title: "Libraries",
    facts: [
      ["C library", libc],
      ["how many", count],
      ["digest", { code: digest }],
      ["loader", { code: loader }],
      ["older than the host’s", stale.join(", ")],
      ["found by tracing", traced.join(", ")],
    ],
  }),
};

export const jailLibraries: Kind<Inputs, Facts> = {
  type: "JailLibraries",
  schema,
  steps: { libraries: librarySteps },
  shown,
  settings: {
    key: "libraries",
    example: "{mode: closure}",
    schema: settingsOf(librariesFields),
    description: "Shared libraries: `mode` (closure or all), `extra`, `trace`.",
  },
  quiet: ["without"],

  async read(jail, inputs, facts) {
    const answer = await jail.run(librarySteps.read, argumentsOf(inputs));
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareLibraries(answer), facts: answer.maybe("made") === "yes" ? factsOf(answer) : facts };
  },

  async apply(jail: Target, inputs) {
    let answer = await jail.run(librarySteps.apply, argumentsOf(inputs));
    // A program that now finds a library may go on and look for another one.
    for (let round = 1; inputs.trace.length > 0 && (await trace(jail, inputs)); round++) {
      answer = await jail.run(librarySteps.apply, argumentsOf(inputs));
      if (round === mostRounds) break;
    }
    return factsOf(answer);
  },

  async remove(jail) {
    await jail.run(librarySteps.remove);
  },
};

function argumentsOf({ mode, trace, extra, without }: Inputs): ValuesOf<typeof closureArguments> {
  return {
    closureIs: scriptDigest("jail-libraries/closure.sh", "jail-libraries/loader.sh", "jail-libraries/elf.sh"),
    leaving: without,
    mode,
    tracing: trace.length > 0,
    extra,
  };
}

/** The user that safeexec and JailCheck run programs as, and the time limit of one command. */
const traceSettings = { uid: 10000, gid: 1000, seconds: 60 };

const mostRounds = 10;

/** Runs the traced commands. Returns whether they found libraries that must be copied now. */
async function trace(jail: Target, { trace: commands }: Inputs): Promise<boolean> {
  const answer = await jail.run(librarySteps.trace, {
    ...traceSettings,
    commands: commands.map((words) => words.map(quote).join(" ")),
  });
  for (const [number, code, said] of answer.all("ended")) {
    console.warn(
      `warning: ${jail.host.name}: libraries: the traced command ${commands[Number(number) - 1]?.join(" ") ?? number} ended with exit code ${code}: ${said}`,
    );
  }
  for (const [library] of answer.all("added"))
    console.log(`${jail.host.name}: libraries: added ${library}, which a traced command looked for`);
  return answer.maybe("changed") === "yes";
}

const mostTraced = 30;

function factsOf(answer: Answer): Facts {
  return {
    count: Number(answer.one("count")[0]),
    digest: answer.one("digest", 1)[0],
    loader: answer.one("loader", 1)[0],
    libc: answer.one("libc", 1)[0],
    // The state holds a list that a person can read, so its length is limited.
    traced: answer
      .all("traced", 1)
      .map(([library]) => library)
      .slice(0, mostTraced),
  };
}

/** The drift of the libraries, from the answer of `read.sh`. */
export function compareLibraries(answer: Answer): Drift {
  if (answer.one("made")[0] !== "yes") return { libraries: "were not copied yet, or not wholly" };
  const problem = answer.maybe("problem");
  if (problem !== undefined) return { libraries: problem };
  const drift: Drift = {};
  for (const [folder] of answer.all("bent", 1)) drift[folder] = "is a symbolic link or no directory";
  const folders = Object.keys(drift).length;
  for (const [name, file] of answer.all("unresolved", 2)) drift[name] = `is needed by ${file} and is not on the host`;
  for (const [place, state] of answer.all("differs", 2)) drift[place] = inWords[state] ?? state;
  const more = Number(answer.maybe("differing") ?? 0) - (Object.keys(drift).length - folders);
  if (more > 0) drift["and more"] = `${more} more libraries`;
  return drift;
}
