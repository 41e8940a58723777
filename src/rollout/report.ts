import { tableOf, type TableColumn } from "../base/table.js";
import { fitted, type Terminal } from "../base/terminal.js";
import { plural } from "../base/text.js";
import type { Changes } from "./changes.js";
import type { Installed } from "./events.js";
import { stepInWords, type Plan, type RolloutStep } from "./plan.js";
import type { Preview } from "./preview.js";
import type { RolloutEnd } from "./rollout.js";
import type { HostOutcome } from "./step-log.js";

const shownHosts = 12;

/** Joins hosts' names: "judge-1 judge-2". At a terminal, a long list ends with the number of further hosts. */
export function namesOf(hosts: readonly string[], { room }: Pick<Terminal, "room">): string {
  return hosts.length <= shownHosts || !Number.isFinite(room)
    ? hosts.join(" ")
    : `${hosts.slice(0, shownHosts).join(" ")} and ${hosts.length - shownHosts} more`;
}

/** Formats a duration to the second: "2 min 5 s". */
export function timeTaken(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min${whole % 60 === 0 ? "" : ` ${whole % 60} s`}`;
}

/** Formats the plan, as shown before the user confirms it. */
export function planInWords(
  stack: string,
  plan: Plan,
  changes: Changes,
  preview: Preview,
  pause: number,
  terminal: Terminal,
): string {
  const { paint } = terminal;
  const unchanged = preview.hosts.size - changes.hosts.filter(({ kind }) => kind !== "remove").length;
  const width = Math.max(...plan.steps.map(({ name }) => name.length));
  const lines = ({ name, hosts: own, others }: RolloutStep): string[] => {
    const what = [
      ...(own.length > 0 ? [namesOf(own, terminal)] : []),
      ...(others.length > 0 ? [`${plural(others.length, "resource")} of no host`] : []),
    ];
    return fitted(what.join(", and "), terminal, width + 4).map(
      (line, index) => `  ${paint("bold", (index === 0 ? name : "").padEnd(width))}  ${line}`,
    );
  };
  const notes = [
    `at most ${plural(plan.maxFailures, "host")} may fail, of the canary none${pause > 0 ? `; ${timeTaken(pause)} between two steps` : ""}`,
    ...kindsOf(changes),
    ...preview.notes.flatMap((note) => note.split("\n")),
  ];
  return [
    `${paint("bold", stack)}: ${plural(changes.hosts.length, "host")} to change, ${unchanged} as declared`,
    ...plan.steps.flatMap(lines),
    ...notes.flatMap((note) => fitted(note, terminal, 2)).map((line) => paint("dim", `  ${line}`)),
    "",
  ].join("\n");
}

/** Lists the kinds of resources that change, and at how many hosts each does. */
function kindsOf({ hosts: changed }: Changes): string[] {
  const counts = new Map<string, number>();
  for (const { kind, changes } of changed) {
    if (kind !== "update") continue;
    for (const type of new Set(
      changes.filter(({ host }) => host !== undefined).map((change) => change.type.split(":").at(-1) ?? change.type),
    ))
      counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  const list = [...counts].sort(([, a], [, b]) => b - a).map(([type, count]) => `${type} (${count})`);
  return list.length > 0
    ? [`changed, and at how many hosts: ${list.join(", ")}; each in full: pulumi preview --diff`]
    : [];
}

const marks: Readonly<Record<HostOutcome["result"], { mark: string; colour: "red" | "yellow" | "green" | "dim" }>> = {
  failed: { mark: "✗", colour: "red" },
  unfinished: { mark: "!", colour: "yellow" },
  "not reached": { mark: "-", colour: "dim" },
  created: { mark: "✓", colour: "green" },
  adopted: { mark: "✓", colour: "green" },
  updated: { mark: "✓", colour: "green" },
  removed: { mark: "✓", colour: "green" },
};

const outcomeColumns: readonly TableColumn[] = [
  { title: "" },
  { title: "" },
  { title: "", leaves: 2 },
  { title: "", leaves: 1 },
];

/** Formats a line for each host: result, versions, time. `width`: characters for the name. */
export function hostLines(
  outcomes: readonly HostOutcome[],
  { installed: before }: Pick<Preview, "installed">,
  width: number,
  { paint, room }: Terminal,
): string[] {
  const { rows } = tableOf(
    outcomeColumns,
    outcomes.map(({ host, result, seconds, installed }) => [
      host.padEnd(width),
      result.padEnd(11),
      result === "removed" ? "" : installedChange(before.get(host), installed),
      result === "not reached" ? "" : timeTaken(seconds),
    ]),
    room - 4,
  );
  return outcomes.map(({ result }, index) => `  ${paint(marks[result].colour, marks[result].mark)} ${rows[index]}`);
}

/** Formats a host's versions: the old one, and the new one if it differs. */
export function installedChange(before: Installed = {}, now: Installed): string {
  const change = (from: string | undefined, to: string | undefined): string =>
    to === undefined || to === from ? (from ?? "") : from === undefined ? to : `${from} → ${to}`;
  return [change(before.python, now.python), change(before.release, now.release)]
    .filter((part) => part !== "")
    .join(", release ");
}

/** Explains what the first, second or a further request to stop does, while this step is in flight. */
export function stoppingInWords(times: number, step: RolloutStep | undefined): string {
  if (times > 2 || step === undefined) return times > 2 ? "stopping at once" : "stopping: nothing more begins";
  const which = stepInWords(step);
  return times === 1
    ? `stopping after ${which}: it comes to its end, and no other step begins\nCtrl-C once more cancels ${which} as well: hosts may then be left half changed, until the next run`
    : `cancelling ${which}: each host ends what it does at the moment, and nothing more begins\nCtrl-C once more ends that at once`;
}

/** Formats the end of a rollout: what failed and why, then the state of the hosts. */
export function summaryInWords(end: RolloutEnd, preview: Preview, terminal: Terminal): string {
  const { outcomes, stopped, errors } = end;
  const { paint } = terminal;
  const failures = outcomes.filter(({ result }) => result === "failed");
  const unchanged = [...preview.hosts].filter((host) => !outcomes.some((outcome) => outcome.host === host)).length;
  const lines: string[] = [];
  for (const { host, messages } of failures) {
    lines.push(
      `${paint("red", "✗")} ${paint("bold", host)}`,
      ...indented(
        messages.length > 0 ? messages : ["not finished: what it needs failed, or what is to go is needed elsewhere"],
      ),
      "",
    );
  }
  if (errors.length > 0) lines.push(...indented(errors), "");
  lines.push(...hostLines(outcomes, preview, 0, terminal));
  if (unchanged > 0) lines.push(paint("dim", `    and ${plural(unchanged, "host")} as declared before`));
  lines.push("", `${countsOf(outcomes)}${stopped === undefined ? "" : `; ${paint("yellow", "stopped")}: ${stopped}`}`);
  lines.push(...goingOn(end, terminal).map((line) => paint("dim", line)));
  return `${lines.join("\n")}\n`;
}

/** Explains how to go on, if something was left undone. */
function goingOn({ outcomes, stopped, interrupted }: RolloutEnd, terminal: Terminal): string[] {
  const failed = outcomes.some(({ result }) => result === "failed");
  if (stopped === undefined && !failed) return [];
  const named = (what: string, which: (result: HostOutcome["result"]) => boolean): string[] => {
    const hosts = outcomes.filter(({ result }) => which(result)).map(({ host }) => host);
    return hosts.length === 0
      ? []
      : fitted(`${what}: ${namesOf(hosts, terminal)}`, terminal, 2).map((line) => `  ${line}`);
  };
  const isDone = (result: HostOutcome["result"]): boolean =>
    ["created", "adopted", "updated", "removed"].includes(result);
  return [
    ...(interrupted ? named("done", isDone) : []),
    ...(interrupted ? named("half changed", (result) => result === "unfinished") : []),
    ...(interrupted ? named("not reached, and as before", (result) => result === "not reached") : []),
    ...fitted(
      `${failed ? "When that is mended, run" : "To go on, run"} the same command again: it leaves what is done as it is, and a canary goes first again.`,
      terminal,
    ),
  ];
}

function indented(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split("\n").map((line) => `  ${line}`));
}

/** Counts the results: "10 updated, 1 failed". */
function countsOf(outcomes: readonly HostOutcome[]): string {
  const results = [...new Set(outcomes.map(({ result }) => result))];
  return results
    .map((result) => `${outcomes.filter((outcome) => outcome.result === result).length} ${result}`)
    .join(", ");
}
