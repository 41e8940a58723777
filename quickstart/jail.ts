import { execa } from "execa";
import type { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import type { Places } from "./places.js";
import { searchPath, type Root } from "./privilege.js";
import { stack } from "./stack.js";

/** The jail, from the stack's outputs. */
export interface JailOutputs {
  readonly path: string;
  /** The version of CPython inside. */
  readonly python: string;
  /** The command line, for root, that runs Python inside; its arguments follow. */
  readonly command: string;
}

export async function jailOutputs(places: Places, engine: Engine): Promise<JailOutputs> {
  const outputs = JSON.parse(await engine.quiet("stack", "output", "--json", "--stack", stack)) as {
    jails?: Record<string, unknown>;
  };
  const jail = findJail(Object.values(outputs.jails ?? {}), places.jail);
  if (jail) return jail;
  throw new Failure("there is no jail yet", "make it: npm run quickstart");
}

/** Returns the jail with that path from the program's outputs, which hold only the error of a jail that failed. */
export function findJail(jails: readonly unknown[], path: string): JailOutputs | undefined {
  return jails.find((jail): jail is JailOutputs => {
    const { path: itsPath, command } = Object(jail) as Partial<JailOutputs>;
    return itsPath === path && command !== undefined;
  });
}

/** Runs Python in the jail on the user's terminal, and returns its exit code. */
export async function runInJail(jail: JailOutputs, root: Root, args: readonly string[]): Promise<number> {
  const { exitCode } = await execa(...root.command("sh", inShell(jail, args)), {
    stdio: "inherit",
    reject: false,
    env: { PATH: searchPath },
  });
  return exitCode ?? 1;
}

/** Runs the manual procedure's basic test now, as the stack's result may be old. */
export async function tryJail(jail: JailOutputs, root: Root): Promise<string> {
  const result = await root.run("sh", inShell(jail, ["-u", "-S", "-c", "print(1+1)"]), { reject: false });
  if (result.exitCode === 0 && result.stdout.trim() === "2") return result.stdout.trim();
  const said = (result.stderr || result.stdout).trim().split("\n").at(-1) ?? "";
  throw new Failure(
    `print(1+1) in the jail does not print 2 (exit code ${result.exitCode}): ${said}`,
    "run this again: it repairs what differs from the declaration",
  );
}

/**
 * Returns the arguments of `sh` that run the jail's command, which is a shell line. Its arguments stay separate words.
 */
function inShell({ command }: JailOutputs, args: readonly string[]): string[] {
  return ["-c", `exec ${command} "$@"`, "sh", ...args];
}
