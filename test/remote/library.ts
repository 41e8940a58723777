import { scriptText } from "../../src/remote/scripts.js";

const libraries = [
  "base.sh",
  "listing.sh",
  "walk.sh",
  "mounts.sh",
  "refuse-mounted.sh",
  "records.sh",
  "confine.sh",
  "jail.sh",
  "staging.sh",
  "remove-trees.sh",
  "disk.sh",
];

/** The text of all libraries of the steps. */
export const libraryText = (): string => libraries.map(scriptText).join("\n");
