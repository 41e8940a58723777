/** Most hosts of a range. A larger range is a mistake. */
const most = 10_000;

/**
 * Returns the host names and the port of an inventory's entry: `judge-[01:20].example.org:2222` means twenty hosts.
 * Throws if the entry is invalid.
 */
export function expandHosts(entry: string): { names: string[]; port: number | undefined } {
  const [, pattern = entry, port] = /^([^:[\]]*(?:\[[^\]]*\][^:[\]]*)*):(\d+)$/.exec(entry) ?? [];
  return { names: expandRanges(pattern), port: port === undefined ? undefined : Number(port) };
}

function expandRanges(pattern: string): string[] {
  const [, before = "", range, after = ""] = /^([^[\]]*)\[([^\]]*)\](.*)$/.exec(pattern) ?? [];
  if (range === undefined) {
    if (/[[\]]/.test(pattern)) throw new Error("a bracket is not closed");
    return [pattern];
  }
  const rest = expandRanges(after);
  const values = valuesOf(range);
  if (values.length * rest.length > most) throw new Error(`a range has more than ${most} hosts`);
  return values.flatMap((value) => rest.map((end) => `${before}${value}${end}`));
}

/** Returns the values of a range: `1:20`, `01:20` (both ends of equal length) or `a:f`. A step may follow: `1:20:2`. */
function valuesOf(range: string): string[] {
  const wrong = new Error("a range must be like [1:20], [01:20] or [a:f], with or without a step: [1:20:2]");
  const [, first = "", last, step = "1"] = /^(\d*|[A-Za-z]):(\d+|[A-Za-z])(?::([1-9]\d*))?$/.exec(range) ?? [];
  if (last === undefined) throw wrong;
  const letters = /[A-Za-z]/.test(last);
  if (letters !== /[A-Za-z]/.test(first)) throw wrong;
  const padded = !letters && first.length > 1 && first.startsWith("0");
  if (padded && first.length !== last.length) throw wrong;
  const [from, to] = letters ? [first.charCodeAt(0), last.charCodeAt(0)] : [Number(first), Number(last)];
  if (to < from || to - from >= most * Number(step))
    throw to < from ? wrong : new Error(`a range has more than ${most} hosts`);
  return Array.from(
    { length: Math.floor((to - from) / Number(step)) + 1 },
    (_, index) => from + index * Number(step),
  ).map((value) =>
    letters ? String.fromCharCode(value) : padded ? String(value).padStart(first.length, "0") : String(value),
  );
}
