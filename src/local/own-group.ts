import { execa } from "execa";

/**
 * Starts a program in a process group of its own: a terminal's Ctrl-C, and what a supervisor sends to our group, reaches us alone,
 * and we decide what to pass on. Should we end first, the program is interrupted. Its end is told, never thrown.
 */
export function startInOwnGroup(
  file: string,
  args: readonly string[],
  { cwd = ".", env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
) {
  const child = execa(file, args, { cwd, env, detached: true, stdin: "ignore", reject: false, maxBuffer: Infinity });
  const interrupt = (): void => void child.kill("SIGINT");
  process.once("exit", interrupt);
  void child.then(() => process.off("exit", interrupt));
  return child;
}
