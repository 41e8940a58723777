import { z } from "zod";
import { canBeArgument } from "../base/text.js";
import { vis } from "./vis.js";

/** A value that a caller may pass as an argument. */
export type Value = string | number | boolean | readonly string[] | undefined;

/** The declaration of one argument of a step: its value, and the form in which the script gets it. */
export interface Argument<Given extends Value = Value> {
  /**
   * `variable`: a variable with a text. `list`: a variable with one item per line, each encoded by `vis`. `rest`: the
   * positional parameters; a step has at most one such argument.
   */
  readonly form: "variable" | "list" | "rest";
  readonly schema: z.ZodType<string | readonly string[], Given>;
}

/** The arguments of a step, by name. The script gets them under the same names in snake case. */
export type Arguments = Readonly<Record<string, Argument>>;

/** The arguments of a step that has none. */
export type NoArguments = Readonly<Record<string, never>>;

/** The values for a step's arguments. */
export type ValuesOf<Taken extends Arguments> = {
  readonly [Name in keyof Taken]: Taken[Name] extends Argument<infer Given> ? Given : never;
};

/** The same as a function's parameters, so that a step without arguments can be run without values. */
export type Given<Taken extends Arguments> = Taken extends NoArguments
  ? [values?: NoArguments]
  : [values: NoInfer<ValuesOf<Taken>>];

function variable<Given extends Value>(schema: z.ZodType<string, Given>): Argument<Given> {
  return { form: "variable", schema };
}

/** Any text. */
export const text = variable(z.string());

/** Any text. If it is undefined, the variable is empty. */
export const optionalText = variable(
  z
    .string()
    .optional()
    .transform((value = "") => value),
);

/** A whole number. */
export const number = variable(z.int().transform(String));

/** A whole number. If it is undefined, the variable is empty. */
export const optionalNumber = variable(
  z
    .int()
    .optional()
    .transform((value) => (value === undefined ? "" : String(value))),
);

/** A boolean. The script gets `yes` or `no`. */
export const flag = variable(z.boolean().transform((value) => (value ? "yes" : "no")));

const texts = z.array(z.string()).readonly();

/** Any number of texts, encoded in a variable. */
export const list: Argument<readonly string[]> = { form: "list", schema: texts };

/** Any number of texts, as positional parameters. */
export const rest: Argument<readonly string[]> = { form: "rest", schema: texts };

/** The shell form of a step's arguments. */
export interface Assignments {
  /** The variables with their values. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** The positional parameters. */
  readonly rest: readonly string[];
}

/**
 * Converts values for a step's arguments into shell variables and positional parameters. Throws if one is not as
 * declared.
 */
export function assignmentsOf(taken: Arguments, values: Readonly<Record<string, Value>>): Assignments {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(taken, name));
  if (unknown !== undefined) throw new Error(`the step takes no argument "${unknown}"`);
  const variables: [string, string][] = [];
  const positional: string[] = [];
  for (const [name, { form, schema }] of Object.entries(taken)) {
    const parsed = schema.safeParse(values[name]);
    if (!parsed.success) throw new Error(`the argument "${name}" of the step: ${z.prettifyError(parsed.error)}`);
    const value = parsed.data;
    // Check before a list is encoded, which would hide such a character.
    if (![value].flat().every(canBeArgument)) throw new Error(`${unusableText} (${name})`);
    if (typeof value === "string") variables.push([variableOf(name), value]);
    else if (form === "rest") positional.push(...value);
    else variables.push([variableOf(name), value.map((item) => `${vis(item)}\n`).join("")]);
  }
  return { variables, rest: positional };
}

/** The reason why a text cannot be passed to a shell. */
export const unusableText = "a NUL byte or half a character cannot be an argument";

/** The shell variable of an argument. */
export function variableOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
