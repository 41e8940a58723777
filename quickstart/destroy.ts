import { existsSync } from "node:fs";
import { endBuilds } from "./builds.js";
import type { Options } from "./command-line.js";
import { clearPending, endOrphans, mendBackend } from "./cut-off.js";
import { Engine, notEnded, unattended } from "./engine.js";
import { isFull, makeFolder, placesFor, removeFolder } from "./folder.js";
import type { Places } from "./places.js";
import { removeFolder as removePrivilegedFolder } from "./privileged-folder.js";
import { Root } from "./privilege.js";
import { isMade } from "./project.js";
import { say } from "./screen.js";
import { runningServer, startHost, stopHost } from "./server.js";
import { takeTurn } from "./turn.js";

/** Removes everything, even if half of it is missing already. Returns the exit code. */
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

/**
 * Destroys the jail as on a host of a fleet: by the engine, over SSH. If that is impossible (nothing is left of the
 * stack, or the engine has no room for its state), the jail is removed with the folder.
 */
async function destroyStack(places: Places, root: Root, options: Options): Promise<void> {
  const engine = new Engine(places);
  await mendBackend(places);
  await startHost(places, root, options.port);
  await clearPending(engine);
  const end = await engine.watched("destroy", "--remove", ...unattended);
  if (end.exitCode !== 0) throw notEnded("destroy");
}
