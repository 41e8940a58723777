import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/**
 * Returns the project's folder. `reported` is what the SDK says: an older language host does not set it, and then it is
 * not an absolute path. The program runs in the project's folder or below it, so Pulumi.yaml is searched upwards from
 * `working`.
 */
export function projectRoot(reported: string, working: string): string {
  if (isAbsolute(reported)) return reported;
  for (let folder = working; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) return working;
  }
}
