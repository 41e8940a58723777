import { readdirSync } from "node:fs";
import { join } from "node:path";
import { kindOf } from "./ansible-vars.js";

/** What is no inventory in Ansible's eyes (its INVENTORY_IGNORE_EXTS): the same names with .ini count only where they are given as a file. */
const passedOver = /(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;
/** Beside those, what begins with a dot, and the folders of variables. */
const never = /^(\..*|host_vars|group_vars|vars_plugins)$/;

/** The files of a folder that together are one inventory, in the order in which Ansible reads them: later ones stand over earlier ones. */
export function inventoryFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .filter((name) => !never.test(name) && !passedOver.test(name))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      const kind = kindOf(join(folder, path));
      return kind === "folder" ? inventoryFiles(folder, path) : kind === "file" ? [path] : [];
    });
}
