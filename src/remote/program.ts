import { createHash } from "node:crypto";
import { quote } from "../ssh/openssh.js";
import { canBeArgument } from "../base/text.js";
import { computed } from "./computed.js";
import { librariesOf, sentText } from "./scripts.js";
import type { Step } from "./step.js";
import { toolsFor } from "./tools.js";

/** A step and the arguments that it gets. */
export interface Call {
  readonly step: Step;
  readonly args: readonly string[];
}

/** Which text of a script goes into a program; hosts get `sentText`. */
type TextOf = (script: string) => string;

/**
 * The program that sh reads: the libraries, then the step as one function, so that a text cut short by a lost connection
 * runs not at all, and what it starts cannot eat the rest of it.
 */
export function assemble(step: Step, args: readonly string[], logicalHost = "", textOf: TextOf = sentText): string {
  return [
    prelude(logicalHost, textOf),
    "answer started",
    needTools(step),
    ...librariesOf(step.script).map(textOf),
    definition(step, textOf),
    `{\n${call(args)}\nexit\n}\n`,
  ].join("\n");
}

/**
 * The same for several reads of one host: every library once, and each step in a shell of its own, so that none can end or change another.
 * After each comes a line `mark NUMBER EXIT_CODE` on both outputs. First each read whose answer the host may know is looked up there
 * (recall.sh): with `recall` nothing else is done for it, and its exit code is `unknown` where the host does not know it; otherwise
 * it is run, and the host keeps its answer (keep.sh).
 */
export function assembleReads(reads: readonly Call[], mark: string, logicalHost: string, recall: boolean): string {
  const isKept = ({ step }: Call): boolean => step.remembered !== undefined;
  const run = recall ? reads.filter((read) => !isKept(read)) : reads;
  const remembering = recall ? recallScript : keepScript;
  const scripts = [
    ...run.flatMap(({ step }) => librariesOf(step.script)),
    ...(reads.some(isKept) ? [...librariesOf(remembering), remembering] : []),
  ];
  const places = recall ? [] : placesOf(reads.filter(isKept));
  const bodies = reads.map((read, number) => {
    const [key = "", jail = "", records = "", minutes = "", ...follows] = rememberedAs(read);
    const place = String(places.findIndex(([, ...its]) => its[0] === jail && its[1] === records));
    const reading = `reading() (\nset -e\nend_on_signals\nanswer started\n${needTools(read.step)}\n${definition(read.step, sentText)}\n${call(read.args)}\n)`;
    const body = !isKept(read)
      ? `${reading}\nreading\ncode=$?`
      : recall
        ? words("recall", key, jail, records, minutes, ...follows)
        : `${reading}\n${words("keep", place, key, jail, records, ...follows)}`;
    return `${body}\nprintf '%s\\n' "${mark} ${number} $code" >&3\nprintf '%s\\n' "${mark} ${number} $code"`;
  });
  return [
    prelude(logicalHost, sentText),
    ...[...new Set(scripts)].map(sentText),
    "{\nset +e",
    ...(places.length > 0 ? ["begin_keeping", ...places.map((place) => words("keep_place", ...place))] : []),
    ...bodies,
    ...places.map((place) => words("end_place", ...place)),
    "exit 0\n}\n",
  ].join("\n");
}

const recallScript = "readings/recall.sh";
const keepScript = "readings/keep.sh";

/** How the host knows a read: its key, the jail, our records of it, and what else its answer follows from. */
function rememberedAs({ step, args }: Call): string[] {
  const { hours = 0, follows } = step.remembered ?? {};
  const [jail = "", records = "", ...rest] = args;
  const key = createHash("sha256")
    .update([programDigest(step.script), ...args].join("\0"))
    .digest("hex");
  return [key.slice(0, 32), jail, records, String(60 * hours), ...(follows?.(rest) ?? [])];
}

/** A digest of a script and all that it uses, as hosts get them. */
const programDigest = computed((script: string): string => {
  const texts = [...librariesOf(script), script].map(sentText);
  return createHash("sha256").update(texts.join("\0")).digest("hex");
});

/** The jails, numbered, with our records of them. */
function placesOf(reads: readonly Call[]): string[][] {
  const places = reads.map(({ args: [jail = "", records = ""] }) => [jail, records]);
  return [...new Map(places.map((place) => [place.join("\0"), place])).values()].map((place, number) => [
    String(number),
    ...place,
  ]);
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const proxyVariables = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];
/** What a step keeps of the login's environment. */
const keptVariables = [
  "HOME",
  "PATH",
  "SUDO_USER",
  "TZ",
  ...proxyVariables,
  ...proxyVariables.map((name) => name.toUpperCase()),
];

/**
 * The command that starts a shell for a program text on its standard input. The shell has an empty environment but for `keptVariables`: a
 * login's CFLAGS, LD_PRELOAD or TAR_OPTIONS must change nothing. The variables are removed by name, so that no value is in a process list.
 *
 * With `confined` the shell gets a mount namespace of its own, for `confine` in lib.sh; its variable `namespace` says `private`, or `refused`
 * where the host allows none.
 */
export function shellCommand(confined: boolean): string {
  const clean = `unset IFS; PATH=${path}; export PATH; set --; for name in $(command awk "BEGIN { for (name in ENVIRON) print name }"); do case $name in ${keptVariables.join("|")}) ;; *) set -- "$@" -u "$name" ;; esac; done`;
  const unshare = "unshare --mount --propagation private";
  const start = confined
    ? `if ${unshare} mount -t tmpfs none /tmp 2>/dev/null; then exec env "$@" LC_ALL=C namespace=private ${unshare} sh -s; else exec env "$@" LC_ALL=C namespace=refused sh -s; fi`
    : 'exec env "$@" LC_ALL=C sh -s';
  return `exec sh -c ${quote(`${clean}; ${start}`)}`;
}

// The line break: what a start file of the login printed may have no end.
function prelude(logicalHost: string, textOf: TextOf): string {
  return `logical_host=${word(logicalHost)}\n${textOf("base.sh")}\nprintf '\\n' >&3`;
}

/** Ends the step before it does anything where the host lacks a tool of it. */
function needTools(step: Step): string {
  return `need_tools ${toolsFor(step).join(" ")}`;
}

function definition({ script }: Step, textOf: TextOf): string {
  return `step() {\n${textOf(script)}\n}\n`;
}

// In braces: sh begins with them only when it has read them to their end.
function call(args: readonly string[]): string {
  return `step ${args.map(word).join(" ")} </dev/null\nanswer 'done'`;
}

function words(...texts: string[]): string {
  return texts.map(word).join(" ");
}

function word(text: string): string {
  if (!canBeArgument(text)) throw new Error("a NUL byte or half a character cannot be an argument");
  return quote(text);
}
