import type { Options } from "./command-line.js";
import { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import { placesFor } from "./folder.js";
import { jailOutputs, runInJail } from "./jail.js";
import type { Places } from "./places.js";
import { Root } from "./privilege.js";
import { isMade } from "./project.js";
import { runningServer, startHost } from "./server.js";

/** Runs the engine on the quickstart's stack, with any arguments. */
export async function usePulumi(options: Options, args: readonly string[]): Promise<number> {
  const places = made(options);
  // After a reboot the host does not run.
  if (!runningServer(places)) await startHost(places, await Root.find(), options.port);
  return (await new Engine(places).watched(...args)).exitCode;
}

/** Runs Python in the jail, with any arguments. */
export async function usePython(options: Options, args: readonly string[]): Promise<number> {
  const places = made(options);
  return runInJail(await jailOutputs(places, new Engine(places)), await Root.find(), args);
}

function made(options: Options): Places {
  const places = placesFor(options);
  if (isMade(places)) return places;
  throw new Failure("the quickstart has made nothing here yet", "make it: npm run quickstart");
}
