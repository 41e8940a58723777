import "./leave-old-node.js";
import "./compile-cache.js";
import { Session } from "../remote/session.js";
import { didYouMean } from "../base/did-you-mean.js";
import { messageOf } from "../base/errors.js";
import { terminalOf } from "../base/terminal.js";
import { UsageError } from "../base/usage-error.js";
import { useOwnPassphrase } from "../local/passphrase.js";
import type { Command, CommandGroup } from "./command.js";
import { commands } from "./commands.js";
import { helpOn, helpOnAll, helpOnGroup } from "./help.js";
import { ownPackage } from "./own-package.js";

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    process.stderr.write(await helpOnAll(commands));
    return 2;
  }
  if (["--help", "-h", "help"].includes(name)) return say(await helpOnAll(commands));
  if (["--version", "-V", "version"].includes(name)) return say(`${ownPackage().version}\n`);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) return refuse("", missing(name, Object.keys(commands)));
  const found = await load();
  return "commands" in found ? runInGroup(name, found, rest) : runCommand(name, found, rest);
}

async function runInGroup(name: string, group: CommandGroup, args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb.startsWith("-"))
    return asksHelp(args) ? say(helpOnGroup(name, group)) : refuse(name, "say what to do");
  const command = Object.hasOwn(group.commands, verb) ? group.commands[verb] : undefined;
  return command
    ? runCommand(`${name} ${verb}`, command, rest)
    : refuse(name, missing(verb, Object.keys(group.commands)));
}

async function runCommand(name: string, command: Command, args: readonly string[]): Promise<number> {
  if (asksHelp(args)) return say(helpOn(name, command));
  useOwnPassphrase(process.env);
  const session = new Session();
  if (!command.interruptible) endWhenInterrupted(session);
  try {
    return await command.run(args, terminalOf(process.stdout, process.env), session);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuse(name, error.message);
  } finally {
    await session.close();
  }
}

/** True if the arguments ask for help. Arguments after `--` are for another program. */
function asksHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** Prints what is wrong with the command line, and how to get help; returns the exit code. */
function refuse(name: string, reason: string): number {
  const called = `python3jail ${name}`.trimEnd();
  process.stderr.write(`${called}: ${reason}\nSee \`${called} --help\`.\n`);
  return 2;
}

function missing(name: string, known: readonly string[]): string {
  return name.startsWith("-")
    ? `there is no option ${name} without a command`
    : `there is no command ${JSON.stringify(name)}${didYouMean(name, known)}`;
}

function endWhenInterrupted(session: Session): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      session.closeNow();
      process.exit(130);
    });
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`python3jail: ${messageOf(error)}\n`);
    process.exitCode = 2;
  },
);
