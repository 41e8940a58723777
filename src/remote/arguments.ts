import { z } from "zod";
import { canBeArgument } from "../base/text.js";
import { vis } from "./vis.js";

/** What a caller may give as an argument. */
export type Value = string | number | boolean | readonly string[] | undefined;

/** One argument of a step: what a caller gives, and in which form the script gets it. */
export interface Argument<Given extends Value = Value> {
  /**
   * `variable`: a variable with a text. `list`: a variable with an item a line, each encoded (`vis`) and ended by a line break.
   * `rest`: the positional parameters; a step has one such argument at most.
   */
  readonly form: "variable" | "list" | "rest";
  readonly schema: z.ZodType<string | readonly string[], Given>;
}

/** What a step takes, by name. A script has them under the same names in snake case. */
export type Arguments = Readonly<Record<string, Argument>>;

/** What a step takes that takes nothing. */
export type NoArguments = Readonly<Record<string, never>>;

/** What a caller gives to a step that takes these. */
export type ValuesOf<Taken extends Arguments> = {
  readonly [Name in keyof Taken]: Taken[Name] extends Argument<infer Given> ? Given : never;
};

/** The same as a function's parameters: a step that takes nothing may be run without. */
export type Given<Taken extends Arguments> = Taken extends NoArguments
  ? [values?: NoArguments]
  : [values: NoInfer<ValuesOf<Taken>>];

function variable<Given extends Value>(schema: z.ZodType<string, Given>): Argument<Given> {
  return { form: "variable", schema };
}

/** Any text. */
export const text = variable(z.string());

/** Any text, or nothing: then the variable is empty. */
export const optionalText = variable(
  z
    .string()
    .optional()
    .transform((value = "") => value),
);

/** A whole number. */
export const number = variable(z.int().transform(String));

/** A whole number, or nothing: then the variable is empty. */
export const optionalNumber = variable(
  z
    .int()
    .optional()
    .transform((value) => (value === undefined ? "" : String(value))),
);

/** The script gets `yes` or `no`. */
export const flag = variable(z.boolean().transform((value) => (value ? "yes" : "no")));

const texts = z.array(z.string()).readonly();

/** Any number of texts, encoded in a variable. */
export const list: Argument<readonly string[]> = { form: "list", schema: texts };

/** Any number of texts, as positional parameters. */
export const rest: Argument<readonly string[]> = { form: "rest", schema: texts };

/** What a script gets of a step's arguments. */
export interface Assignments {
  /** Variables with their values. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** The positional parameters. */
  readonly rest: readonly string[];
}

/** Turns the values for a step's arguments into what its script gets. Throws where one is not as it is declared. */
export function assignmentsOf(taken: Arguments, values: Readonly<Record<string, Value>>): Assignments {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(taken, name));
  if (unknown !== undefined) throw new Error(`the step takes no argument "${unknown}"`);
  const variables: [string, string][] = [];
  const positional: string[] = [];
  for (const [name, { form, schema }] of Object.entries(taken)) {
    const parsed = schema.safeParse(values[name]);
    if (!parsed.success) throw new Error(`the argument "${name}" of the step: ${z.prettifyError(parsed.error)}`);
    const value = parsed.data;
    // A list is encoded: only here it shows.
    if (![value].flat().every(canBeArgument)) throw new Error(`${unfit} (${name})`);
    if (typeof value === "string") variables.push([variableOf(name), value]);
    else if (form === "rest") positional.push(...value);
    else variables.push([variableOf(name), value.map((item) => `${vis(item)}\n`).join("")]);
  }
  return { variables, rest: positional };
}

/** Why a text cannot be handed over to a shell. */
export const unfit = "a NUL byte or half a character cannot be an argument";

/** The shell's name of an argument. */
export function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
