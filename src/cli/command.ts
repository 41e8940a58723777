import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "../base/usage-error.js";
import type { Session } from "../remote/session.js";
import type { Terminal } from "../base/terminal.js";

/** One command of `python3jail`. */
export interface Command {
  /** What it does, in a line. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** It ends by itself when it is interrupted; any other command is ended. */
  readonly interruptible?: boolean;
  /** Runs it, on hosts of the session; returns the exit code. Throws UsageError where it was called wrongly. */
  run(args: readonly string[], terminal: Terminal, session: Session): Promise<number>;
}

/** node:util's parseArgs, whose complaints are UsageErrors. */
export function parsed<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The value of an option that is a number of things. */
export function countOption(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`${option} must be a whole number, at least 1`);
  return Number(text);
}
