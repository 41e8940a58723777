import { z } from "zod";

/** Takes the problems that a check of settings finds. `path` is relative to the settings. */
export interface SettingsContext {
  addIssue(issue: { readonly path: PropertyKey[]; readonly message: string }): void;
}

/**
 * The settings of a resource in a stack's config, and in the arguments of PythonJail and JailFleet. The config's
 * schema, Pulumi.yaml's `config:` section and the arguments that a fleet passes to each jail are derived from it.
 */
export interface KindSettings {
  /** The config key without its namespace, and the argument's name: `files` for `python3jail:files`. */
  readonly key: string;
  /**
   * The schema of the settings at one level (see `settingsOf`), or of a value that is not merged from several levels.
   */
  readonly schema: z.ZodType;
  /** An example in the form of the config, for the error about a value of the wrong type. */
  readonly example: string;
  /** The description in Pulumi.yaml: one sentence, with the settings that most people need. */
  readonly description: string;
  /** The default in Pulumi.yaml of a value that is a list. Without it, the value is an object, and its default `{}`. */
  readonly list?: readonly string[];
  /** `true`: the resource exists only if a setting is given. A name: only if that setting is given. */
  readonly optional?: boolean | string;
  /** Settings that are paths on the control machine: `source.path`. A relative one is relative to the project. */
  readonly localPaths?: readonly string[];
  /** Checks the merged settings of all levels. */
  check?(settings: object, context: SettingsContext): void;
}

/**
 * Makes the schema of settings from a resource's own fields. Every setting is optional and has no default here, so that
 * settings of other levels and the resource's defaults apply. `triggers` is removed, as the component sets it.
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
