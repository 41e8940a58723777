import { expect, test } from "@jest/globals";
import { runStacks, stacksMatching } from "../../src/rollout/stacks.js";

test.each([
  ["prod-*", ["prod-2", "prod-10"]],
  ["*", ["dev", "prod-2", "prod-10", "reprod-1"]],
  ["prod", []],
  ["prod-1*", ["prod-10"]],
  ["p.od-*", []],
  ["prod-?", ["prod-2"]],
  ["prod-**", ["prod-2", "prod-10"]],
])("the pattern %s matches %j", (pattern, stacks) =>
  expect(stacksMatching(pattern, ["prod-10", "reprod-1", "dev", "prod-2"])).toEqual(stacks),
);

async function run(
  stacks: string[],
  parallel: number,
  codes: Record<string, number> = {},
  mayBegin: (begun: readonly string[]) => boolean = () => true,
) {
  const begun: string[] = [];
  let running = 0;
  let most = 0;
  const ends = await runStacks(
    stacks,
    parallel,
    () => mayBegin(begun),
    async (stack) => {
      begun.push(stack);
      most = Math.max(most, ++running);
      if (stack === stacks[0]) expect(begun).toEqual([stack]);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { stack, code: codes[stack] ?? 0 };
    },
  );
  return { begun, most, ends: ends.map(({ stack, code }) => `${stack} ${code}`) };
}

test("the first stack runs alone, then the given number at a time", async () => {
  expect(await run(["a", "b", "c", "d", "e"], 2)).toEqual({
    begun: ["a", "b", "c", "d", "e"],
    most: 2,
    ends: ["a 0", "b 0", "c 0", "d 0", "e 0"],
  });
});

test("no stack begins after one fails, and those in flight finish", async () => {
  expect((await run(["a", "b"], 2, { a: 1 })).ends).toEqual(["a 1", "b undefined"]);
  expect((await run(["a", "b", "c", "d"], 2, { b: 1 })).ends).toEqual(["a 0", "b 1", "c 0", "d undefined"]);
});

test("no stack begins after an interruption", async () => {
  expect((await run(["a", "b", "c"], 1, {}, (begun) => begun.length < 2)).ends).toEqual(["a 0", "b 0", "c undefined"]);
});
