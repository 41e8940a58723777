import { wrapped } from "../base/terminal.js";
import type { Command, CommandGroup, CommandTable, Option } from "./command.js";

/** Columns that every terminal is assumed to have. */
const width = 80;
/** Longest label, in characters, that shares a line with its text. */
const longestLabel = 22;

/** Formats the list of all commands. */
export async function helpOnAll(commands: CommandTable): Promise<string> {
  const rows = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => [name, (await load()).summary] as const),
  );
  return [
    "usage: python3jail COMMAND [OPTION…]",
    "",
    ...table([...rows, ["--version", "prints the version"]]),
    "",
    "python3jail COMMAND --help describes a command and its options.",
    "",
  ].join("\n");
}

/** Formats the list of a group's commands. */
export function helpOnGroup(name: string, { commands }: CommandGroup): string {
  const rows = Object.entries(commands).map(([verb, { summary }]) => [verb, summary] as const);
  return [
    `usage: python3jail ${name} COMMAND [OPTION…]`,
    "",
    ...table(rows),
    "",
    `python3jail ${name} COMMAND --help describes a command and its options.`,
    "",
  ].join("\n");
}

/** Formats what `--help` prints for one command. */
export function helpOn(name: string, { usage, about, options, closing }: Command): string {
  const forms = usage.map((form, index) =>
    `${index === 0 ? "usage:" : "      "} python3jail ${name} ${form}`.trimEnd(),
  );
  const rows = Object.entries<Option>({ ...options, help: { type: "boolean", help: "print this" } }).map(
    ([option, declared]) => [labelOf(option, declared), declared.help] as const,
  );
  const paragraphs = [forms, ...about.map(broken), table(rows), ...closing.map(broken)];
  return `${paragraphs.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function broken(text: string): string[] {
  return wrapped(text, width);
}

function labelOf(name: string, { type, short, value = "VALUE" }: Option): string {
  const names = `--${name}${short === undefined ? "" : `, -${short}`}`;
  return type === "string" ? `${names} ${value}` : names;
}

/** Formats two columns. A label that is too long for the first column gets its own line. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const column = Math.min(longestLabel, Math.max(...rows.map(([label]) => label.length)));
  const indent = " ".repeat(column + 4);
  return rows.flatMap(([label, text]) => {
    const [first = "", ...rest] = wrapped(text, width - indent.length);
    const own = label.length > column;
    return [
      own ? `  ${label}` : `  ${label.padEnd(column)}  ${first}`,
      ...(own ? [first] : []).concat(rest).map((line) => `${indent}${line}`),
    ];
  });
}
