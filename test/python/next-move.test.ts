import { describe, expect, test } from "@jest/globals";
import { HostError } from "../../src/base/errors.js";
import type { FailureCode } from "../../src/base/failure-codes.js";
import { isHopeless, nextMove, type BuildState, type Move, type Situation } from "../../src/python/next-move.js";
import { Session } from "../../src/remote/session.js";
import { jailTarget } from "../../src/remote/target.js";

const maker = jailTarget({ host: "judge-1", connection: { host: "h" }, path: "/srv/jail" }, new Session());
const unknown: BuildState = { is: "unknown" };
const foreign: BuildState = { is: "foreign" };
const absent: BuildState = { is: "absent" };
const building: BuildState = { is: "building", maker, ended: Promise.resolve() };
const built: BuildState = { is: "built", maker };
const kept: BuildState = { is: "kept", maker, artifact: { file: "/cache/a", sha256: "a", bytes: 1 } };
const states = [unknown, foreign, absent, building, built, kept];

const failed = (code: FailureCode) => new HostError({ host: "judge-1", step: "build", code, reason: "failed" });
const lost = failed("no-build");
const full = failed("disk-full");

const move = (change: Partial<Situation>): Move =>
  nextMove({
    onHost: "none",
    replace: false,
    source: "first",
    build: unknown,
    isMaker: false,
    failures: [],
    refusals: [],
    ...change,
  });

describe("what a host does next for its build", () => {
  const cases: [string, Partial<Situation>, Move["do"][]][] = [
    // The moves are in the order of `states`.
    ["uses the build in its own cache", { onHost: "done" }, ["use", "use", "use", "use", "use", "use"]],
    ["shares one build if no builder is named", {}, ["search", "build-alone", "make", "wait", "fetch", "send"]],
    [
      "gets the build from a named builder",
      { source: "builder" },
      ["search", "build-alone", "make", "wait", "fetch", "send"],
    ],
    [
      "joins the build that is running on it, for all hosts if no other host is making it",
      { onHost: "running" },
      ["make", "build-alone", "make", "build-alone", "build-alone", "build-alone"],
    ],
    [
      "ignores the build that is running on it if a builder is named",
      { onHost: "running", source: "builder" },
      ["search", "build-alone", "make", "wait", "fetch", "send"],
    ],
    [
      "gets another build if the one in its cache is to be replaced",
      { onHost: "done", replace: true },
      ["search", "build-alone", "make", "wait", "fetch", "send"],
    ],
    [
      "reads its own cache if the build was made there",
      { isMaker: true, replace: true },
      ["search", "build-alone", "make", "wait", "check", "check"],
    ],
    [
      "receives the build that its own cache has lost",
      { isMaker: true },
      ["search", "build-alone", "make", "wait", "check", "send"],
    ],
    [
      "builds for itself if the builder is `self`",
      { source: "self", onHost: "failed" },
      ["build-alone", "build-alone", "build-alone", "build-alone", "build-alone", "build-alone"],
    ],
    [
      "receives the declared archive, whatever the builder",
      { artifact: { url: "https://example.org/a", sha256: "a" }, source: "builder" },
      ["receive", "receive", "receive", "receive", "receive", "receive"],
    ],
    [
      "gives up after two hosts have failed, unless the build exists by now",
      { failures: [failed("build"), failed("build")] },
      ["search", "build-alone", "give-up", "wait", "fetch", "send"],
    ],
    [
      "gives up after one failure of a named builder",
      { source: "builder", failures: [failed("build")], refusals: [failed("build")] },
      ["fail-builder", "build-alone", "give-up", "fail-builder", "fail-builder", "fail-builder"],
    ],
    [
      "lets the builder make the build again that it has lost",
      { source: "builder", refusals: [lost] },
      ["search", "build-alone", "make", "wait", "fetch", "send"],
    ],
    [
      "fails if the builder has lost the build twice",
      { source: "builder", refusals: [lost, lost] },
      ["fail-builder", "build-alone", "fail-builder", "fail-builder", "fail-builder", "fail-builder"],
    ],
    [
      "makes the build itself if another host cannot provide it",
      { refusals: [full] },
      ["search", "build-alone", "make", "wait", "fetch", "send"],
    ],
  ];
  test.each(cases)("a host %s", (_what, change, moves) => {
    expect(states.map((build) => move({ ...change, build }).do)).toEqual(moves);
  });

  test("a check has the state that the build gets if the cache has lost it", () => {
    expect([move({ isMaker: true, build: built }), move({ isMaker: true, replace: true, build: kept })]).toEqual([
      { do: "check", build: built, otherwise: absent },
      { do: "check", build: kept, otherwise: { ...kept, maker: undefined } },
    ]);
  });

  test("a failed builder is reported with its last error", () => {
    expect(move({ source: "builder", refusals: [lost, full], build: absent })).toEqual({
      do: "fail-builder",
      refusal: full,
    });
  });
});

test("a build is hopeless after two hosts have failed, or after the named builder has", () => {
  const one = [failed("build")];
  expect([
    isHopeless({ source: "first", failures: [] }),
    isHopeless({ source: "first", failures: one }),
    isHopeless({ source: "first", failures: [...one, ...one] }),
    isHopeless({ source: "builder", failures: one }),
    isHopeless({ source: "this-host", failures: one }),
  ]).toEqual([false, false, true, true, true]);
});
