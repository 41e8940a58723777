import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that is not mistaken for another one which got its number later. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since the machine started, as the kernel writes it. */
  readonly startTime: string;
  /** Its command line, or what it shows in place of that. */
  readonly command: string;
}

/** The living process of this number. */
function lookAt(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The command's name, in brackets, may hold anything: the fields are counted from its end.
  const [state, parent, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = more[17];
  if (startTime === undefined || state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), startTime, command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() };
}

/** Every living process of this very system: containers have theirs, whose paths may read the same, and mean others. */
export function processes(): Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    const found = /^\d+$/.test(entry) ? lookAt(Number(entry)) : undefined;
    return found && sharesOurFiles(found.pid) ? [found] : [];
  });
}

/** Nobody but root can make a process that passes for one of root's. */
export function isRoots({ pid }: Process): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === 0;
  } catch {
    return false;
  }
}

/** The settings that it was started with, as `NAME=value`; none where one may not look. */
export function environmentOf({ pid }: Process): string[] {
  return read(`/proc/${pid}/environ`).split("\0");
}

export function lives(process: Process): boolean {
  return lookAt(process.pid)?.startTime === process.startTime;
}

/** Whether all of them ended in time. */
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
    // Without root's rights one is not told, of processes of root's.
    return true;
  }
}

/** Processes end while one looks. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
