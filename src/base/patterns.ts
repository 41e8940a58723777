/** The regular expression of each wildcard. Every other character of a pattern matches itself. */
type Wildcards = Readonly<Record<"**" | "*" | "?", string>>;

const inNames: Wildcards = { "**": ".*", "*": ".*", "?": "." };
const inPaths: Wildcards = { "**": ".*", "*": "[^/]*", "?": "[^/]" };

/** Compiles a pattern that matches whole names, as in OpenSSH: `*` matches any characters, `?` matches one. */
export function namePattern(pattern: string): RegExp {
  return compiled(pattern, inNames);
}

/** Compiles a pattern that matches whole paths: `*` and `?` do not match `/`, `**` matches any characters. */
export function pathPattern(pattern: string): RegExp {
  return compiled(pattern, inPaths);
}

/**
 * Compiles a pattern to a regular expression. A glob library would not do: it reads braces, classes, negation and
 * escapes in names such as `a{b}` or `[x]`, and its `**` is a wildcard only between slashes.
 */
function compiled(pattern: string, wildcards: Wildcards): RegExp {
  const source = pattern.replace(
    /\*\*|[\\^$.*+?()[\]{}|]/g,
    (sign) => (wildcards as Readonly<Record<string, string>>)[sign] ?? `\\${sign}`,
  );
  return new RegExp(`^${source}$`, "s");
}
