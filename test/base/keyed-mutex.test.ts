import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { KeyedMutex } from "../../src/base/keyed-mutex.js";

test("a keyed mutex runs work of one key in sequence, even after a failure, and other keys concurrently", async () => {
  const mutex = new KeyedMutex();
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
    mutex.run("a", work("one", true)),
    mutex.run("a", work("two")),
    mutex.run("b", work("other")),
  ]);
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)))).toEqual([
    "Error: one",
    "two",
    "other",
  ]);
  expect(log.filter((line) => !line.startsWith("other"))).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect(log.indexOf("other begins")).toBeLessThan(log.indexOf("one ends"));
});
