import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execa } from "execa";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOfFolder, tarOfFolder } from "../src/folder.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "folder-test-"));
  mkdirSync(join(folder, "more"));
  writeFileSync(join(folder, "Makefile"), "all:\n");
  writeFileSync(join(folder, "more", "a b"), "x");
  symlinkSync("Makefile", join(folder, "link"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const same: [string, () => void][] = [
  ["times", () => utimesSync(join(folder, "Makefile"), 1, 1)],
  ["who may read a file", () => chmodSync(join(folder, "Makefile"), 0o600)],
  ["what git keeps", () => (mkdirSync(join(folder, ".git")), writeFileSync(join(folder, ".git/config"), ""))],
];
test.each(same)("a folder's digest does not depend on %s", (_name, change) => {
  const before = digestOfFolder(folder);
  change();
  expect(digestOfFolder(folder)).toBe(before);
});

const different: [string, () => void][] = [
  ["content", () => writeFileSync(join(folder, "more", "a b"), "y")],
  ["names", () => renameSync(join(folder, "Makefile"), join(folder, "makefile"))],
  ["whether a file is a program", () => chmodSync(join(folder, "Makefile"), 0o755)],
  ["where a link leads", () => (rmSync(join(folder, "link")), symlinkSync("more", join(folder, "link")))],
  ["an empty folder", () => mkdirSync(join(folder, "empty"))],
  ["whether something is a file or a link", () => (rmSync(join(folder, "link")), writeFileSync(join(folder, "link"), "Makefile"))],
];
test.each(different)("a folder's digest depends on %s", (_name, change) => {
  const before = digestOfFolder(folder);
  change();
  expect(digestOfFolder(folder)).not.toBe(before);
});

test("what is no file, folder or link is refused", async () => {
  await execa("mkfifo", [join(folder, "pipe")]);
  expect(() => digestOfFolder(folder)).toThrow(`${join(folder, "pipe")} is no file, folder or link`);
});

test("its archive has all of it, but for what git keeps", async () => {
  mkdirSync(join(folder, ".git"));
  const copy = mkdtempSync(join(tmpdir(), "folder-test-"));
  try {
    await execa("tar", ["-x", "-C", copy], { input: await tarOfFolder(folder) });
    expect(digestOfFolder(copy)).toBe(digestOfFolder(folder));
    expect((await execa("ls", ["-A", copy])).stdout.split("\n")).toEqual(["Makefile", "link", "more"]);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
