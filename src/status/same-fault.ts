import type { JailProblem } from "./fleet.js";

/**
 * Matches the count of paths that an audit finding does not name. Named paths have texts such as "dev/null is missing".
 */
const more = /^\d+ more$/;

/**
 * Merges each fault that both the audit and another resource report. The other resource's problem stays, as that
 * resource can repair it; its state becomes as bad as the audit's. `paths`: the paths where these resources found
 * drift.
 */
export function withoutRepeats(problems: readonly JailProblem[], paths: readonly string[]): JailProblem[] {
  const pathIn = (text: string): string | undefined => paths.find((path) => text.startsWith(`${path} `));
  // True for a part that the resources cover without naming its path: a count of further paths, or a path that was cut
  // off.
  const isCounted = (part: string): boolean =>
    more.test(part)
      ? paths.includes("and more")
      : part.endsWith("…") && paths.some((path) => path.startsWith(part.slice(0, -1)));
  const audited = new Map<string, JailProblem[]>();
  const others: JailProblem[] = [];
  for (const problem of problems.filter((one) => !isCutOf(one, problems))) {
    const { check, parts } = findingIn(problem);
    const known = parts.filter((part) => pathIn(part) !== undefined);
    if (check === undefined || known.length === 0) {
      others.push(problem);
      continue;
    }
    for (const part of known) {
      const path = pathIn(part) ?? "";
      audited.set(path, [...(audited.get(path) ?? []), problem]);
    }
    const rest = parts.filter((part) => !known.includes(part) && !isCounted(part));
    if (rest.length > 0) others.push({ ...problem, text: `${check}: ${rest.join("; ")}` });
  }
  return others.map((problem) => {
    const findings = problem.state === "drifted" ? (audited.get(pathIn(problem.text) ?? "") ?? []) : [];
    return findings.length === 0 ? problem : asBadAs(problem, findings);
  });
}

/** Splits a problem of the audit into its check and its single findings; `check` is undefined for other problems. */
function findingIn({ resource, text }: JailProblem): { check: string | undefined; parts: string[] } {
  const [check, ...evidence] = text.split(": ");
  return resource.startsWith("JailAudit ")
    ? { check, parts: evidence.join(": ").split("; ") }
    : { check: undefined, parts: [] };
}

/** True if another problem of the resource has this text in full: a state holds findings cut off. */
function isCutOf({ resource, text }: JailProblem, problems: readonly JailProblem[]): boolean {
  return (
    text.endsWith("…") &&
    problems.some((one) => one.resource === resource && one.text !== text && one.text.startsWith(text.slice(0, -1)))
  );
}

function asBadAs(problem: JailProblem, findings: readonly JailProblem[]): JailProblem {
  const checks = [...new Set(findings.map((one) => findingIn(one).check))];
  return {
    ...problem,
    state: findings.some(({ state }) => state === "failed") ? "failed" : problem.state,
    text: `${problem.text} (audit: ${checks.join(", ")})`,
  };
}
