import { types } from "node:util";
import { withoutSecrets } from "./address.js";
import { cut } from "./text.js";

/** What went wrong on one host, said so that an operator knows where, at which step, why, and what to do next. */
export interface HostFailure {
  /** Logical host name. */
  readonly host: string;
  /** The step that failed, in words: "lay out the jail". */
  readonly step: string;
  /** Why, in one line. */
  readonly reason: string;
  /** What to do next, in one line. */
  readonly remedy?: string;
  /** What the step printed; the last lines are shown. */
  readonly output?: string;
  /** Machine-readable cause: "unreachable", "no-sudo", "not-a-jail"… */
  readonly code: string;
  /** Nothing of the host answered: it may be gone for good. */
  readonly gone?: boolean;
}

const shownLines = 15;
/** Characters of a line, besides the mark that it was longer. The engine takes a failure in one piece, which has an end. */
const shownWidth = 400;

/** Everything that a host refuses or fails is one of these; nothing else reaches the engine from a remote step. */
export class HostError extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure) {
    const shown = { ...failure, reason: withoutSecrets(failure.reason), ...(failure.output !== undefined && { output: withoutSecrets(failure.output) }) };
    super(describe(shown));
    this.name = "HostError";
    this.failure = shown;
    hideStack(this);
  }

  get code(): string {
    return this.failure.code;
  }
}

/** The engine prints `stack` where check, diff, read or delete throw; a person wants the message alone. */
export function hideStack(error: Error): void {
  error.stack = error.message;
}

function describe({ host, step, reason, remedy, output }: HostFailure): string {
  const lines = [`${host}: ${step}: ${reason}`];
  const tail = lastLines(output ?? "", shownLines).map((line) => cut(line, shownWidth + 1));
  if (tail.length > 0) lines.push("  its last lines:", ...tail.map((line) => `  | ${line}`));
  if (remedy) lines.push(`  what to do: ${remedy}`);
  return lines.join("\n");
}

/** The last non-empty lines of a text, without terminal control characters. */
export function lastLines(text: string, count: number): string[] {
  return text
    .split(/\r?\n/)
    // eslint-disable-next-line no-control-regex
    .map((line) => line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "").trimEnd())
    .filter((line) => line !== "")
    .slice(-count);
}

export function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}
