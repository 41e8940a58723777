const longestLine = 300;

/** Terminal sequences: CSI, OSC and other strings with their end, and two-character escapes. */
const terminalSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/gu;
/** Control and format characters: C0, C1, bidi controls, zero-width characters, and what is no character at all. */
const controls = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/**
 * Cleans text that anybody may have written (a host, a tool, a file's name): no terminal sequence, no line break, and `?` for any other
 * control or format character. All that a host says in its own words passes here before it is shown or stored.
 */
export function cleaned(text: string): string {
  return text.replace(terminalSequences, "").replace(/\t/g, " ").replace(controls, "?");
}

/** The same, made fit for one line that people read. */
export function oneLine(text: string, longest = longestLine): string {
  return cut(cleaned(text).trim(), longest);
}

/** A text of so many characters at most; the last of one that was longer says so. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** "3 hosts", "1 host". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "13.4 MB", of bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Whether a text can be an argument of a program: it has no NUL, and no half of a character, which UTF-8 cannot express. */
export function canBeArgument(text: string): boolean {
  return !/[\0\p{Cs}]/u.test(text);
}
