import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { SingleFlight } from "../../src/base/single-flight.js";

test("single-flight callers share in-flight work, and a call after its end starts it again", async () => {
  const flights = new SingleFlight<number>();
  let begun = 0;
  const start = async (): Promise<number> => {
    await sleep(5);
    return (begun += 1);
  };
  expect(await Promise.all([flights.join("a", start), flights.join("a", start), flights.join("b", start)])).toEqual([
    1, 1, 2,
  ]);
  expect(await flights.join("a", start)).toBe(3);
});
