import { quote } from "../../ssh/openssh.js";
import type { CommandTree, CompletedCommand } from "./tree.js";

const actions: Readonly<Record<string, string>> = { FILE: "-rF", FOLDER: "-xa '(__fish_complete_directories)'" };
const begin = "complete -c python3jail";

/** Writes the completion script for fish. */
export function fishScript({ choices, commands }: CommandTree): string {
  const choiceLines = choices.flatMap(({ after, words }) =>
    words.map(
      ([word, means]) =>
        `${begin} -n ${quote(["__python3jail_words", ...after].join(" "))} -a ${word} -d ${quote(means)}`,
    ),
  );
  return `# fish completion of python3jail, as \`python3jail completion fish\` prints it.
# __python3jail_words WORD...: true if exactly these words come before; after a final ... more may follow them.
function __python3jail_words
    set -l before (commandline -opc)
    set -e before[1]
    if test "$argv[-1]" = ...
        set -e argv[-1]
        set before $before[1..(count $argv)]
    end
    test "$before" = "$argv"
end

${begin} -f
${begin} -n __python3jail_words -l help -d 'list the commands'
${begin} -n __python3jail_words -l version -d 'print the version'
${[...choiceLines, ...commands.flatMap(commandLines)].join("\n")}
`;
}

function commandLines({ words, options, takesHosts, operands }: CompletedCommand): string[] {
  const at = `${begin} -n ${quote(["__python3jail_words", ...words, "..."].join(" "))}`;
  return [
    ...options.map(
      ({ name, means, value }) =>
        `${at} -l ${name} ${value === undefined ? "" : `${actions[value] ?? "-x"} `}-d ${quote(means)}`,
    ),
    ...(takesHosts ? [`${at} -a '(__fish_print_hostnames)'`] : []),
    ...(operands.length > 0 ? [`${at} -a ${quote(operands.join(" "))}`] : []),
  ];
}
