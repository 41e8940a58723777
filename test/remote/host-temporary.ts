import { rmSync } from "node:fs";
import { abandonedDirectories, makeOwnedDirectory } from "../hosts/owned-directory.js";

/** The parent of the directories of a step's host. It is not /tmp, as a confined step has its own. */
const base = "/var/tmp";
const prefix = "python3jail-steps";

// Remove what killed runs left.
for (const path of abandonedDirectories(prefix, base)) rmSync(path, { recursive: true, force: true });

/** Makes a directory of a step's host. The test removes it; if the test is killed, the next run does. */
export function makeHostDirectory(): string {
  return makeOwnedDirectory(prefix, base);
}
