import { audit, type Audit } from "../audit/audit.js";
import { checkTable } from "../audit/checks.js";
import type { Finding } from "../audit/finding.js";
import { findingsSummary } from "../audit/findings.js";
import { checkKinds, failing, type FailOn } from "../audit/policy.js";
import { HostError } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import { defaultPath } from "../remote/host-paths.js";
import { checked } from "../base/validation.js";
import { auditFields } from "../kinds/JailAudit.js";
import { jailTarget } from "../remote/target.js";
import { jailFields } from "../remote/target-inputs.js";
import { z } from "zod";
import { defineCommand, jsonOption } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { connectionOptions, connectionTo } from "./hosts.js";
import { wrapped, type Colour, type Terminal } from "../base/terminal.js";

type Outcome =
  | { readonly host: string; readonly audit: Audit }
  | { readonly host: string; readonly error: string; readonly code: FailureCode };

export const auditCommand = defineCommand({
  summary: "checks from outside and inside whether jails confine programs",
  usage: ["[OPTION…] HOST…"],
  about: [
    "Reads the jail of each host from outside, and tries from inside what a hostile program would: thirty checks. It leaves nothing behind and harms no host, even if the jail confines nothing. HOST is what `ssh` takes: [user@]host, or an alias of ~/.ssh/config.",
  ],
  options: {
    path: { type: "string", default: defaultPath, value: "PATH", help: `path of the jail (default: ${defaultPath})` },
    safeexec: {
      type: "string",
      value: "PATH",
      help: "path of safeexec on the host (default: the one on root's PATH; without one, chroot is used)",
    },
    owner: { type: "string", value: "USER", help: "user besides root that may own the jail's directory" },
    ...connectionOptions,
    "fail-on": {
      type: "string",
      default: checkKinds.join(","),
      value: "LIST",
      help: `findings that fail the audit, separated by commas: ${checkKinds.join(", ")} (failures of these kinds), warn (all warnings too), names of checks. Default: ${checkKinds.join(",")}`,
    },
    json: jsonOption,
  },
  operands: "hosts",
  closing: [
    "Exit code: 0 nothing failed, 1 something did, 2 a host could not be audited or the command line is wrong.",
  ],

  async run(values, destinations, terminal, session) {
    if (destinations.length === 0) throw new UsageError("name at least one host");
    const failOn = values["fail-on"].split(",").filter((word) => word !== "");
    const { value: settings, reasons } = checked(z.strictObject({ ...auditFields, path: jailFields.path }), {
      failOn,
      path: values.path,
      safeexec: values.safeexec,
      owner: values.owner,
    });
    if (reasons)
      throw new UsageError(
        reasons
          .map((reason) => reason.replace(/^failOn.*?: /, "--fail-on ").replace(/^(path|safeexec|owner): /, "--$1 "))
          .join("; "),
      );

    const hosts = [...new Set(destinations)].map((host) => ({ host, connection: connectionTo(host, values) }));
    const outcomes = await Promise.all(
      hosts.map(async ({ host, connection }): Promise<Outcome> => {
        try {
          const found = await audit(jailTarget({ host, connection, path: settings.path }, session), settings);
          return found
            ? { host, audit: found }
            : {
                host,
                code: "gone",
                error: `${host}: there is no jail at ${settings.path}\n  what to do: name another one with --path`,
              };
        } catch (error) {
          if (!(error instanceof HostError)) throw error;
          return { host, error: error.message, code: error.code };
        }
      }),
    );
    if (values.json)
      terminal.write(
        `${JSON.stringify(
          outcomes.map((outcome) => asJson(outcome, settings.failOn)),
          null,
          2,
        )}\n`,
      );
    else
      for (const outcome of outcomes) terminal.write(`${inWords(outcome, settings.path, settings.failOn, terminal)}\n`);
    if (outcomes.some((outcome) => "error" in outcome)) return 2;
    return outcomes.some((outcome) => "audit" in outcome && wrongOf(outcome.audit, settings.failOn).length > 0) ? 1 : 0;
  },
});

function wrongOf(found: Audit, failOn: readonly FailOn[]): Finding[] {
  return failing(found.findings, { failOn, accept: {} });
}

function asJson(outcome: Outcome, failOn: readonly FailOn[]): object {
  if ("error" in outcome) return outcome;
  const { via, findings } = outcome.audit;
  const checks = findings.map((one) => ({
    ...one,
    title: checkTable[one.check].title,
    kind: checkTable[one.check].kind,
    remedy: one.result === "pass" ? undefined : checkTable[one.check].remedy,
  }));
  return {
    host: outcome.host,
    summary: findingsSummary(findings),
    failed: wrongOf(outcome.audit, failOn).map(({ check }) => check),
    via: via ?? "none",
    checks,
  };
}

const marks: Record<Finding["result"], { mark: string; colour: Colour }> = {
  fail: { mark: "FAIL", colour: "red" },
  warn: { mark: "warn", colour: "yellow" },
  "not-applicable": { mark: "n/a", colour: "dim" },
  pass: { mark: "pass", colour: "green" },
};

const through: Record<NonNullable<Audit["via"]> | "none", string> = {
  safeexec: "through safeexec",
  chroot: "through chroot: the host has no safeexec, so this is not how a judge runs programs",
  none: "nothing could be run inside",
};

/** Formats a host's report: problems first, each with evidence and remedy; then the names of the checks that passed. */
function inWords(outcome: Outcome, path: string, failOn: readonly FailOn[], { paint, width }: Terminal): string {
  if ("error" in outcome)
    return `${paint("red", "✗")} ${paint("bold", outcome.host)}\n${outcome.error
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n")}\n`;
  const { via, findings } = outcome.audit;
  const bad = wrongOf(outcome.audit, failOn).length > 0;
  const lines = [
    `${bad ? paint("red", "✗") : paint("green", "✓")} ${paint("bold", `${outcome.host}:${path}`)}  ${findingsSummary(findings)}`,
    `  ${paint("dim", through[via ?? "none"])}`,
  ];
  for (const result of ["fail", "warn", "not-applicable"] as const) {
    for (const { check, evidence } of findings.filter((one) => one.result === result)) {
      const { mark, colour } = marks[result];
      const { title, remedy } = checkTable[check];
      const [first = "", ...rest] = wrapped(title, width - 10 - check.length);
      const body = [
        ...rest,
        ...wrapped(evidence, width - 8),
        ...(result === "not-applicable" ? [] : wrapped(`→ ${remedy}`, width - 8).map((line) => paint("dim", line))),
      ];
      lines.push(
        "",
        `  ${paint(colour, mark.padEnd(4))}  ${paint("bold", check)}  ${first}`,
        ...body.map((line) => `        ${line}`),
      );
    }
  }
  const passed = findings.filter(({ result }) => result === "pass").map(({ check }) => check);
  if (passed.length > 0)
    lines.push(
      "",
      ...wrapped(passed.join(" "), width - 8).map(
        (line, index) => `  ${index === 0 ? paint("green", "pass") : "    "}  ${line}`,
      ),
    );
  return `${lines.join("\n")}\n`;
}
