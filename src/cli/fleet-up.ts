import { createInterface } from "node:readline";
import { startInOwnGroup } from "../local/own-group.js";
import { stacksOf } from "../rollout/engine.js";
import { Interruption } from "../rollout/interruption.js";
import { runStacks, stacksMatching, type StackEnd } from "../rollout/stacks.js";
import { countOption, cwdOption, defineCommand, progressJsonOption, yesOption } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { confirmed, refuseUnlessAnswered, terminalFor, type Terminal } from "../base/terminal.js";

export const fleetUpCommand = defineCommand({
  summary: "rolls several stacks of a project out",
  usage: ["--stacks PATTERN [OPTION…] [-- OPTION of up…]"],
  about: [
    "Rolls several stacks of a project out, each by `python3jail up`: the first by its name alone, then some at a time. When one does not come through, no further stack begins. Run again, it does what is left.",
  ],
  options: {
    stacks: {
      type: "string",
      value: "PATTERN",
      help: 'which, by name; * stands for any letters, ? for one: "prod-*" (quote it)',
    },
    parallel: {
      type: "string",
      default: "4",
      value: "N",
      help: "stacks at a time, after the first (default: 4); each has an engine of its own",
    },
    cwd: cwdOption,
    "dry-run": { type: "boolean", default: false, help: "print the plans alone" },
    yes: yesOption,
    json: progressJsonOption,
  },
  operands: "passed on",
  closing: [
    "What follows `--` goes to each `up`: -- --canary 2 --refresh",
    "Ctrl-C once: each stack that is in flight ends its step, and nothing more begins. Twice: the steps are cancelled.",
    "Exit code: 0 done, 1 a stack did not come through or it was stopped, 2 the command is wrong.",
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
  // Each of them tells what that means to it.
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

/** The file of this very command. */
function ownProgram(): string {
  const [, program] = process.argv;
  if (program === undefined) throw new Error("Node does not say which program it runs");
  return program;
}

/** One stack's line in the summary. */
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
