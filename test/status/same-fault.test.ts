import { describe, expect, test } from "@jest/globals";
import type { JailProblem } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { withoutRepeats } from "../../src/status/same-fault.js";
import { countDifferences } from "../../src/status/told.js";
import { recordedState } from "./recorded.js";

const drift = (text: string): JailProblem => ({
  state: "drifted",
  resource: "DeviceNode judge-1-null",
  text,
  remedy: "`pulumi up --refresh` repairs it",
});
const finding = (text: string, state: "failed" | "warns" = "failed"): JailProblem => ({
  state,
  resource: "JailAudit judge-1",
  text,
  remedy: "mend it",
});

describe("a fault that the audit and a resource both found", () => {
  test("is shown as the resource's problem, with the audit's state", () =>
    expect(
      withoutRepeats([finding("device-nodes: dev/null is missing"), drift("dev/null is missing")], ["dev/null"]),
    ).toEqual([{ ...drift("dev/null is missing (audit: device-nodes)"), state: "failed" }]));

  test("is shown once for a whole jail, and counts as one difference", () => {
    const jail = fleetIn([
      recordedState({
        "JailAudit judge-2": (one) =>
          Object.assign(one.outputs!, {
            drift: { "device-nodes": "dev/null is missing" },
            findings: [{ check: "device-nodes", result: "fail", evidence: "dev/null is missing" }],
            failOn: ["static"],
          }),
      }),
    ]).jails.find(({ host }) => host === "judge-2")!;
    expect(jail.problems.filter(({ text }) => text.includes("dev/null"))).toEqual([
      {
        state: "failed",
        resource: "DeviceNode judge-2-null",
        text: "dev/null is missing (audit: device-nodes)",
        remedy: "`pulumi up --refresh` repairs it",
      },
    ]);
    expect(countDifferences(jail)).toBe(2);
  });
});

test("a fault that only the audit found stays the audit's problem", () => {
  const problems = [
    finding("device-nodes: dev/null is missing; dev/sda is a block device (8:0)"),
    finding("special-files: etc/link leads out of the jail, to /etc", "warns"),
    drift("dev/null is missing"),
  ];
  expect(withoutRepeats(problems, ["dev/null"]).map(({ text }) => text)).toEqual([
    "device-nodes: dev/sda is a block device (8:0)",
    "special-files: etc/link leads out of the jail, to /etc",
    "dev/null is missing (audit: device-nodes)",
  ]);
});

test("a path whose name only begins like another one is another fault", () => {
  const problems = [
    finding("device-nodes: dev/nullify is a device that nobody declared (1:3)"),
    drift("dev/null is missing"),
  ];
  expect(withoutRepeats(problems, ["dev/null"])).toEqual(problems);
});

test("paths that the resource does not list stay the audit's problem", () =>
  expect(
    withoutRepeats(
      [finding("writable-paths: lib/a is 0666; 7 more"), drift("lib/a is 0666 0:0, should be 0644 0:0")],
      ["lib/a"],
    ).map(({ text }) => text),
  ).toEqual(["writable-paths: 7 more", "lib/a is 0666 0:0, should be 0644 0:0 (audit: writable-paths)"]));

test("a finding that the state holds cut off is shown once, in full", () => {
  const whole = finding("special-files: etc/link leads out of the jail, to /etc");
  expect(withoutRepeats([whole, finding("special-files: etc/link leads out of…")], [])).toEqual([whole]);
});

test("no path is shown twice if there are more than the audit names", () =>
  expect(
    withoutRepeats(
      [
        finding("writable-paths: lib/a is 0666; lib/b is 0666; 7 more"),
        drift("lib/a is 0666 0:0, should be 0644 0:0"),
        drift("lib/b is 0666 0:0, should be 0644 0:0"),
      ],
      ["lib/a", "lib/b", "and more"],
    ).map(({ text }) => text),
  ).toEqual([
    "lib/a is 0666 0:0, should be 0644 0:0 (audit: writable-paths)",
    "lib/b is 0666 0:0, should be 0644 0:0 (audit: writable-paths)",
  ]));
