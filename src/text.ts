const longestLine = 300;

/** Text that anybody may have written (a host, a file's name), made fit for one line that people read. */
export function oneLine(text: string, longest = longestLine): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "?").trim();
  return cut(line, longest);
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
