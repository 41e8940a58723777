import { expect, test } from "@jest/globals";
import { duration } from "../../quickstart/screen.js";

test.each([
  [0, "0.0 s"],
  [4321, "4.3 s"],
  [9960, "10 s"],
  [59_700, "1 min 0 s"],
  [234_000, "3 min 54 s"],
])("%d ms: %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
