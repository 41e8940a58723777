import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import { newestPatch, newestPatches } from "../../src/python/releases.js";
import { adviceOn, logPinnedVersion, warnOfOldVersion } from "../../src/python/support.js";
import { PythonBuild } from "../../src/resources/PythonBuild.js";

const newest = newestPatch("3.13")!;
const today = new Date("2026-06-01T12:00:00Z");

describe("the advice on a pinned version", () => {
  test.each<[string, string, Date, string | undefined]>([
    ["is none for the newest of its line", newest, today, undefined],
    ["names the newest of its line", "3.13.5", today, `${newest} is out, and mends what 3.13.5 does not`],
    [
      "names the end of life of a line that is past it",
      newestPatch("3.9")!,
      today,
      "nobody mends 3.9 any more since 2025-10-31",
    ],
    [
      "names the newest version and the end of life",
      "3.9.2",
      today,
      `${newestPatch("3.9")!} is out, and mends what 3.9.2 does not; nobody mends 3.9 any more since 2025-10-31`,
    ],
    ["is none on the last day of a line's life", newestPatch("3.10")!, new Date("2026-10-31T23:59:00Z"), undefined],
    [
      "names the end of life on the day after",
      newestPatch("3.10")!,
      new Date("2026-11-01T00:00:00Z"),
      "nobody mends 3.10 any more since 2026-10-31",
    ],
    ["is none for a line that the table does not have", "3.99.0", today, undefined],
  ])("%s", (_name, version, day, advice) => expect(adviceOn(version, day)).toBe(advice));

  test("does not take 3.1 for the line of 3.13", () =>
    expect([newestPatch("3.1"), newestPatch("3")]).toEqual([undefined, expect.anything()]));

  test("knows the end of life of every line in the table", () => {
    for (const line of newestPatches().map((version) => version.replace(/\.\d+$/, "")))
      expect([line, adviceOn(`${line}.0`, new Date("2040-01-01"))]).toEqual([
        line,
        expect.stringMatching(/nobody mends/),
      ]);
  });
});

describe("a program that pins a version", () => {
  const warnings: string[] = [];
  const infos: string[] = [];
  let spies: { mockRestore(): void }[];
  beforeAll(() =>
    pulumi.runtime.setMocks(
      { newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }), call: () => ({}) },
      "project",
      "stack",
      true,
    ),
  );
  beforeEach(() => {
    warnings.length = infos.length = 0;
    const into = (lines: string[]) => (text: string) => {
      lines.push(text);
      return Promise.resolve();
    };
    spies = [
      jest.spyOn(pulumi.log, "warn").mockImplementation(into(warnings)),
      jest.spyOn(pulumi.log, "info").mockImplementation(into(infos)),
    ];
  });
  afterEach(() => spies.forEach((spy) => spy.mockRestore()));

  test("warns once for each version, however many hosts pin it", () => {
    for (const host of ["judge-1", "judge-2"])
      for (const version of ["3.12.1", "3.12.2", newest]) warnOfOldVersion(host, version, today);
    expect(warnings).toEqual(
      ["3.12.1", "3.12.2"].map(
        (version) =>
          `judge-1: python ${version}: ${newestPatch("3.12")} is out, and mends what ${version} does not (said once, for all that pin it)`,
      ),
    );
  });

  test("logs once which version a release line stands for", () => {
    for (const host of ["judge-1", "judge-2"])
      for (const version of ["3.13", newest]) logPinnedVersion(host, version, newest);
    expect(infos).toEqual([
      `judge-1: python 3.13: is ${newest}, the newest of it that this release of pulumi-python3jail knows (said once, for all that want it)`,
    ]);
  });

  const build = (name: string, version: pulumi.Input<string>) =>
    new PythonBuild(name, { host: name, connection: { host: "h" }, path: "/srv/jail", version });
  test("warns for every known version, and for none that is secret or not known yet", async () => {
    build("one", "3.13.1");
    build("two", "3.13.1");
    build("three", pulumi.output("3.13.2"));
    build("secret", pulumi.secret("3.13.3"));
    build("unknown", pulumi.output(pulumi.runtime.unknownValue));
    build("strange", "not a version");
    await sleep(200);
    expect(warnings.map((text) => text.slice(0, 22)).sort()).toEqual([
      "one: python 3.13.1: 3.",
      "three: python 3.13.2: ",
    ]);
  });
});
