import type { JailProblem } from "./fleet.js";

/** What the audit says of a path: "dev/null is missing". Of more paths than it names it says only how many there are. */
const more = /^\d+ more$/;

/**
 * Tells a fault once that both the audit and another resource found, each in its words: as that resource's, which can repair it, and as
 * bad as the audit takes it. `paths`: what these resources found different.
 */
export function withoutRepeats(problems: readonly JailProblem[], paths: readonly string[]): JailProblem[] {
  const pathIn = (text: string): string | undefined => paths.find((path) => text.startsWith(`${path} `));
  // What a resource does not name, the audit does not either; what was cut off may begin like a path that it names.
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

/** The name of the check and the single things that it found; none where it is no problem of the audit's. */
function findingIn({ resource, text }: JailProblem): { check: string | undefined; parts: string[] } {
  const [check, ...evidence] = text.split(": ");
  return resource.startsWith("JailAudit ")
    ? { check, parts: evidence.join(": ").split("; ") }
    : { check: undefined, parts: [] };
}

/** Whether another problem of the resource says the same in full: what a state has of a finding is cut. */
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
