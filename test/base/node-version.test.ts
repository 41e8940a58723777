import { expect, test } from "@jest/globals";
import { nodeProblem } from "../../src/base/node-version.js";

test("a Node older than package.json's `engines` is refused", () => {
  expect(nodeProblem("20.20.2")).toBe("pulumi-python3jail needs Node ≥ 22, this is 20.20.2");
  expect(nodeProblem("9.11.2")).toBe("pulumi-python3jail needs Node ≥ 22, this is 9.11.2");
  expect(["22.0.0", "24.21.0", "100.0.0", undefined].map((version) => nodeProblem(version))).toEqual(
    Array.from({ length: 4 }, () => undefined),
  );
});
