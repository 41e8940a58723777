import { execa } from "execa";
import { parseAnswer, type Answer } from "../../src/remote/answer.js";
import { assemble, type Step } from "../../src/remote/step.js";

/** The shells that hosts have as `sh`. With `busybox` every command of the step is busybox's too, where it has one. */
export const shells = ["dash", "bash", "busybox"] as const;
export type Shell = (typeof shells)[number];

const starts: Record<Shell, string> = {
  dash: "exec dash -s",
  bash: "exec bash --posix -s",
  busybox: "mount -t tmpfs tools /usr/local/sbin; busybox --install -s /usr/local/sbin; exec busybox sh -s",
};

export interface StepRun {
  readonly answer: Answer;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

export interface StepSurroundings {
  /** Default: dash. */
  readonly shell?: Shell;
  /** Shell commands that run before the step, in a mount namespace that both have to themselves. */
  readonly prepare?: string;
  /** Milliseconds. Default: 60 s. */
  readonly timeout?: number;
}

/** Runs a step on this machine the way a host would: its assembled text on a shell's standard input. Needs root. */
export async function runStepHere(step: Step, args: readonly string[], { shell = "dash", prepare = ":", timeout = 60_000 }: StepSurroundings = {}): Promise<StepRun> {
  const result = await execa("unshare", ["--mount", "--propagation", "private", "sh", "-ec", `${prepare}\n${starts[shell]}`], {
    input: assemble(step, args), reject: false, timeout, stripFinalNewline: false,
  });
  return { answer: parseAnswer(result.stdout), stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode };
}

/** The same, for a step that must come to its end. */
export async function completeStepHere(step: Step, args: readonly string[], surroundings?: StepSurroundings): Promise<Answer> {
  const { answer, stdout, stderr } = await runStepHere(step, args, surroundings);
  if (!answer.complete) throw new Error(`the step "${step.does}" ended early\n${stdout}\n${stderr}`);
  return answer;
}
