import { checkNames, checkTable, type CheckName } from "./checks.js";
import type { Finding } from "./finding.js";

/** Decides which findings of an audit are an error. */
export interface Policy {
  /**
   * A kind of checks (`static`, `confinement`, `function`): its failures are errors. The name of a check: its failures
   * and warnings are errors. `warn`: all failures and warnings are errors.
   */
  readonly failOn: readonly FailOn[];
  /** Findings that are accepted: the check's name and the reason. They are reported, but are no error. */
  readonly accept: Readonly<Record<string, string>>;
}

export const checkKinds = ["static", "confinement", "function"] as const;
export type FailOn = (typeof checkKinds)[number] | "warn" | CheckName;
export const failOnWords: readonly FailOn[] = [...checkKinds, "warn", ...checkNames];

/** Selects the findings that are an error under a policy. */
export function failing(findings: readonly Finding[], { failOn, accept }: Policy): Finding[] {
  const isError = ({ check, result }: Finding): boolean =>
    (result === "fail" && (failOn.includes(checkTable[check].kind) || failOn.includes("warn"))) ||
    (result === "warn" && failOn.includes("warn")) ||
    (result !== "pass" && result !== "not-applicable" && failOn.includes(check));
  return findings.filter((one) => isError(one) && !(one.check in accept));
}
