#!/usr/bin/env node
import "./compile-cache.js";
import { Session } from "../remote/session.js";
import { messageOf } from "../base/errors.js";
import { auditCommand } from "./audit.js";
import { cacheCommand } from "./cache.js";
import type { Command } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { fleetCommand } from "./fleet.js";
import { reportCommand } from "./report.js";
import { statusCommand } from "./status.js";
import { terminalOf } from "../base/terminal.js";
import { upCommand } from "./up.js";

/** Every command, by its name. */
const commands: Readonly<Record<string, Command>> = {
  up: upCommand,
  status: statusCommand,
  report: reportCommand,
  audit: auditCommand,
  fleet: fleetCommand,
  cache: cacheCommand,
};

const usage = `usage: python3jail COMMAND [OPTION…]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join("\n")}

python3jail COMMAND --help says more.
`;

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    (name === undefined ? process.stderr : process.stdout).write(usage);
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  if (!command) {
    process.stderr.write(`python3jail: there is no command "${name}"\n\n${usage}`);
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
