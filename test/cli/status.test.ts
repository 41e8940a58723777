import { describe, expect, test } from "@jest/globals";
import { inWords } from "../../src/cli/status.js";
import { terminalOf } from "../../src/base/terminal.js";
import type { Fleet, JailStatus } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { ago } from "../../src/status/labels.js";
import { recordedState } from "../status/recorded.js";

const now = new Date("2026-11-24T22:20:00Z");
const plain = terminalOf({ write: () => undefined, columns: 100 }, {});
const shown = (fleet: Fleet): string[] => inWords(fleet, now, plain).trimEnd().split("\n");

test("a line a jail, those with problems first; each problem once; the sum at the end", () => {
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
    "unfinished    PythonJail: nothing of it was made",
    "              2 hosts: judge-3 judge-4",
    "              → run `pulumi up`: it goes on where it ended, and says what is in the way",
  ]);
  expect(lines.filter((line) => line.startsWith("warning "))[0]).toBe(
    "warning       judge-1: JailAudit: descriptors: 9 is open (secret)",
  );
  expect(lines.at(-1)).toBe(
    "test: 4 jails; 2 unfinished, 1 drifted, 1 warned; python 3.11.2 on 1, python 3.13.5 on 1; as known 5 min ago",
  );
});

test("nothing is wider than the terminal, whatever names there are", () => {
  const [jail] = fleetIn([recordedState()]).jails;
  const long: JailStatus = {
    ...jail!,
    host: "judge-".repeat(12),
    path: "/srv/elsewhere",
    problems: [
      { state: "drifted", resource: "JailFiles x", text: "a word ".repeat(60), remedy: "mend it ".repeat(40) },
    ],
  };
  const lines = shown({ stacks: [{ stack: "one" }, { stack: "two" }], jails: [long, jail!] });
  for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(100);
  expect(lines[1]).toContain("judge-judge-");
});

test("a fault of many hosts is told once, with how many they are", () => {
  const [, jail] = fleetIn([recordedState()]).jails;
  const jails = Array.from({ length: 300 }, (_, number) => ({ ...jail!, host: `judge-${number}` }));
  const lines = shown({ stacks: [{ stack: "prod" }], jails });
  expect(lines.filter((line) => line.includes("dev/null is missing"))).toHaveLength(1);
  expect(lines).toContain(
    "              300 hosts: judge-0 judge-1 judge-2 judge-3 judge-4 judge-5 judge-6 and 293 more",
  );
});

test("releases get a column where there are some", () => {
  const { jails, stacks } = fleetIn([recordedState()]);
  expect(shown({ stacks, jails: [{ ...jails[0]!, release: "2026.11-1" }] })[1]).toMatch(
    /^✓ {2}judge-1 {2}2026\.11-1 {2}3\.13\.5 /,
  );
});

test("an empty stack", () => expect(shown({ stacks: [{ stack: "" }], jails: [] }).at(-1)).toBe("0 jails"));

describe("how long ago", () => {
  test.each([
    ["2026-11-24T22:19:50Z", "just now"],
    ["2026-11-24T21:00:00Z", "80 min ago"],
    ["2026-11-24T12:20:00Z", "10 h ago"],
    ["2026-11-20T22:20:00Z", "4 d ago"],
    ["2026-01-02T03:04:05Z", "2026-01-02"],
  ])("%s is %s", (time, words) => expect(ago(time, now)).toBe(words));
});
