import { limitArguments, limitValues } from "../jail/sandbox-limits.js";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { HostError } from "../base/errors.js";
import { sandboxFields } from "../jail/sandbox-limits.js";
import { judgeRun, readRun, reportOf, runLines, type RunReport } from "../jail/sandbox-run.js";
import type { Drift, Kind } from "../provider/kind.js";
import { settingsOf } from "../provider/settings.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail } from "../remote/declaration.js";
import { said } from "../remote/fields.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import type { JailArgs } from "./args.js";
import { rootSteps } from "./JailRoot.js";
import { JailResource } from "./resource.js";
import { maybeText } from "../remote/arguments.js";
import { number } from "../remote/arguments.js";
import { rest } from "../remote/arguments.js";
import { defineStep } from "../remote/step.js";

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

/** JailCheck's own inputs. */
const checkFields = { ...sandboxFields, triggers: z.array(z.string()).default([]) };
const schema = z.strictObject({ ...jailFields, ...checkFields, deleteContents: z.boolean().optional() });
type Inputs = z.output<typeof schema>;

interface Facts extends RunReport {
  readonly passed: true;
  readonly printed: string;
  readonly via: "safeexec" | "chroot";
  readonly python: string;
  readonly command: string;
  /** The jail that passed; an older release recorded none. */
  readonly jailId?: string;
}

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
  steps: { check: { run: checkStep } },
  settings: {
    key: "check",
    schema: settingsOf(checkFields),
    description: "How the jail is tried: `safeexec`, limits.",
  },
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

  async ensure(jail: Target, inputs) {
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

function run(jail: Target, { safeexec, uid, gid, limits }: Inputs, ...programs: string[]): Promise<Answer> {
  return jail.run(checkStep, { safeexec, uid, gid, ...limitValues(limits), programs });
}

function failed(jail: Target, reason: string, remedy: string, output?: string): HostError {
  return new HostError({ host: jail.host.name, step: checkStep.does, code: "check-failed", reason, remedy, output });
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
