import type { CommandTree, CompletedCommand } from "./tree.js";

const actions: Readonly<Record<string, string>> = { FILE: "_python3jail_files -f", FOLDER: "_python3jail_files -d" };

/** Writes the completion script for bash 3.2 and later. */
export function bashScript({ choices, commands }: CommandTree): string {
  const choiceCases = choices.map(({ after, words }) => {
    const offered = [...words.map(([word]) => word), ...(after.length === 0 ? ["--help", "--version"] : ["--help"])];
    return `  "${after.join(" ")}") _python3jail_words ${offered.join(" ")} ;;`;
  });
  return `# bash completion of python3jail, as \`python3jail completion bash\` prints it.
_python3jail_words() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -W "$*" -- "$word"))
}

_python3jail_names() {
  local IFS=$'\\n'
  [ "$1" = hostname ] || compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen "\${@}" -- "$word"))
}

_python3jail_files() {
  compopt -o filenames 2>/dev/null
  _python3jail_names "$1"
}

_python3jail() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local before="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  COMPREPLY=()
  case $before in
${[...choiceCases, ...commands.map(commandCase)].join("\n")}
  esac
}

complete -F _python3jail python3jail
`;
}

function commandCase({ words, options, takesHosts, operands }: CompletedCommand): string {
  const name = words.join(" ");
  const valued = options.flatMap(({ name: option, value }) => {
    if (value === undefined) return [];
    const action = actions[value];
    return [`    --${option}) ${action === undefined ? "" : `${action}; `}return ;;`];
  });
  const offered = [...options.map(({ name: option }) => `--${option}`), ...operands];
  return [
    `  "${name}" | "${name} "*)`,
    ...(valued.length > 0 ? ["    case $previous in", ...valued, "    esac"] : []),
    `    _python3jail_words ${offered.join(" ")}`,
    ...(takesHosts ? ["    _python3jail_names -A hostname"] : []),
    "    ;;",
  ].join("\n");
}
