import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { HostError } from "../errors.js";
import type { Drift, Kind } from "../provider/kind.js";
import type { Answer } from "../remote/answer.js";
import { maybeNumber, maybeText, number, rest, type ValuesOf } from "../remote/arguments.js";
import { maybe, noJail, upTo } from "../remote/declaration.js";
import { exitCode, hostSeconds, plainName, said, oneOf } from "../remote/fields.js";
import { defineStep } from "../remote/step.js";
import { absolutePath, jailFields, type Jail, type JailArgs } from "./jail.js";
import { rootSteps } from "./JailRoot.js";
import { JailResource } from "./resource.js";

export interface JailCheckArgs extends JailArgs {
  /**
   * Absolute path of safeexec on the host. Default: the `safeexec` on root's PATH or in `/usr/local/bin`; where there is
   * none, chroot with dropped privileges, no network and the same limits.
   */
  safeexec?: pulumi.Input<string> | undefined;
  /** The user that the check runs as through chroot: a number, never root's. Default: 10000. */
  uid?: pulumi.Input<number> | undefined;
  /** The group that the check runs as through chroot. Default: 1000. */
  gid?: pulumi.Input<number> | undefined;
  /**
   * Limits of the check, and of the `command` that it hands out; the same through safeexec and through chroot. The
   * defaults leave every Python room (3.13 needs a tenth of the memory).
   */
  limits?:
    | pulumi.Input<{
        /** Seconds on the processor. Default: 10. */
        cpuSeconds?: pulumi.Input<number> | undefined;
        /** Seconds by the clock. Default: 60. */
        clockSeconds?: pulumi.Input<number> | undefined;
        /** Memory in kB, as address space. Default: 262144 (256 MB); safeexec's own 32768 is too little for some builds. */
        memoryKb?: pulumi.Input<number> | undefined;
        /** Processes and threads of this user, besides those that it has elsewhere on the host. Default: 16. 0: none besides itself, as safeexec's own default. */
        processes?: pulumi.Input<number> | undefined;
        /** Open files. Default: 512. */
        files?: pulumi.Input<number> | undefined;
        /**
         * The largest file that a program may write, in kB. With 0, safeexec's own default, its output must be a pipe: it cannot write to a
         * regular file. Default: 65536 (64 MB) where JailSystem made `tmp` or `shm`, else 0.
         */
        fileKb?: pulumi.Input<number> | undefined;
      }>
    | undefined;
  /** Any values: the check runs again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * JailRoot's `deleteContents`, for a check that goes only with the whole jail, and first of all, as in a PythonJail: its delete is then
   * refused wherever JailRoot's would be, before anything of the jail is removed. Default: a delete asks nothing.
   */
  deleteContents?: pulumi.Input<boolean> | undefined;
}

const account = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1: nothing in the jail runs as root")
  .max(4294967294);
const limit = z.number().int("must be a whole number").min(1, "must be at least 1");

const mostFileKb = 41_943_040;

/** The limits where nothing else is said. */
export const defaultLimits = { cpuSeconds: 10, clockSeconds: 60, memoryKb: 262144, processes: 16, files: 512 };

/** JailCheck's own inputs. */
export const checkFields = {
  safeexec: absolutePath.optional(),
  uid: account.default(10000),
  gid: account.default(1000),
  limits: z
    .strictObject({
      cpuSeconds: limit.default(defaultLimits.cpuSeconds),
      clockSeconds: limit.default(defaultLimits.clockSeconds),
      memoryKb: limit.default(defaultLimits.memoryKb),
      processes: z.number().int("must be a whole number").min(0).default(defaultLimits.processes),
      files: limit.max(1024, "must be at most 1024: safeexec allows no more").default(defaultLimits.files),
      fileKb: z
        .number()
        .int("must be a whole number")
        .min(0, "must be at least 0")
        .max(mostFileKb, `must be at most ${mostFileKb}: safeexec allows no more`)
        .optional(),
    })
    .default(defaultLimits),
  triggers: z.array(z.string()).default([]),
};
const schema = z.strictObject({ ...jailFields, ...checkFields, deleteContents: z.boolean().optional() });
type Inputs = z.output<typeof schema>;

interface Facts {
  readonly passed: true;
  readonly printed: string;
  readonly via: "safeexec" | "chroot";
  readonly python: string;
  readonly elapsedSeconds: number;
  readonly cpuSeconds?: number | undefined;
  readonly memoryKb?: number | undefined;
  readonly report: string;
  readonly command: string;
  /** The jail that passed; an older release recorded none. */
  readonly jailId?: string;
}

/** What `run_in_sandbox` answers of so many programs. */
export const runLines = (programs: number) => ({
  via: maybe([oneOf("safeexec", "chroot")]),
  command: maybe([said(10_000)]),
  run: upTo(programs, [plainName, exitCode, hostSeconds]),
  printed: upTo(20 * programs, [plainName, said()]),
  error: upTo(20 * programs, [plainName, said()]),
});

/** The limits of programs in the jail: seconds, kB and numbers. The script decides on what is not given. */
export const limitArguments = {
  cpu: maybeNumber,
  clock: maybeNumber,
  memory: maybeNumber,
  processes: maybeNumber,
  files: maybeNumber,
  fileKb: maybeNumber,
};

export const checkStep = defineStep({
  does: "run the basic test in the jail",
  script: "jail-check/run.sh",
  args: { safeexec: maybeText, uid: number, gid: number, ...limitArguments, programs: rest },
  looks: true,
  remembered: { follows: ({ safeexec }) => (safeexec === undefined ? [] : [safeexec]), hours: 12 },
  answers: { ...noJail, id: maybe([said(64)]), ...runLines(10) },
});

/** The procedure's basic test, and what it prints. */
const basicTest = "print(1+1)";
const expected = "2";
const tellVersion = "import sys; print(sys.version.split()[0])";

export const jailCheck: Kind<Inputs, Facts> = {
  type: "JailCheck",
  schema,
  quiet: ["deleteContents"],

  async observe(jail, inputs, facts) {
    const answer = await run(jail, inputs, basicTest);
    if (answer.maybe("jail") === "none") return undefined;
    const test = readRun(answer, 1);
    const failure = judgeRun(test, expected);
    const drift: Drift = failure === undefined ? {} : { [basicTest]: failure };
    // Times differ from run to run: the facts are those of the run that was deployed, unless Python is entered another way by now.
    const moved = failure === undefined && test.command !== facts.command;
    return {
      drift,
      facts: moved
        ? {
            passed: true,
            printed: expected,
            via: test.via,
            python: facts.python,
            command: test.command,
            ...idOf(facts.jailId),
            ...reportOf(test),
          }
        : facts,
    };
  },

  async ensure(jail: Jail, inputs) {
    const answer = await run(jail, inputs, basicTest, tellVersion);
    if (answer.maybe("jail") === "none")
      throw failed(jail, "there is no jail", "run `pulumi up --refresh`: it makes the jail anew");
    const test = readRun(answer, 1);
    const failure = judgeRun(test, expected);
    if (failure !== undefined) {
      throw failed(
        jail,
        `${basicTest} ${failure}`,
        "`pulumi up --refresh` repairs what differs from the declaration; `limits` sets how much it may use",
        test.errors.join("\n"),
      );
    }
    return {
      passed: true,
      printed: expected,
      via: test.via,
      python: readRun(answer, 2).printed[0] ?? "",
      command: test.command,
      ...idOf(answer.maybe("id")),
      ...reportOf(test),
    };
  },

  async remove(jail, { deleteContents }, { jailId }) {
    if (deleteContents !== undefined) await jail.run(rootSteps.ask, { id: jailId, deleteContents, kept: false });
  },
};

function idOf(jailId: string | undefined): Pick<Facts, "jailId"> {
  return jailId === undefined ? {} : { jailId };
}

function run(jail: Jail, { safeexec, uid, gid, limits }: Inputs, ...programs: string[]): Promise<Answer> {
  return jail.run(checkStep, { safeexec, uid, gid, ...limitValues(limits), programs });
}

/** The limits as the steps take them. */
export function limitValues(limits: Inputs["limits"]): ValuesOf<typeof limitArguments> {
  const { cpuSeconds: cpu, clockSeconds: clock, memoryKb: memory, processes, files, fileKb } = limits;
  return { cpu, clock, memory, processes, files, fileKb };
}

function failed(jail: Jail, reason: string, remedy: string, output?: string): HostError {
  return new HostError({ host: jail.host.name, step: checkStep.does, code: "check-failed", reason, remedy, output });
}

/** One run of a program in the jail, as `run.sh` tells it. */
export interface JailRun {
  readonly via: "safeexec" | "chroot";
  /** The command line that ran it, without Python's arguments. */
  readonly command: string;
  readonly exitCode: number;
  /** By the clock, measured from outside. */
  readonly seconds: number;
  readonly printed: readonly string[];
  readonly errors: readonly string[];
}

/** What `run_in_sandbox` tells of one of its programs, by number or name. */
export function readRun(answer: Answer, number: number | string): JailRun {
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

/** Why a run is no success, in words; undefined where it is one. */
export function judgeRun({ via, exitCode, printed, errors }: JailRun, wanted: string): string | undefined {
  const approved = via === "chroot" || errors.includes("OK");
  if (approved && exitCode === 0 && printed.length === 1 && printed[0] === wanted) return undefined;
  const what = printed.length === 0 ? "printed nothing" : `printed ${JSON.stringify(printed.join("\n").slice(0, 60))}`;
  const end = exitCode > 128 && exitCode < 193 ? `ended by signal ${exitCode - 128}` : `exit code ${exitCode}`;
  const last = errors.filter((line) => line.trim() !== "" && !figures.test(line)).at(-1);
  return `${what}, ${end}${last === undefined ? "" : `: ${last.slice(0, 200)}`}`;
}

/** safeexec's report, on standard error after its verdict. */
const figures = /^(elapsed time|memory usage|cpu usage):/;

/** What a run cost: safeexec reports it on standard error, besides its verdict. */
export function reportOf({
  via,
  command,
  exitCode,
  seconds,
  errors,
}: JailRun): Pick<Facts, "elapsedSeconds" | "cpuSeconds" | "memoryKb" | "report"> {
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

/**
 * The procedure's basic test, run in the jail as a user without rights: `print(1+1)` must print 2. Through safeexec where the
 * host has it, else through chroot with dropped privileges. A refresh runs it again.
 *
 * @example
 * new JailCheck("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest, libraries.digest] });
 */
export class JailCheck extends JailResource {
  /** Always true: a test that does not pass is an error. */
  declare public readonly passed: pulumi.Output<boolean>;
  /** What the test printed: `2`. */
  declare public readonly printed: pulumi.Output<string>;
  /** How it ran: `safeexec` or `chroot`. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot">;
  /** The version of Python that runs in the jail. */
  declare public readonly python: pulumi.Output<string>;
  /** By the clock. */
  declare public readonly elapsedSeconds: pulumi.Output<number>;
  /** On the processor, as safeexec reports it. */
  declare public readonly cpuSeconds: pulumi.Output<number | undefined>;
  /** As safeexec reports it. */
  declare public readonly memoryKb: pulumi.Output<number | undefined>;
  /** safeexec's verdict and figures; through chroot the exit code, and what confined it. */
  declare public readonly report: pulumi.Output<string>;
  /** The command line, for root on the host, that runs Python in the jail the way the check did; Python's arguments follow. */
  declare public readonly command: pulumi.Output<string>;

  constructor(name: string, args: JailCheckArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "JailCheck",
      name,
      args,
      ["passed", "printed", "via", "python", "elapsedSeconds", "cpuSeconds", "memoryKb", "report", "command"],
      options,
    );
  }
}
