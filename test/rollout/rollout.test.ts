import { describe, expect, test } from "@jest/globals";
import type { HostChanges } from "../../src/rollout/changes.js";
import { EngineError, lockedMessage, LockedError, type Engine } from "../../src/rollout/engine.js";
import { planOf } from "../../src/rollout/plan.js";
import { rollOut, type RolloutEnd } from "../../src/rollout/rollout.js";
import { rolloutSchema } from "../../src/rollout/settings.js";
import { begins, ends, metadata, says } from "./events.js";

// With an engine that fails where it is told to; the real one is test/e2e/rollout.test.ts's.
const changes = ["a", "b", "c", "d"].map((host): HostChanges => {
  const { urn, type } = metadata("update", "JailRoot", host);
  return { host, kind: "update", changes: [{ urn, type, op: "update", host, needs: [] }] };
});

type Behaviour =
  | "succeeds"
  | "fails"
  | "is locked"
  | "interrupts"
  | "fails and interrupts"
  | "cancels"
  | "complains"
  | "complains and breaks";

async function run(
  behaviour: Partial<Record<string, Behaviour>>,
  settings: object,
): Promise<{ end: RolloutEnd; runs: string[]; mayGoIn: string[] }> {
  const runs: string[] = [];
  /** Of which hosts' leftovers each step was told that they may go. */
  const mayGoIn: string[] = [];
  let [wanted, cancelled] = [false, false];
  const engine: Engine = {
    stack: "test",
    project: "judges",
    refreshesAlways: false,
    stateTime: () => Promise.reject(new Error("there is none here")),
    refresh: () => Promise.reject(new Error("there is none here")),
    preview: () => Promise.reject(new Error("there is none here")),
    interrupt: () => undefined,
    up: (targets, { onEvent, parallel, mayGo }) => {
      const hosts = changes.filter(({ changes: [change] }) => targets.includes(change!.urn)).map(({ host }) => host);
      runs.push(`${hosts.join("")} ${parallel}`);
      mayGoIn.push(["a", "b", "c", "d", "z"].filter((host) => mayGo({ urn: "", host })).join(" "));
      for (const host of hosts) {
        const data = metadata("update", "JailRoot", host);
        if (behaviour[host] === "is locked") return Promise.reject(new LockedError("another run has this stack"));
        onEvent(begins(data));
        cancelled ||= behaviour[host] === "cancels";
        if (behaviour[host]?.startsWith("fails")) onEvent(says("error", `${host}: no`, data.urn));
        else if (!cancelled) onEvent(ends(data));
        wanted ||= cancelled || /interrupts$/.test(behaviour[host] ?? "");
        if (behaviour[host]?.startsWith("complains"))
          onEvent(says("error", "Resource 'urn' will be destroyed but was not specified in --target list.", "urn"));
        if (behaviour[host] === "complains and breaks") onEvent(says("error", "the program broke"));
        if (behaviour[host]?.startsWith("complains")) onEvent(says("error", "update failed"));
      }
      return Promise.resolve(!hosts.some((host) => /^(fails|cancels|complains)/.test(behaviour[host] ?? "")));
    },
  };
  const interruption = {
    get wanted() {
      return wanted;
    },
    get cancelled() {
      return cancelled;
    },
    sleep: (seconds: number) => Promise.resolve(void runs.push(`wait ${seconds}`)),
  };
  const quiet = () => undefined;
  const plan = planOf({ hosts: changes, others: [] }, rolloutSchema.parse(settings), []);
  const end = await rollOut(engine, plan, changes, { pause: 5 }, interruption, {
    beginning: quiet,
    pausing: quiet,
    done: quiet,
    failing: quiet,
    said: quiet,
  });
  return { end, runs, mayGoIn };
}
const resultsOf = ({ outcomes }: RolloutEnd): string =>
  outcomes.map(({ host, result }) => `${host} ${result}`).join(", ");

test("a rollout that succeeds pauses before each step except the first", async () => {
  const { end, runs } = await run({}, { batch: 2 });
  expect(runs).toEqual(["a 16", "wait 5", "bc 16", "wait 5", "d 16"]);
  expect([resultsOf(end), end.stopped]).toEqual(["a updated, b updated, c updated, d updated", undefined]);
});

test.each<[string, Partial<Record<string, Behaviour>>, object, string, string | undefined]>([
  [
    "the canary fails",
    { a: "fails" },
    { batch: 2, maxFailures: 3 },
    "a failed, b not reached, c not reached, d not reached",
    "the canary failed",
  ],
  [
    "as many hosts fail as are allowed",
    { b: "fails" },
    { batch: 2 },
    "a updated, b failed, c updated, d updated",
    undefined,
  ],
  [
    "one host more fails than is allowed",
    { b: "fails" },
    { batch: 2, maxFailures: 0 },
    "a updated, b failed, c updated, d not reached",
    "1 host failed, and maxFailures is 0",
  ],
  [
    "failures of several batches count",
    { b: "fails", c: "fails" },
    { batch: 1 },
    "a updated, b failed, c failed, d not reached",
    "2 hosts failed, and maxFailures is 1",
  ],
  [
    "another run locks the stack meanwhile",
    { b: "is locked" },
    { batch: 2 },
    "a updated, b not reached, c not reached, d not reached",
    "another run has this stack",
  ],
  [
    "the engine complains about a leftover that must wait",
    { a: "complains", c: "complains" },
    { batch: 2 },
    "a updated, b updated, c updated, d updated",
    undefined,
  ],
  [
    "the engine complains about a leftover and breaks",
    { b: "complains and breaks" },
    { batch: 2 },
    "a updated, b updated, c updated, d not reached",
    "batch 1 of 2 failed",
  ],
  [
    "the rollout is interrupted in a step that still succeeds",
    { b: "interrupts" },
    { batch: 2 },
    "a updated, b updated, c updated, d not reached",
    "interrupted after batch 1 of 2",
  ],
  [
    "the rollout is interrupted in a step in which a host fails",
    { b: "fails and interrupts" },
    { batch: 2 },
    "a updated, b failed, c updated, d not reached",
    "interrupted after batch 1 of 2",
  ],
  [
    "the rollout is interrupted in the last step",
    { d: "interrupts" },
    { batch: 2 },
    "a updated, b updated, c updated, d updated",
    undefined,
  ],
  [
    "a step is cancelled",
    { c: "cancels" },
    { batch: 2 },
    "a updated, b updated, c unfinished, d not reached",
    "interrupted in batch 1 of 2",
  ],
])("the rollout ends as it should when %s", async (_name, behaviour, settings, results, stopped) => {
  const { end } = await run(behaviour, settings);
  expect([resultsOf(end), end.stopped]).toEqual([results, stopped]);
});

test("a leftover of a replacement is deleted once its host is done, but not on a host that failed", async () => {
  const { mayGoIn } = await run({ b: "fails" }, { batch: 1 });
  expect(mayGoIn).toEqual(["z", "a z", "a z", "a c z"]);
});

describe("a stack that another run has locked", () => {
  test("is an error at the first step, as nothing was changed", async () => {
    await expect(run({ a: "is locked" }, {})).rejects.toThrow(LockedError);
    expect(new LockedError("x")).not.toBeInstanceOf(EngineError);
  });
  test("gives a message with the owner of the lock and a warning about `pulumi cancel`", () => {
    const text =
      "error: the stack is currently locked by 1 lock(s). Either wait…\n  file:///b/.pulumi/locks/x.json: created by root@control-1 (pid 4711) at 2026-01-02T03:04:05Z";
    expect(lockedMessage(text)).toBe(
      "another run has this stack: root@control-1, process 4711, since 2026-01-02T03:04:05Z\n  what to do: wait until it has ended, then run this again. Only where that process is gone for good: pulumi cancel",
    );
  });
  test("gives a message without an owner if the backend does not name one", () =>
    expect(lockedMessage("[409] Conflict: Another update is currently in progress.")).toMatch(
      /^another run has this stack\n/,
    ));
});

test.each<[number, boolean | undefined, boolean]>([
  [3, undefined, true],
  [100, undefined, false],
  [100, true, true],
  [3, false, false],
])(
  "a step of %i resources, with --checkpoints %j, writes the state after each: %j",
  async (count, checkpoints, expected) => {
    const names = Array.from({ length: count }, (_, number) => metadata("update", "DeviceNode", `a-${number}`));
    const own: HostChanges = {
      host: "a",
      kind: "update",
      changes: names.map(({ urn, type }) => ({ urn, type, op: "update", host: "a", needs: [] })),
    };
    const asked: boolean[] = [];
    const engine = {
      stack: "test",
      up: (_targets: unknown, options: { checkpoints: boolean }) => (
        asked.push(options.checkpoints),
        Promise.resolve(true)
      ),
    } as unknown as Engine;
    const quiet = () => undefined;
    await rollOut(
      engine,
      planOf({ hosts: [own], others: [] }, rolloutSchema.parse({}), []),
      [own],
      checkpoints === undefined ? { pause: 0 } : { pause: 0, checkpoints },
      { wanted: false, cancelled: false, sleep: () => Promise.resolve() },
      { beginning: quiet, pausing: quiet, done: quiet, failing: quiet, said: quiet },
    );
    expect(asked).toEqual([expected]);
  },
);
