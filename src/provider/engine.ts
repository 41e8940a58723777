import { readFileSync } from "node:fs";

/** How often we look whether the engine still lives, in milliseconds. */
const lookInterval = 1000;

let watching = false;

/**
 * Ends this process when the engine is gone. An engine that was killed takes nobody with it: its provider would live on,
 * working at hosts that the operator believes to be left alone.
 */
export function endWithEngine(close: () => Promise<void>, closeNow: () => void): void {
  if (watching) return;
  watching = true;
  // How the engine ends its providers, when all is done or at the second Ctrl-C. It waits: we must not linger.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      closeNow();
      process.exit(0);
    });
  }
  // The engine starts us through a shell script: what changes when it dies is the shell's parent, not ours.
  const shell = process.ppid;
  const engine = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === engine) return;
    clearInterval(timer);
    const end = (): void => {
      closeNow();
      process.exit(1);
    };
    void close().finally(end);
    setTimeout(end, 3000).unref();
  }, lookInterval);
  timer.unref();
}

/** The parent of a process, where this system can tell. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
