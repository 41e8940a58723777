import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../ssh/openssh.js";
import { canBeArgument } from "../text.js";
import type { Step } from "./step.js";
import { toolsFor } from "./tools.js";

const texts = new Map<string, string>();

/** The text of a remote script. */
export function scriptText(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = readFileSync(join(__dirname, file), "utf8")));
  return text;
}

/** A digest of remote scripts, for what must change when they change (a build's key). */
export function scriptDigest(...files: string[]): string {
  return createHash("sha256").update(files.map(scriptText).join("\0")).digest("hex");
}

/**
 * The program that sh reads: the libraries, then the step as one function, so that a text cut short by a lost connection
 * runs not at all, and what it starts cannot eat the rest of it.
 */
export function assemble(step: Step, args: readonly string[], logicalHost = ""): string {
  return [prelude(logicalHost), "answer started", needs(step), definition(step), `{\n${call(args)}\n}\n`].join("\n");
}

/**
 * The same for several steps, each in a shell of its own, so that none can end or change another. After each comes a line
 * `mark NUMBER EXIT_CODE` on both outputs.
 */
export function assembleTogether(
  steps: readonly { readonly step: Step; readonly args: readonly string[] }[],
  mark: string,
  logicalHost = "",
): string {
  const bodies = steps.map(
    ({ step, args }, number) =>
      `(\nset -e\nend_on_signals\nanswer started\n${needs(step)}\n${definition(step)}\n${call(args)}\n)\ncode=$?\nprintf '%s\\n' "${mark} ${number} $code" >&3\nprintf '%s\\n' "${mark} ${number} $code"`,
  );
  return [prelude(logicalHost), `{\nset +e\n${bodies.join("\n")}\n}\n`].join("\n");
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
function prelude(logicalHost: string): string {
  return `logical_host=${word(logicalHost)}\n${scriptText("lib.sh")}\nprintf '\\n' >&3`;
}

/** Ends the step before it does anything where the host lacks a tool of it. */
function needs(step: Step): string {
  return `need_tools ${toolsFor(step).join(" ")}`;
}

function definition({ does, files }: Step): string {
  const [body, ...libraries] = files;
  if (body === undefined) throw new Error(`the step "${does}" has no script`);
  return [...libraries.map(scriptText), `step() {\n${scriptText(body)}\n}\n`].join("\n");
}

// In braces: sh begins with them only when it has read them to their end.
function call(args: readonly string[]): string {
  return `step ${args.map(word).join(" ")} </dev/null\nanswer 'done'`;
}

function word(text: string): string {
  if (!canBeArgument(text)) throw new Error("a NUL byte or half a character cannot be an argument");
  return quote(text);
}
