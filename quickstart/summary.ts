import { commandText, type Options } from "./command-line.js";
import type { JailOutputs } from "./jail.js";
import { headline, say } from "./screen.js";

/** Result of a run. */
export interface Outcome {
  readonly jail: JailOutputs;
  /** What the program in the jail printed. */
  readonly printed: string;
  readonly sshConfig: string;
  readonly took: string;
}

/** Formats the end of a run: what ran where, how long it took, and what to try next. */
export function summarize({ jail, printed, sshConfig, took }: Outcome, options: Options): void {
  headline(`Python ${jail.python} runs in the jail: print(1+1) -> ${printed}`);
  say("jail", jail.path);
  say("host", `ssh -F ${sshConfig} local`);
  say("took", took);
  headline("Next:");
  for (const [command, does] of nextCommands)
    process.stdout.write(`  ${commandText(options, command)}\n      ${does}\n`);
}

const nextCommands = [
  [
    "pulumi preview --refresh --diff",
    "looks at the jail, and shows what differs from its declaration: delete something in it before",
  ],
  [
    `python -c 'import os; print(os.getuid(), os.path.exists("/etc/shadow"))'`,
    "runs a program in the jail: not as root, and without this machine's files",
  ],
  ["--destroy", "removes the host, the jail and the stack"],
] as const;
