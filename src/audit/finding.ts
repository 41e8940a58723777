import type { CheckName } from "./checks.js";

export type Result = "pass" | "warn" | "fail" | "not-applicable";

/** The result of a check. */
export interface Finding {
  readonly check: CheckName;
  readonly result: Result;
  /** What the check found: one line of limited length. */
  readonly evidence: string;
}

/** A finding in the state. If another release wrote it, this release may not know its check. */
export interface ReportedFinding {
  readonly check: string;
  readonly result: Result;
  readonly evidence: string;
}
