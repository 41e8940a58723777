import { execa } from "execa";
import { join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";

export interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user does. */
export async function python3jail(args: readonly string[], env: Record<string, string> = {}): Promise<CommandEnd> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(repositoryRoot, "build/src/cli/main.js"), ...args],
    {
      env: { NODE_OPTIONS: "", ...env },
      reject: false,
      stdin: "ignore",
    },
  );
  return { exitCode, stdout, stderr };
}
