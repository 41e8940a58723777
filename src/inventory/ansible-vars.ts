import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { InventoryError, type VariableFiles, type Variables } from "./ansible.js";

const extensions = ["", ".yml", ".yaml", ".json"];

/**
 * The variables that Ansible finds in folders beside an inventory: of `judges` in `group_vars/judges`, `judges.yml`, `judges.yaml`
 * or `judges.json`, whichever is there first; in all files of it where it is a folder, the later ones over the earlier.
 * `parse` reads one file's YAML. Throws InventoryError, which names the file.
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
      // No name leads out of the folder.
      if (basename(name) !== name || name === "." || name === "..") return {};
      const place = join(kind, name);
      let variables = known.get(place);
      if (!variables)
        known.set(place, (variables = Object.assign({}, ...filesOf(folder, place).map(read)) as Variables));
      return variables;
    },
  };
}

/** The files of a name, relative to the folder. */
function filesOf(folder: string, place: string): string[] {
  for (const extension of extensions) {
    const path = `${place}${extension}`;
    const kind = pathKind(join(folder, path));
    if (kind === "folder" && extension === "") return filesBelow(folder, path);
    if (kind === "file") return [path];
  }
  return [];
}

/** What an editor left, and what is hidden, is none of it. */
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

/** What a path leads to; undefined where that is neither, or nothing. */
export function pathKind(path: string): "file" | "folder" | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() ? "folder" : stat?.isFile() ? "file" : undefined;
}
