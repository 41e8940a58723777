/** One thing that doctor has checked. */
export interface DoctorFinding {
  /** What was checked, in a word: `compiler`. */
  readonly check: string;
  /** `lacking`: `up` would fail. */
  readonly result: "fine" | "warning" | "lacking";
  /** What is so; of what is fine in a few words. */
  readonly text: string;
  readonly remedy?: string;
  /** Why a login failed, for machines: `unknown-host-key`. */
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

/** Whether nothing of it would make `up` fail. */
export function isReady(findings: readonly DoctorFinding[]): boolean {
  return findings.every(({ result }) => result !== "lacking");
}
