import { accountsStep } from "../../src/remote/accounts.js";
import { disksStep } from "../../src/remote/disks.js";
import { factsStep } from "../../src/remote/facts.js";
import type { Step } from "../../src/remote/step.js";
import { kinds } from "../../src/resources/kinds.js";
import { statusStep } from "../../src/status/live.js";

const stepsOf: Readonly<Record<string, Readonly<Record<string, Step>>>> = {
  ...Object.fromEntries(Object.values(kinds).flatMap(({ steps }) => Object.entries(steps))),
  status: { look: statusStep },
  facts: { look: factsStep },
  disks: { look: disksStep },
  accounts: { look: accountsStep },
};

/** Every step of the provider, by the sort of what it works on and its own name: `root: ensure`. */
export const everyStep: Record<string, Step> = Object.fromEntries(
  Object.entries(stepsOf).flatMap(([kind, some]) =>
    Object.entries(some).map(([name, step]) => [`${kind}: ${name}`, step]),
  ),
);
