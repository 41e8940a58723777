import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { abandonedDirectories, makeOwnedDirectory } from "./owned-directory.js";
import { endProcess, identifyProcess, type ProcessIdentity } from "./process-identity.js";

const PREFIX = "python3jail-hosts";

/**
 * What one fleet keeps on the machine: a folder of keys and logs, and in it a list of the processes started. Namespaces and
 * mounts need no record, since they end with those processes.
 */
export class RunDirectory {
  readonly path = makeOwnedDirectory(PREFIX);

  /** Remembers a process, for the case that this one is killed before it can end it. */
  record(pid: number): void {
    const identity = identifyProcess(pid);
    if (identity !== undefined) {
      appendFileSync(processList(this.path), `${identity.pid} ${identity.startTime}\n`);
    }
  }

  /** Ends every recorded process, then removes the folder. */
  async remove(): Promise<void> {
    await clear(this.path);
  }

  /** Does the same for every run directory whose owner is dead. */
  static async clearRemains(): Promise<void> {
    for (const path of abandonedDirectories(PREFIX)) {
      await clear(path);
    }
  }
}

async function clear(path: string): Promise<void> {
  for (const recorded of recordedProcesses(path)) {
    await endProcess(recorded);
  }
  rmSync(path, { recursive: true, force: true });
}

function recordedProcesses(path: string): ProcessIdentity[] {
  let lines: string[];
  try {
    lines = readFileSync(processList(path), "utf8").split("\n");
  } catch {
    // Killed before it started any.
    return [];
  }
  return lines.flatMap((line) => {
    const [pid, startTime] = line.split(" ");
    return pid !== undefined && startTime !== undefined ? [{ pid: Number(pid), startTime }] : [];
  });
}

function processList(path: string): string {
  return join(path, "processes");
}
