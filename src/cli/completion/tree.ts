import { cut } from "../../base/text.js";
import type { Command, CommandTable, Option } from "../command.js";

/** Words that may follow the words of `after`, each with its meaning. */
interface Choice {
  readonly after: readonly string[];
  readonly words: readonly (readonly [word: string, means: string])[];
}

/** An option as shells complete it. */
interface CompletedOption {
  readonly name: string;
  readonly means: string;
  readonly multiple: boolean;
  /** Placeholder of its value, if it takes one: `FILE`, `FOLDER` or another word. */
  readonly value: string | undefined;
}

/** A command as shells complete it. */
export interface CompletedCommand {
  /** The words that call the command: `fleet`, `up`. */
  readonly words: readonly string[];
  readonly options: readonly CompletedOption[];
  readonly takesHosts: boolean;
  /** Words that the command takes as operands. */
  readonly operands: readonly string[];
}

/** Everything that shells complete for `python3jail`. */
export interface CommandTree {
  readonly choices: readonly Choice[];
  readonly commands: readonly CompletedCommand[];
}

/** Loads all commands, and lists what they declare. */
export async function treeOf(table: CommandTable): Promise<CommandTree> {
  const names: [string, string][] = [];
  const choices: Choice[] = [{ after: [], words: names }];
  const commands: CompletedCommand[] = [];
  for (const [name, load] of Object.entries(table)) {
    const loaded = await load();
    names.push([name, inShort(loaded.summary)]);
    if ("commands" in loaded) {
      const verbs = Object.entries(loaded.commands);
      choices.push({ after: [name], words: verbs.map(([verb, { summary }]) => [verb, inShort(summary)]) });
      commands.push(...verbs.map(([verb, command]) => completed([name, verb], command)));
    } else commands.push(completed([name], loaded));
  }
  return { choices, commands };
}

function completed(words: readonly string[], { options, operands }: Command): CompletedCommand {
  const help: Option = { type: "boolean", help: "print the help" };
  return {
    words,
    options: Object.entries<Option>({ ...options, help }).map(([name, option]) => ({
      name,
      means: inShort(option.help),
      multiple: option.multiple ?? false,
      value: option.type === "string" ? (option.value ?? "VALUE") : undefined,
    })),
    takesHosts: operands === "hosts",
    operands: typeof operands === "object" ? operands : [],
  };
}

/** Shortens a help text to its first phrase, at most 60 characters, to fit beside the completed word. */
function inShort(text: string): string {
  return cut(text.split(/[;:(]|\. /)[0]?.trim() ?? "", 60);
}
