import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { isFailureCode } from "../../src/base/failure-codes.js";
import { repositoryRoot } from "../hosts/repository.js";

/** A failure as a source file has it. What is known only when it happens is `…`, or the name of its variable in capitals. */
export interface FailureInSource {
  readonly file: string;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

const unknown = "…";
const sources = (pattern: string): [string, string][] =>
  globSync(pattern, { cwd: repositoryRoot })
    .sort()
    .map((file) => [file, readFileSync(join(repositoryRoot, file), "utf8")]);

/** All failures that steps end themselves with, and those that TypeScript makes with a text of its own. */
export function failuresInSource(): FailureInSource[] {
  return [
    ...sources("src/remote/**/*.sh").flatMap(([file, text]) => failuresInShell(file, text)),
    ...sources("src/**/*.ts").flatMap(([file, text]) => failuresInTypeScript(file, text)),
  ];
}

/** `fail`, and the functions that end in it, with their three arguments; awk's `problem`; and the ends of a build, which have no remedy. */
export function failuresInShell(file: string, script: string): FailureInSource[] {
  const text = script.replace(/^\s*#.*$/gm, "");
  const found: FailureInSource[] = [];
  const calls = /(?<![\w#-])(?:fail|give_back|lacks) +([a-z][a-z0-9-]*)(?=\s+(?:\\\n\s*)?")/g;
  for (const { index, 0: call, 1: code = "" } of text.matchAll(calls)) {
    const reason = quotedWord(text, index + call.length);
    const remedy = quotedWord(text, reason.end);
    found.push({ file, code, reason: reason.words, remedy: remedy.words });
  }
  for (const { index, 0: call, 1: code = "" } of text.matchAll(/(?<![\w#-])(?:give_up|answer reason) +([a-z][a-z0-9-]*)(?= ")/g))
    found.push({
      file,
      code: isFailureCode(code) ? code : "build",
      reason: quotedWord(text, index + call.length).words,
      remedy: "",
    });
  for (const [, code = "", rest = ""] of text.matchAll(/problem\("([a-z-]+)", (.*)\)$/gm)) {
    const [reason = "", remedy = ""] = awkTexts(rest);
    found.push({ file, code, reason, remedy });
  }
  return found;
}

/** The next word of a shell command, in double quotes. */
function quotedWord(text: string, from: number): { words: string; end: number } {
  let at = text.indexOf('"', from) + 1;
  let words = "";
  while (text[at] !== '"') {
    const rest = text.slice(at);
    const variable = /^\$(?:\{(\w+)[^}]*\}|(\w+|[*@]))/.exec(rest);
    if (rest.startsWith("$(")) {
      at = endOfSubstitution(text, at + 2);
      words += unknown;
    } else if (variable) {
      at += variable[0].length;
      const name = variable[1] ?? variable[2] ?? "";
      words += /^[\d*@]$/.test(name) ? unknown : name.toUpperCase();
    } else {
      at += text[at] === "\\" ? 1 : 0;
      words += text[at] ?? "";
      at += 1;
    }
  }
  return { words, end: at + 1 };
}

function endOfSubstitution(text: string, from: number): number {
  let depth = 1;
  let at = from;
  for (; depth > 0; at += 1) depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
  return at;
}

/** awk's arguments: texts in quotes, with values between them. */
function awkTexts(given: string): string[] {
  const texts = [""];
  for (const [, quoted, value, comma] of given.matchAll(/"((?:[^"\\]|\\.)*)"|(\w+\([^)]*\)|\w+)|(,)/g)) {
    if (comma !== undefined) texts.push("");
    else texts[texts.length - 1] = `${texts.at(-1) ?? ""}${quoted ?? (value === undefined ? "" : unknown)}`;
  }
  return texts;
}

/**
 * The object literals with a `code`, a `reason` and a `remedy`. Where a function gets reason and remedy as its parameters, its calls in
 * the same file tell them.
 */
export function failuresInTypeScript(file: string, text: string): FailureInSource[] {
  const found: FailureInSource[] = [];
  const makers = new Map<string, { code: string | undefined; parameters: string[] }>();
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  everyNode(tree, (node) => {
    if (!ts.isObjectLiteralExpression(node)) return;
    const members = membersOf(node);
    if (!members.has("code") || !members.has("reason")) return;
    const code = textOf(members.get("code"));
    const reason = givenText(members.get("reason"));
    if (code !== undefined && reason !== undefined)
      found.push({ file, code, reason, remedy: givenText(members.get("remedy")) ?? "" });
    const maker = ts.findAncestor(node, (parent) => ts.isFunctionDeclaration(parent) || ts.isArrowFunction(parent));
    if (!maker) return;
    const name = ts.isFunctionDeclaration(maker)
      ? maker.name?.text
      : ts.isVariableDeclaration(maker.parent) && ts.isIdentifier(maker.parent.name)
        ? maker.parent.name.text
        : undefined;
    if (name !== undefined) makers.set(name, { code, parameters: maker.parameters.map((one) => one.name.getText()) });
  });
  everyNode(tree, (node) => {
    const maker = ts.isCallExpression(node) ? makers.get(node.expression.getText()) : undefined;
    if (!maker || !ts.isCallExpression(node)) return;
    const given = (name: string): ts.Expression | undefined => node.arguments[maker.parameters.indexOf(name)];
    const code = textOf(given("code")) ?? maker.code;
    const reason = givenText(given("reason"));
    if (code !== undefined && reason !== undefined) found.push({ file, code, reason, remedy: givenText(given("remedy")) ?? "" });
  });
  return found;
}

/** The codes that TypeScript gives to a failure, whatever its text is. */
export function codesInTypeScript(): Set<string> {
  const found = new Set<string>();
  for (const [file, text] of sources("src/**/*.ts")) {
    if (file.startsWith("src/base/failure-codes")) continue;
    everyNode(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), (node) => {
      // A list or a comparison only asks which code it is.
      if (ts.isStringLiteral(node) && !ts.isArrayLiteralExpression(node.parent) && !ts.isBinaryExpression(node.parent))
        found.add(node.text);
    });
  }
  return found;
}

/** Calls a function on a node and all below it. */
export function everyNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => everyNode(child, visit));
}

function membersOf(node: ts.ObjectLiteralExpression): Map<string, ts.Expression | undefined> {
  return new Map(
    node.properties.flatMap((one): [string, ts.Expression | undefined][] =>
      ts.isPropertyAssignment(one)
        ? [[one.name.getText(), one.initializer]]
        : ts.isShorthandPropertyAssignment(one)
          ? // The parameter of a function that makes it.
            [[one.name.text, undefined]]
          : [],
    ),
  );
}

/** The text of what is given; of what is put together only when it happens, the mark of that. */
function givenText(node: ts.Expression | undefined): string | undefined {
  return node && (textOf(node) ?? unknown);
}

/** The text of a literal or template; undefined of anything else. */
export function textOf(node: ts.Expression | undefined): string | undefined {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => `${unknown}${literal.text}`)].join("");
}
