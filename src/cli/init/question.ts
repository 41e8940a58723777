import { createInterface } from "node:readline/promises";
import { UsageError } from "../../base/usage-error.js";

/** Asks a person for a line. Rejects where nobody answers any more (Ctrl-C, the end of the input). */
export type Ask = (question: string) => Promise<string>;

/** Something that is to be known: given by an option, or else asked for, or else what is usual. */
export interface Question<T> {
  readonly option: string;
  readonly given: string | undefined;
  readonly asks: string;
  /** The answer if the person just presses Enter. */
  readonly usual?: string | undefined;
  /** Reads what was said. Throws UsageError where it cannot be. */
  readonly read: (text: string) => T;
}

/** Asks a question until its answer is valid, and says what is wrong with one that is not. Throws UsageError if there is nobody to ask (no `ask`) and no default. */
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

/** Asks at the terminal, one question after another. */
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
