import { readdirSync, readFileSync } from "node:fs";
import { identifyProcess, type ProcessIdentity } from "../hosts/process-identity.js";

export interface MarkedProcess extends ProcessIdentity {
  /** Its command line. */
  readonly command: string;
}

/** Every running process with this setting in the environment that it was started with, whoever its parent is by now. */
export function processesWith(name: string, value: string): MarkedProcess[] {
  const mark = `\0${name}=${value}\0`;
  return readdirSync("/proc").flatMap((entry) => {
    const identity = /^\d+$/.test(entry) ? identifyProcess(Number(entry)) : undefined;
    if (identity === undefined || !`\0${readOrNothing(`/proc/${entry}/environ`)}`.includes(mark)) {
      return [];
    }
    const command = readOrNothing(`/proc/${entry}/cmdline`).replaceAll("\0", " ").trim();
    return [{ ...identity, command }];
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
