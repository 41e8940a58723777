import { beforeEach, describe, expect, test } from "@jest/globals";
import { Progress } from "../../src/base/progress.js";

let lines: string[];
let time: number;
let calls: { at: number; call: () => void }[];
let progress: Progress;

beforeEach(() => {
  lines = [];
  time = 0;
  calls = [];
  progress = new Progress({
    write: (line) => lines.push(line),
    now: () => time,
    later: (milliseconds, call) => calls.push({ at: time + milliseconds, call }),
    linesPerSecond: 5,
  });
});

/** Lets time go by, with what was to be called in it. */
function pass(milliseconds: number): void {
  const end = time + milliseconds;
  for (;;) {
    const next = calls.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
    if (!next) break;
    calls.splice(calls.indexOf(next), 1);
    time = next.at;
    next.call();
  }
  time = end;
}

describe("one host", () => {
  test("each phase, and each tenth of it, once", () => {
    for (const phase of [
      { phase: "configure" },
      { phase: "configure" },
      { phase: "make", done: 0 },
      { phase: "make", done: 0.05 },
      { phase: "make", done: 0.1 },
      { phase: "make", done: 0.19 },
      { phase: "make", done: 0.3 },
      { phase: "install" },
    ]) {
      progress.report("judge-1", "python", phase);
      pass(1000);
    }
    expect(lines).toEqual([
      "judge-1: python: configure",
      "judge-1: python: make, 0 %",
      "judge-1: python: make, 10 %",
      "judge-1: python: make, 30 %",
      "judge-1: python: install",
    ]);
  });
  test("different works of a host are told apart", () => {
    progress.report("judge-1", "python", { phase: "make" });
    progress.report("judge-1", "packages", { phase: "make" });
    expect(lines).toEqual(["judge-1: python: make", "judge-1: packages: make"]);
  });
  test("more than all is all", () => {
    progress.report("judge-1", "python", { phase: "make", done: 1.2 });
    expect(lines).toEqual(["judge-1: python: make, 100 %"]);
  });
});

describe("a hundred hosts", () => {
  const all = (phase: string, done: (host: number) => number | undefined): void => {
    for (let host = 1; host <= 100; host += 1) {
      const share = done(host);
      progress.report(`judge-${host}`, "python", share === undefined ? { phase } : { phase, done: share });
    }
  };

  test("a few lines at once, and the rest in one", () => {
    all("make", (host) => (host % 3) / 10 + 0.4);
    expect(lines).toHaveLength(5);
    pass(1000);
    expect(lines.slice(5)).toEqual(["95 hosts: python: make, 40 to 60 %"]);
  });

  test("over a whole rollout no second has more lines than are allowed, and the last word of each host is told", () => {
    const perSecond: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      const before = lines.length;
      for (let host = 1; host <= 100; host += 1)
        progress.report(
          `judge-${host}`,
          "python",
          second - host / 10 < 20 ? { phase: "configure" } : { phase: "make", done: (second - 20) / 40 },
        );
      pass(1000);
      perSecond.push(lines.length - before);
    }
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(10);
    expect(lines.length).toBeLessThanOrEqual(5 * 60 + 5);
    all("install", () => undefined);
    pass(2000);
    expect(lines.slice(-6).sort()).toEqual(
      ["95 hosts: python: install", ...[1, 2, 3, 4, 5].map((host) => `judge-${host}: python: install`)].sort(),
    );
  });

  test("what is known anew meanwhile replaces what was to be said", () => {
    all("configure", () => undefined);
    all("make", () => 0.5);
    pass(1000);
    expect(lines.slice(5)).toEqual(["100 hosts: python: make, 50 %"]);
  });

  test("two or three are named", () => {
    for (let host = 1; host <= 5; host += 1) progress.report(`judge-${host}`, "python", { phase: "configure" });
    for (const host of ["a", "b"]) progress.report(host, "python", { phase: "make" });
    pass(1000);
    expect(lines.at(-1)).toBe("a, b: python: make");
  });

  test("work that has ended is not told of any more", () => {
    all("make", () => 0.5);
    for (let host = 1; host <= 100; host += 1) progress.end(`judge-${host}`, "python");
    pass(1000);
    expect(lines).toHaveLength(5);
  });

  test("more phases than lines: the most hosts first, and none is forgotten", () => {
    for (let host = 1; host <= 100; host += 1)
      progress.report(`judge-${host}`, "python", { phase: `phase ${host % 12}` });
    pass(1000);
    expect(lines).toHaveLength(10);
    pass(2000);
    expect(new Set(lines.slice(5).map((line) => line.split(": ")[2])).size).toBe(12);
  });

  test("what has to be said is said at once", () => {
    all("make", () => 0.5);
    progress.say("judge-7", "python", "the build has begun");
    expect(lines.at(-1)).toBe("judge-7: python: the build has begun");
  });
});

test("lines are collected without a clock of one's own", () => {
  const written: string[] = [];
  const alive = new Progress({ write: (line) => written.push(line), linesPerSecond: 1 });
  for (const host of ["a", "b", "c"]) alive.report(host, "python", { phase: "make" });
  expect(written).toHaveLength(1);
});
