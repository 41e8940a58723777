import { describe, expect, test } from "@jest/globals";
import { changesByHost, targetsOf, type Change } from "../../src/rollout/changes.js";
import { planOf, reasonToStop, type RolloutStep } from "../../src/rollout/plan.js";
import { rolloutSchema } from "../../src/rollout/settings.js";

/** A jail's component with its root and its check, as the engine tells of them. */
function jail(host: string, op: Change["op"] = "update", needs: string[] = []): Change[] {
  const component = `jail::${host}`;
  return [
    { urn: component, type: "python3jail:index:PythonJail", op, parent: "stack", needs: [] },
    { urn: `root::${host}`, type: "python3jail:JailRoot", op, host, parent: component, needs },
    { urn: `check::${host}`, type: "python3jail:JailCheck", op, host, parent: component, needs: [`root::${host}`] },
  ];
}
const other = (urn: string, op: Change["op"] = "update", needs: string[] = []): Change => ({
  urn,
  type: "other:Thing",
  op,
  needs,
});
const urnsOf = (host: string): string[] => jail(host).map(({ urn }) => urn);

function plan(
  changes: Change[],
  settings: object = {},
  unowned: string[] = [],
  declared = changes.flatMap(({ host, op }) => (host === undefined || op === "delete" ? [] : [host])),
) {
  return planOf(changesByHost(changes, new Set(declared), new Set()), rolloutSchema.parse(settings), unowned);
}
const stepsOf = (...args: Parameters<typeof plan>): string[] =>
  plan(...args).steps.map(({ name, hosts }) => `${name}: ${hosts.join(" ")}`);
const fleet = (count: number): Change[] =>
  Array.from({ length: count }, (_, index) => jail(`judge-${index + 1}`))
    .reverse()
    .flat();

describe("changes by host", () => {
  test("are sorted by the hosts' names, with the component that holds them", () => {
    const { hosts } = changesByHost(
      [...jail("judge-10", "create"), ...jail("judge-2"), ...jail("judge-1", "delete")],
      new Set(["judge-10", "judge-2"]),
      new Set(["judge-2", "judge-1"]),
    );
    expect(hosts.map(({ host, kind, changes }) => [host, kind, changes.map(({ urn }) => urn)])).toEqual([
      ["judge-1", "remove", urnsOf("judge-1")],
      ["judge-2", "update", urnsOf("judge-2")],
      ["judge-10", "create", urnsOf("judge-10")],
    ]);
  });
  test("count a jail that is removed from a host that stays as that host's change", () => {
    const { hosts } = changesByHost(jail("judge-1", "delete"), new Set(["judge-1"]), new Set(["judge-1"]));
    expect(hosts).toMatchObject([{ host: "judge-1", kind: "update" }]);
  });
  test("keep resources without a host apart", () => {
    expect(changesByHost([other("x"), ...jail("a")], new Set(["a"]), new Set()).others).toEqual([other("x")]);
  });
});

describe("the targets of a step", () => {
  test("are the wanted changes and the changes that these need", () => {
    const all = [
      ...jail("a", "create", ["key"]),
      ...jail("b"),
      other("key", "create", ["provider"]),
      other("provider", "create"),
      other("unused", "create"),
    ];
    expect(targetsOf(all.slice(0, 3), all).sort()).toEqual([...urnsOf("a"), "key", "provider"].sort());
  });
  test("do not include a deletion that others once needed", () => {
    const all = [...jail("a", "update", ["old"]), other("old", "delete")];
    expect(targetsOf(all.slice(0, 3), all).sort()).toEqual(urnsOf("a").sort());
  });
  test("are finite for circular needs", () =>
    expect(
      targetsOf([other("x", "update", ["y"])], [other("x", "update", ["y"]), other("y", "update", ["x"])]),
    ).toEqual(["x", "y"]));
  test("of a host do not include those of a host whose name only begins like it", () =>
    expect(plan(fleet(10), { canary: ["judge-1"] }).steps[0]!.targets).toEqual(urnsOf("judge-1")));
});

describe("the steps of a plan:", () => {
  test.each<[string, Change[], object, string[]]>([
    [
      "a canary, then quarters",
      fleet(9),
      {},
      [
        "canary: judge-1",
        "batch 1 of 3: judge-2 judge-3 judge-4",
        "batch 2 of 3: judge-5 judge-6 judge-7",
        "batch 3 of 3: judge-8 judge-9",
      ],
    ],
    ["one host is its own canary", fleet(1), {}, ["canary: judge-1"]],
    [
      "canaries by name",
      fleet(3),
      { canary: ["judge-2"], batch: 5 },
      ["canary: judge-2", "batch 1 of 1: judge-1 judge-3"],
    ],
    [
      "a named canary without changes is left out",
      fleet(2),
      { canary: ["judge-7"], batch: 5 },
      ["batch 1 of 1: judge-1 judge-2"],
    ],
    ["no canary", fleet(2), { canary: 0, batch: "100%" }, ["batch 1 of 1: judge-1 judge-2"]],
    ["more canaries than hosts", fleet(2), { canary: 5 }, ["canary: judge-1 judge-2"]],
    [
      "a share of canaries, rounded up",
      fleet(3),
      { canary: "34%", batch: 1 },
      ["canary: judge-1 judge-2", "batch 1 of 1: judge-3"],
    ],
    [
      "removals come last, with resources of no host",
      [...jail("a", "delete"), ...jail("b"), other("x")],
      {},
      ["canary: b", "removal: a"],
    ],
    ["resources of no host come last", [...jail("b"), other("x")], {}, ["canary: b", "the rest: "]],
    ["no changes make no steps", [], {}, []],
  ])("%s", (_name, changes, settings, steps) => expect(stepsOf(changes, settings)).toEqual(steps));

  test("a resource of no host changes with the first host that needs it, and only once", () => {
    const { steps } = plan(
      [
        ...fleet(2).map((change) => ({ ...change, needs: [...change.needs, "key"] })),
        other("key"),
        other("record", "update", ["check::judge-2"]),
      ],
      { batch: 5 },
    );
    expect(steps.map(({ name, targets }) => [name, targets.includes("key"), targets.includes("record")])).toEqual([
      ["canary", true, false],
      ["batch 1 of 1", true, false],
      ["the rest", false, true],
    ]);
  });

  test("the last step targets all resources of no host, as the engine skips deletes that untargeted resources depend on", () => {
    const { steps } = plan([...jail("a", "delete"), other("x"), ...jail("b")], {}, ["x", "same"]);
    expect(steps.map(({ others, targets }) => [others, [...targets].sort()])).toEqual([
      [[], urnsOf("b").sort()],
      [["x"], [...urnsOf("a"), "same", "x"].sort()],
    ]);
  });

  test("a share of failures is rounded down", () => expect(plan(fleet(9), { maxFailures: "25%" }).maxFailures).toBe(2));
});

describe("the next step", () => {
  const step = (kind: RolloutStep["kind"]): RolloutStep => ({ kind, name: kind, hosts: [], others: [], targets: [] });
  test.each<[RolloutStep["kind"], number, number, number, string | undefined]>([
    ["canary", 0, 0, 0, undefined],
    ["canary", 1, 1, 5, "the canary failed"],
    ["batch", 1, 1, 1, undefined],
    ["batch", 1, 2, 1, "2 hosts failed, and maxFailures is 1"],
    ["batch", 0, 1, 0, "1 host failed, and maxFailures is 0"],
  ])(
    "is allowed or stopped after a %s with %i failures, %i in all, if %i may fail",
    (kind, inStep, inAll, maxFailures, reason) => {
      expect(reasonToStop(step(kind), { inStep, inAll }, { steps: [], maxFailures })).toBe(reason);
    },
  );
});
