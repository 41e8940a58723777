import { test } from "@jest/globals";
import { buildTimeout } from "./jail-stack.js";
import { surviveKills } from "./killed-engine.js";

// At every point: `npm run soak`.
test(
  "an engine that keeps its state in memory and is killed loses nothing on the host",
  () => surviveKills([5]),
  buildTimeout,
);
