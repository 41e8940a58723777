import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tarOf } from "../../src/local/tar.js";
import { digestOfAll, filesBelow, mostFiles } from "../../src/local/folder.js";
import { summaryOf } from "../../src/local/summary.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content = "", mode = 0o644): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
};
const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex");
const paths = (ignore: string[] = []): string[] => filesBelow(folder, ignore).map(({ path }) => path);

describe("a local folder", () => {
  test("is listed by path, with each file's digest and whether it is a program", () => {
    put("b.py", "b");
    put("a/run", "#!", 0o744);
    mkdirSync(join(folder, "empty"));
    expect(filesBelow(folder, [])).toEqual([
      { path: "a/run", sha256: sha256("#!"), program: true },
      { path: "b.py", sha256: sha256("b"), program: false },
    ]);
  });

  test("has another digest when a name, a content or an execute bit changes, and the same if nothing does", () => {
    put("a", "one");
    const digests = [digestOfAll(filesBelow(folder, []))];
    utimesSync(join(folder, "a"), 1, 1);
    expect(digestOfAll(filesBelow(folder, []))).toBe(digests[0]);
    for (const change of [
      () => put("a", "two"),
      () => put("b"),
      () => chmodSync(join(folder, "b"), 0o755),
      () => rmSync(join(folder, "b")),
    ]) {
      change();
      digests.push(digestOfAll(filesBelow(folder, [])));
    }
    expect(new Set(digests).size).toBe(4);
    expect(digests[4]).toBe(digests[1]);
  });

  test("is listed without files of Python's and version control's own, and without ignored files", () => {
    for (const path of [
      "a.py",
      "a.pyc",
      "__pycache__/a.py",
      ".git/config",
      "judge/data/big/x",
      "judge/data.py",
      "judge/tests/t.py",
      "tests",
      "a.md",
      "b/a.md",
      "a+b",
      ".hidden",
    ])
      put(path);
    expect(paths()).toEqual([
      ".hidden",
      "a+b",
      "a.md",
      "a.py",
      "b/a.md",
      "judge/data.py",
      "judge/data/big/x",
      "judge/tests/t.py",
      "tests",
    ]);
    expect(paths(["*.md", "tests", "judge/data/**", "a+?"])).toEqual([".hidden", "a.py", "judge/data.py"]);
    expect(paths(["judge/data/*", "b/*.md"])).toEqual([
      ".hidden",
      "a+b",
      "a.md",
      "a.py",
      "judge/data.py",
      "judge/tests/t.py",
      "tests",
    ]);
    for (const folder of ["judge", "judge/"]) expect(paths([folder])).not.toContain("judge/data.py");
  });

  const refused: [string, () => unknown, string][] = [
    ["that does not exist", () => rmSync(folder, { recursive: true }), "there is no folder"],
    [
      "with a symlink, even one that stays inside",
      () => {
        put("a");
        symlinkSync("a", join(folder, "link"));
      },
      "link in .* is a symbolic link: only files are sent",
    ],
    ["with a symlink to a folder", () => symlinkSync("/etc", join(folder, "etc")), "etc in .* is a symbolic link"],
    ["with a FIFO", () => execa("mkfifo", [join(folder, "fifo")]), "fifo in .* is no regular file"],
    ["with a name of two lines", () => put("two\nlines"), "two\\?lines in .* has a line break"],
    [
      "with a backslash in a name",
      () => put("deep/back\\slash"),
      "deep/back.slash in .* has a line break, another control character or a backslash",
    ],
    [
      "with a name that is not UTF-8",
      () => writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xfc])]), ""),
      "has a name that is not UTF-8: rename it",
    ],
    [
      "with more than 256 MB",
      () => {
        put("big");
        truncateSync(join(folder, "big"), 257 * 1024 * 1024);
      },
      "holds more than 256 MB",
    ],
  ];
  test.each(refused)("%s is refused", async (_name, make, reason) => {
    await make();
    expect(() => filesBelow(folder, [])).toThrow(new RegExp(reason));
    if (reason.includes("link") && _name.includes("link"))
      expect(() => filesBelow(folder, ["link", "etc"])).not.toThrow();
  });

  test("with too many files is refused", () => {
    for (let index = 0; index <= mostFiles; index += 1) writeFileSync(join(folder, `f${index}`), "");
    expect(() => filesBelow(folder, [])).toThrow(`holds more than ${mostFiles} files`);
  });
});

describe("a summary for previews", () => {
  const file = (path: string, content = path) => ({ path, sha256: sha256(content), program: false });
  const many = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => file(`${name}/file-${index}.py`));
  const sorted = (...files: { path: string; sha256: string; program: boolean }[]) =>
    files.sort((one, other) => (one.path < other.path ? -1 : 1));
  const changed = (before: object, after: object): string[] =>
    [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (key) => (before as Record<string, string>)[key] !== (after as Record<string, string>)[key],
    );

  test("names every file if there are few", () => {
    expect(summaryOf([{ ...file("a.py"), program: true }, file("b/c.py")])).toEqual({
      "a.py": `${sha256("a.py").slice(0, 8)} program`,
      "b/c.py": sha256("b/c.py").slice(0, 8),
    });
    expect(Object.keys(summaryOf(sorted(...many("a", 30))))).toHaveLength(30);
  });

  test("replaces the files of a large folder by one entry, and names those of small folders", () => {
    const files = sorted(...many("vendor", 500), ...many("judge", 10), file("main.py"));
    const before = summaryOf(files);
    expect(before).toMatchObject({
      "vendor/": expect.stringMatching(/^500 files, [0-9a-f]{8}$/),
      "judge/file-3.py": expect.any(String),
      "main.py": expect.any(String),
    });
    expect(
      changed(before, summaryOf(files.map((one) => (one.path === "judge/file-3.py" ? file(one.path, "new") : one)))),
    ).toEqual(["judge/file-3.py"]);
    expect(
      changed(before, summaryOf(files.map((one) => (one.path === "vendor/file-3.py" ? file(one.path, "new") : one)))),
    ).toEqual(["vendor/"]);
  });

  test("puts the rest into one entry if there are too many folders", () => {
    const files = sorted(...Array.from({ length: 100 }, (_, index) => many(`folder-${index}`, 3)).flat());
    const before = summaryOf(files);
    expect(before["and more"]).toMatch(/^\d+ files, [0-9a-f]{8}$/);
    const counted = Object.values(before).map((text) => Number(/^(\d+) files/.exec(text)?.[1] ?? 1));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(300);
    expect(changed(before, summaryOf(sorted(...files, file("zzz"))))).toEqual(["and more"]);
  });

  test.each([1, 45, 1000, mostFiles])("of %i files takes at most 1300 bytes", (count) => {
    const files = sorted(
      ...Array.from({ length: count }, (_, index) =>
        file(`some-folder-${index % 97}/below-${index % 11}/a-module-with-a-name-${index}.py`),
      ),
    );
    expect(JSON.stringify(summaryOf(files)).length).toBeLessThanOrEqual(1300);
  });
});

describe("a tar archive", () => {
  test("is unpacked by tar, with files named by their sha256", async () => {
    put("a", "one");
    put("deep/b c", "x".repeat(1024));
    put("empty");
    const files = filesBelow(folder, []);
    const unpacked = join(folder, "unpacked");
    mkdirSync(unpacked);
    await execa("tar", ["-x", "-f", "-", "-C", unpacked], {
      input: Buffer.concat([...tarOf(folder, files, ({ sha256 }) => sha256)]),
    });
    const { stdout } = await execa("sh", ["-c", "sha256sum *; stat -c %a *"], { cwd: unpacked });
    const digests = files.map((file) => file.sha256).sort();
    expect(stdout.split("\n")).toEqual([...digests.map((digest) => `${digest}  ${digest}`), "600", "600", "600"]);
  });

  test("is unpacked by tar with its paths, execute bits and long names", async () => {
    const long = `${"a-folder-with-a-name/".repeat(6)}${"f".repeat(90)}`;
    put(long, "far down");
    put("ä/run", "#!/bin/sh");
    chmodSync(join(folder, "ä/run"), 0o755);
    const files = filesBelow(folder, []);
    mkdirSync(join(folder, "unpacked"));
    await execa("tar", ["-x", "-f", "-", "-C", join(folder, "unpacked")], {
      input: Buffer.concat([...tarOf(folder, files, ({ path }) => path)]),
    });
    expect(filesBelow(join(folder, "unpacked"), [])).toEqual(files);
    expect(() => [...tarOf(folder, files, () => "x".repeat(101))]).toThrow("too long a path");
  });

  test("is refused if a file has changed since it was listed", () => {
    put("a", "one");
    const files = filesBelow(folder, []);
    put("a", "two");
    expect(() => [...tarOf(folder, files, ({ sha256 }) => sha256)]).toThrow("a in ");
  });
});
