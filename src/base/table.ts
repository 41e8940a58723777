import { cut } from "./text.js";

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Where the terminal is too narrow, columns are left out, the smallest of these first. One without always stays. */
  readonly leaves?: number;
}

/** A table as it fits. */
export interface Table {
  readonly head: string;
  readonly rows: readonly string[];
  /** The titles of the columns that did not fit. */
  readonly left: readonly string[];
}

const between = 2;
/** Characters of a column that stays, and has to be cut all the same. */
const least = 8;

/** Lays a table out in so many characters a line: with fewer columns where not all fit. Only where the last ones are too wide, their texts are cut. */
export function tableOf(columns: readonly TableColumn[], rows: readonly (readonly string[])[], room: number): Table {
  const widest = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const shown = new Set(columns.keys());
  const spare = (): number => room - [...shown].reduce((sum, at) => sum + (widest[at] ?? 0) + between, -between);
  const leaving = [...columns.entries()]
    .filter(([, { leaves }]) => leaves !== undefined)
    .sort(([, one], [, other]) => (one.leaves ?? 0) - (other.leaves ?? 0));
  for (const [at] of leaving) if (spare() < 0) shown.delete(at);
  for (const at of shown) {
    const width = widest[at] ?? 0;
    if (spare() < 0 && width > least) widest[at] = Math.max(least, width + spare());
  }
  const line = (cells: readonly string[]): string =>
    [...shown]
      .map((at) => cut(cells[at] ?? "", widest[at] ?? 0).padEnd(widest[at] ?? 0))
      .join(" ".repeat(between))
      .trimEnd();
  return {
    head: line(columns.map(({ title }) => title)),
    rows: rows.map(line),
    left: columns.filter((_, at) => !shown.has(at)).map(({ title }) => title),
  };
}
