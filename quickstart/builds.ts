import type { Places } from "./places.js";
import type { Root } from "./privilege.js";
import { haveEnded, isRoots, lives, processes } from "./processes.js";

/** Ends the builds of CPython in our own cache. A destroy does that itself, if the stack still has the jail. */
export async function endBuilds(places: Places, root: Root): Promise<void> {
  const builds = processes().filter(
    (process) => isBuild(process.command, `${places.directory}/cache`) && isRoots(process),
  );
  // Each build leads its own process group.
  for (const signal of ["TERM", "KILL"] as const) {
    await root.kill(
      signal,
      builds.filter(lives).map(({ pid }) => -pid),
    );
    if (await haveEnded(builds, 5000)) return;
  }
}

/** True for the command line of a build: `sh WORK/recipe.sh CACHE WORK …`. */
export function isBuild(command: string, cache: string): boolean {
  const [shell, recipe] = command.split(" ");
  return shell === "sh" && recipe !== undefined && recipe.startsWith(`${cache}/work/`) && recipe.endsWith("/recipe.sh");
}
