import { oneLine } from "../base/text.js";
import { causeCode, said, oneOf, type Field } from "./fields.js";

/** The declaration of an answer's line: the forms that its fields may have, and how often it may come. */
export interface Lines {
  readonly forms: readonly (readonly Field[])[];
  readonly least: number;
  readonly most: number;
}

/** The declaration of a step's answer: its lines, by name. */
export type Answers = Readonly<Record<string, Lines>>;

/** A line that must come exactly once. */
export const one = (...forms: readonly (readonly Field[])[]): Lines => ({ forms, least: 1, most: 1 });

/** A line that may come once. */
export const maybe = (...forms: readonly (readonly Field[])[]): Lines => ({ forms, least: 0, most: 1 });

/** A line that may come up to `most` times. */
export const upTo = (most: number, ...forms: readonly (readonly Field[])[]): Lines => ({ forms, least: 0, most });

/** The line of a step that has nothing to do because there is no jail. */
export const noJail: Answers = { jail: maybe([oneOf("none")]) };

/**
 * The lines that every step may answer: warnings, the reason why it failed, and the tools that the host lacks. Of
 * several `fail` lines the first counts: a subshell that fails makes its callers fail as well.
 */
const always: Answers = {
  warn: upTo(10_000, [said()]),
  fail: upTo(20, [causeCode, said(), said()]),
  "lacks-tools": maybe([said(), said(64), said(200)]),
};

/** The lines of an answer up to the first that is not as declared, and what is wrong with that one. */
export interface CheckedLines {
  readonly lines: readonly (readonly string[])[];
  readonly problem?: string;
}

/**
 * Checks the lines between `started` and `done` against a step's declaration. Missing lines are a problem only if the
 * step has `ended`.
 */
export function checkLines(lines: readonly (readonly string[])[], answers: Answers, ended: boolean): CheckedLines {
  const checked: string[][] = [];
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [name = "", ...fields] = line;
    const declared = Object.hasOwn(answers, name)
      ? answers[name]
      : Object.hasOwn(always, name)
        ? always[name]
        : undefined;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    const parsed = declared && number <= declared.most ? fieldsOf(fields, declared) : undefined;
    if (!parsed)
      return {
        lines: checked,
        problem: `${declared && number > declared.most ? "one too many is" : "not expected is"} the line "${oneLine(line.join(" "), 120)}"`,
      };
    checked.push([name, ...parsed]);
  }
  const missing = ended
    ? Object.entries(answers).find(([name, { least }]) => (counts.get(name) ?? 0) < least)
    : undefined;
  return missing ? { lines: checked, problem: `missing is the line "${missing[0]}"` } : { lines: checked };
}

/** Parses fields by the first form that fits; undefined if none does. */
function fieldsOf(fields: readonly string[], { forms }: Lines): string[] | undefined {
  for (const form of forms) {
    if (form.length !== fields.length) continue;
    const results = form.map((field, index) => field.safeParse(fields[index]));
    if (results.every((result) => result.success)) return results.map(({ data }) => data);
  }
  return undefined;
}
