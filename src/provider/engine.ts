import { readFileSync } from "node:fs";
import { connect } from "node:net";

/** How often the process checks that the engine is running, in milliseconds. */
const checkInterval = 1000;

/**
 * Ends this process when the engine has ended. An engine that is killed does not end its providers, so without this the
 * provider would go on changing hosts. `close` closes the connections; `closeNow` does so synchronously.
 */
export function endWithEngine(close: () => Promise<void>, closeNow: () => void): void {
  // The engine ends its providers with these signals, when all is done or at the second Ctrl-C. It waits for them, so
  // exit at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      closeNow();
      process.exit(0);
    });
  }
  // The engine starts this process through a shell script. When the engine dies, the shell's parent changes, and ours
  // does not.
  const shell = process.ppid;
  const engine = parentOf(shell);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    clearInterval(timer);
    const exit = (): void => {
      closeNow();
      process.exit(1);
    };
    void close().finally(exit);
    setTimeout(exit, 3000).unref();
  };
  const timer = setInterval(() => {
    if (process.ppid !== shell || parentOf(shell) !== engine) end();
  }, checkInterval);
  timer.unref();
  // The engine may have died before the shell's parent was read. That parent is then another process, and does not
  // change any more.
  ifRefused(addressIn(process.argv), end);
}

/** The engine's address, which is the first argument of a provider. */
function addressIn(words: readonly string[]): { readonly host: string; readonly port: number } | undefined {
  const [, host, port] =
    words.map((word) => /^(127\.0\.0\.1|localhost):(\d+)$/.exec(word)).find((match) => match !== null) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Calls `call` if nothing listens at an address. */
function ifRefused(address: { readonly host: string; readonly port: number } | undefined, call: () => void): void {
  if (address === undefined) return;
  const socket = connect(address);
  socket.unref();
  socket.on("connect", () => socket.destroy());
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") call();
  });
}

/** The parent of a process; undefined if the system has no /proc, or the process has ended. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
