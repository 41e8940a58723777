import { withoutSecrets } from "../address.js";
import { HostError } from "../errors.js";
import type { Host } from "../ssh/host.js";
import { Answer, linesIn } from "./answer.js";
import { lookTogether } from "./batch.js";
import { checkLines, type Answers } from "./declaration.js";
import { assemble, shellCommand } from "./program.js";
import { refuseLackingTools } from "./tools.js";

/** A POSIX sh script of ours that runs on a host as root; its arguments travel with it on standard input. */
export interface Step {
  /** What it does, in words, for messages: "make the device node". */
  readonly does: string;
  /** Its file below src/remote, and the libraries that it needs besides lib.sh. */
  readonly files: readonly string[];
  /** What it answers: a host may print anything, and only what is declared here gets through. */
  readonly answers: Answers;
  /** It looks and changes nothing: looks at one host that come together share one round trip (batch.ts). */
  readonly looks?: boolean;
  /** It changes something in a jail, in a mount namespace of its own (`confine` in lib.sh). */
  readonly confined?: boolean;
  /** It may take as long as a build: it copies, downloads or installs much. */
  readonly slow?: boolean;
}

/** Seconds that a step may take where nothing else is said. */
export const defaultStepTimeout = 120;

/** Warnings of one step that are shown. */
const mostWarnings = 20;

/** An error for a host that does not answer as our step does. */
export function badAnswer(host: string, does: string, reason: string, output?: string): HostError {
  return new HostError({
    host,
    step: does,
    code: "bad-answer",
    reason: `the host does not answer as this step does: ${reason}`,
    output,
    remedy:
      "run `pulumi up`, which rebuilds damaged records; if this stays, see whether the host and its `sh` are what they should be, and report it",
  });
}

/** Reads what a step printed on a host. Throws HostError where it is not what the step declares. */
export function readAnswer(host: string, { does, answers }: Step, stdout: string, stderr: string): Answer {
  const [started, ...lines] = linesIn(stdout);
  const fault = (reason: string): HostError => badAnswer(host, does, reason, stderr);
  if (!started) return new Answer([], stderr, fault);
  const last = lines.at(-1);
  const ended = last?.length === 1 && last[0] === "done";
  const { lines: checked, problem } = checkLines(ended ? lines.slice(0, -1) : lines, answers, ended);
  const answer = new Answer([started, ...checked, ...(ended ? [["done"]] : [])], stderr, fault);
  // A step that was cut off may have been so within a line.
  if (problem !== undefined && (ended || answer.failure || !isCutOff(stdout, lines.length, checked.length)))
    throw answer.refused(problem);
  return answer;
}

/** Whether only the last line, which has no end, is not as it should be. */
function isCutOff(stdout: string, lines: number, checked: number): boolean {
  return !stdout.endsWith("\n") && checked === lines - 1;
}

/** Runs a step on a host and parses its answer. Throws HostError. */
export async function runStep(
  host: Host,
  step: Step,
  args: readonly string[],
  timeoutSeconds = defaultStepTimeout,
): Promise<Answer> {
  const result = step.looks
    ? await lookTogether(host, step, args, timeoutSeconds)
    : await host.shell(
        step.does,
        assemble(step, args, host.name),
        timeoutSeconds,
        shellCommand(step.confined ?? false),
      );
  const answer = readAnswer(host.name, step, result.stdout, result.stderr);
  const warnings = answer.all("warn", 1).map(([text]) => withoutSecrets(text));
  if (warnings.length > mostWarnings)
    warnings.splice(mostWarnings, Infinity, `and ${warnings.length - mostWarnings} more warnings`);
  for (const text of warnings) console.warn(`warning: ${host.name}: ${text}`);
  refuseLackingTools(answer, host.name, step.does);
  const failure = answer.failure;
  if (failure) throw new HostError({ host: host.name, step: step.does, ...failure, output: result.stderr });
  if (!answer.complete) {
    throw new HostError({
      host: host.name,
      step: step.does,
      code: answer.started ? "step-failed" : "no-shell",
      reason: answer.started ? `it ended early (exit code ${result.exitCode ?? "unknown"})` : "no sh ran there",
      output: result.stderr || result.stdout,
      remedy: answer.started
        ? "see its last lines; running the same command again goes on from here"
        : "check the user's login shell, and that `sh` is on its PATH",
    });
  }
  return answer;
}
