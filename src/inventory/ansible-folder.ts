import { readdirSync } from "node:fs";
import { join } from "node:path";
import { InventoryError } from "./ansible.js";
import { pathKind } from "./ansible-vars.js";

/** Names of files that Ansible does not read as inventories (its INVENTORY_IGNORE_EXTS). */
const ignoredByAnsible = /(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)|~)$/;
/** Further ignored names: hidden files, and the folders of variables and plugins. */
const ignoredToo = /^(\..*|host_vars|group_vars|vars_plugins)$/;

/**
 * Lists the files in a folder that together are one inventory, in Ansible's order. Later files override earlier ones.
 * Throws InventoryError for a file that only some releases of Ansible read: its hosts would depend on the release.
 */
export function inventoryFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .filter((name) => !ignoredToo.test(name) && !ignoredByAnsible.test(name))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      const kind = pathKind(join(folder, path));
      if (kind === "file" && name.endsWith(".ini"))
        throw new InventoryError([
          `${path}: in a folder, Ansible reads such a name only from 2.19 on; give it another (${name.slice(0, -4)})`,
        ]);
      return kind === "folder" ? inventoryFiles(folder, path) : kind === "file" ? [path] : [];
    });
}
