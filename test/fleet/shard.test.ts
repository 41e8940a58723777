import { expect, test } from "@jest/globals";
import { parseConfig } from "../../src/config.js";
import { isInShard, shardSchema } from "../../src/fleet/shard.js";

const names = Array.from({ length: 1000 }, (_, number) => `judge-${number + 1}`);
const shards = (of: number): string[] => Array.from({ length: of }, (_, which) => `${which + 1}/${of}`);

test("every host is in exactly one shard, and shards have about the same size", () => {
  for (const of of [1, 3, 10]) {
    expect(names.map((name) => shards(of).filter((shard) => isInShard(name, shard)).length)).toEqual(
      names.map(() => 1),
    );
    const sizes = shards(of).map((shard) => names.filter((name) => isInShard(name, shard)).length);
    expect([Math.min(...sizes) > (0.7 * 1000) / of, of === 1 || Math.max(...sizes) < (1.3 * 1000) / of]).toEqual([
      true,
      true,
    ]);
  }
  // This must never change: it would move hosts from stack to stack.
  expect(names.slice(0, 8).map((name) => shards(10).find((shard) => isInShard(name, shard)))).toEqual([
    "2/10",
    "6/10",
    "7/10",
    "3/10",
    "5/10",
    "1/10",
    "3/10",
    "10/10",
  ]);
});

test.each(["0/10", "11/10", "3", "3/0", "a/b", "1/10000", " 1/2"])("%j is refused as a shard", (text) =>
  expect(shardSchema.safeParse(text).success).toBe(false),
);

const parse = (values: object) =>
  parseConfig(
    "p",
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        `p:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    "/",
  );
const config = {
  python: { version: "3.13.5" },
  hosts: Object.fromEntries(names.slice(0, 20).map((name) => [name, {}])),
};

test("a stack declares only the hosts of its shard", () => {
  const parts = shards(3).map((shard) => parse({ ...config, shard }).hosts.map(({ name }) => name));
  expect(parts.flat().sort()).toEqual(names.slice(0, 20).sort());
  expect(parse(config).hosts).toHaveLength(20);
  // An invalid host is an error in every shard. A shard without hosts is a warning.
  expect(() => parse({ ...config, shard: "1/3", hosts: { ...config.hosts, "judge-1": { group: "none" } } })).toThrow(
    'there is no group "none"',
  );
  expect(
    parse({ ...config, hosts: { "judge-1": {} }, shard: shards(3).find((shard) => !isInShard("judge-1", shard))! })
      .warnings,
  ).toEqual([expect.stringMatching(/^p:shard: none of the 1 hosts is in \d\/3$/)]);
  expect(() => parse({ ...config, shard: "4/3" })).toThrow('p:shard: must be one of them: "3/10" is the third of ten');
});
