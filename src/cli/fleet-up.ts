import { createInterface } from "node:readline";
import { startInOwnGroup } from "../local/own-group.js";
import { stacksOf } from "../rollout/engine.js";
import { Interruption } from "../rollout/interruption.js";
import { runStacks, stacksMatching, type StackEnd } from "../rollout/stacks.js";
import { countOption, cwdOption, defineCommand, progressJsonOption, yesOption } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { confirmed, refuseUnlessAnswered, terminalFor, type Terminal } from "../base/terminal.js";

export const fleetUpCommand = defineCommand({
  summary: "rolls out several stacks of a project",
  usage: ["--stacks PATTERN [OPTION…] [-- OPTION of up…]"],
  about: [
    "Rolls out several stacks of a project, each with `python3jail up`. The first by name goes alone; the others follow, several at a time. If a stack fails, no further stack begins. Run the command again to do what is left.",
  ],
  options: {
    stacks: {
      type: "string",
      value: "PATTERN",
      help: 'names of the stacks; * matches any characters, ? matches one: "prod-*" (quote it)',
    },
    parallel: {
      type: "string",
      default: "4",
      value: "N",
      help: "number of stacks at a time, after the first (default: 4); each runs its own engine",
    },
    cwd: cwdOption,
    "dry-run": { type: "boolean", default: false, help: "only print the plans" },
    yes: yesOption,
    json: progressJsonOption,
  },
  operands: "passed on",
  closing: [
    "Options after `--` are passed to each `up`: -- --canary 2 --refresh",
    "Ctrl-C once: each stack that is in flight finishes its step, and nothing more begins. Twice: the steps are cancelled.",
    "Exit code: 0 done, 1 a stack failed, or the rollout was stopped or declined, 2 the command line is wrong.",
  ],
  interruptible: true,
  run: (values, passedOn, stdout) => fleetUp(values, passedOn, stdout),
});

async function fleetUp(
  values: { stacks?: string; parallel: string; cwd: string; "dry-run": boolean; yes: boolean; json: boolean },
  passedOn: readonly string[],
  stdout: Terminal,
): Promise<number> {
  const { stacks: pattern, cwd, json, yes, "dry-run": dryRun } = values;
  if (pattern === undefined) throw new UsageError('say which with --stacks, such as --stacks "prod-*"');
  const parallel = countOption("--parallel", values.parallel);
  refuseUnlessAnswered({ dryRun, yes, json });
  const terminal = terminalFor(json, stdout);

  const stacks = stacksMatching(pattern, await stacksOf(cwd));
  if (stacks.length === 0) throw new UsageError(`no stack of this project matches ${JSON.stringify(pattern)}`);
  terminal.write(`${stacks.length} stacks: ${stacks.join(" ")}\n`);
  if (!dryRun && !yes && !(await confirmed("Roll these out?"))) {
    terminal.write("nothing was changed\n");
    return 1;
  }

  const children = new Set<{ kill(signal: NodeJS.Signals): boolean }>();
  // Each `up` prints what the interruption means for its own step.
  const interruption = Interruption.begin(() => children.forEach((child) => child.kill("SIGINT")));
  try {
    const ends = await runStacks(
      stacks,
      parallel,
      () => !interruption.wanted,
      async (stack) => {
        const options = ["--stack", stack, "--cwd", cwd, "--json", dryRun ? "--dry-run" : "--yes", ...passedOn];
        const child = startInOwnGroup(process.execPath, [ownProgram(), "up", ...options]);
        children.add(child);
        createInterface({ input: child.stderr }).on("line", (line) => {
          if (line !== "") terminal.write(`${terminal.paint("bold", stack)}  ${line}\n`);
        });
        const { stdout: report, exitCode } = await child;
        children.delete(child);
        return { stack, code: exitCode ?? 1, report: report.startsWith("{") ? JSON.parse(report) : undefined };
      },
    );
    terminal.write(`\n${ends.map((end) => lineOf(end, terminal)).join("\n")}\n`);
    if (json) stdout.write(`${JSON.stringify(ends, null, 2)}\n`);
    return ends.every(({ code }) => code === 0) ? 0 : 1;
  } finally {
    interruption.end();
  }
}

/** Returns the path of the program that is running. */
function ownProgram(): string {
  const [, program] = process.argv;
  if (program === undefined) throw new Error("Node does not say which program it runs");
  return program;
}

/** Formats one stack's line in the summary. */
function lineOf({ stack, code, report }: StackEnd, { paint }: Terminal): string {
  if (code === undefined) return `  ${paint("dim", "-")} ${stack}  not begun`;
  const {
    result,
    reason,
    hosts = [],
  } = (report ?? {}) as { result?: string; reason?: string; hosts?: { host: string; result: string }[] };
  const failed = hosts.filter((host) => host.result === "failed").map(({ host }) => host);
  const details = [
    result ?? "did not end by itself",
    reason?.split("\n")[0],
    failed.length > 0 ? `failed: ${failed.join(" ")}` : undefined,
  ];
  return `  ${code === 0 ? paint("green", "✓") : paint("red", "✗")} ${stack}  ${details.filter((detail) => detail !== undefined).join("; ")}`;
}
