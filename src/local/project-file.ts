import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

/** What a project's Pulumi.yaml says, as far as we ask. */
interface ProjectFile {
  readonly name: string;
  /** The directory of the stacks' config files. */
  readonly stackConfigDir: string;
}

/** Reads the Pulumi.yaml in a folder; undefined where there is none, or it is no project's. */
export function projectIn(folder: string): ProjectFile | undefined {
  try {
    const { name, stackConfigDir = "." } = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) as {
      name?: unknown;
      stackConfigDir?: string;
    };
    return typeof name === "string" ? { name, stackConfigDir: resolve(folder, stackConfigDir) } : undefined;
  } catch {
    return undefined;
  }
}
