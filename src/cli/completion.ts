import { UsageError } from "../base/usage-error.js";
import { defineCommand, type Command, type CommandTable } from "./command.js";
import { bashScript } from "./completion/bash.js";
import { fishScript } from "./completion/fish.js";
import { treeOf } from "./completion/tree.js";
import { zshScript } from "./completion/zsh.js";

const writers = { bash: bashScript, zsh: zshScript, fish: fishScript };
const shells = Object.keys(writers);

/** Makes the `completion` command for all commands, itself included. */
export function completionCommand(commands: CommandTable): Command {
  return defineCommand({
    summary: "prints a script that completes commands in a shell",
    usage: [shells.join("|")],
    about: [
      "Prints a script with which your shell completes the commands and options of `python3jail`:",
      "bash, in ~/.bashrc: source <(npx python3jail completion bash)",
      "zsh, in ~/.zshrc after compinit: source <(npx python3jail completion zsh)",
      "fish, in ~/.config/fish/config.fish: npx python3jail completion fish | source",
    ],
    options: {},
    operands: shells,
    closing: [
      "Your shell completes the command `python3jail`: put node_modules/.bin on your PATH, or set alias python3jail='npx python3jail'.",
    ],

    async run(_, [shell], terminal) {
      if (shell === undefined) throw new UsageError(`say for which shell: ${shells.join(", ")}`);
      terminal.write(writers[shell as keyof typeof writers](await treeOf(commands)));
      return 0;
    },
  });
}
