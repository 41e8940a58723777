import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { z } from "zod";
import { kinds } from "../../src/kinds/kinds.js";
import { repositoryRoot } from "../hosts/repository.js";
import { everyNode } from "./failures-in-source.js";

const page = readFileSync(join(repositoryRoot, "docs/resources.md"), "utf8");

/** The part of the page about a resource: from its heading to the next one of that level. */
function sectionOf(type: string): string {
  return new RegExp(`^## ${type}\n(.*?)(?=^## |$(?![^]))`, "ms").exec(page)?.[1] ?? "";
}

/** A row of a table of arguments: its first cell, and its last one, which has the default. */
interface Row {
  readonly names: string;
  readonly standard: string;
}

function rowsOf(section: string): Row[] {
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | "))
    .map((cells) => ({ names: cells[0]!, standard: cells.at(-1)!.replace(/ \|$/, "") }));
}

interface Member {
  readonly name: string;
  readonly hasDocstring: boolean;
}

/** The arguments and outputs of a resource, as its file declares them. */
function declaredBy(type: string): { args: Member[]; outputs: Member[] } {
  const file = join(repositoryRoot, "src/resources", `${type}.ts`);
  const [args, outputs]: [Member[], Member[]] = [[], []];
  everyNode(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true), (node) => {
    const member = (one: ts.PropertySignature | ts.PropertyDeclaration): Member => ({
      name: one.name.getText(),
      hasDocstring: ts.getJSDocCommentsAndTags(one).length > 0,
    });
    if (ts.isInterfaceDeclaration(node) && node.name.text === `${type}Args`)
      args.push(...node.members.filter((one) => ts.isPropertySignature(one)).map(member));
    if (ts.isClassDeclaration(node) && node.name?.text === type)
      outputs.push(...node.members.filter((one) => ts.isPropertyDeclaration(one)).map(member));
  });
  return { args, outputs };
}

/** The defaults of the schema, by argument. */
function defaultsOf(type: string): Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(kinds[type]!.schema, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(properties as Record<string, { default?: unknown }>).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/** Words that the page has for a default, if they differ from the value in the code. */
const wordsFor: Readonly<Record<string, readonly string[]>> = { "PythonBuild.jobs": ["one for each processor"] };

describe.each(Object.keys(kinds))("the reference of %s", (type) => {
  const { args, outputs } = declaredBy(type);
  const rows = rowsOf(sectionOf(type));
  const rowOf = (name: string): Row | undefined =>
    rows.find(({ names }) => new RegExp(`\`${name}[\`.[]`).test(names));

  test("has a row for every argument, and its code a docstring", () => {
    expect(args.filter(({ hasDocstring }) => !hasDocstring).map(({ name }) => name)).toEqual([]);
    expect(args.filter(({ name }) => !rowOf(name)).map(({ name }) => name)).toEqual([]);
  });

  test("names every output, and its code a docstring", () => {
    expect(outputs.filter(({ hasDocstring }) => !hasDocstring).map(({ name }) => name)).toEqual([]);
    expect(outputs.filter(({ name }) => !sectionOf(type).includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
  });

  test("gives each default as the code has it", () => {
    const defaults = Object.entries(defaultsOf(type)).filter(
      ([name, value]) => args.some((one) => one.name === name) && !(Array.isArray(value) && value.length === 0),
    );
    const wrong = defaults.filter(([name, value]) => {
      const words = wordsFor[`${type}.${name}`] ?? [value].flat().filter((one) => typeof one !== "object");
      return !words.every((word) => rowOf(name)?.standard.includes(String(word)));
    });
    expect(wrong.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)).toEqual([]);
  });
});
