import { execa } from "execa";
import { Failure } from "./failure.js";

/**
 * Takes the turn at a folder until this process ends, so that no two runs work in it. The lock is a child's, whose standard
 * input ends when we do, however we die; a session of its own keeps the terminal's Ctrl-C from it.
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
