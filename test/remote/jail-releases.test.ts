import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa, type ResultPromise } from "execa";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { makeHostDirectory } from "./host-temporary.js";
import { join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { jailReleases } from "../../src/kinds/JailReleases.js";
import { jailRoot } from "../../src/kinds/JailRoot.js";
import type { Target, TargetKind } from "../../src/remote/target.js";
import { shells, type StepSurroundings } from "./run-step.js";
import { localTarget } from "./local-host.js";

let place: string;
let warned: string[];
let running: (Promise<unknown> & Pick<ResultPromise, "kill">)[];
beforeEach(() => {
  place = makeHostDirectory();
  warned = [];
  running = [];
  jest.spyOn(console, "warn").mockImplementation((text: string) => void warned.push(text));
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const one of running) one.kill("SIGKILL");
  await Promise.allSettled(running);
  rmSync(place, { recursive: true });
});

const at = (...names: string[]): string => join(place, ...names);
const base = (): string => at("srv/jails/judge");

/** A jail, or a directory of releases, on this machine as a target. Its records are named as real ones. */
function jailHere(path: string, surroundings?: StepSurroundings, kind: TargetKind = "jail"): Target {
  return localTarget(kind, { path, state: at("state"), cache: at("cache") }, surroundings);
}

const root = {
  owner: "root",
  group: "root",
  deleteContents: false,
  keepCache: false,
  host: "judge-1",
  connection: { host: "h" },
};
/** Makes the root of a release, as JailRoot does. */
async function make(release: string, surroundings?: StepSurroundings): Promise<void> {
  const path = join(base(), "releases", release);
  await jailRoot.apply(jailHere(path, surroundings), { ...root, path }, undefined);
}
const wanted = (release: string, change: object = {}) => ({
  host: "judge-1",
  connection: { host: "h" },
  path: base(),
  release,
  keep: 2,
  deleteContents: false,
  ...change,
});
const releases = (surroundings?: StepSurroundings) => jailHere(base(), surroundings, "releases");
const flip = (release: string, change: object = {}, surroundings?: StepSurroundings) =>
  jailReleases.apply(releases(surroundings), wanted(release, change), undefined);
const there = (): string[] => readdirSync(join(base(), "releases")).sort();
const leads = (): string => readlinkSync(join(base(), "current"));
const failing = async (work: Promise<unknown>): Promise<HostError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};

describe.each(shells)("under %s", (shell) => {
  test("the symlink moves from release to release, as many old ones are kept as declared, and a removal removes all", async () => {
    mkdirSync(at("srv"));
    for (const release of ["a", "b", "c", "d"]) {
      await make(release, { shell });
      expect(await flip(release, {}, { shell })).toEqual({
        current: join(base(), "current"),
        kept: { a: ["a"], b: ["a", "b"], c: ["a", "b", "c"], d: ["b", "c", "d"] }[release],
      });
      expect(leads()).toBe(`releases/${release}`);
    }
    expect(there()).toEqual(["b", "c", "d"]);
    // The resource that made a kept release removes nothing from it.
    await jailRoot.remove(
      jailHere(join(base(), "releases/b"), { shell }),
      { ...root, path: "" },
      { jailId: readFileSync(join(base(), "releases/b/.python3jail"), "utf8").trim() },
    );
    expect(there()).toEqual(["b", "c", "d"]);
    // A rollback makes nothing.
    expect((await flip("b", {}, { shell })).kept).toEqual(["c", "d", "b"]);
    expect(leads()).toBe("releases/b");
    expect((await flip("b", { keep: 0 }, { shell })).kept).toEqual(["b"]);
    expect(there()).toEqual(["b"]);
    expect(await jailReleases.read(releases({ shell }), wanted("b"), { current: "", kept: [] })).toEqual({
      drift: {},
      facts: { current: join(base(), "current"), kept: ["b"] },
    });

    await jailReleases.remove(releases({ shell }), wanted("b"), { current: "", kept: [] });
    await jailRoot.remove(jailHere(join(base(), "releases/b"), { shell }), { ...root, path: "" }, { jailId: "" });
    expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    await jailReleases.remove(releases({ shell }), wanted("b"), { current: "", kept: [] });
    expect(await jailReleases.read(releases({ shell }), wanted("b"), { current: "", kept: [] })).toBeUndefined();
  });

  test("a release in which a program runs is kept with a warning, and removed after the program has ended", async () => {
    await make("a", { shell });
    await flip("a", {}, { shell });
    const jail = join(base(), "releases/a");
    mkdirSync(join(jail, "bin"));
    await execa("cp", ["/bin/busybox", join(jail, "bin/busybox")]);
    const program = execa("chroot", [jail, "/bin/busybox", "sleep", "600"], { reject: false });
    running.push(program);
    await make("b", { shell });
    await flip("b", { keep: 0 }, { shell });
    expect([there(), warned]).toEqual([["a", "b"], ["warning: : the release a is kept: a program runs in it"]]);
    program.kill("SIGKILL");
    await program;
    await flip("b", { keep: 0 }, { shell });
    expect(there()).toEqual(["b"]);
  });

  test("a changed symlink is drift and is repaired, and anything else in its place is refused", async () => {
    const drift = async () =>
      (await jailReleases.read(releases({ shell }), wanted("a"), { current: "", kept: [] }))?.drift;
    await make("a", { shell });
    expect(await drift()).toEqual({ current: "is missing" });
    await flip("a", {}, { shell });
    expect(await drift()).toEqual({});
    for (const [target, words] of [
      ["releases/zz", "is the release zz, should be a"],
      ["/etc", "is not a link to a release"],
      ["releases/../..", "is not a link to a release"],
    ] as const) {
      rmSync(join(base(), "current"));
      symlinkSync(target, join(base(), "current"));
      expect(await drift()).toEqual({ current: words });
    }
    expect(await failing(flip("a", {}, { shell }))).toMatchObject({ code: "foreign" });
    rmSync(join(base(), "current"));
    mkdirSync(join(base(), "current"));
    writeFileSync(join(base(), "current/file"), "mine");
    expect(await failing(flip("a", {}, { shell }))).toMatchObject({ code: "foreign" });
    expect(existsSync(join(base(), "current/file"))).toBe(true);
  });
});

test("a release that does not exist, or is not ours, does not become current", async () => {
  expect(await failing(flip("a"))).toMatchObject({ code: "gone" });
  await make("a");
  mkdirSync(join(base(), "releases/foreign"));
  for (const release of ["b", "foreign"])
    expect(await failing(flip(release))).toMatchObject({
      code: "gone",
      failure: { reason: `the release ${release} is not there, or not wholly` },
    });
  expect(existsSync(join(base(), "current"))).toBe(false);
  await flip("a", { keep: 0 });
  // A directory that is no jail of ours is never removed; a removal of all releases names it.
  expect(there()).toEqual(["a", "foreign"]);
  expect(await failing(jailReleases.remove(releases(), wanted("a"), { current: "", kept: [] }))).toMatchObject({
    code: "not-empty",
  });
});

test("an old release with unmanaged files is kept with a warning, and removed if that is allowed", async () => {
  await make("a");
  await flip("a");
  writeFileSync(join(base(), "releases/a/scratch/result"), "");
  await make("b");
  await flip("b", { keep: 0 });
  expect([there(), warned]).toEqual([
    ["a", "b"],
    [expect.stringContaining("scratch holds files that were not put there by us")],
  ]);
  // The engine's deletes of its resources succeed, and remove nothing from a kept release.
  const a = join(base(), "releases/a");
  await jailRoot.remove(
    jailHere(a),
    { ...root, path: a },
    await jailRoot.apply(jailHere(a), { ...root, path: a }, undefined),
  );
  expect(readdirSync(a).sort()).toEqual([".python3jail", "REM_this_is_jail", "dev", "lib64", "scratch", "static"]);
  await flip("b", { keep: 0, deleteContents: true });
  expect(there()).toEqual(["b"]);
});

test("a removal checks all releases first, and removes all or none", async () => {
  for (const release of ["a", "b"]) {
    await make(release);
    await flip(release);
  }
  writeFileSync(join(base(), "releases/b/static/result"), "");
  const listing = async (): Promise<string> => (await execa("find", [base(), "-printf", "%p %y %m %s %C@\\n"])).stdout;
  const before = await listing();
  expect(await failing(jailReleases.remove(releases(), wanted("b"), { current: "", kept: [] }))).toMatchObject({
    code: "not-empty",
  });
  mkdirSync(join(base(), "releases/c"));
  expect(
    await failing(jailReleases.remove(releases(), wanted("b", { deleteContents: true }), { current: "", kept: [] })),
  ).toMatchObject({ code: "not-empty" });
  rmdirSync(join(base(), "releases/c"));
  expect((await listing()).replace(/.*\/releases d.*\n/, "")).toBe(before.replace(/.*\/releases d.*\n/, ""));
  await jailReleases.remove(releases(), wanted("b", { deleteContents: true }), { current: "", kept: [] });
  expect(existsSync(base())).toBe(false);
});

test("a release whose records were deleted is recorded as kept again", async () => {
  await make("a");
  await flip("a");
  const observed = async (): Promise<object> =>
    (await jailReleases.read(releases(), wanted("a"), { current: "", kept: [] }))!.drift;
  expect(await observed()).toEqual({});
  rmSync(releases().records, { recursive: true });
  expect(await observed()).toEqual({ current: "is not recorded as a release that is kept" });
  await flip("a");
  expect(await observed()).toEqual({});
});

test("a symlink in place of the releases, or of one release, does not lead outside", async () => {
  await make("a");
  await flip("a");
  const outside = at("outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "");
  symlinkSync(outside, join(base(), "releases/z"));
  await flip("a", { keep: 0 });
  expect([lstatSync(join(base(), "releases/z")).isSymbolicLink(), readdirSync(outside)]).toEqual([true, ["file"]]);
  renameSync(join(base(), "releases"), at("moved"));
  symlinkSync(at("moved"), join(base(), "releases"));
  expect(await failing(flip("a"))).toMatchObject({ code: "symlink" });
});

test("a jail inside another jail is refused", async () => {
  const path = base();
  await jailRoot.apply(jailHere(path), { ...root, path }, undefined);
  expect(await failing(make("a"))).toMatchObject({
    code: "nested",
    failure: { reason: `${path}/releases/a is inside another jail, ${path}` },
  });
});

test("preview announces a rollback, for which nothing is built, and a new release", () => {
  const olds = { ...wanted("b"), kept: ["a", "b"] };
  expect(jailReleases.announce!(olds, wanted("a"))).toBe(
    "goes back to the release a, which is kept there: nothing is built",
  );
  expect(jailReleases.announce!(olds, wanted("c"))).toBe(
    `makes one new release, c, beside the current one: all that shows as replaced below ${base()}/releases/… is that one; \`current\` leads to it once it is checked`,
  );
  expect(jailReleases.announce!(olds, wanted("b", { keep: 1 }))).toBeUndefined();
});
