import { rmSync } from "node:fs";
import { abandonedDirectories, makeOwnedDirectory } from "../hosts/owned-directory.js";

/** Where tests make the directories of a step's host: a confined step has a /tmp of its own. */
const base = "/var/tmp";
const prefix = "python3jail-steps";

// What killed runs left.
for (const path of abandonedDirectories(prefix, base)) rmSync(path, { recursive: true, force: true });

/** Makes a directory of a step's host, which the test removes; where it is killed, the next run does. */
export function makeHostDirectory(): string {
  return makeOwnedDirectory(prefix, base);
}
