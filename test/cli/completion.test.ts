import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python3jail } from "./python3jail.js";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  for (const shell of shells) writeFileSync(join(folder, shell), (await python3jail(["completion", shell])).stdout);
  mkdirSync(join(folder, "files", "project"), { recursive: true });
  writeFileSync(join(folder, "files", "page.html"), "");
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Asks the shell itself: puts the line where a user types, and returns what Tab offers. */
const askShell: Record<Shell, (line: string) => Promise<string>> = {
  bash: (line) =>
    run("bash", [
      "--norc",
      "-c",
      `source "$1"; cd "$2"; read -ra COMP_WORDS <<<"$3"; [[ $3 != *' ' ]] || COMP_WORDS+=("")
       COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _python3jail; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      join(folder, "bash"),
      join(folder, "files"),
      line,
    ]),
  fish: (line) =>
    run("fish", [
      "--no-config",
      "-c",
      `source "$argv[1]"; cd "$argv[2]"; complete -C "$argv[3]"`,
      join(folder, "fish"),
      join(folder, "files"),
      line,
    ]),
  // A terminal of its own, as zsh completes nowhere else. A key lists what Tab would offer; what comes after it is run when it is listed.
  zsh: (line) =>
    run("zsh", [
      "-f",
      "-c",
      `zmodload zsh/zpty; zpty z zsh -f -i
       zpty -w z "PROMPT=; unsetopt zle_bracketed_paste prompt_sp; COLUMNS=200; LISTMAX=9999; autoload -Uz compinit; compinit -u -D; source $1; cd $2; bindkey '^X' list-choices; zle-line-init() { print -n REA''DY }; zle -N zle-line-init"
       zpty -r z said '*READY*'
       zpty -w z "$3"$'\\x18\\x15'"print DO''NE"; zpty -r z said '*DONE*'; print -r -- "$said"; zpty -d z`,
      "zsh",
      join(folder, "zsh"),
      join(folder, "files"),
      line,
    ]),
};

async function run(shell: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(shell, args, {
    env: { TERM: "dumb", HOME: folder },
    stdin: "ignore",
    timeout: 20_000,
  });
  return stdout;
}

describe.each(shells)("%s", (shell) => {
  test.each<[line: string, offered: readonly string[], not: readonly string[]]>([
    ["python3jail sta", ["status"], ["report"]],
    ["python3jail ", ["status", "fleet", "completion"], ["--live", "split"]],
    ["python3jail fleet ", ["up", "split"], ["status"]],
    ["python3jail fleet split --sh", ["--shards"], ["--stack"]],
    ["python3jail status --", ["--stack", "--live", "--json", "--help"], ["--output"]],
    ["python3jail status --live --j", ["--json"], ["--live", "--help"]],
    ["python3jail report --output pa", ["page.html"], ["status"]],
    ["python3jail report --cwd p", ["project"], ["page.html"]],
    ["python3jail cache pr", ["prune"], ["up"]],
    ["python3jail completion ", ["bash", "zsh", "fish"], ["status"]],
  ])("%s<Tab> offers what may stand there", async (line, offered, not) => {
    const text = (await askShell[shell](line)).replace(line, "");
    for (const word of offered) expect(text).toMatch(new RegExp(`(^|[^\\w-])${word}($|[^\\w-])`, "m"));
    for (const word of not) expect(text).not.toMatch(new RegExp(`^${word}`, "m"));
  });
});
