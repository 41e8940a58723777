import { z } from "zod";

/** What a check of settings finds wrong: where, from the settings on, and why. */
export interface SettingsContext {
  addIssue(issue: { readonly path: PropertyKey[]; readonly message: string }): void;
}

/**
 * How a resource is set in a stack's config, and in PythonJail's and JailFleet's arguments. The config's schema, Pulumi.yaml's `config:`
 * section and what a fleet hands to each jail follow from it.
 */
export interface KindSettings {
  /** `files` for `python3jail:files`, and for the argument of that name. */
  readonly key: string;
  /** Of one level's settings, see `settingsOf`; or of another value, which is not put together from several levels. */
  readonly schema: z.ZodType;
  /** The settings as a config has them, for whoever gives a value of another type. */
  readonly example: string;
  /** For Pulumi.yaml: in a sentence, with the settings that most people need. */
  readonly description: string;
  /** Pulumi.yaml's default where the value is a list. Default: the value is an object, and `{}`. */
  readonly list?: readonly string[];
  /** The resource is made only where something is set, and with a name only where that setting is. */
  readonly optional?: boolean | string;
  /** Settings that are paths on the control machine, where a relative one is the project's: `source.path`. */
  readonly localPaths?: readonly string[];
  /** Tells what is wrong with the settings of all levels taken together. */
  check?(settings: object, context: SettingsContext): void;
}

/**
 * A resource's own inputs as settings. Each may be left out, and what is left out stays so: the stack's settings and the
 * resource's defaults show through. `triggers` is the component's to decide.
 */
export function settingsOf({ triggers: _, ...fields }: z.ZodRawShape): z.ZodType {
  return z.strictObject(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [
        name,
        (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : (field as z.ZodType)).optional(),
      ]),
    ),
  );
}
