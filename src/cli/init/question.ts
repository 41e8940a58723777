import { createInterface } from "node:readline/promises";
import { UsageError } from "../../base/usage-error.js";

/** Asks the user for a line. Rejects when nobody answers (Ctrl-C, or the end of the input). */
export type Ask = (question: string) => Promise<string>;

/** A value to find out: from an option, else from the user, else the default. */
export interface Question<T> {
  readonly option: string;
  readonly given: string | undefined;
  readonly asks: string;
  /** Default: the answer if the user just presses Enter. */
  readonly usual?: string | undefined;
  /** Parses the answer. Throws UsageError if it is not valid. */
  readonly read: (text: string) => T;
}

/**
 * Asks a question until the answer is valid. Throws UsageError if the option is invalid, or without `ask` and a
 * default.
 */
export async function answerTo<T>({ option, given, asks, usual, read }: Question<T>, ask: Ask | undefined): Promise<T> {
  if (given !== undefined) return readOption(option, given, read);
  if (!ask) {
    if (usual === undefined) throw new UsageError(`give --${option}`);
    return read(usual);
  }
  for (let reason = ""; ;) {
    const said = (await ask(`${reason}${asks}${usual === undefined || usual === "" ? "" : ` [${usual}]`}: `)).trim();
    try {
      return read(said === "" ? (usual ?? "") : said);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      reason = `  ${error.message}\n`;
    }
  }
}

function readOption<T>(option: string, given: string, read: (text: string) => T): T {
  try {
    return read(given);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`--${option}: ${error.message}`) : error;
  }
}

/** Asks one question at the terminal. */
export async function askHere(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const gone = new AbortController();
  prompt.once("close", () => gone.abort());
  prompt.once("SIGINT", () => gone.abort());
  try {
    return await prompt.question(question, { signal: gone.signal });
  } catch {
    throw new Error("stopped: nothing was written");
  } finally {
    prompt.close();
  }
}
