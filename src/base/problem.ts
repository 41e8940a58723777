/** The way to a property: `["hosts", 3, "path"]`. */
export type Place = readonly PropertyKey[];

/** Something that is wrong with a setting. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
}
