import type { CommandGroup } from "./command.js";
import { fleetSplitCommand } from "./fleet-split.js";
import { fleetUpCommand } from "./fleet-up.js";

export const fleetCommands: CommandGroup = {
  summary: "rolls out several stacks, or splits one into several",
  commands: { up: fleetUpCommand, split: fleetSplitCommand },
};
