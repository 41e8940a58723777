/** Outputs of a resource, as a state has them. They may be another release's. */
export type RecordedOutputs = Readonly<Record<string, unknown>>;

/** A value in the report: words, a text that is code, or an amount of memory or disk. What is undefined is left out. */
export type ShownValue =
  string | number | undefined | { readonly code: string | undefined } | { readonly kb: number | undefined };

/** A part of what the report tells of a jail. Sections of one title become one. */
export interface ShownSection {
  readonly title: string;
  /** Where it stands among the sections: the smallest comes first. Default: 0. */
  readonly rank?: number;
  readonly facts?: readonly (readonly [name: string, value: ShownValue])[];
  /** A list of names, each with its version or digest. */
  readonly names?: readonly (readonly [name: string, code: string])[];
}

/** A column of the tables in `status` and in the report. */
export interface ShownColumn<Status> {
  readonly title: string;
  /** A word about it, where the title is short. */
  readonly about?: string;
  /** Where it stands among the columns: the smallest comes first. Default: 0. */
  readonly rank?: number;
  /** Whether `status` has it: `always`, or only where some jail has something to tell, as the report does. */
  readonly inStatus: "always" | "where-known" | "never";
  /** What the cell says; undefined where it is not known. */
  readonly cell: (status: Status) => string | undefined;
  /** More about the cell. */
  readonly hint?: (status: Status) => string | undefined;
  /** Something about the cell that is not as it should be. */
  readonly mark?: (status: Status) => string | undefined;
  /** What the report sorts by, where that is not the text. */
  readonly order?: (status: Status) => number;
}

/** What a resource warns of, or has failed with, besides drift. */
export interface ShownProblem {
  readonly state: "failed" | "warns";
  /** What, in a line. */
  readonly text: string;
  /** What to do, in a line. */
  readonly remedy: string;
}

/** What `status` and `report` show of a kind of resource besides its state and its drift. Everything is read from a state. */
export interface Shown<Status> {
  /** Its name in a jail's status: `python`. */
  readonly key: string;
  /** What is told of it; `drift`: what differs, by thing, in words. */
  status(outputs: RecordedOutputs, drift: Readonly<Record<string, string>>): Status;
  problems?(outputs: RecordedOutputs): ShownProblem[];
  /** True where drift means that the jail does not do what it is for, and not only that it differs. */
  readonly driftFails?: boolean;
  /** What to do about a difference, where `up --refresh` does not repair it. */
  remedyFor?(what: string): string | undefined;
  readonly columns?: readonly ShownColumn<Status>[];
  section?(status: Status): ShownSection;
}
