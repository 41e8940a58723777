/**
 * The character classes that a set may name. They contain only ASCII characters: other ones are rare in names of files.
 */
const classes: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\0-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** A wildcard, an escaped character, a set, or any other character. */
const sign = /\\(?<escaped>.)|\[(?<not>!?)(?<set>\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]|(?<other>.)/gsu;
/** A member of a set: a class, a range, or a character. */
const member = /\[:(?<name>[a-z]+):\]|(?<from>\\.|.)(?:-(?<to>\\.|.))?/gsu;

/** Whether a part of a path is a pattern: it contains a wildcard or an escape. */
export function isGlob(part: string): boolean {
  return /[*?[\\]/.test(part);
}

/**
 * Compiles a pattern that matches one name, without slashes, as OpenSSH's glob(3) does. It supports `*`, `?`, sets
 * (`[0-9]`, `[!a-c]`, `[[:alpha:]]`) and escapes. A leading dot of a name must be in the pattern. A glob library would
 * not do: here `^` does not negate a set, and classes are ASCII.
 */
export function globPattern(pattern: string): RegExp {
  const source = pattern.replace(sign, (...given) => {
    const { escaped, not = "", set, other = "" } = given.at(-1) as Record<string, string | undefined>;
    if (set !== undefined) return `[${not && "^"}${membersOf(set)}]`;
    if (escaped !== undefined) return literal(escaped);
    return other === "*" ? ".*" : other === "?" ? "." : literal(other);
  });
  return new RegExp(`^${/^\\?\./.test(pattern) ? "" : "(?!\\.)"}${source}$`, "su");
}

function membersOf(set: string): string {
  return set.replace(member, (...given) => {
    const { name, from = "", to } = given.at(-1) as Record<string, string | undefined>;
    if (name !== undefined) return classes[name] ?? "";
    const unescaped = (character: string): string => character.replace(/^\\(?=.)/su, "");
    const [first, last] = [unescaped(from), unescaped(to ?? from)];
    // A backward range matches nothing.
    return first <= last ? `${literal(first)}-${literal(last)}` : "";
  });
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\x${character.charCodeAt(0).toString(16)}` : character;
}
