/** The keys that lead to a property: `["hosts", 3, "path"]`. */
export type PropertyPath = readonly PropertyKey[];

/** An invalid setting: the property, and the error text. */
export interface Problem {
  readonly place: PropertyPath;
  readonly message: string;
}
