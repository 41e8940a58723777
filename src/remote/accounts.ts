import type { Target } from "./target.js";
import { one } from "./declaration.js";
import { maybeNumber } from "./fields.js";
import { text } from "./arguments.js";
import { defineStep } from "./step.js";

/** A user and a group, each by name or number. */
export interface Owners {
  readonly owner: string;
  readonly group: string;
}

export const accountsStep = defineStep({
  does: "look up accounts",
  script: "accounts/read.sh",
  gets: [],
  args: { owner: text, group: text },
  reads: true,
  remembered: { follows: ({ owner, group }) => [owner, group] },
  answers: { owner: one([maybeNumber]), group: one([maybeNumber]) },
});

/** Reads the numbers of an owner and a group on the host. A name that the host does not know is returned as it is. */
export async function ownerNumbers(jail: Pick<Target, "run">, { owner, group }: Owners): Promise<Owners> {
  const known = (name: string): string | undefined =>
    name === "root" ? "0" : /^[0-9]+$/.test(name) ? name : undefined;
  const numbers = { owner: known(owner), group: known(group) };
  if (numbers.owner !== undefined && numbers.group !== undefined) return { owner: numbers.owner, group: numbers.group };
  const answer = await jail.run(accountsStep, { owner, group });
  return { owner: answer.one("owner")[0] || owner, group: answer.one("group")[0] || group };
}

/**
 * The difference between a path's owner and group and the wanted ones, in words. Accounts with equal numbers are equal,
 * as one account may have several names. `actual`: the path's owner, its number, its group, its number. `numbers`:
 * those of `wanted`.
 */
export function differingOwners(
  wanted: Owners,
  actual: readonly (string | undefined)[],
  numbers: Owners = wanted,
): Partial<Owners> {
  const [owner, ownerId, group, groupId] = actual;
  const differ = (name: string, number: string, is: string | undefined, id: string | undefined): string | undefined =>
    is === undefined || is === name || id === number ? undefined : `is ${is}, should be ${name}`;
  const ofOwner = differ(wanted.owner, numbers.owner, owner, ownerId);
  const ofGroup = differ(wanted.group, numbers.group, group, groupId);
  return { ...(ofOwner !== undefined && { owner: ofOwner }), ...(ofGroup !== undefined && { group: ofGroup }) };
}
