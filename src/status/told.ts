import { kinds } from "../kinds/kinds.js";
import type { ShownColumn, ShownSection } from "../provider/shown.js";
import type { JailStatus } from "./fleet.js";

/** A column that one kind of resource defines. */
export interface KindColumn extends Pick<ShownColumn<unknown>, "title" | "about"> {
  readonly cell: (jail: JailStatus) => string | undefined;
  readonly hint: (jail: JailStatus) => string | undefined;
  readonly mark: (jail: JailStatus) => string | undefined;
  /** Sort key; if undefined, the cell's text is the key. */
  readonly order?: ((jail: JailStatus) => number | undefined) | undefined;
}

/**
 * Returns the kinds' columns for `status` or the report. Leaves out columns that no jail fills, unless `status` always
 * has them.
 */
export function kindColumns(jails: readonly JailStatus[], place: "status" | "report"): KindColumn[] {
  const all = Object.values(kinds).flatMap(({ shown }) =>
    (shown?.columns ?? []).map((column: ShownColumn<unknown>) => ({ key: shown?.key ?? "", column })),
  );
  const isThere = (key: string, { inStatus }: ShownColumn<unknown>): boolean =>
    place === "status" && inStatus !== "where-known"
      ? inStatus === "always"
      : jails.some((jail) => toldOf(jail, key) !== undefined);
  return all
    .filter(({ key, column }) => isThere(key, column))
    .sort((one, other) => (one.column.rank ?? 0) - (other.column.rank ?? 0))
    .map(({ key, column }) => columnOf(key, column));
}

function columnOf(key: string, column: ShownColumn<unknown>): KindColumn {
  const of =
    <T>(tell: ((status: unknown) => T) | undefined) =>
    (jail: JailStatus): T | undefined => {
      const told = toldOf(jail, key);
      return told === undefined ? undefined : tell?.(told);
    };
  const { title, about, cell, hint, mark, order } = column;
  return {
    title,
    ...(about !== undefined && { about }),
    cell: of(cell),
    hint: of(hint),
    mark: of(mark),
    order: order && of(order),
  };
}

/** Returns the report's sections that the kinds define for a jail. */
export function kindSections(jail: JailStatus): ShownSection[] {
  return Object.values(kinds).flatMap(({ shown }) => {
    const told = shown && toldOf(jail, shown.key);
    return told === undefined ? [] : (shown?.section?.(told) ?? []);
  });
}

/** Counts the differences from the declaration. Findings of the audit or a check have their own columns. */
export function countDifferences({ drift }: JailStatus): number {
  return Object.entries(drift)
    .filter(([resource]) => !kinds[resource.split(" ")[0] ?? ""]?.shown?.driftFails)
    .reduce((sum, [, own]) => sum + Object.keys(own).length, 0);
}

function toldOf(jail: JailStatus, key: string): unknown {
  return (jail as unknown as Readonly<Record<string, unknown>>)[key];
}
