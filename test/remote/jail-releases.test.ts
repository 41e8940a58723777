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

jest.setTimeout(60_000);

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

/** A jail, or the releases in a folder, on this machine, as the lifecycle sees it; its records are named as the real ones are. */
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
/** Makes a release, as far as JailRoot does. */
async function make(release: string, surroundings?: StepSurroundings): Promise<void> {
  const path = join(base(), "releases", release);
  await jailRoot.ensure(jailHere(path, surroundings), { ...root, path }, undefined);
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
  jailReleases.ensure(releases(surroundings), wanted(release, change), undefined);
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
  test("the link leads from one release to the next, old ones stay as many as are kept, and all go in the end", async () => {
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
    // What made a kept release takes nothing out of it.
    await jailRoot.remove(
      jailHere(join(base(), "releases/b"), { shell }),
      { ...root, path: "" },
      { jailId: readFileSync(join(base(), "releases/b/.python3jail"), "utf8").trim() },
    );
    expect(there()).toEqual(["b", "c", "d"]);
    // Back: nothing is made.
    expect((await flip("b", {}, { shell })).kept).toEqual(["c", "d", "b"]);
    expect(leads()).toBe("releases/b");
    expect((await flip("b", { keep: 0 }, { shell })).kept).toEqual(["b"]);
    expect(there()).toEqual(["b"]);
    expect(await jailReleases.observe(releases({ shell }), wanted("b"), { current: "", kept: [] })).toEqual({
      drift: {},
      facts: { current: join(base(), "current"), kept: ["b"] },
    });

    await jailReleases.remove(releases({ shell }), wanted("b"), { current: "", kept: [] });
    await jailRoot.remove(jailHere(join(base(), "releases/b"), { shell }), { ...root, path: "" }, { jailId: "" });
    expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    await jailReleases.remove(releases({ shell }), wanted("b"), { current: "", kept: [] });
    expect(await jailReleases.observe(releases({ shell }), wanted("b"), { current: "", kept: [] })).toBeUndefined();
  });

  test("a release in which a program runs is kept, with a warning; once it has ended it goes", async () => {
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

  test("what somebody did to the link is seen, and mended; what is no link is refused", async () => {
    const drift = async () =>
      (await jailReleases.observe(releases({ shell }), wanted("a"), { current: "", kept: [] }))?.drift;
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

test("a release that is not there, or is none of ours, never becomes current", async () => {
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
  // What is no jail of ours is never removed; in the end it is said what is in the way.
  expect(there()).toEqual(["a", "foreign"]);
  expect(await failing(jailReleases.remove(releases(), wanted("a"), { current: "", kept: [] }))).toMatchObject({
    code: "not-empty",
  });
});

test("an old release that holds others' files is kept with a warning, and goes where that is allowed", async () => {
  await make("a");
  await flip("a");
  writeFileSync(join(base(), "releases/a/scratch/result"), "");
  await make("b");
  await flip("b", { keep: 0 });
  expect([there(), warned]).toEqual([
    ["a", "b"],
    [expect.stringContaining("scratch holds files that were not put there by us")],
  ]);
  // Kept is kept whole: the engine's delete of what it was made of takes nothing out of it, and does not fail for ever.
  const a = join(base(), "releases/a");
  await jailRoot.remove(
    jailHere(a),
    { ...root, path: a },
    await jailRoot.ensure(jailHere(a), { ...root, path: a }, undefined),
  );
  expect(readdirSync(a).sort()).toEqual([".python3jail", "REM_this_is_jail", "dev", "lib64", "scratch", "static"]);
  await flip("b", { keep: 0, deleteContents: true });
  expect(there()).toEqual(["b"]);
});

test("all releases go or none: what one of them would refuse is asked of all first", async () => {
  for (const release of ["a", "b"]) {
    await make(release);
    await flip(release);
  }
  writeFileSync(join(base(), "releases/b/static/result"), "");
  const listing = async (): Promise<string> => (await execa("find", [base(), "-printf", "%p %y %m %s %C@\\n"])).stdout;
  const before = await listing();
  expect(await failing(jailReleases.remove(releases(), wanted("b"), { current: "", kept: [] }))).toMatchObject({
    code: "contents",
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
    (await jailReleases.observe(releases(), wanted("a"), { current: "", kept: [] }))!.drift;
  expect(await observed()).toEqual({});
  rmSync(releases().records, { recursive: true });
  expect(await observed()).toEqual({ current: "is not recorded as a release that is kept" });
  await flip("a");
  expect(await observed()).toEqual({});
});

test("nothing leads out: neither a link in the place of the releases, nor one in the place of a release", async () => {
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
  await jailRoot.ensure(jailHere(path), { ...root, path }, undefined);
  expect(await failing(make("a"))).toMatchObject({
    code: "nested",
    failure: { reason: `${path}/releases/a is inside another jail, ${path}` },
  });
});

test("preview says of a way back that nothing is built, and of a new release that it is one", () => {
  const olds = { ...wanted("b"), kept: ["a", "b"] };
  expect(jailReleases.announce!(olds, wanted("a"))).toBe(
    "goes back to the release a, which is kept there: nothing is built",
  );
  expect(jailReleases.announce!(olds, wanted("c"))).toBe(
    `makes one new release, c, beside the current one: all that shows as replaced below ${base()}/releases/… is that one; \`current\` leads to it once it is checked`,
  );
  expect(jailReleases.announce!(olds, wanted("b", { keep: 1 }))).toBeUndefined();
});
