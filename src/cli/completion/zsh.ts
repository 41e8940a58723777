import { quote } from "../../ssh/openssh.js";
import type { CommandTree, CompletedCommand } from "./tree.js";

const actions: Readonly<Record<string, string>> = { FILE: "_files", FOLDER: "_files -/" };

/** Writes the completion script for zsh. */
export function zshScript({ choices, commands }: CommandTree): string {
  const choiceCases = choices.map(({ after, words }) => {
    const rows = words.map(([word, means]) => quote(`${word}:${means}`));
    return `  "${after.join(" ")}")\n    choices=(${rows.join(" ")})\n    _describe command choices\n    ;;`;
  });
  return `#compdef python3jail
# zsh completion of python3jail, as \`python3jail completion zsh\` prints it.
_python3jail() {
  local -a choices
  case "\${(j: :)words[2,CURRENT-1]}" in
${[...choiceCases, ...commands.map(commandCase)].join("\n")}
  esac
}

if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _python3jail "$@"
else
  compdef _python3jail python3jail
fi
`;
}

function commandCase({ words, options, takesHosts, operands }: CompletedCommand): string {
  const name = words.join(" ");
  const specs = options.map(({ name: option, means, multiple, value }) => {
    const escaped = means.replace(/[[\]:\\]/g, "\\$&");
    const taken = value === undefined ? "" : `:${value}:${actions[value] ?? ""}`;
    return quote(`${multiple ? "*" : ""}--${option}${taken === "" ? "" : "="}[${escaped}]${taken}`);
  });
  if (takesHosts) specs.push(quote("*:host:_hosts"));
  if (operands.length > 0) specs.push(quote(`1:word:(${operands.join(" ")})`));
  return [
    `  "${name}" | "${name} "*)`,
    `    shift ${words.length} words`,
    `    (( CURRENT -= ${words.length} ))`,
    `    _arguments ${specs.join(" ")}`,
    "    ;;",
  ].join("\n");
}
