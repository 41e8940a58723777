#!/usr/bin/env node
import "./leave-old-node.js";
import "./compile-cache.js";
import { Session } from "../remote/session.js";
import { messageOf } from "../base/errors.js";
import type { Command } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { terminalOf } from "../base/terminal.js";

/** Every command, by its name. Each is loaded when it is needed: some load Pulumi's SDK, which takes half a second. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./up.js")).upCommand,
  status: async () => (await import("./status.js")).statusCommand,
  report: async () => (await import("./report.js")).reportCommand,
  audit: async () => (await import("./audit.js")).auditCommand,
  fleet: async () => (await import("./fleet.js")).fleetCommand,
  cache: async () => (await import("./cache.js")).cacheCommand,
};

async function usage(): Promise<string> {
  const lines = Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(10)}${(await load()).summary}\n`);
  return `usage: python3jail COMMAND [OPTION…]\n\n${(await Promise.all(lines)).join("")}\npython3jail COMMAND --help says more.\n`;
}

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    (name === undefined ? process.stderr : process.stdout).write(await usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? await commands[name]?.() : undefined;
  if (!command) {
    process.stderr.write(`python3jail: there is no command "${name}"\n\n${await usage()}`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  const session = new Session();
  if (!command.interruptible) endWhenInterrupted(session);
  try {
    return await command.run(args, terminalOf(process.stdout, process.env), session);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`python3jail ${name}: ${error.message}\n\n${command.help}`);
    return 2;
  } finally {
    await session.close();
  }
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
