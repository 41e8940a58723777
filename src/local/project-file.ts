import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

/** The properties of a project's Pulumi.yaml that we use. */
interface ProjectFile {
  readonly name: string;
  /** The absolute path of the directory with the stacks' config files. */
  readonly stackConfigDir: string;
}

/** Reads the Pulumi.yaml in a folder. Returns undefined if there is none, or it does not name a project. */
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
