import { parseArgs } from "node:util";
import { didYouMean } from "../base/did-you-mean.js";
import type { Terminal } from "../base/terminal.js";
import { UsageError } from "../base/usage-error.js";
import type { Session } from "../remote/session.js";

/** An option of a command: the fields that node:util's parseArgs takes, and the texts for help and completions. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** Placeholder for its value in the help. Completions offer paths for `FILE` and `FOLDER`. */
  readonly value?: string;
  readonly help: string;
}

/** Options of a command, by name. The help, the completions and the parser read them here. */
export type Options = Readonly<Record<string, Option>>;

/** `--json`, as most commands declare it. */
export const jsonOption = { type: "boolean", default: false, help: "print JSON" } as const satisfies Option;

/** `--json`, for commands that report their progress. */
export const progressJsonOption = {
  type: "boolean",
  default: false,
  help: "print JSON; progress goes to standard error",
} as const satisfies Option;

/** `--yes`, for commands that ask before they change something. */
export const yesOption = {
  type: "boolean",
  short: "y",
  default: false,
  help: "do not ask (required without a terminal)",
} as const satisfies Option;

/** `--cwd`, for commands that need a Pulumi project. */
export const cwdOption = {
  type: "string",
  default: ".",
  value: "FOLDER",
  help: "folder of the Pulumi project (default: the current one)",
} as const satisfies Option;

/** Arguments that a command takes besides its options. */
type Operands =
  /** SSH destinations. */
  | "hosts"
  /** Arguments after `--`, which are passed to another program. */
  | "passed on"
  /** At most one of these words. */
  | readonly string[];

/** Declaration of a command, without its code. */
interface Declaration {
  /** What it does, in one line. */
  readonly summary: string;
  /** Forms of the command line after its name, one a line: `[OPTION…] HOST…`. */
  readonly usage: readonly string[];
  /** What it does, in paragraphs. */
  readonly about: readonly string[];
  readonly options: Options;
  /** Default: none. */
  readonly operands?: Operands;
  /** Paragraphs after the options in the help, such as exit codes. */
  readonly closing: readonly string[];
  /** True if the command handles signals itself. Otherwise the first signal ends the process. */
  readonly interruptible?: boolean;
}

/** One command of `python3jail`. */
export interface Command extends Declaration {
  /** Runs the command in the session and returns the exit code. Throws UsageError if the command line is wrong. */
  run(args: readonly string[], terminal: Terminal, session: Session): Promise<number>;
}

/** Commands that share a first word: `fleet up`, `fleet split`. */
export interface CommandGroup {
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
}

/** Commands and groups by name. Each is loaded when needed, as some load Pulumi's SDK, which takes half a second. */
export type CommandTable = Readonly<Record<string, () => Promise<Command | CommandGroup>>>;

/** Values of a command's options, by name. */
type ValuesIn<Taken extends Options> = ReturnType<
  typeof parseArgs<{ options: Taken; allowPositionals: true }>
>["values"];

interface Definition<Taken extends Options> extends Declaration {
  readonly options: Taken;
  run(values: ValuesIn<Taken>, operands: string[], terminal: Terminal, session: Session): number | Promise<number>;
}

/** Makes a command from its declaration and a `run` that takes the parsed options and operands. */
export function defineCommand<const Taken extends Options>(definition: Definition<Taken>): Command {
  return {
    ...definition,
    async run(args, terminal, session) {
      const { values, operands } = parsed(definition, args);
      return definition.run(values, operands, terminal, session);
    },
  };
}

function parsed<Taken extends Options>(
  { options, operands: taken }: Definition<Taken>,
  args: readonly string[],
): { values: ValuesIn<Taken>; operands: string[] } {
  refuseWrongOptions(options, args);
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const words = Array.isArray(taken) ? (taken as readonly string[]) : undefined;
  const strange = words ? positionals.find((word, index) => index > 0 || !words.includes(word)) : positionals[0];
  if (strange !== undefined && (taken === undefined || words))
    throw new UsageError(`it takes no ${JSON.stringify(strange)}${didYouMean(strange, words ?? [])}`);
  return { values, operands: positionals };
}

/** Throws UsageError, in our own words, for options that parseArgs would refuse. */
function refuseWrongOptions(options: Options, args: readonly string[]): void {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) {
      const shown = (name: string): string => `--${name}`;
      throw new UsageError(
        `there is no option ${token.rawName}${didYouMean(token.name, ["help", ...Object.keys(options)], shown)}`,
      );
    }
    const { type, value = "VALUE" } = option;
    if (type === "boolean" && token.value !== undefined) throw new UsageError(`--${token.name} takes no value`);
    if (type !== "string") continue;
    if (token.value === undefined) throw new UsageError(`--${token.name} needs a value: --${token.name} ${value}`);
    if (!token.inlineValue && token.value.startsWith("-"))
      throw new UsageError(
        `--${token.name} needs a value; one that begins with - is written --${token.name}=${token.value}`,
      );
  }
}

/** Parses an option's value that is a whole number from 1 to 9999. Throws UsageError. */
export function countOption(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`${option} must be a whole number, at least 1`);
  return Number(text);
}
