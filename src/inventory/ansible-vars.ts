import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { InventoryError, type VariableFiles, type Variables } from "./ansible.js";

const extensions = ["", ".yml", ".yaml", ".json"];

/**
 * Returns a reader of the variables in the folders beside an inventory. Those of the group `judges` are in the first
 * that exists of `group_vars/judges`, `judges.yml`, `judges.yaml` and `judges.json`. If it is a folder, all its files
 * are read, and later files override earlier ones. `parse` parses the YAML of one file. The reader throws
 * InventoryError, which names the file.
 */
export function variableFiles(folder: string, parse: (text: string) => unknown): VariableFiles {
  const known = new Map<string, Variables>();
  const warnings: string[] = [];
  const read = (file: string): Variables => {
    const text = readFileSync(join(folder, file), "utf8");
    if (text.startsWith("$ANSIBLE_VAULT;")) {
      warnings.push(`${file}: is encrypted, which only Ansible can read: nothing of it is taken`);
      return {};
    }
    try {
      const content = parse(text) ?? {};
      if (typeof content !== "object" || Array.isArray(content))
        throw new InventoryError(["must be a mapping of variables"]);
      return content as Variables;
    } catch (error) {
      throw error instanceof InventoryError
        ? new InventoryError(error.reasons.map((reason) => `${file}: ${reason}`))
        : error;
    }
  };
  return {
    warnings,
    of(kind, name) {
      // A name must not lead out of the folder.
      if (basename(name) !== name || name === "." || name === "..") return {};
      const place = join(kind, name);
      let variables = known.get(place);
      if (!variables)
        known.set(place, (variables = Object.assign({}, ...filesOf(folder, place).map(read)) as Variables));
      return variables;
    },
  };
}

/** Lists the files with the variables of one group or host. Paths are relative to the folder. */
function filesOf(folder: string, place: string): string[] {
  for (const extension of extensions) {
    const path = `${place}${extension}`;
    const kind = pathKind(join(folder, path));
    if (kind === "folder" && extension === "") return filesBelow(folder, path);
    if (kind === "file") return [path];
  }
  return [];
}

/** Lists the files in a folder of variables, without hidden files and an editor's backup copies. */
function filesBelow(folder: string, path: string): string[] {
  return readdirSync(join(folder, path))
    .filter((name) => !name.startsWith(".") && !name.endsWith("~"))
    .sort()
    .flatMap((name) => {
      const below = join(path, name);
      const kind = pathKind(join(folder, below));
      if (kind === "folder" && extname(name) === "") return filesBelow(folder, below);
      return kind === "file" && extensions.includes(extname(name)) ? [below] : [];
    });
}

/** Returns what a path leads to, or undefined if it leads to nothing or to something else. */
export function pathKind(path: string): "file" | "folder" | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() ? "folder" : stat?.isFile() ? "file" : undefined;
}
