import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import { settingsOf } from "../provider/settings.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, upTo } from "../remote/declaration.js";
import { wholeNumber, said } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { accountName, octalMode } from "../remote/ownership.js";
import { jailFields } from "../remote/target-inputs.js";
import { pathInJail } from "../remote/host-paths.js";
import type { Target } from "../remote/target.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";
import { flag } from "../remote/arguments.js";
import { rest } from "../remote/arguments.js";
import { text } from "../remote/arguments.js";
import type { ValuesOf } from "../remote/arguments.js";
import { defineStep } from "../remote/step.js";

export interface JailPermissionsArgs extends JailArgs {
  /** Owner of everything in the jail but its own folder (JailRoot's) and its device nodes (DeviceNode's). Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group of the same. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
  /** Group of `scratch`, who may write there: the web server's (`www-data`, `apache`). Default: `group`. */
  scratchGroup?: pulumi.Input<string> | undefined;
  /**
   * Octal permissions of single paths in the jail, over the policy: folders 0755, files 0644, executables 0755; what lies
   * at the top 0751 and 0640, so that the sandboxed user may use but not list it; `bin` and `static` 0755; `scratch` 0770.
   * What lies in a folder that everybody is to write to (`tmp: "1777"`) is its users' own, as in `scratch`.
   */
  modes?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Empty `scratch` whenever this resource is created or updated. Default: false. */
  emptyScratch?: pulumi.Input<boolean> | undefined;
  /** Any values: the policy is applied again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

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
  offender: upTo(5, [said(), said(), said()]),
  offenders: maybe([wholeNumber]),
  "left-alone": upTo(5, [said(), said()]),
};
const policyArguments = { owner: text, group: text, scratchGroup: text, modes: rest };
export const permissionSteps = {
  observe: defineStep({
    does: "look at the permissions",
    script: "jail-permissions/observe.sh",
    args: policyArguments,
    looks: true,
    remembered: { follows: ({ owner, group, scratchGroup }) => [owner, group, scratchGroup] },
    answers: { ...noJail, ...offenders },
  }),
  ensure: {
    does: "set the permissions",
    script: "jail-permissions/ensure.sh",
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
    schema: settingsOf(jailPermissionsFields),
    description: "Owners and modes: `owner`, `group`, `scratchGroup`, `modes`, `emptyScratch`.",
  },

  async observe(jail, inputs) {
    const answer = await jail.run(permissionSteps.observe, policy(inputs));
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareWithPolicy(answer), facts: { leftAlone: leftAlone(answer) } };
  },

  async ensure(jail: Target, inputs) {
    const answer = await jail.run(permissionSteps.ensure, { emptyScratch: inputs.emptyScratch, ...policy(inputs) });
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

/** The offenders that `policy.sh` named, and how many more there are. */
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

/**
 * The owner and permissions of everything in the jail, as a declared policy: only what differs is touched, never
 * through a symbolic link, never outside the jail, and never a device node.
 *
 * @example
 * new JailPermissions("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", scratchGroup: "www-data" });
 */
export class JailPermissions extends JailResource {
  /** What was left alone, and why: files with a second name outside our sight, say. */
  declare public readonly leftAlone: pulumi.Output<string[]>;

  constructor(name: string, args: JailPermissionsArgs, options?: pulumi.CustomResourceOptions) {
    super("JailPermissions", name, args, ["leftAlone"], options);
  }
}
