import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./hosts/repository.js";

const declared =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** The files of each exported name; a function's overloads are one export. */
function exportsOf(files: Readonly<Record<string, string>>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [file, text] of Object.entries(files))
    for (const [, name = ""] of text.matchAll(declared)) found.set(name, (found.get(name) ?? new Set()).add(file));
  return found;
}

/** The names that more than one file exports, with these files. */
const shared = (files: Readonly<Record<string, string>>): string[] =>
  [...exportsOf(files)]
    .filter(([, places]) => places.size > 1)
    .map(([name, places]) => `${name}: ${[...places].sort().join(", ")}`);

test("no two files of src export one name", () => {
  const source = join(repositoryRoot, "src");
  const files = Object.fromEntries(
    readdirSync(source, { recursive: true, encoding: "utf8" })
      // It only names what others export.
      .filter((file) => file.endsWith(".ts") && file !== "index.ts")
      .map((file) => [file, readFileSync(join(source, file), "utf8")]),
  );
  expect(exportsOf(files).size).toBeGreaterThan(300);
  expect(shared(files)).toEqual([]);
});

test("every kind of declaration counts, and what is not exported does not", () => {
  const kinds = ["async function", "function*", "const", "class", "abstract class", "interface", "type", "enum"];
  for (const kind of kinds)
    expect(shared({ a: `export ${kind} same {}\n`, b: "\nexport const same = 1;" })).toEqual(["same: a, b"]);
  expect(shared({ a: "export function f(): 1;\nexport function f(): 2;", b: "function f() {}" })).toEqual([]);
});
