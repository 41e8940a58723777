/** What each wildcard of a pattern stands for, as a regular expression. All else in a pattern stands for itself. */
type Wildcards = Readonly<Record<"**" | "*" | "?", string>>;

const inNames: Wildcards = { "**": ".*", "*": ".*", "?": "." };
const inPaths: Wildcards = { "**": ".*", "*": "[^/]*", "?": "[^/]" };

/** A pattern for whole names, as OpenSSH has it: `*` stands for any characters, `?` for one. */
export function namePattern(pattern: string): RegExp {
  return compiled(pattern, inNames);
}

/** A pattern for whole paths: `*` and `?` stand for what is no `/`, `**` for anything. */
export function pathPattern(pattern: string): RegExp {
  return compiled(pattern, inPaths);
}

/**
 * No library's globs: these formats have no braces, classes, negation or escapes, which a library would see in such names as
 * `a{b}` or `[x]`, and its `**` is a wildcard only between slashes.
 */
function compiled(pattern: string, wildcards: Wildcards): RegExp {
  const source = pattern.replace(
    /\*\*|[\\^$.*+?()[\]{}|]/g,
    (sign) => (wildcards as Readonly<Record<string, string>>)[sign] ?? `\\${sign}`,
  );
  return new RegExp(`^${source}$`, "s");
}
