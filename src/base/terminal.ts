import { createInterface } from "node:readline/promises";
import { UsageError } from "./usage-error.js";

/** Where a command prints, and whether it may use colour. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly paint: (colour: Colour, text: string) => string;
  /** Characters in a line. */
  readonly width: number;
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof codes;

/** Colour only for a person at a terminal who did not refuse it (https://no-color.org). */
export function terminalOf(
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    write: (text) => void stream.write(text),
    paint: (colour, text) => (colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    width: Math.max(60, Math.min(stream.columns ?? 100, 120)),
  };
}

/** Breaks a text into lines of at most so many characters, at its spaces. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Throws UsageError where a command would have to ask, and no person is there to answer. */
export function refuseUnlessAnswered({ dryRun, yes, json }: { dryRun: boolean; yes: boolean; json: boolean }): void {
  const canAsk = process.stdin.isTTY && process.stdout.isTTY;
  if (!dryRun && !yes && (json || !canAsk)) throw new UsageError("nobody can be asked here: give --yes, or --dry-run");
}

/** Where a command tells people what goes on: not where a machine reads its JSON. */
export function terminalFor(json: boolean, stdout: Terminal): Terminal {
  return json ? terminalOf(process.stderr, process.env) : stdout;
}

/** Asks a question whose answer is no unless it is yes: so are Ctrl-C and the end of the input. */
export async function confirmed(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const refused = new AbortController();
  prompt.once("close", () => refused.abort());
  prompt.once("SIGINT", () => refused.abort());
  try {
    return /^y(es)?$/i.test((await prompt.question(`\n${question} [y/N] `, { signal: refused.signal })).trim());
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}
