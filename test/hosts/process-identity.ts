import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that is not mistaken for another one which got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since the machine started, as the kernel writes it. */
  readonly startTime: string;
}

/** The running process with this number; undefined when there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The command's name, in brackets, may hold anything: the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === "Z" || state === "X" ? undefined : { pid, startTime };
}

export function isRunning(process: ProcessIdentity): boolean {
  return identifyProcess(process.pid)?.startTime === process.startTime;
}

/** Kills the process and returns when it is gone. */
export async function endProcess(target: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (isRunning(target)) {
    if (Date.now() > deadline) {
      throw new Error(`process ${target.pid} does not die`);
    }
    try {
      process.kill(target.pid, "SIGKILL");
    } catch {
      // It died between the look and the kill.
    }
    await sleep(5);
  }
}
