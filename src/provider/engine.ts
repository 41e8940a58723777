import { readFileSync } from "node:fs";
import { connect } from "node:net";

/** How often we look whether the engine still lives, in milliseconds. */
const lookInterval = 1000;

/**
 * Ends this process when the engine is gone. An engine that was killed takes nobody with it: its provider would live on,
 * working at hosts that the operator believes to be left alone.
 */
export function endWithEngine(close: () => Promise<void>, closeNow: () => void): void {
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
  }, lookInterval);
  timer.unref();
  // It may have died since it started us: that parent is then another process already, and stays.
  ifRefused(addressIn(process.argv), end);
}

/** The engine's address: it is the first argument of a provider. */
function addressIn(words: readonly string[]): { readonly host: string; readonly port: number } | undefined {
  const [, host, port] =
    words.map((word) => /^(127\.0\.0\.1|localhost):(\d+)$/.exec(word)).find((match) => match !== null) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Calls back where nothing listens at an address any more. */
function ifRefused(address: { readonly host: string; readonly port: number } | undefined, call: () => void): void {
  if (address === undefined) return;
  const socket = connect(address);
  socket.unref();
  socket.on("connect", () => socket.destroy());
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") call();
  });
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
