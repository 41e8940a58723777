import { accountsStep } from "../../src/remote/accounts.js";
import { doctorStep } from "../../src/doctor/host-facts.js";
import { disksStep } from "../../src/remote/disks.js";
import { factsStep } from "../../src/remote/facts.js";
import type { Argument, Value } from "../../src/remote/arguments.js";
import type { Step } from "../../src/remote/step.js";
import { kinds } from "../../src/kinds/kinds.js";
import { statusStep } from "../../src/status/live.js";

const stepsOf: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  ...Object.fromEntries(Object.values(kinds).flatMap(({ steps }) => Object.entries(steps))),
  status: { look: statusStep },
  facts: { look: factsStep },
  doctor: { read: doctorStep },
  disks: { look: disksStep },
  accounts: { look: accountsStep },
};

/** Every step of the provider, by its group and name: `root: apply`. */
export const everyStep: Record<string, Step> = Object.fromEntries(
  Object.entries(stepsOf).flatMap(([kind, some]) =>
    Object.entries(some).map(([name, step]) => [`${kind}: ${name}`, step]),
  ),
);

/** A value for each argument of a step. */
export function sampleValues({ args = {} }: Step): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, sampleOf(argument)]));
}

function sampleOf({ schema }: Argument): Value {
  const sample = ["a text", 7, true, ["an item"]].find((one) => schema.safeParse(one).success);
  if (sample === undefined) throw new Error("there is no sample for an argument");
  return sample;
}
