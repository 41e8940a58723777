import { limitArguments, limitValues, sandboxFields } from "../jail/sandbox-limits.js";
import { z } from "zod";
import { HostError } from "../base/errors.js";
import { judgeRun, readRun, reportOf, runLines, type RunReport } from "../jail/sandbox-run.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedLongText, recordedNumber, recordedText } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail } from "../remote/declaration.js";
import { said } from "../remote/fields.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { rootSteps } from "./JailRoot.js";
import { optionalText, number, rest } from "../remote/arguments.js";
import { defineStep } from "../remote/step.js";

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
  args: { safeexec: optionalText, uid: number, gid: number, ...limitArguments, programs: rest },
  looks: true,
  remembered: { follows: ({ safeexec }) => (safeexec === undefined ? [] : [safeexec]), hours: 12 },
  answers: { ...noJail, id: maybe([said(64)]), ...runLines(10) },
});

/** The procedure's basic test, and what it prints. */
const basicTest = "print(1+1)";

const expected = "2";

const tellVersion = "import sys; print(sys.version.split()[0])";

const outputs = z.object({
  printed: recordedText,
  via: recordedText,
  elapsedSeconds: recordedNumber,
  cpuSeconds: recordedNumber,
  memoryKb: recordedNumber,
  report: recordedText,
  command: recordedLongText,
});

/** The basic test. Times in seconds, memory in kB. */
export type CheckStatus = z.output<typeof outputs>;

const shown: Shown<CheckStatus> = {
  key: "check",
  status: (recorded) => outputs.parse(recorded),
  driftFails: true,
  columns: [
    {
      title: "Check",
      about: `What ${basicTest} printed inside, and through what it ran`,
      inStatus: "always",
      cell: ({ printed, via }) => printed && `${printed}, ${via ?? "?"}`,
    },
  ],
  section: ({ printed, via, elapsedSeconds, cpuSeconds, memoryKb }) => ({
    title: "Check",
    rank: -1,
    facts: [
      [basicTest, printed],
      ["through", via],
      ["by the clock", elapsedSeconds === undefined ? undefined : `${elapsedSeconds} s`],
      ["processor", cpuSeconds === undefined ? undefined : `${cpuSeconds} s`],
      ["memory", { kb: memoryKb }],
    ],
  }),
};

export const jailCheck: Kind<Inputs, Facts> = {
  type: "JailCheck",
  schema,
  steps: { check: { run: checkStep } },
  settings: {
    key: "check",
    example: "{uid: 10000, limits: {memoryKb: 262144}}",
    schema: settingsOf(checkFields),
    description: "How the jail is tried: `safeexec`, limits.",
  },
  shown,
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
