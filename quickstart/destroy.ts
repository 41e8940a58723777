import { existsSync } from "node:fs";
import { endBuilds } from "./builds.js";
import type { Options } from "./command-line.js";
import { clearRemains, endOrphans } from "./cut-off.js";
import { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import { isFull, makeFolder, placesFor, removeFolder } from "./folder.js";
import type { Places } from "./places.js";
import { removeFolder as removePrivilegedFolder } from "./privileged-folder.js";
import { Root } from "./privilege.js";
import { isMade, stack } from "./project.js";
import { say } from "./screen.js";
import { runningServer, startHost, stopHost } from "./server.js";
import { takeTurn } from "./turn.js";

/** Takes everything away, also where half of it is missing. Returns the exit code. */
export async function destroy(options: Options): Promise<number> {
  const places = placesFor(options);
  if (!existsSync(places.directory) && !runningServer(places)) {
    say("destroy", `nothing is there: ${places.directory}`);
    return 0;
  }
  const root = await Root.find();
  makeFolder(places);
  await takeTurn(places.directory);
  if (isMade(places) && !isFull(places)) await destroyStack(places, root, options);
  await endOrphans(places);
  await endBuilds(places, root);
  if (await stopHost(places, root)) say("host", "stopped");
  await removePrivilegedFolder(places, root);
  await removeFolder(places, root);
  say("destroy", `removed ${places.directory}`);
  return 0;
}

/** The jail goes as it would on a host of a fleet: by the engine, over SSH. Without it (nothing is left of the stack, no room), it goes with the folder. */
async function destroyStack(places: Places, root: Root, options: Options): Promise<void> {
  const engine = new Engine(places);
  await startHost(places, root, options.port);
  await clearRemains(places, engine);
  const end = await engine.watched("destroy", "--remove", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-permalink=true", "--stack", stack);
  if (end.exitCode !== 0) throw new Failure(end.stopped ? "stopped before everything was away" : "`pulumi destroy` did not come to its end: see above", "run this again: it goes on where it stopped");
}
