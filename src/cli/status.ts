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
import { countDifferences, kindColumns } from "../status/told.js";
import { tableOf, type TableColumn } from "../base/table.js";
import { plural } from "../base/text.js";
import { defineCommand, jsonOption } from "./command.js";
import { readFleet, stackOptions } from "./stack.js";
import { fitted, wrapped, type Colour, type Terminal } from "../base/terminal.js";

export const statusCommand = defineCommand({
  summary: "shows the state of a stack's jails",
  usage: ["[OPTION…]"],
  about: [
    "Shows the state of a stack's jails: python, check, audit, drift, last change. It reads only the stack's state, which is as old as the last `pulumi up` or `pulumi refresh`. It reads the hosts only with `--live`.",
  ],
  options: { ...stackOptions, json: jsonOption },
  closing: [
    "Exit code: 0 all jails are well (there may be warnings), 1 some are not, 2 the state cannot be read or the command line is wrong.",
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
  waiting: "dim",
  warns: "green",
  well: "green",
};
const groupsShown = 12;
const warningsShown = 6;
/** Characters before the text of a problem. */
const indent = 17;

/**
 * Formats the fleet: a line per jail, those with problems first; then each problem once, with its hosts; then a
 * summary.
 */
export function inWords(fleet: Fleet, now: Date, terminal: Terminal): string {
  const { paint, room } = terminal;
  const jails = worstFirst(fleet.jails);
  const columns = columnsOf(fleet, jails, now);
  const rows = jails.map((jail) => columns.map(({ cell }) => cell(jail)));
  const { head, rows: fitting, left } = tableOf(columns, rows, room - markWidth);
  const lines = [
    paint("dim", `${" ".repeat(markWidth)}${head}`),
    ...jails.map(({ state }, index) => `${paint(colours[state], stateMarks[state])}  ${fitting[index]}`),
    ...(left.length > 0 ? fitted(`(no room for ${left.join(", ")}: --json has all)`, terminal, markWidth) : []).map(
      (line) => paint("dim", `${" ".repeat(markWidth)}${line}`),
    ),
  ];
  const groups = groupProblems(fleet.jails);
  const wrong = groups.filter(({ state }) => state !== "warns");
  const warnings = groups.filter(({ state }) => state === "warns");
  // A file or a pipe gets all of them.
  const some = (all: readonly ProblemGroup[], most: number): string[] => {
    const shown = Number.isFinite(room) ? all.slice(0, most) : all;
    const more = all.length - shown.length;
    return [
      ...shown.flatMap((group) => ["", ...groupInWords(group, terminal)]),
      ...(more > 0 ? ["", paint("dim", `and ${more} more: --json has all`)] : []),
    ];
  };
  lines.push(...some(wrong, groupsShown), ...some(warnings, warningsShown));
  const stops = fleet.stacks.flatMap(({ stack, stopped }) =>
    stopped === undefined ? [] : fitted(`${stack}: the last rollout stopped: ${stopped}`, terminal),
  );
  return `${[...lines, "", ...stops, sum(fleet, now, terminal)].join("\n")}\n`;
}

/** Characters of a jail's mark and the space after it. */
const markWidth = 3;

interface StatusColumn extends TableColumn {
  readonly cell: (jail: JailStatus) => string;
}

/** Returns the columns. A narrow terminal loses CHANGED first, then DIFFERS, then the kinds' columns from the right. */
function columnsOf({ stacks }: Fleet, jails: readonly JailStatus[], now: Date): StatusColumn[] {
  const told = kindColumns(jails, "status");
  return [
    ...(stacks.length > 1 ? [{ title: "STACK", cell: ({ stack }: JailStatus) => stack }] : []),
    {
      title: "HOST",
      cell: ({ host, path }) => (path === undefined || path === defaultPath ? host : `${host}:${path}`),
    },
    ...told.map(({ title, cell }, index) => ({
      title: title.toUpperCase(),
      leaves: 2 + told.length - index,
      cell: (jail: JailStatus) => cell(jail) ?? "–",
    })),
    { title: "DIFFERS", leaves: 2, cell: (jail) => String(countDifferences(jail) || "–") },
    {
      title: "CHANGED",
      leaves: 1,
      cell: ({ changed }) => (changed === undefined ? "–" : ago(changed, now)),
    },
    { title: "STATE", cell: ({ state }) => stateWords[state] },
  ];
}

function groupInWords({ state, kind, text, remedy, jails }: ProblemGroup, { paint, width, room }: Terminal): string[] {
  const label = state === "warns" ? "warning" : stateWords[state];
  const [first = "", ...rest] = wrapped(`${kind}: ${text}`, width - indent);
  const hosts = [...new Set(jails.map(({ host }) => host))];
  return [
    `${paint(colours[state], label.padEnd(indent))}${paint("bold", first)}`,
    ...[
      ...rest,
      hosts.length > 1 ? someOf(hosts, `${hosts.length} hosts: `, Math.min(width, room) - indent, room) : hosts.join(),
      ...wrapped(`→ ${remedy}`, width - indent).map((one) => paint("dim", one)),
    ].map((one) => `${" ".repeat(indent)}${one}`),
  ];
}

/** Joins as many names as fit into a line; all names for a file or a pipe. */
function someOf(names: readonly string[], before: string, width: number, room: number): string {
  let count = names.length;
  const line = (): string =>
    `${before}${names.slice(0, count).join(" ")}${count < names.length ? ` and ${names.length - count} more` : ""}`;
  while (count > 1 && Number.isFinite(room) && line().length > width) count -= 1;
  return line();
}

/** Formats the summary: number of jails, their states, their Python versions, and the age of these facts. */
function sum({ jails, stacks, readAt }: Fleet, now: Date, terminal: Terminal): string {
  const counts = Object.entries(countStates(jails)).filter(([, count]) => count > 0) as [JailState, number][];
  const pythons = countPythons(jails).map(([version, count]) => `python ${version} on ${count}`);
  const oldest = stacks
    .map(({ time }) => time)
    .filter((time) => time !== undefined)
    .sort()[0];
  const when = readAt !== undefined ? "read just now" : oldest === undefined ? "" : `as known ${ago(oldest, now)}`;
  const named = stacks.length > 1 ? `${stacks.length} stacks` : stacks.map(({ stack }) => stack).join();
  const parts = [
    `${named === "" ? "" : `${named}: `}${plural(jails.length, "jail")}`,
    counts.map(([state, count]) => `${count} ${stateWords[state]}`).join(", "),
    pythons.join(", "),
    when,
  ];
  const lines = fitted(parts.filter((part) => part !== "").join("; "), terminal);
  return lines.map((line) => terminal.paint("bold", line)).join("\n");
}
