/** The result of one check of doctor. */
export interface DoctorFinding {
  /** The name of the check, in one word: `compiler`. */
  readonly check: string;
  /** `lacking` if `up` would fail. */
  readonly result: "fine" | "warning" | "lacking";
  /** What doctor found. A `fine` finding has only a few words. */
  readonly text: string;
  readonly remedy?: string;
  /** The code of a failed login: `unknown-host-key`. */
  readonly code?: string;
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
