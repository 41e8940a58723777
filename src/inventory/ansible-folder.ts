import { readdirSync } from "node:fs";
import { join } from "node:path";
import { InventoryError } from "./ansible.js";
import { pathKind } from "./ansible-vars.js";

/** What is no inventory in Ansible's eyes (its INVENTORY_IGNORE_EXTS). */
const passedOver = /(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry)|~)$/;
/** Beside those, what begins with a dot, and the folders of variables. */
const never = /^(\..*|host_vars|group_vars|vars_plugins)$/;

/**
 * The files of a folder that together are one inventory, in the order in which Ansible reads them: later ones stand over earlier ones.
 * Throws InventoryError for one that some releases of Ansible read and others do not: its hosts would come or go by that.
 */
export function inventoryFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .filter((name) => !never.test(name) && !passedOver.test(name))
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
