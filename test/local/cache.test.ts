import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Session } from "../../src/remote/session.js";
import { cacheCommand } from "../../src/cli/cache.js";
import { UsageError } from "../../src/base/usage-error.js";
import { terminalOf } from "../../src/base/terminal.js";
import {
  beginPart,
  cachedFiles,
  limitOf,
  makePrivate,
  partOf,
  placeOf,
  prune,
  resumePart,
  touch,
  type CacheKind,
} from "../../src/local/cache.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cache-"));
  process.env.PYTHON3JAIL_CACHE_DIR = folder;
});
afterEach(() => {
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  delete process.env.PYTHON3JAIL_CACHE_LIMIT;
  rmSync(folder, { recursive: true });
});

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Puts a file of so many bytes there that was last used so many days ago. */
function keep(kind: CacheKind, name: string, bytes: number, days: number): string {
  const path = placeOf({ kind, sha256: digestOf(name), name });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "x".repeat(bytes));
  const then = new Date(Date.now() - days * 86_400_000);
  utimesSync(path, then, then);
  return path;
}
const names = () => cachedFiles().map(({ name }) => name);

test("what was not used for the longest time goes first, of all kinds, until the rest fits", () => {
  const old = keep("sources", "old.tgz", 400, 9);
  keep("wheels", "middle.whl", 300, 5);
  keep("artifacts", "new.tar.gz", 200, 1);
  expect(names()).toEqual(["new.tar.gz", "middle.whl", "old.tgz"]);
  expect(prune(1000)).toEqual([]);
  touch(old);
  expect(prune(600).map(({ name }) => name)).toEqual(["middle.whl"]);
  expect(names()).toEqual(["old.tgz", "new.tar.gz"]);
  process.env.PYTHON3JAIL_CACHE_LIMIT = "0.5k";
  expect(prune().map(({ name }) => name)).toEqual(["new.tar.gz"]);
  expect(readdirSync(join(folder, "artifacts"))).toEqual([]);
  // What was just brought is about to be used.
  const asked = keep("sources", "asked.tgz", 900, 1);
  expect([prune(undefined, asked), names()]).toEqual([[], ["old.tgz", "asked.tgz"]]);
  // What else lies in the folder is nobody's to remove.
  writeFileSync(join(folder, "notes"), "mine");
  prune(0);
  expect(readdirSync(folder).sort()).toEqual(["artifacts", "notes", "sources", "wheels"]);
});

test("of two files with one content, as of one build that two hosts made, one can go without the other", () => {
  const one = keep("artifacts", "build@one.tar.gz", 400, 2);
  const two = join(one, "..", "build@two.tar.gz");
  writeFileSync(two, "x".repeat(400));
  expect(prune(500, two).map(({ name }) => name)).toEqual(["build@one.tar.gz"]);
  expect(names()).toEqual(["build@two.tar.gz"]);
});

test.each<[string | undefined, number | undefined]>([
  ["4GB", 4e9],
  ["500M", 5e8],
  ["1.5 g", 1.5e9],
  ["0", 0],
  ["12", 12],
  [undefined, undefined],
  ["", undefined],
  ["many", undefined],
  ["-1", undefined],
])("%j is %j bytes", (size, bytes) => expect(limitOf(size)).toBe(bytes));

test("what a process that has ended left of a file is gone on with, not what a living one is at", () => {
  const target = keep("artifacts", "build.tar.gz", 1, 0);
  rmSync(target);
  expect(resumePart(target)).toBe(0);
  // The first process lives, as long as there is a machine; none has the other number.
  writeFileSync(`${target}.1.part`, "living");
  expect(resumePart(target)).toBe(0);
  writeFileSync(`${target}.4194305.part`, "left");
  expect([resumePart(target), readFileSync(partOf(target), "utf8")]).toEqual([4, "left"]);
  expect([existsSync(`${target}.4194305.part`), existsSync(`${target}.1.part`)]).toEqual([false, true]);
});

test.each([
  ["climbs out of its folder", { name: "../../pwned" }],
  ["is a folder above", { name: ".." }],
  ["is the folder itself", { name: "." }],
  ["is empty", { name: "" }],
  ["has a slash", { name: "a/b" }],
  ["has a line break", { name: "a\nb" }],
  ["has a NUL", { name: "a\0b" }],
  ["is longer than a file system takes", { name: "x".repeat(231) }],
  ["is in a folder that is no digest", { sha256: "../../../etc" }],
])("a file is refused a place in the cache where its name %s", (_name, change) => {
  expect(() => placeOf({ kind: "artifacts", sha256: "a".repeat(64), name: "build.tar.gz", ...change })).toThrow(
    /is no (sha256|name for a file in the cache)$/,
  );
});

describe("where the caller's umask is 000", () => {
  let umask: number;
  beforeEach(() => void (umask = process.umask(0)));
  afterEach(() => void process.umask(umask));
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  test("the cache's folders and what arrives there are for this user alone", () => {
    const target = placeOf({ kind: "sources", sha256: "a".repeat(64), name: "source.tgz" });
    const part = beginPart(target);
    expect([join(folder, "sources"), dirname(target), part].map(mode)).toEqual(["700", "700", "600"]);
  });

  test("folders that an older release made for everybody are closed, and no other", () => {
    const parent = join(folder, "cache");
    process.env.PYTHON3JAIL_CACHE_DIR = join(parent, "python3jail");
    mkdirSync(join(parent, "python3jail", "node"), { recursive: true });
    mkdirSync(join(parent, "python3jail", "wheels"));
    chmodSync(join(parent, "python3jail", "wheels"), 0o750);
    makePrivate(join(parent, "python3jail", "node"));
    makePrivate(join(parent, "python3jail", "wheels"));
    expect(
      [
        parent,
        join(parent, "python3jail"),
        join(parent, "python3jail", "node"),
        join(parent, "python3jail", "wheels"),
      ].map(mode),
    ).toEqual(["777", "700", "700", "750"]);
  });
});

test("the command shows what is there, and what it removes", async () => {
  let text = "";
  const run = (...args: string[]) => {
    text = "";
    return cacheCommand.run(args, terminalOf({ write: (more: string) => (text += more) }, {}), new Session());
  };
  await run();
  expect(text).toBe("0 files in the cache, 0.0 MB\n");
  const path = keep("artifacts", "abc-x86_64.tar.gz", 2_000_000, 0);
  keep("wheels", "six.whl", 100_000, 3);
  await run();
  expect(text).toMatch(
    /^artifacts +2\.0 MB  20..-..-..  abc-x86_64\.tar\.gz\n +sha256 [0-9a-f]{64}\n +.*\nwheels +0\.1 MB .* six\.whl\n2 files in the cache, 2\.1 MB\n$/,
  );
  expect(text).toContain(path);
  await run("prune", "--limit", "2M", "--json");
  expect(JSON.parse(text)).toEqual([
    expect.objectContaining({
      kind: "wheels",
      name: "six.whl",
      bytes: 100_000,
      used: expect.stringMatching(/^20.*Z$/),
    }),
  ]);
  for (const wrong of [["purge"], ["prune", "x"], ["--limit", "4G"], ["prune", "--limit", "much"]])
    await expect(run(...wrong)).rejects.toThrow(UsageError);
});
