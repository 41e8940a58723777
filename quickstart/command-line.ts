import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../src/ssh/openssh.js";
import { Failure } from "./failure.js";
import { checkout } from "./places.js";

export interface Options {
  /** Folder for everything of the quickstart. Default: the project's own ignored folder. */
  readonly directory?: string;
  /** The port to use. Default: the first free one from 2222 on. */
  readonly port?: number;
  /** A shared cache of builds, which `--destroy` leaves. Default: a cache of its own, which `--destroy` removes. */
  readonly cache?: string;
}

/** What the quickstart does. Default: everything up to a working jail. */
type Command =
  { readonly do: "up" | "destroy" | "help" } | { readonly do: "pulumi" | "python"; readonly args: readonly string[] };

export interface CommandLine {
  readonly options: Options;
  readonly command: Command;
}

/** The usage text. The set-up prints the same file before anything is compiled. */
export function usage(): string {
  return readFileSync(join(checkout, "quickstart", "usage.txt"), "utf8");
}

const seeHelp = "see: npm run quickstart -- --help";

export function parseCommandLine(words: readonly string[]): CommandLine {
  const options: { directory?: string; port?: number; cache?: string } = {};
  let command: Command = { do: "up" };
  const rest = [...words];
  for (let given = rest.shift(); given !== undefined; given = rest.shift()) {
    const [word, attached] = splitOption(given);
    const value = (): string => {
      const text = attached ?? rest.shift();
      if (text === undefined || text === "") throw new Failure(`${word} needs a value`, seeHelp);
      return text;
    };
    if (word === "pulumi" || word === "python") return { options, command: { do: word, args: rest } };
    else if (word === "--directory" || word === "--cache")
      options[word === "--cache" ? "cache" : "directory"] = value();
    else if (word === "--port") options.port = portOf(value());
    else if (attached === undefined && word === "--destroy") command = { do: "destroy" };
    else if (attached === undefined && (word === "--help" || word === "-h")) command = { do: "help" };
    else throw new Failure(`the quickstart knows no ${given}`, seeHelp);
  }
  return { options, command };
}

function splitOption(word: string): [string, string?] {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new Failure(`--port ${text} is no port`, "give a number from 1 to 65535");
}

/** Formats a command of the quickstart as the user types it, for the same folder. */
export function commandText(options: Options, rest: string): string {
  const directory = options.directory === undefined ? "" : `--directory ${quote(options.directory)} `;
  return `npm run quickstart -- ${directory}${rest}`;
}
