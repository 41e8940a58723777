import { expect, test } from "@jest/globals";
import { tableOf } from "../../src/base/table.js";

const columns = [
  { title: "HOST" },
  { title: "PYTHON", leaves: 2 },
  { title: "CHANGED", leaves: 1 },
  { title: "STATE" },
];
const rows = [
  ["judge-1", "3.13.5", "5 min ago", "well"],
  ["judge-10", "3.13.5", "10 d ago", "unreachable"],
];

test("a table that has room has all columns, each as wide as its widest text", () =>
  expect(tableOf(columns, rows, Infinity)).toEqual({
    head: "HOST      PYTHON  CHANGED    STATE",
    rows: ["judge-1   3.13.5  5 min ago  well", "judge-10  3.13.5  10 d ago   unreachable"],
    left: [],
  }));

test.each([
  [40, [], "judge-10  3.13.5  10 d ago   unreachable"],
  [39, ["CHANGED"], "judge-10  3.13.5  unreachable"],
  [28, ["PYTHON", "CHANGED"], "judge-10  unreachable"],
])("in %i characters a table is without %j, and no text is cut", (room, left, last) => {
  const table = tableOf(columns, rows, room);
  expect([table.left, table.rows[1]]).toEqual([left, last]);
});

test("where only columns are left that stay, the first is cut, and says so", () => {
  const { rows: lines } = tableOf(columns, [["judge-".repeat(8), "3.13.5", "now", "well"]], 20);
  expect(lines).toEqual(["judge-judge-…  well"]);
});
