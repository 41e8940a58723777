import { checkNames, checkTable, type CheckName } from "./checks.js";
import type { Finding } from "./finding.js";

/** What of an audit's findings is an error. */
export interface Policy {
  /**
   * Kinds of checks (`static`, `confinement`, `function`) whose failing is an error, names of single checks that may not even
   * warn, and `warn`: no check may.
   */
  readonly failOn: readonly FailOn[];
  /** Findings that are known and accepted, each with the reason why: they are reported, and are no error. */
  readonly accept: Readonly<Record<string, string>>;
}

export const checkKinds = ["static", "confinement", "function"] as const;
export type FailOn = (typeof checkKinds)[number] | "warn" | CheckName;
export const failOnWords: readonly FailOn[] = [...checkKinds, "warn", ...checkNames];

/** The findings that are an error by a policy. */
export function failing(findings: readonly Finding[], { failOn, accept }: Policy): Finding[] {
  const isError = ({ check, result }: Finding): boolean =>
    (result === "fail" && (failOn.includes(checkTable[check].kind) || failOn.includes("warn"))) ||
    (result === "warn" && failOn.includes("warn")) ||
    (result !== "pass" && result !== "not-applicable" && failOn.includes(check));
  return findings.filter((one) => isError(one) && !(one.check in accept));
}
