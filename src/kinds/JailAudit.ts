import { z } from "zod";
import { audit, auditSteps, readOutside } from "../audit/audit.js";
import { sandboxFields } from "../jail/sandbox-limits.js";
import { checkNames, checkTable, type Check, type CheckName } from "../audit/checks.js";
import type { Finding, ReportedFinding, Result } from "../audit/finding.js";
import { findingsSummary } from "../audit/findings.js";
import { failing, failOnWords, type FailOn } from "../audit/policy.js";
import { HostError } from "../base/errors.js";
import type { Drift, Kind, Recorded } from "../provider/kind.js";
import { recordedList, recordedMap, recordedText } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { RecordedOutputs, Shown, ShownProblem } from "../provider/shown.js";
import { cut, oneLine } from "../base/text.js";
import { devicePresetNames } from "../jail/device-presets.js";
import { accountName } from "../remote/ownership.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";

const reasonText = z.string().min(1, "must say why").max(200, "must have at most 200 characters");

/** JailAudit's own inputs. */
export const auditFields = {
  ...sandboxFields,
  owner: accountName.default("root"),
  devices: z.array(z.enum(devicePresetNames)).default(devicePresetNames),
  failOn: z
    .array(z.enum(failOnWords, { error: `must be of: ${failOnWords.join(", ")}` }))
    .default(["static", "confinement"]),
  accept: z
    .record(
      z.string().refine((name) => name in checkTable, { error: `must be a check's name: ${checkNames.join(", ")}` }),
      reasonText,
    )
    .default({}),
  triggers: z.array(z.string()).default([]),
};

const schema = z.strictObject({ ...jailFields, ...auditFields });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly summary: string;
  readonly findings: ReportedFinding[];
  readonly via: "safeexec" | "chroot" | "none";
}

export interface AuditStatus {
  /** "28 passed, 1 warned, 1 failed". */
  readonly summary?: string | undefined;
  readonly via?: string | undefined;
  /** The findings that did not pass. */
  readonly findings: readonly (ReportedFinding & {
    readonly title?: string | undefined;
    readonly remedy?: string | undefined;
    readonly accepted?: string | undefined;
  })[];
}

const line = z.string().transform((value) => oneLine(value));
const outputs = z.object({
  summary: recordedText,
  via: recordedText,
  findings: recordedList({ check: line, result: z.enum(["pass", "warn", "fail", "not-applicable"]), evidence: line }),
  accept: recordedMap,
  failOn: z.array(z.string()).default([]).catch([]),
});

const shown: Shown<AuditStatus> = {
  key: "audit",
  status(recorded) {
    const { summary, via, findings, accept } = outputs.parse(recorded);
    const described = findings.map((one) => ({
      ...one,
      title: checkOf(one.check)?.title,
      remedy: checkOf(one.check)?.remedy,
      accepted: accept?.[one.check],
    }));
    return { summary, via, findings: described };
  },
  problems: auditProblems,
  driftFails: true,
  remedyFor: (check) => checkOf(check)?.remedy,
  columns: [
    {
      title: "Audit",
      about: "Checks that passed (✓), warned (!) and failed (✗)",
      inStatus: "always",
      cell: ({ summary }) => summary && shortSummary(summary),
      hint: ({ summary }) => summary,
      order: ({ findings }) => findings.length,
    },
  ],
};

export const jailAudit: Kind<Inputs, Facts> = {
  type: "JailAudit",
  schema,
  steps: { audit: auditSteps },
  shown,
  settings: {
    key: "audit",
    example: "{}",
    schema: settingsOf(auditFields),
    description:
      "The audit at the end: `failOn`, `accept`, `safeexec`, limits. Default: none; `failOn: [static, confinement]` runs it.",
    optional: true,
  },

  async read(jail, inputs, facts) {
    const outside = await readOutside(jail, inputs);
    return (
      outside && {
        drift: compareFindings(outside.findings, inputs),
        facts: withOutside(facts, outside.findings, inputs.accept),
      }
    );
  },

  async apply(jail: Target, inputs) {
    const found = await audit(jail, inputs);
    if (!found) throw failed(jail, "there is no jail", "run `pulumi up --refresh`: it makes the jail anew");
    const wrong = failing(found.findings, inputs);
    if (wrong.length > 0) {
      throw failed(
        jail,
        `${wrong.map(({ check }) => check).join(", ")} failed (${findingsSummary(found.findings, inputs.accept)})`,
        "mend what it found; `accept: {CHECK: REASON}` takes a finding as it is, `failOn` says which kinds are an error",
        wrong.map(({ check, evidence }) => `${check}: ${evidence}\n    ${checkTable[check].remedy}`).join("\n"),
      );
    }
    return {
      summary: findingsSummary(found.findings, inputs.accept),
      findings: reported(found.findings),
      via: found.via ?? "none",
    };
  },

  async remove() {},
};

function failed(jail: Target, reason: string, remedy: string, output?: string): HostError {
  return new HostError({ host: jail.host.name, step: "audit the jail", code: "audit-failed", reason, remedy, output });
}

/** The drift of an audit: the findings that now fail the policy. At the deployment none of them did. */
export function compareFindings(findings: readonly Finding[], policy: Pick<Inputs, "failOn" | "accept">): Drift {
  return Object.fromEntries(failing(findings, policy).map(({ check, evidence }) => [check, evidence]));
}

/**
 * Updates the facts of a whole audit with new static findings. A finding whose result is the same keeps its recorded
 * evidence.
 */
export function withOutside(
  facts: Recorded<Facts>,
  outside: readonly Finding[],
  accepted: Inputs["accept"],
): Recorded<Facts> {
  const recorded = new Map(((facts.findings ?? []) as Finding[]).map((one) => [one.check, one]));
  const recordedFor = (check: CheckName): Finding => recorded.get(check) ?? { check, result: "pass", evidence: "" };
  const changed = new Map(
    outside.filter(({ check, result }) => result !== recordedFor(check).result).map((one) => [one.check, one]),
  );
  // If the state had no room for all findings, the others are unknown: keep the recorded facts until the next audit.
  const isComplete = findingsSummary(checkNames.map(recordedFor), accepted) === facts.summary;
  if (changed.size === 0 || !isComplete) return facts;
  const findings = checkNames.map((check) => changed.get(check) ?? recordedFor(check));
  return { ...facts, summary: findingsSummary(findings, accepted), findings: reported(findings) };
}

/** The most bytes of findings that the state holds. */
const mostReported = 2400;

/** The findings that did not pass, worst first, as many as the state has room for. */
export function reported(findings: readonly Finding[]): ReportedFinding[] {
  const all = findings
    .filter(({ result }) => result !== "pass")
    .map(({ check, result, evidence }) => ({ check, result, evidence: cut(evidence, 120) }));
  const order: Result[] = ["fail", "warn", "not-applicable"];
  all.sort((one, other) => order.indexOf(one.result) - order.indexOf(other.result));
  let room = mostReported;
  return all.filter((one) => (room -= Buffer.byteLength(JSON.stringify(one))) > 0);
}

/** Finds a check by its name; undefined if this release has no such check. */
function checkOf(name: string): Check | undefined {
  return Object.hasOwn(checkTable, name) ? checkTable[name as CheckName] : undefined;
}

/** The recorded findings as problems. A finding that the audit's own policy does not fail is only a warning. */
function auditProblems(recorded: RecordedOutputs): ShownProblem[] {
  const { findings, failOn, accept = {} } = outputs.parse(recorded);
  const known = findings.filter((one): one is Finding => checkOf(one.check) !== undefined);
  const wrong = failing(known, { failOn: failOn as FailOn[], accept });
  return known
    .filter((one) => ["fail", "warn"].includes(one.result) && !(one.check in accept))
    .map((one) => ({
      state: wrong.includes(one) ? "failed" : "warns",
      text: `${one.check}: ${one.evidence}`,
      remedy: checkTable[one.check].remedy,
    }));
}

/** Shortens a summary for a narrow column: "29 ✓ 1 !". */
function shortSummary(summary: string): string | undefined {
  const signs: Record<string, string> = { passed: "✓", warned: "!", failed: "✗" };
  const counts = summary.split(", ").flatMap((part) => {
    const [count = "", word = ""] = part.split(" ");
    return signs[word] && count !== "0" ? [`${count} ${signs[word]}`] : [];
  });
  return counts.join(" ") || undefined;
}
