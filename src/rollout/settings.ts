import { z } from "zod";

/** A number of hosts, or a share of the hosts that the rollout changes. */
export type Amount = number | `${number}%`;

const isAmount = (value: unknown): value is Amount =>
  typeof value === "number"
    ? Number.isInteger(value) && value >= 0
    : typeof value === "string" && /^(100|[1-9]?\d)%$/.test(value);
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => name !== "");
const isNothing = (value: unknown): boolean => value === 0 || value === "0%";

const numberOrText = z.union([z.number(), z.string()]);
const amount = numberOrText
  .refine(isAmount, "must be a whole number of hosts, or a share such as 25%")
  .transform((value) => value);
const seconds = { s: 1, m: 60, h: 3600 } as const;

/** Settings of a stack's rollout (`npx python3jail up`). Plain `pulumi up` ignores them. */
const rolloutFields = {
  /**
   * Hosts that go first: a number or share (rounded up) of hosts in the order of their names, or a list of names. 0:
   * none. Default: 1.
   */
  canary: z
    .union([z.number(), z.string(), z.array(z.string())])
    .refine(
      (value) => isAmount(value) || isNames(value),
      "must be a whole number of hosts, a share such as 10%, or a list of hosts' names",
    )
    .transform((value) => value)
    .default(1),
  /**
   * Hosts that change at a time after the canary: a number, or a share of all that change, rounded up. Default: "25%".
   */
  batch: amount.refine((value) => !isNothing(value), "must be at least 1").default("25%"),
  /**
   * Hosts that may fail; a share is rounded down. With one more failure, no further step starts. A canary's failure
   * always ends the rollout. Default: 1.
   */
  maxFailures: amount.default(1),
  /** Time between two steps: seconds, or a text such as "90s", "2m", "1h". Default: 0. */
  pause: numberOrText
    .refine(
      (value) => (typeof value === "number" ? value >= 0 : /^\d+[smh]$/.test(value)),
      'must be seconds, or a time such as "2m"',
    )
    .transform((value) =>
      typeof value === "number" ? value : Number(value.slice(0, -1)) * seconds[value.slice(-1) as keyof typeof seconds],
    )
    .default(0),
};

export const rolloutSchema = z.strictObject(rolloutFields);
export type RolloutSettings = z.output<typeof rolloutSchema>;

/** Converts an amount into a number; a share is a share of `all`. */
export function amountOf(value: Amount, all: number, round: (share: number) => number): number {
  return typeof value === "number" ? value : round((Number(value.slice(0, -1)) * all) / 100);
}

/** Reads the rollout settings in the stack's config: under the project's name, or under ours, as with `credentials`. */
export function settingsIn(config: Readonly<Record<string, string>>): unknown {
  const text = Object.entries(config).find(([key]) => key.endsWith(":rollout"))?.[1];
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
