import type { Answer } from "../remote/answer.js";
import { maybe, upTo } from "../remote/declaration.js";
import { exitCode, hostSeconds, oneOf, plainName, said } from "../remote/fields.js";

/** The lines that `run_in_sandbox` answers for a number of programs. */
export const runLines = (programs: number) => ({
  via: maybe([oneOf("safeexec", "chroot")]),
  command: maybe([said(10_000)]),
  run: upTo(programs, [plainName, exitCode, hostSeconds]),
  printed: upTo(20 * programs, [plainName, said()]),
  error: upTo(20 * programs, [plainName, said()]),
});

/** One run of a program in the jail. */
export interface SandboxRun {
  readonly via: "safeexec" | "chroot";
  /** The command line of the run, without Python's arguments. */
  readonly command: string;
  readonly exitCode: number;
  /** Wall-clock time, measured outside the jail. */
  readonly seconds: number;
  readonly printed: readonly string[];
  readonly errors: readonly string[];
}

/** Parses the answer of `run_in_sandbox` about one program, by its number or name. */
export function readRun(answer: Answer, number: number | string): SandboxRun {
  const of = (name: string): string[][] =>
    answer
      .all(name)
      .filter(([which]) => which === String(number))
      .map(([, ...fields]) => fields);
  const [exitCode, seconds] = of("run")[0] ?? [];
  if (seconds === undefined) throw answer.refused(`the remote step gave no "run ${number}"`);
  return {
    via: answer.one("via")[0] === "safeexec" ? "safeexec" : "chroot",
    command: answer.one("command", 1)[0],
    exitCode: Number(exitCode),
    seconds: Number(seconds),
    printed: of("printed").map(([line]) => line ?? ""),
    errors: of("error").map(([line]) => line ?? ""),
  };
}

/** Describes why a run failed to print `wanted`, the only line expected; undefined if it succeeded. */
export function judgeRun({ via, exitCode, printed, errors }: SandboxRun, wanted: string): string | undefined {
  const approved = via === "chroot" || errors.includes("OK");
  if (approved && exitCode === 0 && printed.length === 1 && printed[0] === wanted) return undefined;
  const what = printed.length === 0 ? "printed nothing" : `printed ${JSON.stringify(printed.join("\n").slice(0, 60))}`;
  const end = exitCode > 128 && exitCode < 193 ? `ended by signal ${exitCode - 128}` : `exit code ${exitCode}`;
  const last = errors.filter((line) => line.trim() !== "" && !figures.test(line)).at(-1);
  return `${what}, ${end}${last === undefined ? "" : `: ${last.slice(0, 200)}`}`;
}

/** A line of safeexec's report, which follows its verdict on standard error. */
const figures = /^(elapsed time|memory usage|cpu usage):/;

/** The resources that a run used. `report` is for people. */
export interface RunReport {
  readonly elapsedSeconds: number;
  readonly cpuSeconds?: number | undefined;
  readonly memoryKb?: number | undefined;
  readonly report: string;
}

/**
 * The resources that a run used. safeexec reports them on standard error; chroot does not, so only the time is known.
 */
export function reportOf({ via, command, exitCode, seconds, errors }: SandboxRun): RunReport {
  if (via === "chroot") {
    const net = command.includes(" unshare -n ") ? "no network" : "the host's network";
    const rights = command.includes(" --no-new-privs ") ? "no new privileges" : "new privileges not forbidden";
    return { elapsedSeconds: seconds, report: `exit code ${exitCode}; ${net}, ${rights}` };
  }
  const figure = (name: string): number | undefined => {
    const found = errors
      .map((line) => new RegExp(`^${name}: ([0-9.]+)`).exec(line)?.[1])
      .find((value) => value !== undefined);
    return found === undefined ? undefined : Number(found);
  };
  return {
    elapsedSeconds: figure("elapsed time") ?? seconds,
    cpuSeconds: figure("cpu usage"),
    memoryKb: figure("memory usage"),
    report: errors.filter((line) => line === "OK" || figures.test(line)).join("; "),
  };
}
