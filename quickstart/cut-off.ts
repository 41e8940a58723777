import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.js";
import type { Places } from "./places.js";
import { environmentOf, haveEnded, lives, processes, type Process } from "./processes.js";
import { stack } from "./stack.js";
import { say } from "./screen.js";

/**
 * Repairs the backend after a run that was cut off at any point, by editing the engine's files. The engine cannot
 * repair them itself: if one file is broken, it reads none of them.
 */
export async function mendBackend(places: Places): Promise<void> {
  for (let running = ofEngine(places).find(isEngine); running; running = ofEngine(places).find(isEngine)) {
    say("stack", `the engine of another run is still at work (process ${running.pid}): waiting for its end`);
    while (lives(running)) await sleep(200);
  }
  await endOrphans(places);
  const files = filesIn(join(places.backend, ".pulumi"));
  for (const file of files) if (isTorn(file)) rmSync(file);
  // Remove the locks of dead engines, as `pulumi cancel` does.
  const locks = files.filter((file) => file.startsWith(join(places.backend, ".pulumi", "locks")));
  if (locks.length > 0) say("stack", "a run before was killed: its lock on the stack is taken off");
  for (const file of locks) rmSync(file, { force: true });
}

/** Adopts what a run that was cut off began to create. Needs the host and the project. */
export async function clearPending(engine: Engine): Promise<void> {
  const pending = pendingIn(await engine.quiet("stack", "export", "--stack", stack));
  if (pending === 0) return;
  say("stack", `a run before was cut off: ${pending} of its steps are taken up again`);
  // Clearing the list of pending creates loses nothing, as every create adopts what it finds of its own.
  await engine.quiet("refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates");
}

/**
 * Ends the processes that a killed engine left. Providers end by themselves, except those that had not begun to work.
 */
export async function endOrphans(places: Places): Promise<void> {
  const orphans = ofEngine(places);
  if (orphans.some(isEngine) || (await haveEnded(orphans, 3000))) return;
  for (const { pid } of orphans.filter(lives)) signal(pid);
  await haveEnded(orphans, 5000);
}

/** Lists the engine and its children: all have its settings, which no other quickstart has. */
function ofEngine(places: Places): Process[] {
  return processes().filter((process) => environmentOf(process).includes(`PULUMI_HOME=${places.engineHome}`));
}

function isEngine({ command }: Process): boolean {
  return basename(command.split(" ", 1)[0] ?? "") === "pulumi";
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended meanwhile.
  }
}

/** Number of the stack's operations that began and have no known end. */
export function pendingIn(state: string): number {
  const { deployment } = JSON.parse(state) as { deployment?: { pending_operations?: readonly unknown[] } };
  return deployment?.pending_operations?.length ?? 0;
}

/**
 * True for a file whose writing was cut off: a temporary file, or one of the engine's notes, which it writes in place.
 */
export function isTorn(file: string): boolean {
  if (file.endsWith(".tmp")) return true;
  if (!file.endsWith(".attrs")) return false;
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return false;
  } catch {
    return true;
  }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
