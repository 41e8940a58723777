import { expect, test } from "@jest/globals";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "./hosts/repository.js";

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...globSync(["docs/*.md", "examples/*/README.md"], { cwd: repositoryRoot }),
];

test.each(pages)("every link of %s within the project leads to a file", (page) => {
  const text = readFileSync(join(repositoryRoot, page), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !existsSync(join(repositoryRoot, dirname(page), link)))).toEqual([]);
});

test("the README is no longer than 8 kB, and leads to every page", () => {
  expect(statSync(join(repositoryRoot, "README.md")).size).toBeLessThanOrEqual(8192);
  const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
  expect(pages.filter((page) => page !== "README.md" && !readme.includes(`](${page})`))).toEqual([]);
});

test("every block that a page marks as part of a road is run by the test of that road", () => {
  const tests = globSync("test/e2e/roads/*.test.ts", { cwd: repositoryRoot }).map((file) =>
    readFileSync(join(repositoryRoot, file), "utf8"),
  );
  const marked = pages.flatMap((page) =>
    [...readFileSync(join(repositoryRoot, page), "utf8").matchAll(/^<!-- road: (.+) -->$/gm)].map(([, name]) => name!),
  );
  expect(new Set(marked).size).toBe(marked.length);
  expect(marked.length).toBeGreaterThan(5);
  expect(marked.filter((name) => !tests.some((text) => text.includes(`"${name}"`)))).toEqual([]);
});
