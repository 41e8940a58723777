import { globPattern, isGlob } from "./glob.js";
import { shellWords } from "./shell-words.js";

/** OpenSSH's own limit on the depth of included files. */
const maxDepth = 16;

/**
 * Returns the names in the `Host` lines of an OpenSSH client configuration, each once, in their order. Patterns and
 * exclusions (`*`, `?`, `!`) are left out. `include` returns the texts of the files that an `Include` line names.
 */
export function opensshHosts(text: string, include: (pattern: string) => readonly string[], depth = 0): string[] {
  const names = text.split(/\r?\n/).flatMap((line) => {
    const [keyword = "", ...words] = keywordAndWords(line);
    if (keyword === "host") return words.filter((name) => !/[*?!]/.test(name));
    if (keyword !== "include" || depth === maxDepth) return [];
    return words.flatMap(include).flatMap((included) => opensshHosts(included, include, depth + 1));
  });
  return [...new Set(names)];
}

/** Parses a line: `Keyword words` or `Keyword=words`. Returns nothing for a line that ssh itself refuses. */
function keywordAndWords(line: string): string[] {
  const [, keyword = "", rest = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
  try {
    return [keyword.toLowerCase(), ...shellWords(rest)];
  } catch {
    return [];
  }
}

/** Returns the paths that match a pattern (see glob.ts), sorted. `list` returns the names in a folder, or none. */
export function expandGlob(pattern: string, list: (folder: string) => readonly string[]): string[] {
  return pattern.split("/").reduce<string[]>(
    (found, part, index) => {
      if (!isGlob(part)) return found.map((folder) => (index === 0 ? part : `${folder}/${part}`));
      const name = globPattern(part);
      return found.flatMap((folder) =>
        list(folder || "/")
          .filter((entry) => name.test(entry))
          .sort()
          .map((entry) => `${folder}/${entry}`),
      );
    },
    [""],
  );
}
