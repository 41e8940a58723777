import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import { settingsOf } from "../provider/settings.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, upTo } from "../remote/declaration.js";
import { visPath, wholeNumber, said } from "../remote/fields.js";
import { defineStep, type Step } from "../remote/step.js";
import { accountName, octalMode } from "../remote/ownership.js";
import { jailFields } from "../remote/target-inputs.js";
import { pathInJail } from "../remote/host-paths.js";
import type { Target } from "../remote/target.js";
import { flag, rest, text, type ValuesOf } from "../remote/arguments.js";

/** JailPermissions' own inputs. */
const jailPermissionsFields = {
  owner: accountName.default("root"),
  group: accountName.default("root"),
  scratchGroup: accountName.optional(),
  modes: z.record(pathInJail, octalMode).default({}),
  emptyScratch: z.boolean().default(false),
};

const schema = z.strictObject({ ...jailFields, ...jailPermissionsFields, triggers: z.array(z.string()).default([]) });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly leftAlone: string[];
}

const offenders = {
  offender: upTo(5, [visPath(), said(), said()]),
  offenders: maybe([wholeNumber]),
  "left-alone": upTo(5, [visPath(), said()]),
};

const policyArguments = { owner: text, group: text, scratchGroup: text, modes: rest };

export const permissionSteps = {
  read: defineStep({
    does: "read the permissions",
    script: "jail-permissions/read.sh",
    args: policyArguments,
    reads: true,
    remembered: { follows: ({ owner, group, scratchGroup }) => [owner, group, scratchGroup] },
    answers: { ...noJail, ...offenders },
  }),
  apply: {
    does: "set the permissions",
    script: "jail-permissions/apply.sh",
    args: { emptyScratch: flag, ...policyArguments },
    slow: true,
    confined: true,
    answers: offenders,
  },
  remove: {
    does: "give back the permissions",
    script: "jail-permissions/remove.sh",
    slow: true,
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

export const jailPermissions: Kind<Inputs, Facts> = {
  type: "JailPermissions",
  schema,
  steps: { permissions: permissionSteps },
  settings: {
    key: "permissions",
    example: "{owner: judge}",
    schema: settingsOf(jailPermissionsFields),
    description: "Owners and modes: `owner`, `group`, `scratchGroup`, `modes`, `emptyScratch`.",
  },

  async read(jail, inputs) {
    const answer = await jail.run(permissionSteps.read, policy(inputs));
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareWithPolicy(answer), facts: { leftAlone: leftAlone(answer) } };
  },

  async apply(jail: Target, inputs) {
    const answer = await jail.run(permissionSteps.apply, { emptyScratch: inputs.emptyScratch, ...policy(inputs) });
    return { leftAlone: leftAlone(answer) };
  },

  async remove(jail) {
    await jail.run(permissionSteps.remove);
  },
};

function policy({ owner, group, scratchGroup, modes }: Inputs): ValuesOf<typeof policyArguments> {
  return {
    owner,
    group,
    scratchGroup: scratchGroup ?? group,
    modes: Object.entries(modes)
      .map(([path, mode]) => `${mode} ${path}`)
      .sort(),
  };
}

/** The drift of the permissions: the paths that `policy.sh` named, and the number of the others. */
export function compareWithPolicy(answer: Answer): Drift {
  const drift: Drift = {};
  for (const [path, is, should] of answer.all("offender", 3)) drift[path] = `is ${is}, should be ${should}`;
  const total = Number(answer.maybe("offenders") ?? 0);
  const named = Object.keys(drift).length;
  if (total > named) drift["and more"] = `${total - named} more paths`;
  return drift;
}

export function leftAlone(answer: Answer): string[] {
  return answer.all("left-alone").map(([path, why]) => `${path}: ${why}`);
}
