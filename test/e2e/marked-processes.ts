import { readdirSync, readFileSync } from "node:fs";
import { identifyProcess, type ProcessIdentity } from "../hosts/process-identity.js";

export interface MarkedProcess extends ProcessIdentity {
  /** Its command line. */
  readonly command: string;
}

/** Every running process with this setting in the environment that it was started with, whoever its parent is by now. */
export function processesWith(name: string, value: string): MarkedProcess[] {
  const mark = `\0${name}=${value}\0`;
  return processesWhere(({ environment }) => `\0${environment}`.includes(mark));
}

/** Every running process that has this path in its command line or its environment. */
export function processesNaming(path: string): MarkedProcess[] {
  return processesWhere(({ command, environment }) => command.includes(path) || environment.includes(path));
}

function processesWhere(wanted: (process: { command: string; environment: string }) => boolean): MarkedProcess[] {
  return readdirSync("/proc").flatMap((entry) => {
    const identity = /^\d+$/.test(entry) ? identifyProcess(Number(entry)) : undefined;
    if (identity === undefined) return [];
    const environment = readOrNothing(`/proc/${entry}/environ`);
    const command = readOrNothing(`/proc/${entry}/cmdline`).replaceAll("\0", " ").trim();
    return wanted({ command, environment }) ? [{ ...identity, command }] : [];
  });
}

/** Processes end while one looks, and not every one may be looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
