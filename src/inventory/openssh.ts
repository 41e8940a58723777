import { globPattern, isGlob } from "./glob.js";
import { wordsOf } from "./shell-words.js";

/** OpenSSH's own bound on files that include files. */
const deepest = 16;

/**
 * The names that an OpenSSH client configuration has a `Host` line for, in its order, each once. Patterns and what they
 * exclude (`*`, `?`, `!`) name no host. `include` gives the texts of the files that an `Include` means.
 */
export function opensshHosts(text: string, include: (pattern: string) => readonly string[], depth = 0): string[] {
  const names = text.split(/\r?\n/).flatMap((line) => {
    const [keyword = "", ...words] = keywordAndWords(line);
    if (keyword === "host") return words.filter((name) => !/[*?!]/.test(name));
    if (keyword !== "include" || depth === deepest) return [];
    return words.flatMap(include).flatMap((included) => opensshHosts(included, include, depth + 1));
  });
  return [...new Set(names)];
}

/** `Keyword words` or `Keyword=words`; a line that ssh itself will refuse says nothing to us. */
function keywordAndWords(line: string): string[] {
  const [, keyword = "", rest = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
  try {
    return [keyword.toLowerCase(), ...wordsOf(rest)];
  } catch {
    return [];
  }
}

/** The paths that a pattern (glob.ts) means, in order; `list` gives the names in a folder, none where there is none. */
export function pathsOf(pattern: string, list: (folder: string) => readonly string[]): string[] {
  return pattern.split("/").reduce<string[]>(
    (found, part, index) => {
      if (!isGlob(part)) return found.map((folder) => (index === 0 ? part : `${folder}/${part}`));
      const fits = globPattern(part);
      return found.flatMap((folder) =>
        list(folder || "/")
          .filter((name) => fits.test(name))
          .sort()
          .map((name) => `${folder}/${name}`),
      );
    },
    [""],
  );
}
