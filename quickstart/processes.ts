import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process, identified so that a later one with the same number is not mistaken for it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Start time in clock ticks since the machine started, as the kernel writes it. */
  readonly startTime: string;
  /** Its command line, or the title that it shows instead. */
  readonly command: string;
}

/** Returns the living process with this number. */
function lookAt(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The command's name, in brackets, may hold anything. Count the fields from its end.
  const [state, parent, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = more[17];
  if (startTime === undefined || state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), startTime, command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() };
}

/** Lists the living processes of this system, without those of containers, where equal paths mean other files. */
export function processes(): Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    const found = /^\d+$/.test(entry) ? lookAt(Number(entry)) : undefined;
    return found && sharesOurFiles(found.pid) ? [found] : [];
  });
}

/** True for a process of root, which nobody else can fake. */
export function isRoots({ pid }: Process): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === 0;
  } catch {
    return false;
  }
}

/** Returns the settings that a process was started with, as `NAME=value`; none if reading them is not permitted. */
export function environmentOf({ pid }: Process): string[] {
  return read(`/proc/${pid}/environ`).split("\0");
}

export function lives(process: Process): boolean {
  return lookAt(process.pid)?.startTime === process.startTime;
}

/** Waits for processes to end; true if all ended in time. */
export async function haveEnded(all: readonly Process[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (all.some(lives)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function sharesOurFiles(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync("/proc/self/ns/mnt");
  } catch {
    // A user without root's rights cannot read this of root's processes.
    return true;
  }
}

/** Reads a file of /proc; empty if it cannot be read, such as when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
