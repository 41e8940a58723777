import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { Turns, Underway } from "../../src/base/underway.js";

test("work that is under way is joined, and begins anew once it has ended", async () => {
  const underway = new Underway<number>();
  let begun = 0;
  const start = async (): Promise<number> => {
    await sleep(5);
    return (begun += 1);
  };
  expect(await Promise.all([underway.join("a", start), underway.join("a", start), underway.join("b", start)])).toEqual([
    1, 1, 2,
  ]);
  expect(await underway.join("a", start)).toBe(3);
});

test("pieces of work on one thing come one after another, also after one that fails; other things do not wait", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await sleep(5);
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const ends = await Promise.allSettled([
    turns.take("a", work("one", true)),
    turns.take("a", work("two")),
    turns.take("b", work("other")),
  ]);
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)))).toEqual([
    "Error: one",
    "two",
    "other",
  ]);
  expect(log.filter((line) => !line.startsWith("other"))).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect(log.indexOf("other begins")).toBeLessThan(log.indexOf("one ends"));
});
