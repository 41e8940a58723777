import type { CommandGroup } from "./command.js";
import { fleetSplitCommand } from "./fleet-split.js";
import { fleetUpCommand } from "./fleet-up.js";

export const fleetCommands: CommandGroup = {
  summary: "rolls several stacks out, or makes one several",
  commands: { up: fleetUpCommand, split: fleetSplitCommand },
};
