import { describe, expect, test } from "@jest/globals";
import { parseConfig } from "../../src/config.js";
import { checked } from "../../src/base/validation.js";
import { amountOf, rolloutSchema, settingsIn } from "../../src/rollout/settings.js";

const reasons = (value: unknown): string[] | undefined => checked<unknown>(rolloutSchema, value).reasons;

test("settings have defaults, and accept numbers, shares, names and times", () => {
  expect(rolloutSchema.parse({})).toEqual({ canary: 1, batch: "25%", maxFailures: 1, pause: 0 });
  expect(rolloutSchema.parse({ canary: ["judge-3"], batch: 10, maxFailures: "5%", pause: "2m" })).toEqual({
    canary: ["judge-3"],
    batch: 10,
    maxFailures: "5%",
    pause: 120,
  });
});

test.each<[object, string]>([
  [{ canary: -1 }, "canary: must be a whole number of hosts, a share such as 10%, or a list of hosts' names"],
  [{ canary: [] }, "canary: must be a whole number of hosts, a share such as 10%, or a list of hosts' names"],
  [{ batch: 0 }, "batch: must be at least 1"],
  [{ batch: "0%" }, "batch: must be at least 1"],
  [{ batch: "101%" }, "batch: must be a whole number of hosts, or a share such as 25%"],
  [{ maxFailures: 1.5 }, "maxFailures: must be a whole number of hosts, or a share such as 25%"],
  [{ maxFailures: true }, "maxFailures: must be a number"],
  [{ pause: "2 min" }, 'pause: must be seconds, or a time such as "2m"'],
  [{ wait: 3 }, 'unknown property "wait" (known: batch, canary, maxFailures, pause)'],
])("%j is refused", (value, reason) => expect(reasons(value)).toEqual([reason]));

test("a share is rounded as the caller asks", () => {
  expect([amountOf("25%", 10, Math.ceil), amountOf("25%", 10, Math.floor), amountOf(4, 10, Math.ceil)]).toEqual([
    3, 2, 4,
  ]);
});

describe("the rollout in a stack's config", () => {
  const config = { hosts: [{ name: "a", connection: { host: "h" } }], python: { version: "3.13.5" } };
  const parse = (values: object) =>
    parseConfig(
      "p",
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`p:${key}`, JSON.stringify(value)])),
      "/",
    );
  test("is checked with the rest of the config", () => {
    expect(parse({ ...config, rollout: { canary: 2 } }).hosts).toHaveLength(1);
    expect(() => parse({ ...config, rollout: { batch: "all" } })).toThrow(
      "p:rollout.batch: must be a whole number of hosts, or a share such as 25%",
    );
  });
  test("is found under the project's name, and under ours", () => {
    expect(settingsIn({ "judges:rollout": '{"canary":2}' })).toEqual({ canary: 2 });
    expect(settingsIn({ "python3jail:rollout": '{"canary":3}', "judges:other": "x" })).toEqual({ canary: 3 });
    expect([settingsIn({}), settingsIn({ "judges:rollout": "[secret]" })]).toEqual([{}, "[secret]"]);
  });
});
