import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.js";
import type { Places } from "./places.js";
import { environmentOf, haveEnded, lives, processes, type Process } from "./processes.js";
import { stack } from "./project.js";
import { say } from "./screen.js";

/** Clears what a run that was cut off left in the backend: the stack's lock, and creations that were begun. */
export async function clearRemains(places: Places, engine: Engine): Promise<void> {
  await clearLock(places, engine);
  const state = await engine.quiet("stack", "export", "--stack", stack);
  const pending = pendingIn(state);
  if (pending === 0) return;
  say("stack", `a run before was cut off: ${pending} of its steps are taken up again`);
  // Without `up`: every create of ours adopts what it finds of its own, so that nothing is lost with the list.
  await engine.quiet("refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates");
}

/** The lock of an engine that is dead is nobody's. One that lives outlived the run that started it: it is let to its end. */
async function clearLock(places: Places, engine: Engine): Promise<void> {
  for (let running = ofEngine(places).find(isEngine); running; running = ofEngine(places).find(isEngine)) {
    say("stack", `the engine of another run is still at work (process ${running.pid}): waiting for its end`);
    while (lives(running)) await sleep(200);
  }
  await endOrphans(places);
  if (!isLocked(places)) return;
  say("stack", "a run before was killed: its lock on the stack is taken off");
  await engine.quiet("cancel", "--yes", "--stack", stack);
}

/** Ends what an engine that was killed left running. Providers that had not begun to work do not notice by themselves. */
export async function endOrphans(places: Places): Promise<void> {
  const orphans = ofEngine(places);
  if (orphans.some(isEngine)) return;
  for (const { pid } of orphans) signal(pid);
  await haveEnded(orphans, 5000);
}

/** The engine, and what it started: all have its settings, which no other quickstart has. */
function ofEngine(places: Places): Process[] {
  return processes().filter((process) => environmentOf(process).includes(`PULUMI_HOME=${places.engineHome}`));
}

function isEngine({ command }: Process): boolean {
  return basename(command.split(" ", 1)[0]!) === "pulumi";
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** How many steps of the stack began and are not known to have ended. */
export function pendingIn(state: string): number {
  const { deployment } = JSON.parse(state) as { deployment?: { pending_operations?: readonly unknown[] } };
  return deployment?.pending_operations?.length ?? 0;
}

function isLocked(places: Places): boolean {
  try {
    return readdirSync(join(places.backend, ".pulumi", "locks", "organization", "python3jail", stack)).some((name) => name.endsWith(".json"));
  } catch {
    return false;
  }
}
