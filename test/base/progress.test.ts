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

/** Advances the clock, and makes the calls that are due meanwhile. */
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

describe("for one host", () => {
  test("progress writes each phase, and each tenth of it, once", () => {
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
  test("progress writes a line for each work of the host", () => {
    progress.report("judge-1", "python", { phase: "make" });
    progress.report("judge-1", "packages", { phase: "make" });
    expect(lines).toEqual(["judge-1: python: make", "judge-1: packages: make"]);
  });
  test("progress above 100 % is written as 100 %", () => {
    progress.report("judge-1", "python", { phase: "make", done: 1.2 });
    expect(lines).toEqual(["judge-1: python: make, 100 %"]);
  });
});

describe("for a hundred hosts", () => {
  const all = (phase: string, done: (host: number) => number | undefined): void => {
    for (let host = 1; host <= 100; host += 1) {
      const share = done(host);
      progress.report(`judge-${host}`, "python", share === undefined ? { phase } : { phase, done: share });
    }
  };

  test("progress writes five lines at once, and a summary line for the rest", () => {
    all("make", (host) => (host % 3) / 10 + 0.4);
    expect(lines).toHaveLength(5);
    pass(1000);
    expect(lines.slice(5)).toEqual(["95 hosts: python: make, 40 to 60 %"]);
  });

  test("a whole rollout stays within the lines a second, and the last phase of each host is written", () => {
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

  test("a newer report replaces one that is not written yet", () => {
    all("configure", () => undefined);
    all("make", () => 0.5);
    pass(1000);
    expect(lines.slice(5)).toEqual(["100 hosts: python: make, 50 %"]);
  });

  test("a summary line for two or three hosts names them", () => {
    for (let host = 1; host <= 5; host += 1) progress.report(`judge-${host}`, "python", { phase: "configure" });
    for (const host of ["a", "b"]) progress.report(host, "python", { phase: "make" });
    pass(1000);
    expect(lines.at(-1)).toBe("a, b: python: make");
  });

  test("reports of work that has ended are dropped", () => {
    all("make", () => 0.5);
    for (let host = 1; host <= 100; host += 1) progress.end(`judge-${host}`, "python");
    pass(1000);
    expect(lines).toHaveLength(5);
  });

  test("summary lines of more phases than fit are spread over several seconds", () => {
    for (let host = 1; host <= 100; host += 1)
      progress.report(`judge-${host}`, "python", { phase: `phase ${host % 12}` });
    pass(1000);
    expect(lines).toHaveLength(10);
    pass(2000);
    expect(new Set(lines.slice(5).map((line) => line.split(": ")[2])).size).toBe(12);
  });

  test("say writes a line at once", () => {
    all("make", () => 0.5);
    progress.say("judge-7", "python", "the build has begun");
    expect(lines.at(-1)).toBe("judge-7: python: the build has begun");
  });
});

test("progress collects lines with the default clock and timer too", () => {
  const written: string[] = [];
  const alive = new Progress({ write: (line) => written.push(line), linesPerSecond: 1 });
  for (const host of ["a", "b", "c"]) alive.report(host, "python", { phase: "make" });
  expect(written).toHaveLength(1);
});
