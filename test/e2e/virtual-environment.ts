import { execa } from "execa";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machineCache } from "./engine.js";

export const ansibleCore = "ansible-core==2.18.19";

/** Sets up a virtual environment of Python in the machine's cache, with packages from the index; returns its directory. */
export async function virtualEnvironment(name: string, packages: readonly string[]): Promise<string> {
  const directory = join(machineCache(), name);
  if (!existsSync(join(directory, "done"))) {
    rmSync(directory, { recursive: true, force: true });
    await execa("python3", ["-m", "venv", directory]);
    await execa(join(directory, "bin/pip"), ["install", "--quiet", ...packages]);
    writeFileSync(join(directory, "done"), "");
  }
  return directory;
}
