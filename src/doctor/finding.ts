import type { FailureCode } from "../base/failure-codes.js";

/** The result of one check of doctor. */
export interface DoctorFinding {
  /** The name of the check, in one word: `compiler`. */
  readonly check: string;
  /** `lacking` if `up` would fail. */
  readonly result: "fine" | "warning" | "lacking";
  /** What doctor found. A `fine` finding has only a few words. */
  readonly text: string;
  readonly remedy?: string;
  /** Why the host could not be read: its entry in docs/errors.md. */
  readonly code?: FailureCode;
}

export const fine = (check: string, text: string): DoctorFinding => ({ check, result: "fine", text });

export const warning = (check: string, text: string, remedy: string): DoctorFinding => ({
  check,
  result: "warning",
  text,
  remedy,
});

export const lacking = (check: string, text: string, remedy: string): DoctorFinding => ({
  check,
  result: "lacking",
  text,
  remedy,
});

/** True if no finding would make `up` fail. */
export function isReady(findings: readonly DoctorFinding[]): boolean {
  return findings.every(({ result }) => result !== "lacking");
}
