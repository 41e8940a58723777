import type { CommandTable } from "./command.js";

/** All commands, in the order of the help. */
export const commands: CommandTable = {
  init: async () => (await import("./init.js")).initCommand,
  doctor: async () => (await import("./doctor.js")).doctorCommand,
  up: async () => (await import("./up.js")).upCommand,
  status: async () => (await import("./status.js")).statusCommand,
  report: async () => (await import("./report.js")).reportCommand,
  audit: async () => (await import("./audit.js")).auditCommand,
  adopt: async () => (await import("./adopt.js")).adoptCommand,
  fleet: async () => (await import("./fleet.js")).fleetCommands,
  cache: async () => (await import("./cache.js")).cacheCommand,
  completion: async () => (await import("./completion.js")).completionCommand(commands),
};
