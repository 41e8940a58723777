import { z } from "zod";

/** A number of hosts, or a share of those that the rollout changes. */
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

/** How a stack is rolled out (`npx python3jail up`); plain `pulumi up` does not look at it. */
const rolloutFields = {
  /** Which hosts go first: how many (or what share, rounded up) in the order of their names, or which by name. 0: none. Default: 1. */
  canary: z
    .union([z.number(), z.string(), z.array(z.string())])
    .refine(
      (value) => isAmount(value) || isNames(value),
      "must be a whole number of hosts, a share such as 10%, or a list of hosts' names",
    )
    .transform((value) => value)
    .default(1),
  /** How many hosts change at a time after that: a number, or a share of all that change, rounded up. Default: "25%". */
  batch: amount.refine((value) => !isNothing(value), "must be at least 1").default("25%"),
  /** How many hosts may fail, the share rounded down: with one more, no further batch starts. A canary's failure always ends it. Default: 1. */
  maxFailures: amount.default(1),
  /** The time between two batches: seconds, or a text such as "90s", "2m", "1h". Default: 0. */
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

/** So many of `all`. */
export function amountOf(value: Amount, all: number, round: (share: number) => number): number {
  return typeof value === "number" ? value : round((Number(value.slice(0, -1)) * all) / 100);
}

/** What the stack's config says of its rollout: under the project's name, or, as with `credentials`, under ours. */
export function settingsIn(config: Readonly<Record<string, string>>): unknown {
  const text = Object.entries(config).find(([key]) => key.endsWith(":rollout"))?.[1];
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
