import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupProblems, isWell, type JailStatus } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { forgetRollout, lastRolloutOf, recordRollout, type LastRollout } from "../../src/status/last-rollout.js";
import { recordedState, type ExportedResource } from "./recorded.js";

const rollout: LastRollout = {
  stateTime: "2026-11-24T22:15:06.079118209Z",
  stopped: "the canary failed",
  hosts: [
    {
      host: "judge-2",
      result: "failed",
      messages: [
        "judge-2: install python: python could not be copied whole into the jail\n  its last lines:\n  | cp: no space\n  | exit 1\n  what to do: make room there, then run the same command again",
      ],
    },
    { host: "judge-3", result: "not reached", messages: [] },
    { host: "judge-4", result: "unfinished", messages: [] },
    { host: "judge-9", result: "not reached", messages: [] },
  ],
};

const jailsAfter = (
  change: Partial<LastRollout> = {},
  changes: Record<string, (one: ExportedResource) => void> = {},
): Record<string, JailStatus> =>
  Object.fromEntries(
    fleetIn([{ ...recordedState(changes), rollout: { ...rollout, ...change } }]).jails.map((one) => [one.host, one]),
  );

describe("after a rollout that stopped,", () => {
  test("jails that it did not reach are shown as waiting, not as failed", () => {
    const jail = jailsAfter()["judge-3"]!;
    expect(jail.problems).toEqual([
      {
        state: "waiting",
        resource: "PythonJail judge-3",
        text: "the rollout stopped before this host: the canary failed",
        remedy: "mend judge-2, then run `npx python3jail up` again: it goes on",
      },
    ]);
    expect([jail.state, isWell(jail)]).toEqual(["waiting", true]);
  });

  test("jails that the state does not have are listed too", () =>
    expect(jailsAfter()["judge-9"]).toMatchObject({ state: "waiting", resources: [], drift: {} }));

  test("jails keep their other problems", () => {
    const hosts = [{ host: "judge-2", result: "not reached" as const, messages: [] }];
    expect(jailsAfter({ hosts })["judge-2"]).toMatchObject({
      state: "drifted",
      problems: expect.arrayContaining([expect.objectContaining({ state: "waiting" })]),
    });
  });

  test("jails that failed show their own error once, with its remedy and how to continue the rollout", () => {
    const failedOnTheWay = (one: ExportedResource): void => {
      one.initErrors = [rollout.hosts[0]!.messages[0]!];
      one.outputs!.drift = { "the last change": "failed" };
    };
    const failed = jailsAfter({}, { "PythonBuild judge-2": failedOnTheWay })["judge-2"]!.problems.filter(
      ({ text }) => !/is missing|0666/.test(text),
    );
    expect(failed.filter(({ state }) => state !== "warns")).toEqual([
      {
        state: "failed",
        resource: "PythonJail judge-2",
        text: "install python: python could not be copied whole into the jail; its last line: exit 1",
        remedy: "make room there; then run `npx python3jail up` again: it goes on where it ended",
      },
    ]);
  });

  test("jails that were being changed when it was cancelled are unfinished", () =>
    expect(jailsAfter()["judge-4"]).toMatchObject({
      state: "unfinished",
      problems: [
        { text: "is half changed: the rollout was cancelled", remedy: expect.stringContaining("python3jail up") },
      ],
    }));

  test("jails have one problem together, whose remedy does not bypass the rollout", () => {
    const hosts = ["judge-3", "judge-4", "judge-9"].map((host) => ({
      host,
      result: "not reached" as const,
      messages: [],
    }));
    const groups = groupProblems(Object.values(jailsAfter({ hosts })));
    expect(groups.filter(({ state }) => state === "waiting").map(({ jails }) => jails.length)).toEqual([3]);
    expect(groups.filter(({ remedy }) => remedy.includes("`pulumi up`"))).toEqual([]);
  });
});

test("a failed update is shown with its own remedy if no rollout is recorded", () => {
  const message = rollout.hosts[0]!.messages[0]!.replaceAll("judge-2", "judge-1");
  const state = recordedState({
    "PythonBuild judge-1": (one) => {
      one.initErrors = [message];
      one.outputs!.drift = { "the last change": "failed" };
    },
  });
  const jail = fleetIn([state]).jails.find(({ host }) => host === "judge-1")!;
  expect(jail.problems.filter(({ state }) => state !== "warns")).toEqual([
    {
      state: "failed",
      resource: "PythonBuild judge-1",
      text: "install python: python could not be copied whole into the jail; its last line: exit 1",
      remedy: "make room there; then run `pulumi up` again: it goes on where it ended",
    },
  ]);
});

describe("the record of a rollout", () => {
  const name = { project: "judges", stack: "prod" };
  let folder: string;
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.PYTHON3JAIL_CACHE_DIR;
    folder = mkdtempSync(join(tmpdir(), "python3jail-rollouts-"));
    process.env.PYTHON3JAIL_CACHE_DIR = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.PYTHON3JAIL_CACHE_DIR;
    else process.env.PYTHON3JAIL_CACHE_DIR = before;
    rmSync(folder, { recursive: true, force: true });
  });

  test("belongs to one stack, and to the state that the rollout left", () => {
    recordRollout(name, rollout);
    expect(lastRolloutOf(name, rollout.stateTime)).toEqual(rollout);
    expect(lastRolloutOf(name, "2026-11-24T23:00:00Z")).toBeUndefined();
    expect(lastRolloutOf({ ...name, stack: "test" }, rollout.stateTime)).toBeUndefined();
  });

  test("is private to this user", () => {
    recordRollout(name, rollout);
    const [file] = readdirSync(join(folder, "rollouts"));
    expect(statSync(join(folder, "rollouts", file!)).mode & 0o777).toBe(0o600);
  });

  test("is ignored if it is damaged", () => {
    recordRollout(name, rollout);
    const [file] = readdirSync(join(folder, "rollouts"));
    writeFileSync(join(folder, "rollouts", file!), '{"stateTime":');
    expect(lastRolloutOf(name, rollout.stateTime)).toBeUndefined();
  });

  test("is removed when nothing is left to do, even if it is gone already", () => {
    recordRollout(name, rollout);
    forgetRollout(name);
    forgetRollout(name);
    expect(lastRolloutOf(name, rollout.stateTime)).toBeUndefined();
  });
});
