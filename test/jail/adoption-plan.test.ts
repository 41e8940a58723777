import { expect, test } from "@jest/globals";
import type { AdoptionFacts } from "../../src/jail/adoption-facts.js";
import { adoptionInBrief, adoptionPlan } from "../../src/jail/adoption-plan.js";

const byHand: AdoptionFacts = {
  jail: "marked",
  pythons: [{ line: "3.11", version: "3.11.2", packages: ["six-1.16.0", "numpy-1.24.2"] }],
  owners: [
    { ids: "1000:1000", names: "ana:ana", paths: 3200 },
    { ids: "0:0", names: "root:root", paths: 3 },
  ],
  counts: { static: 12, scratch: 1, libraries: 40, setuid: 1, writable: 2 },
  devices: { "dev/null": "c 1:3 0655", "dev/urandom": "c 1:9 0444", "dev/tty": "c 5:0 0666" },
  others: ["notes.txt", "old"],
};
const wanted = { version: "3.13.5", owner: "root", group: "root" };

test("the plan for a jail made by hand names what is kept, replaced and changed", () =>
  expect(adoptionPlan(byHand, wanted)).toEqual({
    is: "adopt",
    text: "made by hand: `up` adopts it",
    keeps: [
      "12 files in static",
      "1 file in scratch",
      "the library of Python 3.11, with 2 packages (six-1.16.0, numpy-1.24.2), which Python 3.13 does not find: declare them in `packages`; it is unmanaged from then on",
      "unmanaged files: notes.txt, old",
    ],
    replaces: [
      "Python 3.11.2 by 3.13.5",
      "of 40 shared libraries those that its programs need, by the host's",
      "dev/null, which is c 1:3 0655, by c 1:3 0666",
    ],
    changes: [
      "the owner of 3200 paths, from ana:ana to root:root",
      "the mode of 1 file that is setuid or setgid",
      "the mode of 2 paths that everybody may write to",
    ],
  }));

test("the brief tells the same of a jail that was adopted, without the Python that is to come", () =>
  expect(adoptionInBrief(byHand, wanted)).toBe(
    "keeps 12 files in static, 1 file in scratch, the library of Python 3.11 with 2 packages (six-1.16.0, numpy-1.24.2), " +
      "unmanaged files (notes.txt, old); replaces Python 3.11.2, loader, libraries and device nodes for good; " +
      "changes the owner of 3200 paths, from ana:ana to root:root, the mode of 1 file that is setuid or setgid, " +
      "the mode of 2 paths that everybody may write to",
  ));

test("the plan keeps packages of the same release line for the new Python", () => {
  const { keeps } = adoptionPlan(byHand, { ...wanted, version: "3.11.9" });
  expect(keeps).toContain("in Python 3.11, 2 packages (six-1.16.0, numpy-1.24.2)");
});

test("the plan for a jail without differences only adds Python", () => {
  const empty: AdoptionFacts = {
    ...byHand,
    pythons: [],
    owners: [{ ids: "0:0", names: "root:root", paths: 9 }],
    counts: { static: 0, scratch: 0, libraries: 0, setuid: 0, writable: 0 },
    devices: {},
    others: [],
  };
  const plan = adoptionPlan(empty, wanted);
  expect(plan).toMatchObject({ keeps: [], replaces: ["nothing by Python 3.13.5: it has none"], changes: [] });
  expect(adoptionInBrief(empty, wanted)).toBe(
    "keeps nothing, as it holds nothing else; replaces Python, loader, libraries and device nodes for good",
  );
});

test("the plan compares an owner that is given by number", () =>
  expect(adoptionPlan(byHand, { ...wanted, owner: "1000", group: "1000" }).changes[0]).toBe(
    "the owner of 3 paths, from root:root to 1000:1000",
  ));

test("the plan names eight of many unmanaged files, and the number of the rest", () => {
  const others = Array.from({ length: 20 }, (_, number) => `file-${number}`);
  expect(adoptionPlan({ ...byHand, others }, wanted).keeps.at(-1)).toMatch(/: file-0, .*file-7 and 12 more$/);
});

test.each([
  ["none", "new"],
  ["empty", "new"],
  ["ours", "ours"],
  ["lost", "ours"],
  ["foreign", "refused"],
] as const)("the plan for a jail in the state %s is %s, without changes", (jail, is) =>
  expect(adoptionPlan({ ...byHand, jail }, wanted)).toMatchObject({ is, keeps: [], replaces: [], changes: [] }),
);
