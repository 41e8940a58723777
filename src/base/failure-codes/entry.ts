/** What the catalogue tells of one code, in plain sentences: docs/errors.md is made of it (`npm run generate`). */
interface FailureEntry {
  /** What has happened. */
  readonly meaning: string;
  /** Why it happens. */
  readonly cause: string;
  readonly whatToDo: string;
}

/** Codes that concern one subject. Their names are for good: scripts and tests use them. */
export type FailureGroup = Readonly<Record<string, FailureEntry>>;
