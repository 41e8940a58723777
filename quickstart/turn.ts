import { execa } from "execa";
import { Failure } from "./failure.js";

/**
 * Locks a folder until this process ends, so that no two runs work in it. A child holds the lock. Its standard input
 * ends when this process ends in any way; its own session keeps the terminal's Ctrl-C from it.
 */
export async function takeTurn(directory: string): Promise<void> {
  const holder = execa("flock", ["-n", directory, "sh", "-c", "echo taken; exec cat >/dev/null"], {
    stdin: "pipe",
    detached: true,
    reject: false,
  });
  const taken = await Promise.race([
    new Promise<true>((resolve) => holder.stdout.once("data", () => resolve(true))),
    holder.then(() => false),
  ]);
  if (!taken) throw new Failure("another quickstart is at work in the same folder", "wait for its end, or stop it");
}
