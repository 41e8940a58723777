import { execa } from "execa";
import { parseAnswer, type Answer } from "../../src/remote/answer.js";
import type { Arguments, ValuesOf, NoArguments } from "../../src/remote/arguments.js";
import { assemble, callOf, shellCommand } from "../../src/remote/program.js";
import { readAnswer } from "../../src/remote/read-answer.js";
import type { Place, Step } from "../../src/remote/step.js";

/** The shells that hosts have as `sh`. With `busybox`, the step's commands are busybox's as well, if it has them. */
export const shells = ["dash", "bash", "busybox"] as const;
export type Shell = (typeof shells)[number];

/**
 * Whether a shell differs from dash in its syntax only, and starts the same programs: bash. The usual life of a resource is tested with it.
 * The other cases depend on the programs, and are tested with the other shells.
 */
export const differsInSyntaxAlone = (shell: Shell): boolean => shell === "bash";

/** The commands that make `sh` this shell, in the step's mount namespace. */
const asShell: Record<Shell, string> = {
  dash: ":",
  bash: "mount --bind /bin/bash /bin/dash",
  busybox:
    "mount -t tmpfs tools /usr/local/sbin; busybox --install -s /usr/local/sbin; mount --bind /bin/busybox /bin/dash",
};

export interface StepRun {
  readonly answer: Answer;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** The output of the commands `after`. */
  readonly after: string;
}

export interface StepSurroundings {
  /** Default: dash. */
  readonly shell?: Shell;
  /** Shell commands that run before the step. They, the step and `after` have a mount namespace of their own. */
  readonly before?: string | undefined;
  /** Shell commands that run after it. */
  readonly after?: string;
  /** The file of the network namespace to run in. Default: the machine's namespace. */
  readonly network?: string;
  /** The time limit, in milliseconds. Default: 60 s. */
  readonly timeout?: number;
  /** The host's logical name. Default: none. */
  readonly host?: string;
  /** Whether the host lets a step have a mount namespace of its own. Default: true. */
  readonly namespaces?: boolean;
}

/** The commands, run before a step, that replace a program of the machine by a script. Without effect under busybox. */
export const standIn = (program: string, ...lines: string[]): string =>
  // Remove the file first: it may be busybox's symlink, which must not be written through.
  `mountpoint -q /usr/local/sbin || mount -t tmpfs tools /usr/local/sbin; rm -f /usr/local/sbin/${program}; cat >/usr/local/sbin/${program} <<'end'\n#!/bin/sh\n${lines.join("\n")}\nend\nchmod 755 /usr/local/sbin/${program}`;

/**
 * Runs a step on this machine as on a host: its program is the standard input of the shell that starts it. Needs
 * root. Throws HostError if the answer is not as declared.
 */
export async function runStepHere<Taken extends Arguments = NoArguments>(
  step: Step<Taken>,
  place: Place | undefined,
  values: NoInfer<ValuesOf<Taken>>,
  surroundings?: StepSurroundings,
): Promise<StepRun> {
  const run = await runTextHere(
    assemble(callOf(step, place, values), surroundings?.host),
    surroundings,
    shellCommand(step.confined ?? false),
  );
  return { ...run, answer: readAnswer(surroundings?.host ?? "", step, run.stdout, run.stderr) };
}

/** Runs any program of the same form. */
export async function runTextHere(
  text: string,
  { shell = "dash", before = ":", after = ":", network, timeout = 60_000, namespaces = true }: StepSurroundings = {},
  command = shellCommand(false),
): Promise<StepRun> {
  const script = `set -e\n${before}\n${asShell[shell]}\nset +e\n(${namespaces ? command : command.replace(/^exec /, "exec /usr/bin/setpriv --bounding-set -sys_admin ")}) 3>&-\ncode=$?\n{\n${after}\n} >&3\nexit $code`;
  const words = [
    ...(network === undefined ? [] : ["nsenter", `--net=${network}`, "--"]),
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    script,
  ];
  const result = await execa(words[0]!, words.slice(1), {
    input: text,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    reject: false,
    timeout,
    stripFinalNewline: false,
  });
  const [, stdout, stderr, told] = result.stdio as unknown as string[];
  return { answer: parseAnswer(stdout!), stdout: stdout!, stderr: stderr!, exitCode: result.exitCode, after: told! };
}

/** Runs a step that must run to its end. */
export async function completeStepHere<Taken extends Arguments = NoArguments>(
  step: Step<Taken>,
  place: Place | undefined,
  values: NoInfer<ValuesOf<Taken>>,
  surroundings?: StepSurroundings,
): Promise<Answer> {
  const { answer, stdout, stderr } = await runStepHere(step, place, values, surroundings);
  if (!answer.complete) throw new Error(`the step "${step.does}" ended early\n${stdout}\n${stderr}`);
  return answer;
}
