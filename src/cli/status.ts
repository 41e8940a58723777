import { defaultPath } from "../remote/host-paths.js";
import {
  countPythons,
  countStates,
  groupProblems,
  isWell,
  worstFirst,
  type Fleet,
  type JailState,
  type JailStatus,
  type ProblemGroup,
} from "../status/fleet.js";
import { ago, stateMarks, stateWords } from "../status/labels.js";
import { kindColumns, type KindColumn } from "../status/told.js";
import { cut, plural } from "../base/text.js";
import { defineCommand, jsonOption } from "./command.js";
import { readFleet, stackOptions } from "./stack.js";
import { wrapped, type Colour, type Terminal } from "../base/terminal.js";

export const statusCommand = defineCommand({
  summary: "tells how the jails of a stack are",
  usage: ["[OPTION…]"],
  about: [
    "Tells how the jails of a stack are: python, check, audit, what differs, last change. It reads the stack's state alone, which is as old as the last `pulumi up` or `pulumi refresh`. It asks no host unless you say `--live`.",
  ],
  options: { ...stackOptions, json: jsonOption },
  closing: [
    "Exit code: 0 all is well (warnings are), 1 something is not, 2 nothing could be told or the command is wrong.",
  ],

  async run(values, _, terminal, session) {
    const fleet = await readFleet(values, session);
    terminal.write(
      values.json
        ? `${JSON.stringify({ ...fleet, states: countStates(fleet.jails) }, null, 2)}\n`
        : inWords(fleet, new Date(), terminal),
    );
    return fleet.jails.every(isWell) ? 0 : 1;
  },
});

const colours: Record<JailState, Colour> = {
  unreachable: "red",
  failed: "red",
  unfinished: "red",
  drifted: "yellow",
  warns: "green",
  well: "green",
};
const groupsShown = 12;
const warningsShown = 6;

/** The fleet for people: a line a jail, those with problems first; then every problem once, with who has it; then the sum. */
export function inWords(fleet: Fleet, now: Date, terminal: Terminal): string {
  const { paint } = terminal;
  const jails = worstFirst(fleet.jails);
  const columns = kindColumns(jails, "status");
  const titles = headings(fleet, columns);
  const rows = jails.map((jail) => ({ state: jail.state, row: cells(jail, fleet, columns, now) }));
  const widest = titles.map((title, column) =>
    Math.max(title.length, ...rows.map(({ row }) => row[column]?.length ?? 0)),
  );
  // What does not fit is taken from the host, which the problems below name in full.
  const spare = terminal.width - widest.reduce((sum, width) => sum + width + 2, 1);
  const widths = widest.map((width, column) =>
    spare < 0 && titles[column] === "HOST" ? Math.max(8, width + spare) : width,
  );
  const line = (row: string[]): string =>
    row
      .map((cell, column) => fitted(cell, widths[column] ?? cell.length))
      .join("  ")
      .trimEnd();
  const lines = [
    paint("dim", `   ${line(titles)}`),
    ...rows.map(({ state, row }) => `${paint(colours[state], stateMarks[state])}  ${line(row)}`),
  ];
  const groups = groupProblems(fleet.jails);
  const wrong = groups.filter(({ state }) => state !== "warns");
  const warnings = groups.filter(({ state }) => state === "warns");
  for (const group of wrong.slice(0, groupsShown)) lines.push("", ...groupInWords(group, terminal));
  if (wrong.length > groupsShown)
    lines.push("", paint("dim", `and ${wrong.length - groupsShown} more: --json has all`));
  if (warnings.length > 0)
    lines.push("", ...warnings.slice(0, warningsShown).map((group) => warningInWords(group, terminal)));
  if (warnings.length > warningsShown)
    lines.push(paint("dim", `${" ".repeat(14)}and ${warnings.length - warningsShown} more: --json has all`));
  return `${[...lines, "", sum(fleet, now, terminal)].join("\n")}\n`;
}

function headings({ stacks }: Fleet, columns: readonly KindColumn[]): string[] {
  return [
    ...(stacks.length > 1 ? ["STACK"] : []),
    "HOST",
    ...columns.map(({ title }) => title.toUpperCase()),
    "DIFFERS",
    "CHANGED",
    "STATE",
  ];
}

function cells(jail: JailStatus, { stacks }: Fleet, columns: readonly KindColumn[], now: Date): string[] {
  const { stack, host, path, drift, changed, state } = jail;
  const differs = Object.values(drift).reduce((sum, one) => sum + Object.keys(one).length, 0);
  return [
    ...(stacks.length > 1 ? [stack] : []),
    path === undefined || path === defaultPath ? host : `${host}:${path}`,
    ...columns.map(({ cell }) => cell(jail) ?? "–"),
    differs === 0 ? "–" : String(differs),
    changed === undefined ? "–" : ago(changed, now),
    stateWords[state],
  ];
}

function fitted(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

function groupInWords({ state, kind, text, remedy, jails }: ProblemGroup, { paint, width }: Terminal): string[] {
  const [first = "", ...rest] = wrapped(`${kind}: ${text}`, width - 14);
  const hosts = [...new Set(jails.map(({ host }) => host))];
  return [
    `${paint(colours[state], state.padEnd(12))}  ${paint("bold", first)}`,
    ...[
      ...rest,
      hosts.length > 1 ? someOf(hosts, `${hosts.length} hosts: `, width - 14) : hosts.join(),
      ...wrapped(`→ ${remedy}`, width - 14).map((one) => paint("dim", one)),
    ].map((one) => `${" ".repeat(14)}${one}`),
  ];
}

/** As many names as fit into a line. */
function someOf(names: readonly string[], before: string, width: number): string {
  let count = names.length;
  const line = (): string =>
    `${before}${names.slice(0, count).join(" ")}${count < names.length ? ` and ${names.length - count} more` : ""}`;
  while (count > 1 && line().length > width) count -= 1;
  return line();
}

/** What is no error is one line: its remedy is in the report. */
function warningInWords({ kind, text, jails }: ProblemGroup, { paint, width }: Terminal): string {
  const hosts = new Set(jails.map(({ host }) => host));
  return `${paint(colours.warns, "warning".padEnd(12))}  ${fitted(`${hosts.size > 1 ? `${hosts.size} hosts` : [...hosts][0]}: ${kind}: ${text}`, width - 14).trimEnd()}`;
}

function sum({ jails, stacks, looked }: Fleet, now: Date, { paint }: Terminal): string {
  const counts = Object.entries(countStates(jails)).filter(([, count]) => count > 0) as [JailState, number][];
  const pythons = countPythons(jails).map(([version, count]) => `python ${version} on ${count}`);
  const oldest = stacks
    .map(({ time }) => time)
    .filter((time) => time !== undefined)
    .sort()[0];
  const when = looked !== undefined ? "looked at just now" : oldest === undefined ? "" : `as known ${ago(oldest, now)}`;
  const named = stacks.length > 1 ? `${stacks.length} stacks` : stacks.map(({ stack }) => stack).join();
  return [
    paint("bold", `${named === "" ? "" : `${named}: `}${plural(jails.length, "jail")}`),
    counts.map(([state, count]) => paint(colours[state], `${count} ${stateWords[state]}`)).join(", "),
    pythons.join(", "),
    when,
  ]
    .filter((part) => part !== "")
    .join("; ");
}
