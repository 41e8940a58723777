import { parseArgs } from "node:util";
import { didYouMean } from "../base/did-you-mean.js";
import type { Terminal } from "../base/terminal.js";
import { UsageError } from "../base/usage-error.js";
import type { Session } from "../remote/session.js";

/** An option of a command: what node:util's parseArgs takes, and what help and completions tell of it. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** What stands for its value in the help. `FILE` and `FOLDER` are completed. */
  readonly value?: string;
  readonly help: string;
}

/** The options of a command, by name. Help, completions and the parser all read them here. */
export type Options = Readonly<Record<string, Option>>;

/** `--json`, as most commands have it. */
export const jsonOption = { type: "boolean", default: false, help: "print JSON" } as const satisfies Option;

/** The same of a command that tells meanwhile what goes on. */
export const progressJsonOption = {
  type: "boolean",
  default: false,
  help: "print JSON; what goes on is told on standard error",
} as const satisfies Option;

/** `--yes`, of a command that asks before it changes something. */
export const yesOption = {
  type: "boolean",
  short: "y",
  default: false,
  help: "do not ask (needed where there is no terminal)",
} as const satisfies Option;

/** The Pulumi project. */
export const cwdOption = {
  type: "string",
  default: ".",
  value: "FOLDER",
  help: "the project's folder (default: this one)",
} as const satisfies Option;

/** What a command takes besides options. */
type Operands =
  /** SSH destinations. */
  | "hosts"
  /** What follows `--` goes to another program. */
  | "passed on"
  /** One of these words at most. */
  | readonly string[];

/** What is declared of a command. */
interface Declaration {
  /** What it does, in a line. */
  readonly summary: string;
  /** What may follow its name, a line each: `[OPTION…] HOST…`. */
  readonly usage: readonly string[];
  /** What it does, in paragraphs. */
  readonly about: readonly string[];
  readonly options: Options;
  /** Default: nothing. */
  readonly operands?: Operands;
  /** The paragraphs after the options in the help, such as exit codes. */
  readonly closing: readonly string[];
  /** It ends by itself when it is interrupted; any other command is ended. */
  readonly interruptible?: boolean;
}

/** One command of `python3jail`. */
export interface Command extends Declaration {
  /** Runs it, on hosts of the session; returns the exit code. Throws UsageError where it was called wrongly. */
  run(args: readonly string[], terminal: Terminal, session: Session): Promise<number>;
}

/** Commands that have one word in common: `fleet up`, `fleet split`. */
export interface CommandGroup {
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
}

/** All commands and groups by name, each loaded when it is needed: some load Pulumi's SDK, which takes half a second. */
export type CommandTable = Readonly<Record<string, () => Promise<Command | CommandGroup>>>;

/** The values of a command's options, by name. */
type ValuesIn<Taken extends Options> = ReturnType<
  typeof parseArgs<{ options: Taken; allowPositionals: true }>
>["values"];

interface Definition<Taken extends Options> extends Declaration {
  readonly options: Taken;
  run(values: ValuesIn<Taken>, operands: string[], terminal: Terminal, session: Session): number | Promise<number>;
}

/** Makes a command of its declaration, and of what it does with the values of its options. */
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

/** What parseArgs itself refuses, in our words. */
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

/** The value of an option that is a number of things. */
export function countOption(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`${option} must be a whole number, at least 1`);
  return Number(text);
}
