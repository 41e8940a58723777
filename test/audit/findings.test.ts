import { describe, expect, test } from "@jest/globals";
import { checkNames, checkTable, isDynamic, type CheckName } from "../../src/audit/checks.js";
import type { Finding } from "../../src/audit/finding.js";
import { dynamicFindings, staticFindings, findingsSummary } from "../../src/audit/findings.js";
import { failing } from "../../src/audit/policy.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { scriptText } from "../../src/remote/scripts.js";

const answerOf = (...lines: string[][]) =>
  parseAnswer([["started"], ...lines, ["done"]].map((line) => line.join("\t")).join("\n"));
const statics = checkNames.filter((name) => !isDynamic(name));
const looked = [...statics, "host-accounts"].map((name) => ["checked", name]);
const words = "Grüße, 世界";

test("there are thirty checks, ten from outside and twenty from inside, each with what to do", () => {
  expect([statics.length, checkNames.length]).toEqual([10, 30]);
  for (const name of checkNames) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(checkTable[name].title.length).toBeGreaterThan(10);
    expect(checkTable[name].remedy.length).toBeGreaterThan(10);
  }
});

describe("the static part", () => {
  const of = (check: CheckName, ...lines: string[][]): Finding =>
    staticFindings(answerOf(...looked, ...lines)).find((one) => one.check === check)!;
  test("what nothing was found about passes", () =>
    expect(of("setuid-files")).toEqual({ check: "setuid-files", result: "pass", evidence: "" }));
  test("the worst counts and comes first; notes come last", () => {
    const lines = [
      ["found", "setuid-files", "note", "3 more"],
      ["found", "setuid-files", "warn", "no getcap"],
      ["found", "setuid-files", "fail", "bin/x is setuid"],
    ];
    expect(of("setuid-files", ...lines)).toEqual({
      check: "setuid-files",
      result: "fail",
      evidence: "bin/x is setuid; no getcap; 3 more",
    });
  });
  test("what was not checked fails: it is not known to be good", () => {
    const findings = staticFindings(answerOf(...looked.filter(([, name]) => name !== "elf-resolves")));
    expect(findings.filter(({ result }) => result !== "pass")).toEqual([
      { check: "elf-resolves", result: "fail", evidence: "was not checked" },
    ]);
  });
  test("a level that nobody knows is no pass", () =>
    expect(of("host-kernel", ["found", "host-kernel", "strange", "x"]).result).toBe("fail"));
  test("evidence is one bounded line, whatever a name holds", () => {
    const { evidence } = of("special-files", ["found", "special-files", "fail", `\u202e\u001b[31m${"x".repeat(1000)}`]);
    expect(evidence).toMatch(/^\?x+…$/);
    expect(evidence.length).toBe(300);
  });
});

/** An answer of inside.sh in which all is well, with some lines replaced. */
function inside(
  changes: Record<string, { code?: string; seconds?: string; printed?: string[]; errors?: string[] } | undefined> = {},
  via = "safeexec",
) {
  const probe = [
    "identity",
    "clean-environment",
    "descriptors",
    "system-folders",
    "host-accounts",
    "file-size",
    "own-limits",
    "devices-work",
    "no-network",
    "no-smtp",
    "privileged-calls",
  ];
  const good: Record<string, { code?: string; seconds?: string; printed?: string[]; errors?: string[] } | undefined> = {
    hello: { printed: ["2"], errors: ["OK"] },
    probe: { printed: probe.map((name) => `${name} holds good`) },
    "fork-bomb": { printed: ["fork-bomb holds stopped after 1: no"] },
    "memory-bomb": { printed: ["memory-bomb holds MemoryError after 8 MB"] },
    "output-flood": { printed: ["0123456789abcde"], errors: ["output-flood holds stopped"] },
    crash: { code: "1", errors: ["Command terminated by signal (11: SEGV)"] },
    text: { printed: [words] },
    modules: { printed: ["modules holds they import"] },
    threads: { printed: ["threads holds 4 threads ran"] },
    find: { printed: ["no-leftovers holds nothing"] },
    "wait-here": { printed: ["here"] },
    "look-around": { printed: ["other-sandboxes holds none"] },
    spin: { code: "1", seconds: "1.10", errors: ["Time Limit Exceeded"] },
    sleep: { code: "137", seconds: "2.10" },
    stop: { code: "1", seconds: "0.10", errors: ["Command terminated by signal (19: STOP)"] },
    ...changes,
  };
  const lines = Object.entries(good).flatMap(([name, run]) =>
    run
      ? [
          ["run", name, run.code ?? "0", run.seconds ?? "0.05"],
          ...(run.printed ?? []).map((line) => ["printed", name, line]),
          ...(run.errors ?? []).map((line) => ["error", name, line]),
        ]
      : [],
  );
  return answerOf(["apart", "yes"], ["via", via], ["command", "safeexec …"], ...lines);
}

const outside = answerOf(...looked);
const notPassed = (...[changes, via, processes = 16]: [...Parameters<typeof inside>, number?]) =>
  Object.fromEntries(
    dynamicFindings(outside, inside(changes, via), { words, processes })
      .filter(({ result }) => result !== "pass")
      .map(({ check, result, evidence }) => [check, `${result}: ${evidence}`]),
  );

describe("the dynamic part", () => {
  test("all is well", () => expect(notPassed()).toEqual({}));
  test.each<[string, Parameters<typeof inside>, object]>([
    [
      "a program that says nothing of a check",
      [{ "fork-bomb": { printed: ["all good"] } }],
      { "fork-bomb": 'fail: no answer: printed "all good", exit code 0' },
    ],
    [
      "a check that was not reached",
      [{ find: undefined }],
      { "no-leftovers": "fail: the audit ended before it was tried" },
    ],
    [
      "a verdict in another form",
      [{ "memory-bomb": { printed: [" memory-bomb holds x", "memory-bomb HOLDS x", "memory-bomb holds"] } }],
      { "memory-bomb": expect.stringMatching(/^fail: no answer/) },
    ],
    [
      "a verdict on another check does not count",
      [{ find: { printed: ["fork-bomb holds x"] } }],
      { "no-leftovers": expect.stringMatching(/^fail: no answer/) },
    ],
    [
      "a bomb that was ended",
      [{ "memory-bomb": { code: "137" }, "fork-bomb": { code: "1", errors: ["Memory Limit Exceeded"] } }],
      {},
    ],
    [
      "a program that slept on",
      [{ sleep: { seconds: "6.1", printed: ["time-limits broken a program could sleep for 6 s"] } }],
      { "time-limits": "fail: a program could sleep for 6 s" },
    ],
    [
      "a stopped program that we ended ourselves",
      [{ stop: { code: "137", seconds: "8.01" } }],
      { "time-limits": "fail: stop: ended after 8.01 s only" },
    ],
    [
      "a program that ended by itself",
      [{ spin: { code: "1", seconds: "0.10" } }],
      { "time-limits": expect.stringMatching(/^fail: spin: printed nothing, exit code 1/) },
    ],
    [
      "text that came back in another form",
      [{ text: { printed: ["Gr??e"] } }],
      { "text-and-signals": 'fail: UTF-8 came back as "Gr??e"' },
    ],
    [
      "a crash that is told as success",
      [{ crash: { errors: ["OK"] } }],
      { "text-and-signals": expect.stringMatching(/^fail: a crash is told as/) },
    ],
    [
      "Python's own words on a crash",
      [{ crash: { code: "1", errors: ["Fatal Python error: Segmentation fault"] } }],
      { "text-and-signals": expect.stringMatching(/^fail: a crash/) },
    ],
    [
      "what is weak",
      [{ find: { printed: ["no-leftovers weak a file in /tmp"] } }],
      { "no-leftovers": "warn: a file in /tmp" },
    ],
    [
      "what could not be tried",
      [{ "memory-bomb": { printed: ["memory-bomb unknown too little"] } }],
      { "memory-bomb": "warn: too little" },
    ],
    [
      "what counts as a warning",
      [{ probe: { printed: ["descriptors broken 9 is open"] } }],
      expect.objectContaining({ descriptors: "warn: 9 is open", identity: expect.stringMatching(/^fail: no answer/) }),
    ],
    [
      "what the fallback cannot promise",
      [{ "look-around": { printed: ["other-sandboxes broken seen"] } }, "chroot"],
      { "other-sandboxes": "warn: seen; through chroot: all programs run as one user, and may end each other" },
    ],
    [
      "what the fallback has to hold",
      [{ "fork-bomb": { printed: ["fork-bomb broken 36"] } }, "chroot"],
      { "fork-bomb": "fail: 36" },
    ],
  ])("%s", (_, changes, expected) => expect(notPassed(...changes)).toEqual(expected));

  test("threads that a limit forbids are no failing of the jail", () => {
    const none = { threads: { printed: ["threads broken after 0: can't start new thread"] } };
    expect(notPassed(none, "safeexec", 0)).toEqual({
      "threads-and-modules": "not-applicable: threads: the limit of processes (0) leaves none",
    });
    expect(notPassed(none, "safeexec", 16)).toEqual({ "threads-and-modules": "fail: after 0: can't start new thread" });
  });

  test("nothing was run: nothing is known, and accounts are still looked at from outside", () => {
    const found = dynamicFindings(
      answerOf(...looked, ["found", "host-accounts", "fail", "etc/shadow is in the jail"]),
      "nothing was run: why",
      { words, processes: 16 },
    );
    expect(found.filter(({ result }) => result === "not-applicable")).toHaveLength(19);
    expect(found.find(({ check }) => check === "host-accounts")).toMatchObject({
      result: "fail",
      evidence: "etc/shadow is in the jail; nothing was run: why",
    });
  });
});

test("the probe answers every check that is read from it", () => {
  const text = scriptText("jail-audit/checks.py");
  const told = new Set([...text.matchAll(/^ {8}\("([a-z-]+)", /gm)].map(([, name]) => name));
  const good = inside();
  for (const name of told) expect(checkNames).toContain(name);
  expect([...told].sort()).toEqual(
    good
      .all("printed")
      .filter(([run]) => run === "probe")
      .map(([, line]) => line!.split(" ")[0])
      .sort(),
  );
});

describe("the policy", () => {
  const findings: Finding[] = [
    { check: "setuid-files", result: "fail", evidence: "" },
    { check: "host-kernel", result: "warn", evidence: "" },
    { check: "hello", result: "fail", evidence: "" },
    { check: "no-network", result: "fail", evidence: "" },
    { check: "threads-and-modules", result: "not-applicable", evidence: "" },
    { check: "identity", result: "pass", evidence: "" },
  ];
  const names = (failOn: Parameters<typeof failing>[1]["failOn"], accept = {}) =>
    failing(findings, { failOn, accept }).map(({ check }) => check);
  test("kinds, names and warnings", () => {
    expect(names(["static", "confinement"])).toEqual(["setuid-files", "no-network"]);
    expect(names(["function"])).toEqual(["hello"]);
    expect(names(["host-kernel"])).toEqual(["host-kernel"]);
    expect(names(["warn"])).toEqual(["setuid-files", "host-kernel", "hello", "no-network"]);
    expect(names(["threads-and-modules", "identity"])).toEqual([]);
    expect(names([])).toEqual([]);
  });
  test("what is accepted is no error", () =>
    expect(names(["static", "confinement"], { "no-network": "it is a lab" })).toEqual(["setuid-files"]));
  test("the summary counts", () => {
    expect(findingsSummary(findings)).toBe("1 passed, 1 warned, 3 failed, 1 not applicable");
    expect(findingsSummary(findings, { "no-network": "why" })).toBe(
      "1 passed, 1 warned, 3 failed, 1 not applicable, 1 accepted",
    );
    expect(findingsSummary([])).toBe("0 passed, 0 failed");
  });
});
