import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.js";
import type { Places } from "./places.js";
import { environmentOf, haveEnded, lives, processes, type Process } from "./processes.js";
import { stack } from "./stack.js";
import { say } from "./screen.js";

/**
 * Makes the backend fit for use after a run that was cut off, whatever it was at. Only by what the engine keeps in files: it
 * cannot do it itself, as it reads none of them where one is broken.
 */
export async function mendBackend(places: Places): Promise<void> {
  for (let running = ofEngine(places).find(isEngine); running; running = ofEngine(places).find(isEngine)) {
    say("stack", `the engine of another run is still at work (process ${running.pid}): waiting for its end`);
    while (lives(running)) await sleep(200);
  }
  await endOrphans(places);
  const files = filesIn(join(places.backend, ".pulumi"));
  for (const file of files) if (isTorn(file)) rmSync(file);
  // The lock of an engine that is dead is nobody's; this is what `pulumi cancel` does.
  const locks = files.filter((file) => file.startsWith(join(places.backend, ".pulumi", "locks")));
  if (locks.length > 0) say("stack", "a run before was killed: its lock on the stack is taken off");
  for (const file of locks) rmSync(file, { force: true });
}

/** Takes up what a run that was cut off began to create. Needs the host, and the project. */
export async function clearPending(engine: Engine): Promise<void> {
  const pending = pendingIn(await engine.quiet("stack", "export", "--stack", stack));
  if (pending === 0) return;
  say("stack", `a run before was cut off: ${pending} of its steps are taken up again`);
  // Every create of ours adopts what it finds of its own, so that nothing is lost with the list.
  await engine.quiet("refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates");
}

/** Ends what an engine that was killed left running. Providers notice by themselves, but for those that had not begun to work. */
export async function endOrphans(places: Places): Promise<void> {
  const orphans = ofEngine(places);
  if (orphans.some(isEngine) || (await haveEnded(orphans, 3000))) return;
  for (const { pid } of orphans.filter(lives)) signal(pid);
  await haveEnded(orphans, 5000);
}

/** The engine, and what it started: all have its settings, which no other quickstart has. */
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
    // It ended meanwhile.
  }
}

/** How many steps of the stack began and are not known to have ended. */
export function pendingIn(state: string): number {
  const { deployment } = JSON.parse(state) as { deployment?: { pending_operations?: readonly unknown[] } };
  return deployment?.pending_operations?.length ?? 0;
}

/** What was being written: a file not yet in its place, or one of the engine's notes on a file, which it writes in place. */
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
