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
  createPart,
  cachedFiles,
  parseSize,
  makePrivate,
  partPath,
  cachePath,
  prune,
  resumePart,
  markUsed,
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

/** Puts a file of `bytes` bytes into the cache that was last used `days` days ago. */
function keep(kind: CacheKind, name: string, bytes: number, days: number): string {
  const path = cachePath({ kind, sha256: digestOf(name), name });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "x".repeat(bytes));
  const then = new Date(Date.now() - days * 86_400_000);
  utimesSync(path, then, then);
  return path;
}
const names = () => cachedFiles().map(({ name }) => name);

test("prune removes the least recently used files of all kinds until the rest fits", () => {
  const old = keep("sources", "old.tgz", 400, 9);
  keep("wheels", "middle.whl", 300, 5);
  keep("artifacts", "new.tar.gz", 200, 1);
  expect(names()).toEqual(["new.tar.gz", "middle.whl", "old.tgz"]);
  expect(prune(1000)).toEqual([]);
  markUsed(old);
  expect(prune(600).map(({ name }) => name)).toEqual(["middle.whl"]);
  expect(names()).toEqual(["old.tgz", "new.tar.gz"]);
  process.env.PYTHON3JAIL_CACHE_LIMIT = "0.5k";
  expect(prune().map(({ name }) => name)).toEqual(["new.tar.gz"]);
  expect(readdirSync(join(folder, "artifacts"))).toEqual([]);
  // A file that was just downloaded is about to be used.
  const asked = keep("sources", "asked.tgz", 900, 1);
  expect([prune(undefined, asked), names()]).toEqual([[], ["old.tgz", "asked.tgz"]]);
  // Other files in the folder are kept.
  writeFileSync(join(folder, "notes"), "mine");
  prune(0);
  expect(readdirSync(folder).sort()).toEqual(["artifacts", "notes", "sources", "wheels"]);
});

test("prune can remove one of two files with the same digest, such as one build from two hosts", () => {
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
])("parseSize of %j is %j bytes", (size, bytes) => expect(parseSize(size)).toBe(bytes));

test("resumePart takes over the partial file of an ended process, but not of a running one", () => {
  const target = keep("artifacts", "build.tar.gz", 1, 0);
  rmSync(target);
  expect(resumePart(target)).toBe(0);
  // Process 1 always runs. The other number is above the kernel's limit.
  writeFileSync(`${target}.1.part`, "living");
  expect(resumePart(target)).toBe(0);
  writeFileSync(`${target}.4194305.part`, "left");
  expect([resumePart(target), readFileSync(partPath(target), "utf8")]).toEqual([4, "left"]);
  expect([existsSync(`${target}.4194305.part`), existsSync(`${target}.1.part`)]).toEqual([false, true]);
});

test.each([
  ["leads out of its folder", { name: "../../pwned" }],
  ["is the parent folder", { name: ".." }],
  ["is the folder itself", { name: "." }],
  ["is empty", { name: "" }],
  ["has a slash", { name: "a/b" }],
  ["has a line break", { name: "a\nb" }],
  ["has a NUL", { name: "a\0b" }],
  ["is too long for a file system", { name: "x".repeat(231) }],
  ["comes with a digest that is none", { sha256: "../../../etc" }],
])("cachePath refuses a file if its name %s", (_name, change) => {
  expect(() => cachePath({ kind: "artifacts", sha256: "a".repeat(64), name: "build.tar.gz", ...change })).toThrow(
    /is no (sha256|name for a file in the cache)$/,
  );
});

describe("with umask 000", () => {
  let umask: number;
  beforeEach(() => void (umask = process.umask(0)));
  afterEach(() => void process.umask(umask));
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  test("the cache's folders and partial files are accessible to this user only", () => {
    const target = cachePath({ kind: "sources", sha256: "a".repeat(64), name: "source.tgz" });
    const part = createPart(target);
    expect([join(folder, "sources"), dirname(target), part].map(mode)).toEqual(["700", "700", "600"]);
  });

  test("folders of the cache that everybody may write to get mode 0700, and other folders are left alone", () => {
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

test("the cache command lists the files that are there, and those that it removes", async () => {
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
