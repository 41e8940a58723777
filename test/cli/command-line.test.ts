import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.js";
import { helpOn, helpOnAll, helpOnGroup } from "../../src/cli/help.js";
import { repositoryRoot } from "../hosts/repository.js";
import { python3jail } from "./python3jail.js";

test("`--version` prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as { version: string };
  expect(await python3jail(["--version"])).toEqual({ exitCode: 0, stdout: version, stderr: "" });
});

describe("a wrong command line is answered with the error and a pointer to the help", () => {
  test.each<[args: string, says: string, help: string]>([
    ["stauts", 'python3jail: there is no command "stauts"; did you mean "status"?', "python3jail"],
    ["frobnicate", 'python3jail: there is no command "frobnicate"', "python3jail"],
    ["--stack", "python3jail: there is no option --stack without a command", "python3jail"],
    ["status --lively", "python3jail status: there is no option --lively; did you mean --live?", "python3jail status"],
    [
      "up --max-failure=1",
      "python3jail up: there is no option --max-failure; did you mean --max-failures?",
      "python3jail up",
    ],
    ["up -x", "python3jail up: there is no option -x", "python3jail up"],
    ["status judge-1", 'python3jail status: it takes no "judge-1"', "python3jail status"],
    ["cache prun", 'python3jail cache: it takes no "prun"; did you mean "prune"?', "python3jail cache"],
    ["status --json=1", "python3jail status: --json takes no value", "python3jail status"],
    ["audit --path", "python3jail audit: --path needs a value: --path PATH", "python3jail audit"],
    [
      "audit --path --sudo h",
      "python3jail audit: --path needs a value; one that begins with - is written --path=--sudo",
      "python3jail audit",
    ],
    ["fleet splot", 'python3jail fleet: there is no command "splot"; did you mean "split"?', "python3jail fleet"],
    ["fleet", "python3jail fleet: say what to do", "python3jail fleet"],
    [
      "fleet up --stack x",
      "python3jail fleet up: there is no option --stack; did you mean --stacks?",
      "python3jail fleet up",
    ],
  ])("%s", async (args, says, help) =>
    expect(await python3jail(args.split(" "))).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `${says}\nSee \`${help} --help\`.`,
    }),
  );
});

test("a call without a command prints the list of commands on standard error, with exit code 2", async () => {
  const { exitCode, stdout, stderr } = await python3jail([]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toBe((await helpOnAll(commands)).trimEnd());
});

test.each([
  ["status", "--help"],
  ["status", "--lively", "-h"],
  ["fleet", "split", "--help"],
])("`%s %s` prints the help of that command alone", async (...args) => {
  const { exitCode, stdout } = await python3jail(args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^usage: python3jail ${args.filter((arg) => !arg.startsWith("-")).join(" ")} `));
});

test("an option after `--` is not the command's own: `fleet up -- --help` does not print a help", async () => {
  const { exitCode, stderr } = await python3jail(["fleet", "up", "--", "--help"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("say which with --stacks") });
});

/** The help of every command, by its name. */
async function everyHelp(): Promise<[string, string][]> {
  const texts: [string, string][] = [["", await helpOnAll(commands)]];
  for (const [name, load] of Object.entries(commands)) {
    const loaded = await load();
    if (!("commands" in loaded)) {
      texts.push([name, helpOn(name, loaded)]);
      continue;
    }
    texts.push([name, helpOnGroup(name, loaded)]);
    for (const [verb, command] of Object.entries(loaded.commands))
      texts.push([`${name} ${verb}`, helpOn(`${name} ${verb}`, command)]);
  }
  return texts;
}

test("every help fits 80 columns, and every command is in the list with a line of its own", async () => {
  const texts = await everyHelp();
  expect(texts.length).toBeGreaterThan(8);
  for (const [name, text] of texts) {
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain(`usage: python3jail ${name}`.trimEnd());
  }
  const [, list] = texts[0]!;
  expect(list.split("\n").filter((line) => /^ {2}\S/.test(line))).toHaveLength(Object.keys(commands).length + 1);
  expect(list).not.toMatch(/^ {4,}\S/m);
});

test("every option of every command is in its help, with what it takes", async () => {
  for (const [name, load] of Object.entries(commands)) {
    const loaded = await load();
    for (const command of "commands" in loaded ? Object.values(loaded.commands) : [loaded])
      for (const [option, { type, value }] of Object.entries(command.options)) {
        expect(helpOn(name, command)).toMatch(new RegExp(`^ {2}--${option}[ ,\n]`, "m"));
        expect([option, type === "string"]).toEqual([option, value !== undefined]);
      }
  }
});
