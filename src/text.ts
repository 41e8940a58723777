const longestLine = 300;

/** Text that anybody may have written (a host, a file's name), made fit for one line that people read. */
export function oneLine(text: string, longest = longestLine): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "?").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** "3 hosts", "1 host". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "13.4 MB", of bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
