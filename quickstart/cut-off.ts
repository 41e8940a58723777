import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.js";
import type { Places } from "./places.js";
import { lookAt } from "./processes.js";
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
  const holders = lockFiles(places).map((file) => holderIn(readOrNothing(file)));
  if (holders.length === 0) return;
  for (const pid of holders) {
    if (!isEngine(pid)) continue;
    say("stack", `the engine of a run before is still at work (process ${pid}): waiting for its end`);
    while (isEngine(pid)) await sleep(500);
  }
  if (lockFiles(places).length === 0) return;
  say("stack", "a run before was killed: its lock on the stack is taken off");
  await engine.quiet("cancel", "--yes", "--stack", stack);
}

/** How many steps of the stack began and are not known to have ended. */
export function pendingIn(state: string): number {
  const { deployment } = JSON.parse(state) as { deployment?: { pending_operations?: readonly unknown[] } };
  return deployment?.pending_operations?.length ?? 0;
}

/** Who made a lock of the engine's. */
export function holderIn(lock: string): number | undefined {
  try {
    const { pid } = JSON.parse(lock) as { pid?: unknown };
    return typeof pid === "number" ? pid : undefined;
  } catch {
    // Cut off while it was written.
    return undefined;
  }
}

function isEngine(pid: number | undefined): boolean {
  const command = pid === undefined ? undefined : lookAt(pid)?.command;
  return command !== undefined && basename(command.split(" ", 1)[0]!) === "pulumi";
}

function lockFiles(places: Places): string[] {
  const folder = join(places.backend, ".pulumi", "locks", "organization", "python3jail", stack);
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
