import type { Command } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { fleetSplit, fleetSplitHelp } from "./fleet-split.js";
import { fleetUp, fleetUpHelp } from "./fleet-up.js";

const verbs = { up: fleetUp, split: fleetSplit };

export const fleetCommand: Command = {
  summary: "fleet up: rolls several stacks out; fleet split: makes one stack's hosts several stacks",
  help: `${fleetUpHelp}\n\n${fleetSplitHelp}`,
  interruptible: true,

  run([verb = "", ...args], terminal) {
    if (!Object.hasOwn(verbs, verb)) throw new UsageError("say what to do: fleet up, or fleet split");
    return verbs[verb as keyof typeof verbs](args, terminal);
  },
};
