import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { Interruption } from "../../src/rollout/interruption.js";

let wishes: number[];
let listeners: number;
let interruption: ReturnType<typeof Interruption.begin>;
beforeEach(() => {
  listeners = process.listenerCount("SIGHUP");
  wishes = [];
  interruption = Interruption.begin((times) => wishes.push(times));
});
afterEach(() => interruption.end());

test("signals at the same moment count as one request, as npx passes on the terminal's signal", async () => {
  process.emit("SIGINT");
  await sleep(50);
  process.emit("SIGINT");
  process.emit("SIGTERM");
  expect([wishes, interruption.wanted, interruption.cancelled]).toEqual([[1], true, false]);
});

test("a later signal of any kind is a further request", async () => {
  process.emit("SIGTERM");
  await sleep(600);
  process.emit("SIGINT");
  expect([wishes, interruption.cancelled]).toEqual([[1, 2], true]);
});

test("a request to stop ends a pause", async () => {
  setTimeout(() => process.emit("SIGHUP"), 20);
  const begun = Date.now();
  await interruption.sleep(60);
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test("writing to a closed terminal does not fail", () => {
  expect(() => process.stdout.emit("error", new Error("write EIO"))).not.toThrow();
});

test("signals are not handled after the end", () => {
  interruption.end();
  expect(process.listenerCount("SIGHUP")).toBe(listeners);
});
