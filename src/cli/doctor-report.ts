import { wrapped, type Terminal } from "../base/terminal.js";
import { plural } from "../base/text.js";
import type { HostCheckUp } from "../doctor/check-up.js";
import { isReady, type DoctorFinding } from "../doctor/finding.js";

/** Formats a block for this machine and for each host, then the number of ready hosts. */
export function doctorReport(
  machine: readonly DoctorFinding[],
  hosts: readonly HostCheckUp[],
  terminal: Terminal,
): string {
  const blocks = [{ host: "this machine", findings: machine }, ...hosts].map((one) => checkUpBlock(one, terminal));
  const ready = hosts.filter(({ findings }) => isReady(findings)).length;
  const sums = [
    ...(hosts.length === 0 ? [] : [`${ready} of ${plural(hosts.length, "host")} ready`]),
    ...(isReady(machine) ? [] : ["this machine is not ready"]),
  ];
  return `${[...blocks, terminal.paint("bold", sums.join("; ") || "this machine is ready")].join("\n\n")}\n`;
}

/** Formats a block for one host: its name, each fault with its remedy, then what is fine. */
export function checkUpBlock({ host, findings }: HostCheckUp, { paint, width }: Terminal): string {
  const count = (result: DoctorFinding["result"]): number => findings.filter((one) => one.result === result).length;
  const mark =
    count("lacking") > 0 ? paint("red", "✗") : count("warning") > 0 ? paint("yellow", "!") : paint("green", "✓");
  const body = (label: string, text: string): string[] =>
    text
      .split("\n")
      .flatMap((part) => wrapped(part.trim(), width - 11))
      .map((line, index) => `  ${index === 0 ? label : " ".repeat(7)}  ${line}`);
  const faults = (["lacking", "warning"] as const).flatMap((result) =>
    findings
      .filter((one) => one.result === result)
      .flatMap(({ text, remedy = "" }) => [
        ...body(result === "lacking" ? paint("red", "lacking") : paint("yellow", "warning"), text),
        ...body(" ".repeat(7), `→ ${remedy}`).map((line) => paint("dim", line)),
      ]),
  );
  const well = findings.filter(({ result }) => result === "fine").map(({ text }) => text);
  return [
    `${mark} ${paint("bold", host)}`,
    ...faults,
    ...(well.length > 0 ? body(paint("green", "fine   "), well.join(", ")) : []),
  ].join("\n");
}
