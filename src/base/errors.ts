import { types } from "node:util";
import { withoutSecrets } from "./address.js";
import { codeIn, type FailureCode } from "./failure-codes.js";
import { hideStack } from "./pulumi-internals.js";
import { cleaned, cut, oneLine } from "./text.js";

/** A failure on one host: the host, the step, the reason, and what the operator can do next. */
export interface HostFailure {
  /** Logical host name. */
  readonly host: string;
  /** The step that failed, as a verb phrase: "lay out the jail". */
  readonly step: string;
  /** The reason, in one line. */
  readonly reason: string;
  /** What to do next, in one line. */
  readonly remedy?: string | undefined;
  /** The output of the step. The message shows its last lines. */
  readonly output?: string | undefined;
  /** The cause, for machines: its entry in docs/errors.md. */
  readonly code: FailureCode;
  /** True if nothing answered at the host's address. The host may no longer exist. */
  readonly gone?: boolean;
}

/** Lines of a step's output that a message shows. */
const shownLines = 15;
/**
 * Characters shown of an output line, without the ellipsis. The engine receives a failure as one message of limited
 * size.
 */
const shownWidth = 400;
/** Most characters of a reason or a remedy. Either may contain a list, or text from a host. */
const longestReason = 2000;

/** The error for every failure on a host. Steps on hosts pass no other error to the engine. */
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

  get code(): FailureCode {
    return this.failure.code;
  }
}

function describe({ host, step, reason, remedy, output, code }: HostFailure): string {
  const lines = [`${host}: ${step}: ${reason} [${code}]`];
  const tail = lastLines(output ?? "", shownLines).map((line) => cut(line, shownWidth + 1));
  if (tail.length > 0) lines.push("  its last lines:", ...tail.map((line) => `  | ${line}`));
  if (remedy) lines.push(`  what to do: ${remedy}`);
  return lines.join("\n");
}

/** Splits a message, of a HostError or any other, into its code, what happened (with the last line of the output), and what to do. */
export function reasonAndRemedyIn(message: string): {
  readonly code?: FailureCode | undefined;
  readonly reason: string;
  readonly remedy?: string | undefined;
} {
  const code = codeIn(message);
  const [said = "", remedy] = message.split("\n  what to do: ");
  const [first = "", ...more] = said.split("\n");
  const reason = code === undefined ? first : first.slice(0, -` [${code}]`.length);
  const printed = more.filter((line) => line.startsWith("  | ")).at(-1);
  return {
    code,
    reason: printed === undefined ? reason : `${reason}; its last line: ${printed.slice(4)}`,
    remedy: remedy?.split("\n").join(" "),
  };
}

/**
 * Returns the last non-empty lines of a text, cleaned. A carriage return ends a line too, as progress bars print it.
 */
export function lastLines(text: string, count: number): string[] {
  const lines: string[] = [];
  // Start at the end, so that only the returned lines of a long text are cleaned.
  for (const line of text.split(/\r?\n|\r/).reverse()) {
    const shown = cleaned(line).trimEnd();
    if (shown !== "") lines.unshift(shown);
    if (lines.length === count) break;
  }
  return lines;
}

/** Returns the message of an error, or any other thrown value as text. */
export function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/** Whether a value is an Error of any realm. Under a test runner, Node's own errors fail `instanceof Error`. */
export function isError(error: unknown): error is Error {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- `Error.isError` comes with Node 24, and Node 22 is supported
  return types.isNativeError(error);
}
