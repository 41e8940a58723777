import { HostError } from "../base/errors.js";
import { Answer, linesIn } from "./answer.js";
import { checkLines } from "./declaration.js";
import type { Step } from "./step.js";

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
