import { describe, expect, test } from "@jest/globals";
import { inWords } from "../../src/cli/status.js";
import { terminalOf } from "../../src/base/terminal.js";
import type { Fleet, JailStatus } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { ago } from "../../src/status/labels.js";
import { recordedState } from "../status/recorded.js";

const now = new Date("2026-11-24T22:20:00Z");
const terminal = (columns: number) => terminalOf({ write: () => undefined, isTTY: true, columns }, { NO_COLOR: "1" });
const pipe = terminalOf({ write: () => undefined }, {});
const shown = (fleet: Fleet, on = terminal(100)): string[] => inWords(fleet, now, on).trimEnd().split("\n");

test("status prints a line per jail, those with problems first, then each problem once, then a summary", () => {
  const lines = shown(fleetIn([recordedState()]));
  expect(lines.slice(0, 6)).toEqual([
    "   HOST     PYTHON  CHECK        AUDIT     DIFFERS  CHANGED    STATE",
    "✗  judge-3  –       –            –         –        –          unfinished",
    "✗  judge-4  –       –            –         –        –          unfinished",
    "≠  judge-2  3.11.2  2, chroot    26 ✓ 4 !  2        5 min ago  drifted",
    "✓  judge-1  3.13.5  2, safeexec  29 ✓ 1 !  –        6 min ago  warned",
    "",
  ]);
  expect(lines.slice(6, 9)).toEqual([
    "unfinished       PythonJail: nothing of it was made",
    "                 2 hosts: judge-3 judge-4",
    "                 → run `pulumi up`: it goes on where it ended, and says what is in the way",
  ]);
  const warning = lines.indexOf("warning          JailAudit: descriptors: 9 is open (secret)");
  expect(lines.slice(warning + 1, warning + 4)).toEqual([
    "                 judge-1",
    expect.stringMatching(/^ {17}→ close what is open before you start programs/),
    expect.any(String),
  ]);
  expect(lines.slice(-2)).toEqual([
    "test: 4 jails; 2 unfinished, 1 drifted, 1 warned; python 3.11.2 on 1, python 3.13.5 on 1; as known 5",
    "min ago",
  ]);
});

test.each([40, 60, 80, 100])("no line is wider than a terminal of %i columns, whatever the names are", (columns) => {
  const [jail] = fleetIn([recordedState()]).jails;
  const long: JailStatus = {
    ...jail!,
    host: "judge-".repeat(12),
    path: "/srv/elsewhere",
    problems: [
      { state: "drifted", resource: "JailFiles x", text: "a word ".repeat(60), remedy: "mend it ".repeat(40) },
    ],
  };
  const lines = shown({ stacks: [{ stack: "one" }, { stack: "two" }], jails: [long, jail!] }, terminal(columns));
  // The name itself, of which the problem tells in full, is one word.
  for (const line of lines.filter((one) => one.trim() !== long.host)) expect(line.length).toBeLessThanOrEqual(columns);
  expect(lines[1]).toMatch(/judge-.*(drifted|well|warned)$/);
});

test("a narrow terminal gets fewer columns and their names; no text is cut", () => {
  const lines = shown(fleetIn([recordedState()]), terminal(50));
  expect(lines.slice(0, 7)).toEqual([
    "   HOST     PYTHON  CHECK        STATE",
    "✗  judge-3  –       –            unfinished",
    "✗  judge-4  –       –            unfinished",
    "≠  judge-2  3.11.2  2, chroot    drifted",
    "✓  judge-1  3.13.5  2, safeexec  warned",
    "   (no room for AUDIT, DIFFERS, CHANGED: --json",
    "   has all)",
  ]);
});

test("a pipe gets everything: all columns, all names, all problems", () => {
  const [, jail] = fleetIn([recordedState()]).jails;
  const jails = Array.from({ length: 300 }, (_, number): JailStatus => ({
    ...jail!,
    host: `judge-${number}`,
    problems: [
      { state: "drifted", resource: "DeviceNode x", text: "dev/null is missing", remedy: "repair it" },
      { state: "drifted", resource: "JailFiles x", text: `file ${number} is missing`, remedy: "repair it" },
    ],
  }));
  const lines = shown({ stacks: [{ stack: "prod" }], jails }, pipe);
  expect(lines[0]).toMatch(/HOST +PYTHON +CHECK +AUDIT +DIFFERS +CHANGED +STATE$/);
  expect(lines).toContain(`                 300 hosts: ${jails.map(({ host }) => host).join(" ")}`);
  expect(lines.filter((line) => /JailFiles: file \d+ is missing/.test(line))).toHaveLength(300);
  expect(lines.join("\n")).not.toMatch(/…|\d more|no room/);
});

test("hosts that a stopped rollout did not reach are one problem, and the summary says why it stopped", () => {
  const state = recordedState();
  const hosts = ["judge-3", "judge-4", "judge-5"].map((host) => ({
    host,
    result: "not reached" as const,
    messages: [],
  }));
  const failed = {
    host: "judge-2",
    result: "failed" as const,
    messages: ["judge-2: try the jail: it prints 3\n  what to do: mend it"],
  };
  const rollout = { stateTime: state.time!, stopped: "the canary failed", hosts: [failed, ...hosts] };
  const lines = shown(fleetIn([{ ...state, rollout }]));
  expect(lines.slice(1, 6).map((line) => line.replace(/ +/g, " "))).toEqual([
    expect.stringMatching(/^✗ judge-2 .* failed$/),
    "… judge-3 – – – – – not reached yet",
    "… judge-4 – – – – – not reached yet",
    "… judge-5 – – – – – not reached yet",
    expect.stringMatching(/^✓ judge-1 .* warned$/),
  ]);
  const at = lines.indexOf("not reached yet  PythonJail: the rollout stopped before this host: the canary failed");
  expect(lines.slice(at + 1, at + 3)).toEqual([
    "                 3 hosts: judge-3 judge-4 judge-5",
    "                 → mend judge-2, then run `npx python3jail up` again: it goes on",
  ]);
  expect(lines).toContain("failed           PythonJail: try the jail: it prints 3");
  expect(lines.at(-3)).toBe("test: the last rollout stopped: the canary failed");
  expect(lines.at(-2)).toMatch(/^test: 5 jails; 1 failed, 3 not reached yet, 1 warned; /);
});

test("a fault of many hosts is shown once, with their number", () => {
  const [, jail] = fleetIn([recordedState()]).jails;
  const jails = Array.from({ length: 300 }, (_, number) => ({ ...jail!, host: `judge-${number}` }));
  const lines = shown({ stacks: [{ stack: "prod" }], jails });
  expect(lines.filter((line) => line.includes("dev/null is missing"))).toHaveLength(1);
  expect(lines).toContain(
    "                 300 hosts: judge-0 judge-1 judge-2 judge-3 judge-4 judge-5 judge-6 and 293 more",
  );
});

test("releases get a column if a jail has some", () => {
  const { jails, stacks } = fleetIn([recordedState()]);
  expect(shown({ stacks, jails: [{ ...jails[0]!, release: "2026.11-1" }] })[1]).toMatch(
    /^✓ {2}judge-1 {2}2026\.11-1 {2}3\.13\.5 /,
  );
});

test("an empty stack has 0 jails", () => expect(shown({ stacks: [{ stack: "" }], jails: [] }).at(-1)).toBe("0 jails"));

describe("the age of a time", () => {
  test.each([
    ["2026-11-24T22:19:50Z", "just now"],
    ["2026-11-24T21:00:00Z", "80 min ago"],
    ["2026-11-24T12:20:00Z", "10 h ago"],
    ["2026-11-20T22:20:00Z", "4 d ago"],
    ["2026-01-02T03:04:05Z", "2026-01-02"],
  ])("%s is %s", (time, words) => expect(ago(time, now)).toBe(words));
});
