import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { audit, auditSteps, look } from "../audit/audit.js";
import { sandboxFields } from "../jail/sandbox-limits.js";
import { checkNames, checkTable, type CheckName } from "../audit/checks.js";
import { findingsSummary, type Finding, type Result } from "../audit/findings.js";
import { failing, failOnWords, type FailOn } from "../audit/policy.js";
import { HostError } from "../base/errors.js";
import type { Drift, Kind, Recorded } from "../provider/kind.js";
import { settingsOf } from "../provider/settings.js";
import { cut } from "../base/text.js";
import { devicePresetNames, type DevicePreset } from "../jail/device-presets.js";
import type { JailCheckArgs } from "./JailCheck.js";
import { accountName } from "../remote/ownership.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailAuditArgs extends JailArgs, Pick<JailCheckArgs, "safeexec" | "uid" | "gid" | "limits"> {
  /** Who may own the jail's folder, besides root. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** The device nodes that the jail should have, and no other. Default: all three. */
  devices?: pulumi.Input<pulumi.Input<DevicePreset>[]> | undefined;
  /**
   * Which findings are an error: kinds of checks (`static`, `confinement`, `function`), names of checks (which may then not even
   * warn), and `warn` for every warning. `[]`: none. Default: `["static", "confinement"]`.
   */
  failOn?: pulumi.Input<pulumi.Input<FailOn>[]> | undefined;
  /** Findings that are known and no error, each by its check's name with the reason why: `{"host-kernel": "swap is encrypted"}`. Default: none. */
  accept?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Any values: the whole audit runs again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

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

interface ReportedFinding {
  readonly check: string;
  readonly result: Result;
  readonly evidence: string;
}

interface Facts {
  readonly summary: string;
  readonly findings: ReportedFinding[];
  readonly via: "safeexec" | "chroot" | "none";
}

export const jailAudit: Kind<Inputs, Facts> = {
  type: "JailAudit",
  schema,
  steps: { audit: auditSteps },
  settings: {
    key: "audit",
    schema: settingsOf(auditFields),
    description:
      "The audit at the end: `failOn`, `accept`, `safeexec`, limits. Default: none; `failOn: [static, confinement]` runs it.",
    optional: true,
  },

  async observe(jail, inputs, facts) {
    const outside = await look(jail, inputs);
    return (
      outside && {
        drift: compareFindings(outside.findings, inputs),
        facts: withOutside(facts, outside.findings, inputs.accept),
      }
    );
  },

  async ensure(jail: Target, inputs) {
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

/** What would now be an error, in words: what was deployed was none. */
export function compareFindings(findings: readonly Finding[], policy: Pick<Inputs, "failOn" | "accept">): Drift {
  return Object.fromEntries(failing(findings, policy).map(({ check, evidence }) => [check, evidence]));
}

/** The facts of the whole audit with what the look from outside sees now. What it finds as it was is told of in the words of then. */
export function withOutside(
  facts: Recorded<Facts>,
  outside: readonly Finding[],
  accepted: Inputs["accept"],
): Recorded<Facts> {
  const recorded = new Map(((facts.findings ?? []) as Finding[]).map((one) => [one.check, one]));
  const then = (check: CheckName): Finding => recorded.get(check) ?? { check, result: "pass", evidence: "" };
  const changed = new Map(
    outside.filter(({ check, result }) => result !== then(check).result).map((one) => [one.check, one]),
  );
  // Where not all had room in the state, nobody knows what the others were: they are told of as they were, until the next audit.
  const wholly = findingsSummary(checkNames.map(then), accepted) === facts.summary;
  if (changed.size === 0 || !wholly) return facts;
  const findings = checkNames.map((check) => changed.get(check) ?? then(check));
  return { ...facts, summary: findingsSummary(findings, accepted), findings: reported(findings) };
}

/** Bytes of findings that a state may hold. */
const mostReported = 2400;

/** What did not pass, as far as it has room in the state. */
export function reported(findings: readonly Finding[]): ReportedFinding[] {
  const all = findings
    .filter(({ result }) => result !== "pass")
    .map(({ check, result, evidence }) => ({ check, result, evidence: cut(evidence, 120) }));
  const order: Result[] = ["fail", "warn", "not-applicable"];
  all.sort((one, other) => order.indexOf(one.result) - order.indexOf(other.result));
  let room = mostReported;
  return all.filter((one) => (room -= Buffer.byteLength(JSON.stringify(one))) > 0);
}

/**
 * Thirty checks of a jail: what lies in it and around it, looked at from outside, and what programs can do in it, tried from
 * inside, through safeexec where the host has it, else through chroot. What it finds wrong fails the deployment, as far as
 * `failOn` and `accept` say. The trials are bounded by themselves: they harm no host, even one that confines nothing. A refresh
 * looks again from outside; the trials run when the resource is made or changes (`triggers`).
 *
 * The checks, and what to do about each, are in `src/audit/checks.ts`.
 *
 * @example
 * new JailAudit("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", accept: { "host-kernel": "swap is encrypted" } });
 */
export class JailAudit extends JailResource {
  /** `28 passed, 1 warned, 1 failed`. */
  declare public readonly summary: pulumi.Output<string>;
  /** What did not pass: `check`, `result` (`fail`, `warn` or `not-applicable`) and `evidence`. The first 2 kB of it, the worst first. */
  declare public readonly findings: pulumi.Output<ReportedFinding[]>;
  /** Through what the trials ran: `safeexec`, `chroot`, or `none` where neither can be had. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot" | "none">;

  constructor(name: string, args: JailAuditArgs, options?: pulumi.CustomResourceOptions) {
    super("JailAudit", name, args, ["summary", "findings", "via"], options);
  }
}
