const longestLine = 300;

/** Text that anybody may have written (a host, a file's name), made fit for one line that people read. */
export function oneLine(text: string, longest = longestLine): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "?").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
