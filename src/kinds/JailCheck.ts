import { importFailureOf } from "../jail/import-failure.js";
import { sandboxArguments, sandboxFields, sandboxValues } from "../jail/sandbox-limits.js";
import { z } from "zod";
import { HostError } from "../base/errors.js";
import { judgeRun, readRun, reportOf, runLines, type RunReport } from "../jail/sandbox-run.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedLongText, recordedNumber, recordedText } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { plural } from "../base/text.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, one, upTo } from "../remote/declaration.js";
import { oneOf, plainName, said, wholeNumber } from "../remote/fields.js";
import { scriptText } from "../remote/scripts.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { rootSteps } from "./JailRoot.js";
import { list, rest, text } from "../remote/arguments.js";
import { defineStep } from "../remote/step.js";

const moduleName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/, 'must be a module, such as "cv2" or "google.protobuf"');

/** JailCheck's own inputs. */
const checkFields = {
  ...sandboxFields,
  imports: z.union([z.literal("none"), z.strictObject({ skip: z.array(moduleName).default([]) })]).optional(),
  triggers: z.array(z.string()).default([]),
};

const schema = z.strictObject({ ...jailFields, ...checkFields, deleteContents: z.boolean().optional() });

type Inputs = z.output<typeof schema>;

interface Facts extends RunReport {
  readonly passed: true;
  readonly printed: string;
  readonly via: "safeexec" | "chroot";
  readonly python: string;
  readonly command: string;
  /** Number of modules of packages that were imported. An older release recorded none. */
  readonly imported?: number;
  /** Id of the jail that passed. An older release recorded none. */
  readonly jailId?: string;
}

export const checkStep = defineStep({
  does: "run the basic test in the jail",
  script: "jail-check/run.sh",
  args: { ...sandboxArguments, programs: rest },
  reads: true,
  remembered: { follows: ({ safeexec }) => (safeexec === undefined ? [] : [safeexec]), hours: 12 },
  answers: { ...noJail, id: maybe([said(64)]), packages: maybe([oneOf("yes")]), ...runLines(10) },
});

/** The most failed imports that `imports.sh` describes. */
const mostDescribed = 10;

export const importStep = defineStep({
  does: "import the packages in the jail",
  script: "jail-check/imports.sh",
  args: { ...sandboxArguments, skip: list, packageOf: text },
  slow: true,
  answers: {
    imported: one([wholeNumber]),
    failing: one([wholeNumber]),
    failed: upTo(mostDescribed, [plainName, said(200)]),
    ...runLines(mostDescribed),
  },
});

/** The basic test of the manual procedure. It must print `expected`. */
const basicTest = "print(1+1)";

const expected = "2";

const tellVersion = "import sys; print(sys.version.split()[0])";

const outputs = z.object({
  printed: recordedText,
  via: recordedText,
  elapsedSeconds: recordedNumber,
  cpuSeconds: recordedNumber,
  memoryKb: recordedNumber,
  imported: recordedNumber,
  report: recordedText,
  command: recordedLongText,
});

/** The result of the basic test. Times in seconds, memory in kB. */
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
  section: ({ printed, via, elapsedSeconds, cpuSeconds, memoryKb, imported }) => ({
    title: "Check",
    rank: -1,
    facts: [
      [basicTest, printed],
      ["through", via],
      ["by the clock", elapsedSeconds === undefined ? undefined : `${elapsedSeconds} s`],
      ["processor", cpuSeconds === undefined ? undefined : `${cpuSeconds} s`],
      ["memory", { kb: memoryKb }],
      ["modules of packages imported", imported || undefined],
    ],
  }),
};

export const jailCheck: Kind<Inputs, Facts> = {
  type: "JailCheck",
  schema,
  steps: { check: { run: checkStep, imports: importStep } },
  settings: {
    key: "check",
    example: "{uid: 10000, limits: {memoryKb: 262144}}",
    schema: settingsOf(checkFields),
    description: "How the jail is tried: `safeexec`, `limits`, `environment`, `imports`.",
  },
  shown,
  quiet: ["deleteContents"],

  async read(jail, inputs, facts) {
    const answer = await run(jail, inputs, basicTest);
    if (answer.maybe("jail") === "none") return undefined;
    const test = readRun(answer, 1);
    const failure = judgeRun(test, expected);
    const drift: Drift = failure === undefined ? {} : { [basicTest]: failure };
    // Times differ from run to run, so the facts stay those of the deployed run, unless the command has changed since.
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
            ...(facts.imported === undefined ? {} : { imported: facts.imported }),
            ...idOf(facts.jailId),
            ...reportOf(test),
          }
        : facts,
    };
  },

  async apply(jail: Target, inputs) {
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
    const imported = answer.maybe("packages") === "yes" ? await importPackages(jail, inputs) : 0;
    return {
      passed: true,
      printed: expected,
      via: test.via,
      python: readRun(answer, 2).printed[0] ?? "",
      command: test.command,
      imported,
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

function run(jail: Target, inputs: Inputs, ...programs: string[]): Promise<Answer> {
  return jail.run(checkStep, { ...sandboxValues(inputs), programs });
}

/** Imports every module of the packages and returns their number. Throws HostError if an import fails. */
async function importPackages(jail: Target, inputs: Inputs): Promise<number> {
  const { imports = { skip: [] } } = inputs;
  if (imports === "none") return 0;
  const answer = await jail.run(importStep, {
    ...sandboxValues(inputs),
    skip: imports.skip,
    packageOf: scriptText("jail-check/package_of.py"),
  });
  const failures = answer.all("failed", 2).map(([module, owner]) => {
    const run = readRun(answer, module);
    return { module, owner: owner === "" ? "a package" : owner, run, ...importFailureOf(run, module) };
  });
  const [first] = failures;
  const imported = Number(answer.one("imported")[0]);
  if (first === undefined) return imported;
  const failing = Number(answer.one("failing")[0]);
  const cures = [...new Set(failures.map(({ module, cure }) => `${module}: ${cure}`))];
  const skip = failures.map(({ module }) => module).join(", ");
  throw new HostError({
    host: jail.host.name,
    step: importStep.does,
    code: "import-failed",
    reason: `${failing} of ${plural(imported + failing, "module")} cannot be imported under the limits of \`check\`: ${failures
      .map(({ module, owner, lastLine }) => `${module} of ${owner}: ${lastLine}`)
      .join("; ")}`,
    remedy: `${cures.join("; ")}; or leave out what nobody is to import: \`check: {imports: {skip: [${skip}]}}\``,
    output: failures.length === 1 ? first.run.errors.join("\n") : "",
  });
}

function failed(jail: Target, reason: string, remedy: string, output?: string): HostError {
  return new HostError({ host: jail.host.name, step: checkStep.does, code: "check-failed", reason, remedy, output });
}
