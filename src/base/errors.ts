import { types } from "node:util";
import { withoutSecrets } from "./address.js";
import { hideStack } from "./pulumi-internals.js";
import { cleaned, cut, oneLine } from "./text.js";

/** What went wrong on one host, said so that an operator knows where, at which step, why, and what to do next. */
export interface HostFailure {
  /** Logical host name. */
  readonly host: string;
  /** The step that failed, in words: "lay out the jail". */
  readonly step: string;
  /** Why, in one line. */
  readonly reason: string;
  /** What to do next, in one line. */
  readonly remedy?: string | undefined;
  /** What the step printed; the last lines are shown. */
  readonly output?: string | undefined;
  /** Machine-readable cause: "unreachable", "no-sudo", "not-a-jail"… */
  readonly code: string;
  /** Nothing of the host answered: it may be gone for good. */
  readonly gone?: boolean;
}

const shownLines = 15;
/** Characters of a line, besides the mark that it was longer. The engine takes a failure in one piece, which has an end. */
const shownWidth = 400;
/** Characters of a reason or a remedy: they may list what is missing, and hold what a host said. */
const longestReason = 2000;

/** Everything that a host refuses or fails is one of these; nothing else reaches the engine from a remote step. */
export class HostError extends Error {
  readonly failure: HostFailure;

  constructor(given: HostFailure) {
    const line = (text: string): string => oneLine(withoutSecrets(text), longestReason);
    const shown = {
      ...given,
      reason: line(given.reason),
      ...(given.remedy === undefined ? {} : { remedy: line(given.remedy) }),
      ...(given.output === undefined ? {} : { output: withoutSecrets(given.output) }),
    };
    super(describe(shown));
    this.name = "HostError";
    this.failure = shown;
    hideStack(this);
  }

  get code(): string {
    return this.failure.code;
  }
}

function describe({ host, step, reason, remedy, output }: HostFailure): string {
  const lines = [`${host}: ${step}: ${reason}`];
  const tail = lastLines(output ?? "", shownLines).map((line) => cut(line, shownWidth + 1));
  if (tail.length > 0) lines.push("  its last lines:", ...tail.map((line) => `  | ${line}`));
  if (remedy) lines.push(`  what to do: ${remedy}`);
  return lines.join("\n");
}

/** The last non-empty lines of a text, each cleaned. */
export function lastLines(text: string, count: number): string[] {
  const lines: string[] = [];
  // From the end: of a long text only these are cleaned. What is written over after a carriage return is a line of its own.
  for (const line of text.split(/\r?\n|\r/).reverse()) {
    const shown = cleaned(line).trimEnd();
    if (shown !== "") lines.unshift(shown);
    if (lines.length === count) break;
  }
  return lines;
}

export function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** Whether it is an Error, of whatever realm: Node's own are of another one under a test runner, where `instanceof` says no. */
export function isError(error: unknown): error is Error {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- `Error.isError` comes with Node 24, and Node 22 is supported
  return types.isNativeError(error);
}
