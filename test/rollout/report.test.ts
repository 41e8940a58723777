import { describe, expect, test } from "@jest/globals";
import { terminalOf } from "../../src/base/terminal.js";
import type { Preview } from "../../src/rollout/preview.js";
import {
  hostLines,
  installedChange,
  namesOf,
  planInWords,
  stoppingInWords,
  summaryInWords,
  timeTaken,
} from "../../src/rollout/report.js";
import type { RolloutStep } from "../../src/rollout/plan.js";
import type { HostOutcome } from "../../src/rollout/step-log.js";

const terminal = terminalOf({ write: () => undefined, isTTY: true, columns: 100 }, { NO_COLOR: "1" });
const pipe = terminalOf({ write: () => undefined }, {});
const preview: Preview = {
  changes: [],
  hosts: new Set(["judge-1", "judge-2", "judge-3", "judge-4"]),
  there: new Set(),
  unowned: [],
  installed: new Map([
    ["judge-1", { python: "3.11.2" }],
    ["judge-2", { python: "3.11.2" }],
  ]),
  config: {},
  notes: [],
};
const outcome = (host: string, result: HostOutcome["result"], more: Partial<HostOutcome> = {}): HostOutcome => ({
  host,
  result,
  seconds: 0,
  messages: [],
  installed: {},
  ...more,
});

describe("the summary of a rollout", () => {
  test("shows failures with their reasons, then the state of the hosts, then why it stopped", () => {
    const outcomes = [
      outcome("judge-1", "updated", { installed: { python: "3.13.5" }, seconds: 65 }),
      outcome("judge-2", "failed", {
        seconds: 4,
        messages: ["judge-2: read the jail: it does not answer\n  what to do: check that the host is up"],
      }),
      outcome("judge-3", "not reached"),
    ];
    const end = { outcomes, stopped: "the canary failed", interrupted: false, errors: [] };
    expect(summaryInWords(end, preview, terminal)).toBe(`✗ judge-2
  judge-2: read the jail: it does not answer
    what to do: check that the host is up

  ✓ judge-1  updated      3.11.2 → 3.13.5  1 min 5 s
  ✗ judge-2  failed       3.11.2           4 s
  - judge-3  not reached
    and 1 host as declared before

1 updated, 1 failed, 1 not reached; stopped: the canary failed
When that is mended, run the same command again: it leaves what is done as it is, and a canary goes
first again.
`);
  });
  test("shows a host that failed through a resource that it needs, and errors that belong to no host", () => {
    const text = summaryInWords(
      { outcomes: [outcome("judge-1", "failed")], interrupted: false, errors: ["the program broke"] },
      preview,
      terminal,
    );
    expect(text).toMatch(
      /^✗ judge-1\n {2}not finished: what it needs failed, or what is to go is needed elsewhere\n\n {2}the program broke\n\n/,
    );
  });
  test("gives no advice if all went well", () =>
    expect(
      summaryInWords({ outcomes: [outcome("judge-1", "removed")], interrupted: false, errors: [] }, preview, terminal),
    ).toBe("  ✓ judge-1  removed        0 s\n    and 3 hosts as declared before\n\n1 removed\n"));
});

test("the summary of an interrupted rollout says which hosts are done, half changed and not reached, and how to go on", () => {
  const outcomes = [outcome("judge-1", "updated"), outcome("judge-2", "unfinished"), outcome("judge-3", "not reached")];
  const end = { outcomes, stopped: "interrupted in batch 1 of 2", interrupted: true, errors: [] };
  expect(summaryInWords(end, preview, terminal)).toMatch(
    new RegExp(
      [
        "\n1 updated, 1 unfinished, 1 not reached; stopped: interrupted in batch 1 of 2",
        " {2}done: judge-1",
        " {2}half changed: judge-2",
        " {2}not reached, and as before: judge-3",
        "To go on, run the same command again: it leaves what is done as it is, and a canary goes first\nagain.\n$",
      ].join("\n"),
    ),
  );
});

const step = (name: string): RolloutStep => ({ kind: "batch", name, hosts: [], others: [], targets: [] });
test.each<[times: number, step: RolloutStep | undefined, says: RegExp]>([
  [1, undefined, /^stopping: nothing more begins$/],
  [1, step("canary"), /^stopping after the canary: .*\nCtrl-C once more cancels the canary as well: /],
  [2, step("batch 1 of 2"), /^cancelling batch 1 of 2: .*\nCtrl-C once more ends that at once$/],
  [3, step("canary"), /^stopping at once$/],
])("request %i to stop is answered with its effect", (times, inFlight, says) =>
  expect(stoppingInWords(times, inFlight)).toMatch(says),
);

test("durations are shown in minutes and seconds", () =>
  expect([0.4, 59.4, 60, 125, 3600].map(timeTaken)).toEqual(["0 s", "59 s", "1 min", "2 min 5 s", "60 min"]));
test("few hosts are listed by name, many with the number of further ones, and all of them for a pipe", () => {
  const hosts = Array.from({ length: 14 }, (_, index) => `h${index}`);
  expect(namesOf(hosts, terminal)).toBe("h0 h1 h2 h3 h4 h5 h6 h7 h8 h9 h10 h11 and 2 more");
  expect(namesOf(hosts, pipe)).toBe(hosts.join(" "));
});

describe("the lines of hosts", () => {
  const outcomes = [
    outcome("judge-1", "updated", { installed: { python: "3.13.5" }, seconds: 65 }),
    outcome("judge-10", "adopted", { installed: { python: "3.13.5" }, seconds: 5, adopted: "keeps nothing" }),
  ];
  const at = (columns: number): string[] =>
    hostLines(outcomes, preview, 0, terminalOf({ write: () => undefined, isTTY: true, columns }, { NO_COLOR: "1" }));
  test("show what a host has now and how long the change took", () =>
    expect(at(80)).toEqual([
      "  ✓ judge-1   updated      3.11.2 → 3.13.5  1 min 5 s",
      "  ✓ judge-10  adopted      3.13.5           5 s",
    ]));
  test("leave out the time, then the versions, if the terminal has no room", () => {
    expect(at(44)[0]).toBe("  ✓ judge-1   updated      3.11.2 → 3.13.5");
    expect(at(40)[0]).toBe("  ✓ judge-1   updated");
  });
});

test("the plan fits the terminal, breaks lines between names, and shows the preview's notes", () => {
  const hosts = Array.from({ length: 12 }, (_, index) => `judge-number-${index}`);
  const plan = { steps: [{ ...step("batch 1 of 1"), hosts }], maxFailures: 1 };
  const changes = { hosts: hosts.map((host) => ({ host, changes: [], kind: "update" as const })), others: [] };
  const said = {
    ...preview,
    notes: ["where a jail made by hand is at a new path, `up` adopts it: its Python is replaced"],
  };
  const narrow = terminalOf({ write: () => undefined, isTTY: true, columns: 60 }, { NO_COLOR: "1" });
  const lines = planInWords("prod", plan, changes, said, 0, narrow).split("\n");
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
  expect(lines.join(" ").split(/\s+/)).toEqual(expect.arrayContaining(hosts));
  expect(lines.join(" ")).toContain("where a jail made by hand");
  // Into a pipe goes a line for each step.
  expect(planInWords("prod", plan, changes, said, 0, pipe)).toContain(`  batch 1 of 1  ${hosts.join(" ")}\n`);
});
test.each([
  [{ python: "3.11.2" }, { python: "3.13.5" }, "3.11.2 → 3.13.5"],
  [{ python: "3.11.2" }, {}, "3.11.2"],
  [undefined, { python: "3.13.5" }, "3.13.5"],
  [{ python: "3.13.5" }, { python: "3.13.5" }, "3.13.5"],
  [undefined, {}, ""],
  [{ python: "3.11.2", release: "a1" }, { python: "3.13.5", release: "b2" }, "3.11.2 → 3.13.5, release a1 → b2"],
  [{ python: "3.13.5", release: "a1" }, { release: "b2" }, "3.13.5, release a1 → b2"],
])("what a host has: %j, then %j", (before, now, text) => expect(installedChange(before, now)).toBe(text));
