import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namePattern, pathPattern } from "../../src/base/patterns.js";

const names: [pattern: string, name: string, fits: boolean][] = [
  ["judge-*", "judge-12", true],
  ["judge-*", "judge-", true],
  ["judge-*", "a-judge-1", false],
  ["judge-?", "judge-1", true],
  ["judge-?", "judge-", false],
  ["judge-?", "judge-12", false],
  ["judge.1", "judge-1", false],
  ["judge.1", "judge.1", true],
  ["*.example.org", "a.b.example.org", true],
  ["**.org", "a.b.org", true],
  ["***", "a", true],
  ["*a*", "bab", true],
  // Special characters of other kinds of patterns match themselves.
  ["[ab]", "a", false],
  ["[ab]", "[ab]", true],
  ["[a]+", "a", false],
  ["judge-{1,2}", "judge-1", false],
  ["judge-{1,2}", "judge-{1,2}", true],
  ["@(a|b)", "a", false],
  ["@(a|b)", "@(a|b)", true],
  ["a+", "aa", false],
  ["a|b", "a", false],
  ["^a$", "a", false],
];

describe("a pattern for names", () => {
  test.each(names)("%s applied to %s gives %s", (pattern, name, fits) =>
    expect(namePattern(pattern).test(name)).toBe(fits),
  );
  test("has no escapes", () => {
    expect(namePattern("a\\*").test("a*")).toBe(false);
    expect(namePattern("a\\*").test("a\\b")).toBe(true);
  });
  test("matches a slash, a leading dot, and a line break", () => {
    for (const name of ["org/project/prod", ".hidden", "two\nlines"]) expect(namePattern("*").test(name)).toBe(true);
  });

  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "patterns-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Only names that ssh accepts on its command line and does not change.
  test.each(names.filter(([, name]) => /^[a-z0-9.-]+$/.test(name)))(
    "%s applied to %s gives the same in OpenSSH: %s",
    async (pattern, name, fits) => {
      const file = join(folder, "config");
      writeFileSync(file, `Host ${pattern}\n  User it-fits\n`);
      const { stdout } = await execa("ssh", ["-G", "-F", file, name]);
      expect(stdout.split("\n").includes("user it-fits")).toBe(fits);
    },
  );
});

const paths: [pattern: string, path: string, fits: boolean][] = [
  ["*.md", "a.md", true],
  ["*.md", ".md", true],
  ["*", ".hidden", true],
  ["*.md", "b/a.md", false],
  ["b/?", "b/a", true],
  ["b?a", "b/a", false],
  ["judge/data/*", "judge/data/a/b", false],
  ["judge/data/**", "judge/data/a/b", true],
  ["judge/data/**", "judge/data/.a", true],
  // `**` matches anything, but a slash beside it matches only a slash.
  ["judge/data/**", "judge/data", false],
  ["**/tests", "tests", false],
  ["**/tests", "a/b/tests", true],
  ["judge/**.txt", "judge/a/b.txt", true],
  ["a**z", "a/b/z", true],
  ["a/**/z", "a/z", false],
  ["a***z", "a/b/z", true],
  // Special characters of other kinds of patterns match themselves.
  ["*.{md,txt}", "a.md", false],
  ["*.{md,txt}", "a.{md,txt}", true],
  ["[ab].py", "a.py", false],
  ["[ab].py", "[ab].py", true],
  ["!a", "b", false],
  ["!a", "!a", true],
  ["!(a)", "b", false],
  ["+(a)", "+(a)", true],
  ["a+b", "aab", false],
  ["a\\*", "a*", false],
  ["a\\*", "a\\b", true],
  ["a.py", "a-py", false],
  ["#a", "#a", true],
];
describe("a pattern for paths", () => {
  test.each(paths)("%s applied to %s gives %s", (pattern, path, fits) =>
    expect(pathPattern(pattern).test(path)).toBe(fits),
  );
});
