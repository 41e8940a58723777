import { createHash } from "node:crypto";
import { quote } from "../ssh/openssh.js";
import { canBeArgument } from "../base/text.js";
import { memoized } from "../base/memoized.js";
import { librariesOf, sentText } from "./scripts.js";
import type { Step, Place, PlaceVariable } from "./step.js";
import { toolsFor } from "./tools.js";
import { assignmentsOf, unusableText, type Arguments, type Value, type ValuesOf } from "./arguments.js";

/** A step, the place where it works, and the values of its arguments. */
export interface Call {
  readonly step: Step;
  readonly place: Place | undefined;
  readonly values: Readonly<Record<string, Value>>;
}

/** Makes a call. The compiler checks the values against the step's declared arguments. */
export function callOf<Taken extends Arguments>(
  step: Step<Taken>,
  place: Place | undefined,
  values: NoInfer<ValuesOf<Taken>>,
): Call {
  return { step, place, values };
}

/** Returns the text of a script that goes into a program. Hosts get `sentText`. */
type TextOf = (script: string) => string;

/**
 * Assembles the program that sh reads from its standard input: the libraries, then the step as one function. So a text
 * that a lost connection cuts short does not run at all, and no command of the step can read the rest of the program as
 * its input.
 */
export function assemble(call: Call, logicalHost = "", textOf: TextOf = sentText): string {
  return [
    prelude(logicalHost, textOf),
    "answer started",
    checksOf(call.step),
    ...librariesOf(call.step.script).map(textOf),
    definition(call, textOf),
    // sh runs a group in braces only after it has read all of it.
    `{\n${run}\nexit\n}\n`,
  ].join("\n");
}

/**
 * How a program treats reads whose answers a host keeps. `recall`: the host returns the kept answer, or the exit code
 * `unknown` if it has none (recall.sh). `keep`: the host runs the read and keeps its answer (keep.sh).
 */
export type Remembering = "recall" | "keep";

/**
 * Assembles one program for several reads of one host. It has every library once, and runs each step in a subshell, so
 * that no step can end or change another. After each step it prints a line `mark NUMBER EXIT_CODE` on both outputs.
 * Without `remembering` every read runs.
 */
export function assembleReads(
  reads: readonly Call[],
  mark: string,
  logicalHost: string,
  remembering?: Remembering,
): string {
  const recall = remembering === "recall";
  const isKept = ({ step }: Call): boolean => remembering !== undefined && step.remembered !== undefined;
  const toRun = recall ? reads.filter((read) => !isKept(read)) : reads;
  const helper = recall ? recallScript : keepScript;
  const scripts = [
    ...toRun.flatMap(({ step }) => librariesOf(step.script)),
    ...(reads.some(isKept) ? [...librariesOf(helper), helper] : []),
  ];
  const places = recall ? [] : placesOf(reads.filter(isKept));
  const bodies = reads.map((read, number) => {
    const reading = `reading() (\nset -e\nend_on_signals\nanswer started\n${checksOf(read.step)}\n${definition(read, sentText)}\n${run}\n)`;
    const recalling = (): string => {
      const { key, jail, records, minutes, follows } = rememberedAs(read);
      return words("recall", key, jail, records, minutes, ...follows);
    };
    const keeping = (): string => {
      const { key, jail, records, follows } = rememberedAs(read);
      const place = String(places.findIndex(([, ...its]) => its[0] === jail && its[1] === records));
      return `${reading}\n${words("keep", place, key, jail, records, ...follows)}`;
    };
    const body = !isKept(read) ? `${reading}\nreading\ncode=$?` : recall ? recalling() : keeping();
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

/** The identity of a remembered read on its host. */
interface RememberedAs {
  readonly key: string;
  readonly jail: string;
  readonly records: string;
  /** The maximum age of the answer; 0 for any age. */
  readonly minutes: string;
  /** Accounts and files of the host that the answer depends on as well. */
  readonly follows: readonly string[];
}

function rememberedAs({ step, place, values }: Call): RememberedAs {
  const at = placeOf(step, place);
  const { hours = 0 } = step.remembered ?? {};
  const follows = step.remembered?.follows?.(values, at) ?? [];
  const sorted = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
  const key = createHash("sha256")
    .update(JSON.stringify([programDigest(step.script), variablesOf(step, place), sorted]))
    .digest("hex")
    .slice(0, 32);
  return { key, jail: at.path, records: at.records, minutes: String(60 * hours), follows };
}

/** A digest of the sent texts of a script and its libraries. */
const programDigest = memoized((script: string): string => {
  const texts = [...librariesOf(script), script].map(sentText);
  return createHash("sha256").update(texts.join("\0")).digest("hex");
});

/** The distinct places of reads, each as its number, jail and records. */
function placesOf(reads: readonly Call[]): string[][] {
  const places = reads.map(({ step, place }) => {
    const { path, records } = placeOf(step, place);
    return [path, records];
  });
  return [...new Map(places.map((place) => [place.join("\0"), place])).values()].map((place, number) => [
    String(number),
    ...place,
  ]);
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const proxyVariables = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"];
/** The environment variables of the login that a step gets. */
const keptVariables = [
  "HOME",
  "PATH",
  "SUDO_USER",
  "TZ",
  ...proxyVariables,
  ...proxyVariables.map((name) => name.toUpperCase()),
];

/**
 * The command that starts a shell for a program on its standard input. The shell's environment has only
 * `keptVariables`: a login's CFLAGS, LD_PRELOAD or TAR_OPTIONS must change nothing. Variables are removed by name, so
 * that no value shows in a process list.
 *
 * With `confined` the shell gets a mount namespace of its own, for `confine` in confine.sh. Its variable `namespace` is
 * then `private`, or `refused` if the host allows no namespace.
 */
export function shellCommand(confined: boolean): string {
  const clean = `unset IFS; PATH=${path}; export PATH; set --; for name in $(command awk "BEGIN { for (name in ENVIRON) print name }"); do case $name in ${keptVariables.join("|")}) ;; *) set -- "$@" -u "$name" ;; esac; done`;
  const unshare = "unshare --mount --propagation private";
  const start = confined
    ? `if ${unshare} mount -t tmpfs none /tmp 2>/dev/null; then exec env "$@" LC_ALL=C namespace=private ${unshare} sh -s; else exec env "$@" LC_ALL=C namespace=refused sh -s; fi`
    : 'exec env "$@" LC_ALL=C sh -s';
  return `exec sh -c ${quote(`${clean}; ${start}`)}`;
}

/**
 * The start of every program. It prints a line break first, as output of the login's start files may lack one at its
 * end.
 */
function prelude(logicalHost: string, textOf: TextOf): string {
  return `logical_host=${word(logicalHost)}\n${textOf("base.sh")}\nprintf '\\n' >&3`;
}

/** The commands that fail a step before it does anything, if it lacks root's rights or a tool. */
function checksOf(step: Step): string {
  if (step.needsNoTools) return "";
  return `${step.anyUser ? "" : "need_root\n"}need_tools ${toolsFor(step).join(" ")}`;
}

/** The step as a shell function, which begins with the assignment of its arguments. */
function definition({ step, place, values }: Call, textOf: TextOf): string {
  const { variables, rest } = assignmentsOf(step.args ?? {}, values);
  const assigned = [...variablesOf(step, place), ...variables].map(([name, value]) => `${name}=${word(value)}\n`);
  const positional = rest.length > 0 ? `set -- ${words(...rest)}\n` : "";
  return `step() {\n${assigned.join("")}${positional}${textOf(step.script)}\n}\n`;
}

const run = "step </dev/null\nanswer 'done'";

/** The variables of a step's script that hold paths of its place. */
function variablesOf(step: Step, place: Place | undefined): [PlaceVariable, string][] {
  const { gets = ["jail", "records"] } = step;
  if (gets.length === 0) return [];
  const { path, records, cache } = placeOf(step, place);
  const all = { jail: path, records, cache };
  return gets.map((name) => [name, all[name]]);
}

function placeOf({ does }: Step, place: Place | undefined): Place {
  if (!place) throw new Error(`the step "${does}" works at a place`);
  return place;
}

function words(...texts: string[]): string {
  return texts.map(word).join(" ");
}

function word(text: string): string {
  if (!canBeArgument(text)) throw new Error(unusableText);
  return quote(text);
}
