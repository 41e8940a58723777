import { HostError } from "../base/errors.js";
import { Answer, linesIn } from "./answer.js";
import { checkLines } from "./declaration.js";
import type { Step } from "./step.js";

/** The error for a host whose answer is not as the step declares it. */
export function badAnswer(host: string, does: string, reason: string, output?: string): HostError {
  return new HostError({
    host,
    step: does,
    code: "bad-answer",
    reason: `the host does not answer as this step does: ${reason}`,
    output,
    remedy:
      "run `pulumi up`, which rebuilds damaged records; if this stays, check the host and its `sh`, and report it",
  });
}

/** Parses the output of a step on a host. Throws HostError if it is not as the step declares. */
export function readAnswer(host: string, { does, answers }: Step, stdout: string, stderr: string): Answer {
  const [started, ...lines] = linesIn(stdout);
  const fault = (reason: string): HostError => badAnswer(host, does, reason, stderr);
  if (!started) return new Answer([], stderr, fault);
  const last = lines.at(-1);
  const ended = last?.length === 1 && last[0] === "done";
  const { lines: checked, problem } = checkLines(ended ? lines.slice(0, -1) : lines, answers, ended);
  const answer = new Answer([started, ...checked, ...(ended ? [["done"]] : [])], stderr, fault);
  // The output of a step that was cut off may end within a line.
  if (problem !== undefined && (ended || answer.failure || !isCutOff(stdout, lines.length, checked.length)))
    throw answer.refused(problem);
  return answer;
}

/** True if the only wrong line is the last one, and it has no line break. */
function isCutOff(stdout: string, lines: number, checked: number): boolean {
  return !stdout.endsWith("\n") && checked === lines - 1;
}
