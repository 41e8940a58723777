import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../ssh/openssh.js";
import type { Step } from "./step.js";

const texts = new Map<string, string>();

/** The text of a remote script. */
export function scriptText(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = readFileSync(join(__dirname, file), "utf8")));
  return text;
}

/** A digest of remote scripts, for what must change when they change (a build's key). */
export function scriptDigest(...files: string[]): string {
  return createHash("sha256").update(files.map(scriptText).join("\0")).digest("hex");
}

/**
 * The program that sh reads: the libraries, then the step as one function, so that a text cut short by a lost connection
 * runs not at all, and what it starts cannot eat the rest of it.
 */
export function assemble(step: Step, args: readonly string[], logicalHost = ""): string {
  return [prelude(logicalHost), "answer started", definition(step), `{\n${call(args)}\n}\n`].join("\n");
}

/**
 * The same for several steps, each in a shell of its own, so that none can end or change another. After each comes a line
 * `mark NUMBER EXIT_CODE` on both outputs.
 */
export function assembleTogether(steps: readonly { readonly step: Step; readonly args: readonly string[] }[], mark: string, logicalHost = ""): string {
  const bodies = steps.map(({ step, args }, number) => `(\nset -e\nend_on_signals\nanswer started\n${definition(step)}\n${call(args)}\n)\ncode=$?\nprintf '%s\\n' "${mark} ${number} $code" >&3\nprintf '%s\\n' "${mark} ${number} $code"`);
  return [prelude(logicalHost), `{\nset +e\n${bodies.join("\n")}\n}\n`].join("\n");
}

function prelude(logicalHost: string): string {
  return `logical_host=${word(logicalHost)}\n${scriptText("lib.sh")}`;
}

function definition({ files }: Step): string {
  const [body, ...libraries] = files;
  return [...libraries.map(scriptText), `step() {\n${scriptText(body!)}\n}\n`].join("\n");
}

// In braces: sh begins with them only when it has read them to their end.
function call(args: readonly string[]): string {
  return `step ${args.map(word).join(" ")} </dev/null\nanswer 'done'`;
}

function word(text: string): string {
  if (text.includes("\0")) throw new Error("a NUL byte cannot be an argument");
  return quote(text);
}
