/** The way to a property: `["hosts", 3, "path"]`. */
export type PropertyPath = readonly PropertyKey[];

/** Something that is wrong with a setting. */
export interface Problem {
  readonly place: PropertyPath;
  readonly message: string;
}
