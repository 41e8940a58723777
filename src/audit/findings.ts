import type { Answer } from "../remote/answer.js";
import { judgeRun, readRun, type SandboxRun } from "../jail/sandbox-run.js";
import { oneLine } from "../base/text.js";
import { checkNames, checkTable, isDynamic, type CheckName } from "./checks.js";
import type { Finding, Result } from "./finding.js";

/** One observation of a check. A finding is made of one or more of them. */
interface Seen {
  readonly result: Result;
  readonly text: string;
}

const worstFirst: readonly Result[] = ["fail", "warn", "not-applicable", "pass"];

/** Combines observations into a finding: the worst result counts, and its text comes first. */
function finding(check: CheckName, seen: readonly Seen[], notes: readonly string[] = []): Finding {
  const result = worstFirst.find((level) => seen.some((one) => one.result === level)) ?? "pass";
  const ordered = worstFirst
    .filter((level) => result === "pass" || level !== "pass")
    .flatMap((level) => seen.filter((one) => one.result === level));
  return { check, result, evidence: oneLine([...ordered.map(({ text }) => text), ...notes].join("; ")) };
}

/** Parses what `outside.sh` answers about one check. */
function seenFromOutside(answer: Answer, check: CheckName): { seen: Seen[]; notes: string[] } {
  const of = answer.all("found", 3).filter(([name]) => name === check);
  const levels: Record<string, Result> = { fail: "fail", warn: "warn", none: "not-applicable" };
  const seen = of.flatMap(([, level, text]): Seen[] =>
    level === "note" ? [] : [{ result: levels[level] ?? "fail", text }],
  );
  // A check that did not run must not pass.
  if (!answer.all("checked").some(([name]) => name === check)) seen.push({ result: "fail", text: "was not checked" });
  return { seen, notes: of.filter(([, level]) => level === "note").map(([, , text]) => text) };
}

/** The findings of the static checks. */
export function staticFindings(answer: Answer): Finding[] {
  return checkNames
    .filter((name) => !isDynamic(name))
    .map((name) => {
      const { seen, notes } = seenFromOutside(answer, name);
      return finding(name, seen, notes);
    });
}

/** The settings of the dynamic checks that are needed to judge their answers. */
export interface Tried {
  /** The text that the program must echo unchanged. */
  readonly words: string;
  /** The limit on the number of processes. */
  readonly processes: number;
}

/**
 * Seconds within which the sandbox must end a program whose wall-clock limit is 2 seconds. After 8 seconds the audit
 * ends it itself.
 */
const endedBy = 7.5;

/** The reason why no program ran, because safeexec or the host does not allow it. */
export type NotRun = string;

/** The findings of the dynamic checks. `outside` is the answer of the static ones. */
export function dynamicFindings(outside: Answer, inside: Answer | NotRun, tried: Tried): Finding[] {
  return checkNames.filter(isDynamic).map((check) => {
    const seen =
      typeof inside === "string"
        ? [{ result: "not-applicable" as const, text: inside }]
        : atLeastOne(seenFromInside(inside, check, tried));
    const also = check === "host-accounts" ? seenFromOutside(outside, check).seen : [];
    const result = finding(check, [...seen, ...also]);
    const { fallback } = checkTable[check];
    const throughChroot = typeof inside !== "string" && inside.maybe("via") === "chroot";
    return throughChroot && fallback !== undefined && ["fail", "warn"].includes(result.result)
      ? { ...result, result: "warn", evidence: oneLine(`${result.evidence}; through chroot: ${fallback}`) }
      : result;
  });
}

function atLeastOne(seen: Seen[]): Seen[] {
  return seen.length > 0 ? seen : [{ result: "fail", text: "was not checked" }];
}

function seenFromInside(answer: Answer, check: CheckName, tried: Tried): Seen[] {
  const severity = checkTable[check].severity ?? "fail";
  const run = (name: string): SandboxRun | undefined =>
    answer.all("run").some(([which]) => which === name) ? readRun(answer, name) : undefined;
  const unfinished: Seen = { result: "fail", text: "the audit ended before it was tried" };
  const told = (program: string, of: string = check): Seen => {
    const its = run(program);
    if (!its) return unfinished;
    const line = verdict(its, of);
    if (!line) return { result: severity, text: `no answer: ${judgeRun(its, "") ?? "printed nothing"}` };
    const results = { holds: "pass", weak: "warn", broken: severity, unknown: "warn" } as const;
    return { result: results[line.verdict], text: line.words };
  };
  const ended = (program: string): boolean => {
    const its = run(program);
    return its !== undefined && verdict(its, check) === undefined && wasEnded(its);
  };

  switch (check) {
    case "hello": {
      const its = run("hello");
      if (!its) return [unfinished];
      const failure = judgeRun(its, "2");
      return [
        failure === undefined
          ? { result: "pass", text: `2, after ${its.seconds} s` }
          : { result: "fail", text: failure },
      ];
    }
    case "fork-bomb":
    case "memory-bomb":
      return [ended(check) ? { result: "pass", text: "the program was ended" } : told(check)];
    case "output-flood":
      return [told(check)];
    case "time-limits":
      return ["spin", "sleep", "stop"].flatMap((program): Seen[] => {
        const its = run(program);
        if (!its)
          return program === "stop" && answer.maybe("apart") === "no"
            ? [{ result: "pass", text: "a stop was not tried: the host has no process namespaces" }]
            : [unfinished];
        const survived = verdict(its, check);
        if (survived) return [{ result: survived.verdict === "unknown" ? "warn" : severity, text: survived.words }];
        if (program !== "spin" && its.seconds > endedBy)
          return [{ result: severity, text: `${program}: ended after ${its.seconds} s only` }];
        return [
          wasEnded(its)
            ? { result: "pass", text: `${program}: ended after ${its.seconds} s` }
            : { result: severity, text: `${program}: ${judgeRun(its, "") ?? "no answer"}` },
        ];
      });
    case "no-leftovers":
      return [told("find")];
    case "other-sandboxes":
      return run("wait-here")?.printed[0] === "here"
        ? [told("look-around")]
        : [{ result: "warn", text: "no other program could be started beside" }];
    case "text-and-signals": {
      const [text, crash] = [run("text"), run("crash")];
      if (!text || !crash) return [unfinished];
      const told =
        crash.exitCode === 139 ||
        crash.errors.some(
          (line) => /signal \(?11\b|SIGSEGV|Segmentation fault/.test(line) && !/^Fatal Python error/.test(line),
        );
      return [
        text.printed[0] === tried.words
          ? { result: "pass", text: "UTF-8 came back" }
          : { result: severity, text: `UTF-8 came back as ${JSON.stringify(text.printed[0] ?? "nothing")}` },
        told
          ? { result: "pass", text: "a crash is told as signal 11" }
          : { result: severity, text: `a crash is told as: ${judgeRun(crash, "") ?? "success"}` },
      ];
    }
    case "threads-and-modules": {
      const threads = told("threads", "threads");
      const none = answer.maybe("via") === "safeexec" && tried.processes < 5;
      const spaces = answer.maybe("spaces") === undefined ? undefined : told("spaces", "spaces");
      return [
        told("modules", "modules"),
        threads.result !== "pass" && none
          ? { result: "not-applicable", text: `threads: the limit of processes (${tried.processes}) leaves none` }
          : threads,
        ...(spaces === undefined
          ? []
          : [
              spaces.result !== "pass" && tried.processes < 2
                ? {
                    result: "not-applicable" as const,
                    text: `subprocesses: the limit of processes (${tried.processes}) leaves none`,
                  }
                : spaces,
            ]),
      ];
    }
    default:
      return [told("probe")];
  }
}

/**
 * Finds the line in which a program reports on a check. A program may print anything, so only the exact form counts.
 */
function verdict(
  { printed, errors }: SandboxRun,
  check: string,
): { verdict: "holds" | "weak" | "broken" | "unknown"; words: string } | undefined {
  for (const line of [...printed, ...errors]) {
    const [, name, said, words = ""] = /^([a-z-]+) (holds|weak|broken|unknown) (.+)$/.exec(line) ?? [];
    if (name === check) return { verdict: said as "holds", words };
  }
  return undefined;
}

/** Whether the sandbox ended a run. */
function wasEnded({ exitCode, errors }: SandboxRun): boolean {
  return (
    (exitCode > 128 && exitCode < 193) ||
    errors.some((line) => /^(Time|Memory|Output) Limit Exceeded|^Command terminated by signal/.test(line))
  );
}

/** Counts findings by result: "28 passed, 1 warned, 1 failed". */
export function findingsSummary(findings: readonly Finding[], accepted: Readonly<Record<string, string>> = {}): string {
  const words: readonly (readonly [Result, string])[] = [
    ["pass", "passed"],
    ["warn", "warned"],
    ["fail", "failed"],
    ["not-applicable", "not applicable"],
  ];
  const counts = words.map(
    ([result, word]) => [findings.filter((one) => one.result === result).length, word, result] as const,
  );
  const known = findings.filter((one) => one.result !== "pass" && one.check in accepted).length;
  return [
    ...counts
      .filter(([count, , result]) => count > 0 || result === "pass" || result === "fail")
      .map(([count, word]) => `${count} ${word}`),
    ...(known > 0 ? [`${known} accepted`] : []),
  ].join(", ");
}
