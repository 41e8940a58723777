import type { CheckName } from "./checks.js";

export type Result = "pass" | "warn" | "fail" | "not-applicable";

/** What a check came to. */
export interface Finding {
  readonly check: CheckName;
  readonly result: Result;
  /** What was seen, in one bounded line. */
  readonly evidence: string;
}

/** A finding as a state has it: of another release, it may be of a check that this one does not know. */
export interface ReportedFinding {
  readonly check: string;
  readonly result: Result;
  readonly evidence: string;
}
