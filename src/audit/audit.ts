import { sandboxArguments, sandboxValues, type sandboxFields } from "../jail/sandbox-limits.js";
import { randomBytes } from "node:crypto";
import { HostError } from "../base/errors.js";
import type { Answer } from "../remote/answer.js";
import { assemble, callOf } from "../remote/program.js";
import { scriptText } from "../remote/scripts.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { wholeNumber, plainName, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { devicePresets } from "../jail/device-presets.js";
import { runLines } from "../jail/sandbox-run.js";
import type { Target } from "../remote/target.js";
import type { z } from "zod";
import type { Finding } from "./finding.js";
import { dynamicFindings, staticFindings } from "./findings.js";
import { list, optionalText, number, rest, text } from "../remote/arguments.js";

/** The settings of an audit. */
export interface AuditSettings extends z.output<z.ZodObject<typeof sandboxFields>> {
  /** User that may own the jail's directory, besides root. */
  readonly owner: string;
  /** Device nodes that the jail must have. */
  readonly devices: readonly (keyof typeof devicePresets)[];
}

const jailIs = oneOf("none", "ours", "lost", "marked", "empty", "foreign");
const insideLines = { jail: one([jailIs]), unsafe: maybe([said()]), spaces: maybe([oneOf("yes")]), ...runLines(40) };
export const auditSteps = {
  readOutside: {
    does: "read the jail",
    script: "jail-audit/outside.sh",
    args: { safeexec: optionalText, owner: text, uid: number, gid: number, devices: rest },
    reads: true,
    answers: {
      jail: one([jailIs]),
      checked: upTo(100, [plainName]),
      found: upTo(600, [plainName, oneOf("fail", "warn", "none", "note"), said()]),
    },
  },
  run: {
    does: "try the jail",
    script: "jail-audit/run.sh",
    args: { safeexec: optionalText, uid: number, mark: text, seconds: number, program: text },
    // This step runs the step `inside` as its child, so the answer also has the lines of that step.
    answers: {
      ...insideLines,
      jail: upTo(2, [jailIs]),
      started: maybe([]),
      done: maybe([]),
      apart: maybe([oneOf("yes", "no")]),
      ended: maybe([wholeNumber]),
    },
  },
  inside: {
    does: "try the jail from inside",
    script: "jail-audit/inside.sh",
    args: {
      ...sandboxArguments,
      mark: text,
      devices: list,
      words: text,
      checks: text,
    },
    answers: insideLines,
  },
} satisfies Record<string, Step>;

/** Time limit of all dynamic checks together, in seconds. */
const longest = 80;

/** A text that a program must echo unchanged: several scripts, and a character beyond U+FFFF. */
const words = "Grüße, žluťoučký kůň, 世界, 🐍";

/** The result of an audit. */
export interface Audit {
  /** How the dynamic checks ran. Undefined if they did not. */
  readonly via?: "safeexec" | "chroot" | undefined;
  readonly findings: readonly Finding[];
}

/** Runs the static checks, which write nothing. Returns undefined if there is no jail. */
export async function readOutside(
  jail: Target,
  settings: AuditSettings,
): Promise<{ answer: Answer; findings: Finding[] } | undefined> {
  const { safeexec, owner, uid, gid, devices } = settings;
  const wanted = devices
    .map((preset) => devicePresets[preset])
    .map(({ node, major, minor, mode }) => `${node} ${major} ${minor} ${mode}`);
  const answer = await jail.run(auditSteps.readOutside, { safeexec, owner, uid, gid, devices: wanted });
  return answer.maybe("jail") === "none" ? undefined : { answer, findings: staticFindings(answer) };
}

/** Runs the whole audit. Returns undefined if there is no jail. */
export async function audit(jail: Target, settings: AuditSettings): Promise<Audit | undefined> {
  const outside = await readOutside(jail, settings);
  if (!outside) return undefined;
  const tried = { words, processes: settings.limits.processes };
  let inside: Answer | string;
  try {
    inside = await tryInside(jail, settings);
    const unsafe = inside.maybe("unsafe");
    if (unsafe !== undefined) inside = `nothing was run: ${unsafe} is not root's alone`;
  } catch (error) {
    // Without any sandbox the audit goes on: each check that needs one gets a finding that says so.
    if (!(error instanceof HostError) || !["no-userspec", "missing-tool"].includes(error.code)) throw error;
    inside = `nothing was run: ${error.failure.reason}`;
  }
  const via = typeof inside === "string" ? undefined : inside.maybe("via");
  return {
    via: via as Audit["via"],
    findings: [...outside.findings, ...dynamicFindings(outside.answer, inside, tried)],
  };
}

async function tryInside(jail: Target, settings: AuditSettings): Promise<Answer> {
  const { safeexec, uid, devices } = settings;
  // The mark is also the key of a shared memory segment, so it must be positive: 0 is IPC_PRIVATE.
  const mark = `1${randomBytes(4).toString("hex").slice(1)}`;
  const nodes = devices.map((preset) => devicePresets[preset].node);
  const inside = assemble(
    callOf(auditSteps.inside, jail, {
      ...sandboxValues(settings),
      mark,
      devices: nodes,
      words,
      checks: scriptText("jail-audit/checks.py"),
    }),
    jail.host.name,
  );
  return jail.run(auditSteps.run, { safeexec, uid, mark, seconds: longest, program: inside });
}
