import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/** The project's folder: an older language host does not tell it (the SDK's default is no path), but the program runs in it or below. */
export function projectRoot(told: string, working: string): string {
  if (isAbsolute(told)) return told;
  for (let folder = working; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) return working;
  }
}
