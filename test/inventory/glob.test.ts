import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { globPattern } from "../../src/inventory/glob.js";
import { readInventory } from "../../src/inventory/inventory.js";

const names = [
  "a0",
  "a1",
  "a2",
  "a9",
  "aB",
  "ab",
  "a-",
  "a]",
  "a^",
  "a!",
  "a*",
  "a?",
  "a[",
  "a[0-9]",
  "a{1,2}",
  "a.",
  "a:",
  "a+",
  "a(1)",
  "a",
  "aa1",
  ".a1",
  "one/a1",
  "two/a1",
  "two/.a1",
  "t[wo]/a1",
];

const patterns = [
  "a1",
  "a*",
  "a?",
  "*",
  ".*",
  "[.]a1",
  "\\\\.a1",
  "a[0-9]",
  "a[!0-9]",
  "a[^0-9]",
  "a[0-19]",
  "a[]0]",
  "a[!]0]",
  "a[-0]",
  "a[0-]",
  "a[1^]",
  "a[\\\\]]",
  "a[*?]",
  "a[[:digit:]]",
  "a[[:upper:][:punct:]]",
  "a[![:alnum:]]",
  "a[[:nothing:]]",
  "a[9-0]",
  "a[9-0B]",
  "a1\\\\",
  "a[",
  "a[0-9",
  "a[]",
  "a\\\\*",
  "a\\\\[0-9]",
  "\\\\a1",
  "a{1,2}",
  "a+",
  "a.",
  "a(?)",
  "*/a1",
  "[ot]*/a1",
  "*/*",
  "t[wo]/a1",
  "t\\\\[wo\\\\]/a1",
  "*/.a1",
];

describe("an Include names the same files for us as for OpenSSH", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "globs-"));
    for (const below of ["one", "two", "t[wo]"]) mkdirSync(join(folder, "hosts", below), { recursive: true });
    for (const [number, name] of names.entries())
      writeFileSync(join(folder, "hosts", name), `SendEnv IN_${number}\nHost in_${number}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(patterns)("Include %s", async (pattern) => {
    const file = join(folder, "config");
    writeFileSync(file, `Host first\nHost *\nInclude ${join(folder, "hosts")}/${pattern}\n`);
    const { stdout } = await execa("ssh", ["-G", "-F", file, "judge"]);
    const theirs = [...stdout.matchAll(/^sendenv IN_(\d+)$/gm)].map(([, number]) => names[Number(number)]);
    const ours = readInventory({ openssh: file }, folder)
      .hosts.filter(({ name }) => name !== "first")
      .map(({ name }) => names[Number(name.slice(3))]);
    expect(ours.sort()).toEqual(theirs.sort());
  });
});

test("a pattern matches whole names and whole characters", () => {
  expect([globPattern("a").test("ab"), globPattern("?").test("😀"), globPattern("[😀]").test("😀")]).toEqual([
    false,
    true,
    true,
  ]);
});
