import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { PythonJail, type PythonJailArgs } from "../../src/components/PythonJail.js";

// What follows what: a resource whose triggers stay the same is not run again.
const made = new Map<string, Record<string, unknown>>();
let librariesDigest: string;
/** By type and name. */
let revisions: Record<string, string>;
beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.set(type.split(":").at(-1)!, inputs as Record<string, unknown>);
      return {
        id: `${name}-id`,
        state: {
          ...(inputs as object),
          ...(type.endsWith(":JailLibraries") ? { digest: librariesDigest } : { digest: "same" }),
          revision: revisions[`${type.split(":").at(-1)} ${name}`] ?? "1",
          command: "chroot /srv/jail /bin/python3",
        },
      };
    },
    call: () => ({}),
  }),
);
beforeEach(() => {
  librariesDigest = "as before";
  revisions = {};
  // A version that is not the newest is told of.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => void jest.restoreAllMocks());

const args: PythonJailArgs = {
  host: "judge-1",
  connection: { host: "192.0.2.1" },
  path: "/srv/jail",
  python: { version: "3.13.5" },
  audit: {},
};

async function triggersOf(more: Partial<PythonJailArgs>): Promise<Record<string, unknown>> {
  made.clear();
  const jail = new PythonJail("judge-1", { ...args, ...more });
  await new Promise<void>((resolve) => pulumi.output(jail.urn).apply(() => resolve()));
  for (let waits = 0; !made.has("JailAudit") && waits < 100; waits += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return Object.fromEntries(
    ["JailLibraries", "JailPermissions", "JailCheck", "JailAudit"].map((type) => [type, made.get(type)!["triggers"]]),
  );
}

describe("the check and the audit are run again", () => {
  const changes: [string, Partial<PythonJailArgs>][] = [
    ["another python", { python: { version: "3.13.4" } }],
    ["a mode", { permissions: { modes: { lib: "0700" } } }],
    ["the owner", { root: { owner: "judge" } }],
    ["a folder that everybody may write to", { system: { tmp: "directory" } }],
    ["the devices", { devices: ["null"] }],
    ["which libraries", { libraries: { mode: "all" } }],
    ["a commit", { root: { git: { url: "https://example.org/site.git", commit: "a".repeat(40) } } }],
  ];
  test.each(changes)("after a change of %s", async (_name, change) => {
    const [before, after] = [await triggersOf({}), await triggersOf(change)];
    for (const type of ["JailCheck", "JailAudit"]) expect([type, after[type]]).not.toEqual([type, before[type]]);
  });

  test("after the host's libraries were updated, and copied anew", async () => {
    const before = await triggersOf({});
    librariesDigest = "updated";
    const after = await triggersOf({});
    for (const type of ["JailCheck", "JailAudit"]) expect([type, after[type]]).not.toEqual([type, before[type]]);
    expect(after["JailLibraries"]).toEqual(before["JailLibraries"]);
  });

  test.each<[string, Partial<PythonJailArgs>]>([
    ["how the jail would be taken away", { root: { deleteContents: true } }],
    ["how many jobs build python", { python: { version: "3.13.5", jobs: 3 } }],
    ["how to get there", { connection: { host: "192.0.2.2" } }],
  ])("but not after a change of %s", async (_name, change) => {
    expect(await triggersOf(change)).toEqual(await triggersOf({}));
  });
});

describe("what was changed or repaired has all that comes after it run again", () => {
  const later = ["JailLibraries", "JailPermissions", "JailCheck", "JailAudit"];
  const cases: [string, string[]][] = [
    ["JailRoot judge-1", ["JailLibraries"]],
    ["PythonBuild judge-1", ["JailLibraries"]],
    ["JailPackages judge-1", ["JailLibraries"]],
    ["JailFiles judge-1", ["JailLibraries"]],
    ["JailLibraries judge-1", ["JailPermissions"]],
    ["JailSystem judge-1", ["JailPermissions"]],
    ["DeviceNode judge-1-random", ["JailPermissions"]],
    ["JailPermissions judge-1", ["JailCheck", "JailAudit"]],
  ];
  // One after another: another revision of JailLibraries has JailPermissions run again, and so on.
  test.each(cases)("%s: %j", async (resource, next) => {
    const more = { packages: { requirements: "/dev/null" }, files: { source: "/no-such-folder" } };
    const before = await triggersOf(more);
    revisions = { [resource]: "2" };
    const after = await triggersOf(more);
    expect(later.filter((type) => JSON.stringify(after[type]) !== JSON.stringify(before[type]))).toEqual(next);
  });
});

test("libraries leave out what is not declared, and the check is told what a removal would be", async () => {
  await triggersOf({});
  expect([made.get("JailLibraries")!["without"], made.get("JailCheck")!["deleteContents"]]).toEqual([
    ["packages", "files"],
    false,
  ]);
  // Packages are removed last: the check is not to fail for those that go.
  expect(made.get("JailCheck")!["imports"]).toBe("none");
  await triggersOf({ packages: { requirements: "/dev/null" }, root: { deleteContents: true } });
  expect([made.get("JailLibraries")!["without"], made.get("JailCheck")!["deleteContents"]]).toEqual([["files"], true]);
  expect(made.get("JailCheck")!["imports"]).toBeUndefined();
});

test("another commit has libraries and permissions look at what it lays", async () => {
  const git = (commit: string) => ({ root: { git: { url: "https://example.org/site.git", commit } } });
  const [before, after] = [await triggersOf(git("a".repeat(40))), await triggersOf(git("b".repeat(40)))];
  for (const type of ["JailLibraries", "JailPermissions"])
    expect([type, after[type]]).not.toEqual([type, before[type]]);
});

test("a release's id is for good: another form of it would be another release of every jail", async () => {
  const python = {
    artifact: { url: "https://example.org/build.tar.gz", sha256: "a".repeat(64) },
    requireModules: ["ssl"],
  };
  const idOf = async (more: Partial<PythonJailArgs>): Promise<unknown> => {
    await triggersOf({ python, releases: { keep: 2 }, ...more });
    for (let waits = 0; !made.has("JailReleases") && waits < 100; waits += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return made.get("JailReleases")!["release"];
  };
  expect([
    await idOf({}),
    await idOf({ root: { owner: "judge", deleteContents: true }, system: { tmp: "directory" }, devices: ["null"] }),
  ]).toEqual(["9b240c7d6486", "d2415cf6cc28"]);
});
