/** Default of the longest line for people, in characters. */
const longestLine = 300;

/** Terminal sequences: CSI, OSC and other strings with their end, and two-character escapes. */
const terminalSequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/gu;
/**
 * Control and format characters: C0, C1, bidi controls, zero-width characters, line separators, and code points without
 * a character.
 */
const controls = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/**
 * Cleans untrusted text, such as the output of a host or a file's name. It removes terminal sequences, turns a tab into
 * a space, and replaces each run of other control or format characters with `?`. Free text from hosts is cleaned before
 * it is shown or stored.
 */
export function cleaned(text: string): string {
  return text.replace(terminalSequences, "").replace(/\t/g, " ").replace(controls, "?");
}

/** Cleans and trims untrusted text, and cuts it to a line of at most `longest` characters. */
export function oneLine(text: string, longest = longestLine): string {
  return cut(cleaned(text).trim(), longest);
}

/** Cuts a text to at most `longest` characters. A text that was longer ends in `…`. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** Returns a count with its noun: "3 hosts", "1 host". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Formats a number of bytes in megabytes: "13.4 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Whether a text can be an argument of a program. It must not contain a NUL or half of a surrogate pair, which UTF-8
 * cannot encode.
 */
export function canBeArgument(text: string): boolean {
  return !/[\0\p{Cs}]/u.test(text);
}
