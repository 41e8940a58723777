/** The outputs of a resource in a state. Another release may have recorded them. */
export type RecordedOutputs = Readonly<Record<string, unknown>>;

/** A value in the report: text, code, or an amount of memory or disk in kB. An undefined value is not shown. */
export type ShownValue =
  string | number | undefined | { readonly code: string | undefined } | { readonly kb: number | undefined };

/** A section of a jail's details in the report. Sections with the same title are merged. */
export interface ShownSection {
  readonly title: string;
  /** Sections are sorted by rank, the smallest first. Default: 0. */
  readonly rank?: number;
  readonly facts?: readonly (readonly [name: string, value: ShownValue])[];
  /** A list of names, each with its version or digest. */
  readonly names?: readonly (readonly [name: string, code: string])[];
}

/** A column of the tables in `status` and in the report. */
export interface ShownColumn<Status> {
  readonly title: string;
  /** An explanation of the title, shown as a tooltip. */
  readonly about?: string;
  /** Columns are sorted by rank, the smallest first. Default: 0. */
  readonly rank?: number;
  /**
   * When `status` has the column: always, never, or only if some jail has a value. The report has it only if some jail
   * has a value.
   */
  readonly inStatus: "always" | "where-known" | "never";
  /** The text of a cell; undefined if it is unknown. */
  readonly cell: (status: Status) => string | undefined;
  /** The tooltip of a cell. */
  readonly hint?: (status: Status) => string | undefined;
  /** A warning shown in the cell. */
  readonly mark?: (status: Status) => string | undefined;
  /** The key by which the report sorts. Default: the text. */
  readonly order?: (status: Status) => number;
}

/** A warning or failure of a resource, besides drift. */
export interface ShownProblem {
  readonly state: "failed" | "warns";
  /** The problem, in one line. */
  readonly text: string;
  /** What to do, in one line. */
  readonly remedy: string;
}

/** What `status` and `report` show of a kind of resource besides its state and drift. All of it comes from a state. */
export interface Shown<Status> {
  /** The key in `status --json`: `python`. */
  readonly key: string;
  /** Makes the status from outputs. `drift`: the differences by thing, in words. */
  status(outputs: RecordedOutputs, drift: Readonly<Record<string, string>>): Status;
  problems?(outputs: RecordedOutputs): ShownProblem[];
  /** True if drift means that the jail does not work, and not only that it differs. */
  readonly driftFails?: boolean;
  /** What to do about a difference that `up --refresh` does not repair. */
  remedyFor?(what: string): string | undefined;
  readonly columns?: readonly ShownColumn<Status>[];
  section?(status: Status): ShownSection;
}
