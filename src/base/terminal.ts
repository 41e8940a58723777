import { createInterface } from "node:readline/promises";
import { UsageError } from "./usage-error.js";

/** An output that a command prints to. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Returns a text in a colour, or unchanged if the output takes no colours. */
  readonly paint: (colour: Colour, text: string) => string;
  /** Characters in a line of text, 40 to 120. */
  readonly width: number;
  /** Characters in a line of a table, which must not wrap. Infinity in a file or a pipe. */
  readonly room: number;
}

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof codes;

/**
 * Returns a Terminal for a stream. It uses colours only at a terminal, and only without NO_COLOR
 * (https://no-color.org).
 */
export function terminalOf(
  stream: { write(text: string): unknown; isTTY?: boolean; columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    write: (text) => void stream.write(text),
    paint: (colour, text) => (colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    width: Math.max(40, Math.min(stream.columns ?? 100, 120)),
    room: stream.isTTY === true ? (stream.columns ?? 80) : Infinity,
  };
}

/** Breaks a text at its spaces into lines of at most `width` characters. A longer word gets a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Breaks a text into lines that fit a terminal, with `indent` characters before each. In a file or a pipe it stays one line. */
export function fitted(text: string, { width, room }: Terminal, indent = 0): string[] {
  return wrapped(text, Number.isFinite(room) ? Math.min(width, room) - indent : Infinity);
}

/** Throws UsageError if a command has to ask for confirmation, but has no terminal to ask at. */
export function refuseUnlessAnswered({ dryRun, yes, json }: { dryRun: boolean; yes: boolean; json: boolean }): void {
  const canAsk = process.stdin.isTTY && process.stdout.isTTY;
  if (!dryRun && !yes && (json || !canAsk)) throw new UsageError("nobody can be asked here: give --yes, or --dry-run");
}

/** Returns the output for a command's messages to people: stderr if stdout holds JSON, or else stdout. */
export function terminalFor(json: boolean, stdout: Terminal): Terminal {
  return json ? terminalOf(process.stderr, process.env) : stdout;
}

/** Asks a yes-or-no question. Ctrl-C, the end of the input, and any answer but y or yes count as no. */
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
