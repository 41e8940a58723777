import { describe, expect, test } from "@jest/globals";
import { kinds } from "../../src/kinds/kinds.js";
import { fleetIn } from "../../src/status/jails.js";
import { kindOf } from "../../src/status/state.js";
import { kindColumns, kindSections } from "../../src/status/told.js";
import { recordedState } from "./recorded.js";

const { jails } = fleetIn([recordedState()]);
const titles = (shown: readonly { readonly title: string }[]): string[] => shown.map(({ title }) => title);

describe("status values of the kinds", () => {
  test("have a key for each kind that is used for nothing else", () => {
    const keys = Object.values(kinds).flatMap(({ shown }) => (shown ? [shown.key] : []));
    const unmade = jails.find(({ host }) => host === "judge-4")!;
    const all = [...keys, ...Object.keys(unmade)];
    expect(new Set(all).size).toBe(all.length);
    expect(keys).toEqual(expect.arrayContaining(["python", "check", "audit", "release"]));
  });

  test("have a column of their own if a jail has the value", () => {
    const [jail] = jails;
    const released = [{ ...jail!, audit: undefined, release: "2026.11-1" }];
    expect([jails, released, []].map((some) => titles(kindColumns(some, "status")))).toEqual([
      ["Python", "Check", "Audit"],
      ["Release", "Python", "Check", "Audit"],
      ["Python", "Check", "Audit"],
    ]);
    expect([jails, released, []].map((some) => titles(kindColumns(some, "report")))).toEqual([
      ["Python", "Check", "Audit", "Libraries"],
      ["Release", "Python", "Check", "Libraries"],
      [],
    ]);
  });

  test("leave a cell empty if a jail lacks the value", () => {
    const unmade = jails.find(({ host }) => host === "judge-4")!;
    expect(
      kindColumns(jails, "report").map(({ cell, hint, mark, order }) =>
        [cell, hint, mark, order].map((of) => of?.(unmade)),
      ),
    ).toEqual(Array(4).fill([undefined, undefined, undefined, undefined]));
    expect(kindSections(unmade)).toEqual([]);
  });

  test("have report sections only for values that the jail has", () => {
    expect(titles(kindSections(jails.find(({ host }) => host === "judge-1")!)).sort()).toEqual([
      "Check",
      "Files",
      "Files",
      "Libraries",
      "Python",
      "safeexec",
    ]);
  });
});

test.each([7, "text", [7], { "a\nkey": 7 }, null])("outputs that are all %j are shown without a failure", (odd) => {
  for (const one of recordedState().resources) {
    const shown = kinds[kindOf(one) ?? ""]?.shown;
    if (!shown) continue;
    const outputs = Object.fromEntries(Object.keys(one.outputs ?? {}).map((name) => [name, odd]));
    expect(() => {
      const told: unknown = shown.status(outputs, {});
      shown.problems?.(outputs);
      if (told === undefined) return;
      shown.section?.(told);
      for (const { cell, hint, mark, order } of shown.columns ?? [])
        [cell, hint, mark, order].forEach((of) => of?.(told));
    }).not.toThrow();
  }
});
