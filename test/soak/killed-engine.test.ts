import { test } from "@jest/globals";
import { surviveKills } from "../e2e/killed-engine.js";

test(
  "wherever the engine is killed, the next one finishes what it began",
  () => surviveKills([1, 2, 3, 4, 5, 6, 7, 8, 9]),
  3_600_000,
);
