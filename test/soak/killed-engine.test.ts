import { test } from "@jest/globals";
import { surviveKills } from "../e2e/killed-engine.js";

test(
  "the next engine finishes what a killed engine began, wherever it was killed",
  () => surviveKills([1, 2, 3, 4, 5, 6, 7, 8, 9]),
  3_600_000,
);
