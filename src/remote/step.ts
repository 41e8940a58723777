import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HostError } from "../errors.js";
import type { Host } from "../ssh/host.js";
import { quote } from "../ssh/openssh.js";
import { Answer, parseAnswer } from "./answer.js";

/** A POSIX sh script of ours that runs on a host as root; its arguments travel with it on standard input. */
export interface Step {
  /** What it does, in words, for messages: "make the device node". */
  readonly does: string;
  /** Its file below src/remote, and the libraries that it needs besides lib.sh. */
  readonly files: readonly string[];
  /** It may take as long as a build: it copies, downloads or installs much. */
  readonly slow?: boolean;
}

/** Seconds that a step may take where nothing else is said. */
export const defaultStepTimeout = 120;

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
  const [body, ...libraries] = [...step.files];
  for (const argument of [...args, logicalHost]) if (argument.includes("\0")) throw new Error("a NUL byte cannot be an argument");
  return [
    `logical_host=${quote(logicalHost)}`,
    scriptText("lib.sh"),
    "answer started",
    ...libraries.map(scriptText),
    `step() {\n${scriptText(body!)}\n}\n`,
    // In braces: sh begins with them only when it has read them to their end.
    `{\nstep ${args.map(quote).join(" ")} </dev/null\nanswer 'done'\n}\n`,
  ].join("\n");
}

/** Runs a step on a host and parses its answer. Throws HostError. */
export async function runStep(host: Host, step: Step, args: readonly string[], timeoutSeconds = defaultStepTimeout): Promise<Answer> {
  const result = await host.shell(step.does, assemble(step, args, host.name), timeoutSeconds);
  const answer = parseAnswer(result.stdout, result.stderr);
  for (const [text] of answer.all("warn")) console.warn(`warning: ${host.name}: ${text}`);
  const failure = answer.failure;
  if (failure) throw new HostError({ host: host.name, step: step.does, ...failure, output: result.stderr });
  if (!answer.complete) {
    throw new HostError({
      host: host.name, step: step.does, code: answer.started ? "step-failed" : "no-shell",
      reason: answer.started ? `it ended early (exit code ${result.exitCode ?? "unknown"})` : "no sh ran there",
      output: result.stderr || result.stdout,
      remedy: answer.started ? "see its last lines; running the same command again goes on from here" : "check the user's login shell, and that `sh` is on its PATH",
    });
  }
  return answer;
}
