import type { Places } from "./places.js";
import type { Root } from "./privilege.js";
import { haveEnded, isRoots, processes } from "./processes.js";

/** Ends builds of CPython in our own cache. A destroy does that by itself, where the stack still knows of the jail. */
export async function endBuilds(places: Places, root: Root): Promise<void> {
  const builds = processes().filter((process) => isBuild(process.command, `${places.directory}/cache`) && isRoots(process));
  if (builds.length === 0) return;
  // Each leads a process group of its own.
  const groups = builds.map(({ pid }) => `-${pid}`);
  await root.run("kill", ["-TERM", "--", ...groups], { reject: false });
  if (!(await haveEnded(builds, 5000))) await root.run("kill", ["-KILL", "--", ...groups], { reject: false });
}

/** Whether a command line is that of a build: `sh WORK/recipe.sh CACHE WORK …`. */
export function isBuild(command: string, cache: string): boolean {
  const [shell, recipe] = command.split(" ");
  return shell === "sh" && recipe !== undefined && recipe.startsWith(`${cache}/work/`) && recipe.endsWith("/recipe.sh");
}
