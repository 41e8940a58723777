import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import { differingOwners, ownerNumbers, type Owners } from "../remote/accounts.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail } from "../remote/declaration.js";
import { wholeNumber, octal, said, oneOf } from "../remote/fields.js";
import { devicePresetNames } from "../jail/device-presets.js";
import type { Step } from "../remote/step.js";
import { accountName, octalMode } from "../remote/ownership.js";
import { jailFields } from "../remote/target-inputs.js";
import { pathInJail } from "../remote/host-paths.js";
import type { Target } from "../remote/target.js";
import { number, text } from "../remote/arguments.js";

const deviceNumber = z
  .number()
  .int("must be a whole number")
  .min(0, "must be at least 0")
  .max(1048575, "must be at most 1048575");

const schema = z.strictObject({
  ...jailFields,
  node: pathInJail,
  type: z.enum(["c", "b"]).default("c"),
  major: deviceNumber,
  minor: deviceNumber,
  mode: octalMode,
  owner: accountName.default("root"),
  group: accountName.default("root"),
});

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly device: string;
}

export const nodeSteps = {
  read: {
    does: "read the device node",
    script: "device-node/read.sh",
    args: { node: text },
    reads: true,
    remembered: {},
    answers: {
      ...noJail,
      nodev: maybe([oneOf("yes")]),
      node: maybe(
        [oneOf("missing", "a symbolic link", "a folder", "a regular file", "a socket or FIFO")],
        [oneOf("c", "b"), wholeNumber, wholeNumber, octal, said(), wholeNumber, said(), wholeNumber],
      ),
    },
  },
  apply: {
    does: "make the device node",
    script: "device-node/apply.sh",
    args: { node: text, type: text, major: number, minor: number, mode: text, owner: text, group: text },
    confined: true,
    answers: {},
  },
  remove: {
    does: "remove the device node",
    script: "device-node/remove.sh",
    args: { node: text },
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

export const deviceNode: Kind<Inputs, Facts> = {
  type: "DeviceNode",
  schema,
  steps: { node: nodeSteps },
  settings: {
    key: "devices",
    example: '["null", "urandom"]',
    schema: z.array(z.enum(devicePresetNames)),
    description: "Which of the device nodes null, random and urandom the jail has. Default: all.",
    list: devicePresetNames,
  },
  identity: ["node"],

  async read(jail, inputs) {
    const [answer, numbers] = await readNode(jail, inputs);
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareNode(inputs, answer, numbers), facts: facts(inputs) };
  },

  async apply(jail, inputs) {
    const { node, type, major, minor, mode, owner, group } = inputs;
    const differs = Object.keys(compareNode(inputs, ...(await readNode(jail, inputs)))).length > 0;
    if (differs) await jail.run(nodeSteps.apply, { node, type, major, minor, mode, owner, group });
    return facts(inputs);
  },

  async remove(jail: Target, inputs) {
    await jail.run(nodeSteps.remove, { node: inputs.node });
  },
};

function readNode(jail: Target, inputs: Inputs): Promise<[Answer, Owners]> {
  return Promise.all([jail.run(nodeSteps.read, { node: inputs.node }), ownerNumbers(jail, inputs)]);
}

function facts({ type, major, minor }: Inputs): Facts {
  return { device: `${type} ${major}:${minor}` };
}

/** The drift of a device node: the wanted node compared with the answer of `read.sh`. */
export function compareNode(
  wanted: Pick<Inputs, "node" | "type" | "major" | "minor" | "mode" | "owner" | "group">,
  answer: Answer,
  numbers?: Owners,
): Drift {
  const what = answer.maybe("node");
  if (what === undefined || what === "missing") return { [wanted.node]: "is missing" };
  const differences: string[] = [];
  if (what !== "c" && what !== "b") {
    differences.push(`is ${what}, should be a device node`);
  } else {
    const [, major, minor, mode, ...owners] = answer.one("node");
    const device = `${what} ${major}:${minor}`;
    const should = `${wanted.type} ${wanted.major}:${wanted.minor}`;
    if (device !== should) differences.push(`is device ${device}, should be ${should}`);
    if (mode !== wanted.mode) differences.push(`mode is ${mode}, should be ${wanted.mode}`);
    for (const [which, words] of Object.entries(differingOwners(wanted, owners, numbers)))
      differences.push(`${which} ${words}`);
  }
  if (answer.maybe("nodev") === "yes") differences.push("is dead: its file system is mounted nodev");
  return differences.length > 0 ? { [wanted.node]: differences.join("; ") } : {};
}
