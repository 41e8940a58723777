import { describe, expect, test } from "@jest/globals";
import { HostError } from "../../src/base/errors.js";
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

const failed = (code: string) => new HostError({ host: "judge-1", step: "build", code, reason: "failed" });
const lost = failed("no-build");
const full = failed("disk-full");

const move = (change: Partial<Situation>): Move =>
  nextMove({
    onHost: "none",
    anew: false,
    source: "first",
    build: unknown,
    isMaker: false,
    failures: [],
    refusals: [],
    ...change,
  });

describe("what a host does next for its build", () => {
  const cases: [string, Partial<Situation>, Move["do"][]][] = [
    // In the order of `states`.
    ["uses what it has", { onHost: "done" }, ["use", "use", "use", "use", "use", "use"]],
    ["shares one build where none is named", {}, ["look", "build-alone", "make", "wait", "bring", "send"]],
    ["takes the builder's", { source: "builder" }, ["look", "build-alone", "make", "wait", "bring", "send"]],
    [
      "joins the build that runs there, for all where no other is made",
      { onHost: "running" },
      ["make", "build-alone", "make", "build-alone", "build-alone", "build-alone"],
    ],
    [
      "leaves the build that runs there where it takes the builder's",
      { onHost: "running", source: "builder" },
      ["look", "build-alone", "make", "wait", "bring", "send"],
    ],
    [
      "takes another one where what it has will not do",
      { onHost: "done", anew: true },
      ["look", "build-alone", "make", "wait", "bring", "send"],
    ],
    [
      "looks into its own cache where that is where it was made",
      { isMaker: true, anew: true },
      ["look", "build-alone", "make", "wait", "check", "check"],
    ],
    [
      "is sent what its own cache has lost",
      { isMaker: true },
      ["look", "build-alone", "make", "wait", "check", "send"],
    ],
    [
      "builds for itself where that is asked for",
      { source: "self", onHost: "failed" },
      ["build-alone", "build-alone", "build-alone", "build-alone", "build-alone", "build-alone"],
    ],
    [
      "receives the archive that is declared, whoever builds",
      { artifact: { url: "https://example.org/a", sha256: "a" }, source: "builder" },
      ["receive", "receive", "receive", "receive", "receive", "receive"],
    ],
    [
      "gives up after two failures, unless there is one by now",
      { failures: [failed("make"), failed("make")] },
      ["look", "build-alone", "give-up", "wait", "bring", "send"],
    ],
    [
      "gives up after one failure of the builder",
      { source: "builder", failures: [failed("make")], refusals: [failed("make")] },
      ["blame-builder", "build-alone", "give-up", "blame-builder", "blame-builder", "blame-builder"],
    ],
    [
      "lets the builder make again what it has lost",
      { source: "builder", refusals: [lost] },
      ["look", "build-alone", "make", "wait", "bring", "send"],
    ],
    [
      "blames the builder that has lost it twice",
      { source: "builder", refusals: [lost, lost] },
      ["blame-builder", "build-alone", "blame-builder", "blame-builder", "blame-builder", "blame-builder"],
    ],
    [
      "makes it itself where another host cannot give it",
      { refusals: [full] },
      ["look", "build-alone", "make", "wait", "bring", "send"],
    ],
  ];
  test.each(cases)("a host %s", (_what, change, moves) => {
    expect(states.map((build) => move({ ...change, build }).do)).toEqual(moves);
  });

  test("a check says what the build is where the cache has lost it", () => {
    expect([move({ isMaker: true, build: built }), move({ isMaker: true, anew: true, build: kept })]).toEqual([
      { do: "check", build: built, otherwise: absent },
      { do: "check", build: kept, otherwise: { ...kept, maker: undefined } },
    ]);
  });

  test("the builder is blamed with what it failed with last", () => {
    expect(move({ source: "builder", refusals: [lost, full], build: absent })).toEqual({
      do: "blame-builder",
      refusal: full,
    });
  });
});

test("two hosts try to make a build for all; a host that is named tries alone", () => {
  const one = [failed("make")];
  expect([
    isHopeless({ source: "first", failures: [] }),
    isHopeless({ source: "first", failures: one }),
    isHopeless({ source: "first", failures: [...one, ...one] }),
    isHopeless({ source: "builder", failures: one }),
    isHopeless({ source: "this-host", failures: one }),
  ]).toEqual([false, false, true, true, true]);
});
