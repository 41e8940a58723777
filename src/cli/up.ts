import { codeIn } from "../base/failure-codes.js";
import { checked } from "../base/validation.js";
import { byName, changesByHost, type Changes } from "../rollout/changes.js";
import { EngineError, engineOn, LockedError, type Engine } from "../rollout/engine.js";
import { Interruption } from "../rollout/interruption.js";
import { planOf, stepInWords, type Plan, type RolloutStep } from "../rollout/plan.js";
import type { Preview } from "../rollout/preview.js";
import { hostLines, namesOf, planInWords, stoppingInWords, summaryInWords, timeTaken } from "../rollout/report.js";
import { rollOut, type RolloutEnd, type RolloutObserver } from "../rollout/rollout.js";
import { rolloutSchema, settingsIn, type RolloutSettings } from "../rollout/settings.js";
import { messageOf } from "../base/errors.js";
import { forgetRollout, recordRollout, type StackName } from "../status/last-rollout.js";
import { countOption, cwdOption, defineCommand, progressJsonOption, yesOption, type Options } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { confirmed, refuseUnlessAnswered, terminalFor, type Terminal } from "../base/terminal.js";

/** Resources that a refresh reads at a time, unless `--parallel` is given. Those of one host share a round trip. */
const readsAtOnce = 200;

const settingsOptions = {
  canary: {
    type: "string",
    value: "WHICH",
    help: "number of hosts that go first in the order of their names (3, 10%), or their names (judge-3,judge-7); 0: none. Defaults of this and the next three options: `rollout` in the stack's config, or else 1, 25%, 1 and no pause",
  },
  batch: { type: "string", value: "AMOUNT", help: "number of hosts at a time after the canary (20, 25%)" },
  "max-failures": { type: "string", value: "N", help: "number of hosts that may fail (2, 5%)" },
  pause: { type: "string", value: "TIME", help: "time between two steps (90s, 2m, 1h)" },
} as const satisfies Options;

export const upCommand = defineCommand({
  summary: "rolls out a stack in steps: a canary, then batches",
  usage: ["[OPTION…]"],
  about: [
    "Rolls out a stack in steps. One host goes first, the canary. When its jail has passed its check (and audit), the other hosts follow in batches, and removals come last. Hosts without changes are in no step. If the canary fails, or more hosts than allowed, no further step begins: hosts that were not reached stay as they are. Run the command again to do what is left. Plain `pulumi up` changes all hosts at once.",
  ],
  options: {
    stack: { type: "string", value: "STACK", help: "name of the stack (default: the selected one)" },
    cwd: cwdOption,
    ...settingsOptions,
    refresh: {
      type: "boolean",
      default: false,
      help: "read all hosts first, and repair drift in the steps (a project can ask for this in every run)",
    },
    parallel: {
      type: "string",
      value: "N",
      help: "number of operations at a time (default: two per host of the step, 16 to 64)",
    },
    checkpoints: {
      type: "boolean",
      help: "write the engine's state after every resource, even in steps of a hundred resources and more (by default such steps write it at the end; if the engine dies, the next run finds what exists and rebuilds nothing)",
    },
    "dry-run": { type: "boolean", default: false, help: "only print the plan" },
    preview: { type: "boolean", default: false, help: "same as --dry-run" },
    yes: yesOption,
    json: progressJsonOption,
  },
  closing: [
    "Ctrl-C (SIGINT, SIGTERM or SIGHUP) once: the step that is in flight finishes, and no other begins. Twice: the step is cancelled; each host finishes its current operation. Three times: it stops at once.",
    "Exit code: 0 done, 1 a host failed, or the rollout was stopped or declined, 2 the command line or the stack's config is wrong, 3 another run has locked the stack.",
  ],
  interruptible: true,

  async run(values, _, stdout) {
    const { checkpoints, json } = values;
    const dryRun = values["dry-run"] || values.preview;
    const given = givenSettings(values);
    const parallel = values.parallel === undefined ? undefined : countOption("--parallel", values.parallel);
    refuseUnlessAnswered({ dryRun, yes: values.yes, json });
    // With --json, progress goes to standard error, and standard output gets only the result.
    const terminal = terminalFor(json, stdout);
    const finish = (end: object): void => {
      if (json) stdout.write(`${JSON.stringify(end, null, 2)}\n`);
    };

    let engine: Engine | undefined;
    const now: InFlight = {};
    const interruption = Interruption.begin((times) => {
      terminal.write(`\n${stoppingInWords(times, now.step)}\n`);
      // Let only a step finish at the first signal; interrupt a refresh or preview at once.
      if (times > 1 || now.step === undefined) engine?.interrupt();
    });
    try {
      engine = await engineOn(values.cwd, values.stack);
      const refresh = values.refresh || engine.refreshesAlways;
      if (refresh && !dryRun) {
        terminal.write(`${engine.stack}: reading the hosts\n`);
        await engine.refresh({ parallel: parallel ?? readsAtOnce, said: (text) => tell(terminal, text) });
      }
      terminal.write(`${engine.stack}: previewing\n`);
      const preview = await engine.preview({ refresh: refresh && dryRun });
      const settings = settingsOf(preview, given, terminal);
      const changes = changesByHost(preview.changes, preview.hosts, preview.there);
      const plan = planOf(changes, settings, preview.unowned);
      const facts = {
        stack: engine.stack,
        steps: plan.steps.map(({ name, hosts }) => ({ name, hosts })),
        unchanged: unchangedIn(preview, changes),
      };
      if (plan.steps.length === 0) {
        terminal.write(`nothing to do: ${preview.hosts.size} hosts are as declared\n`);
        finish({ ...facts, result: "nothing to do" });
        if (!dryRun) forgetRollout(nameOf(engine));
        return 0;
      }
      terminal.write(planInWords(engine.stack, plan, changes, preview, settings.pause, terminal));
      if (dryRun) {
        finish({ ...facts, result: "planned" });
        return 0;
      }
      if (!values.yes && !(await confirmed("Roll this out?"))) {
        terminal.write("nothing was changed\n");
        return 1;
      }
      const options = { pause: settings.pause, parallel, checkpoints };
      const end = await rollOut(
        engine,
        plan,
        changes.hosts,
        options,
        interruption,
        observerOn(terminal, preview, plan, now),
      );
      terminal.write(`\n${summaryInWords(end, preview, terminal)}`);
      await remember(engine, end, terminal);
      finish({ ...facts, ...asJson(end, preview) });
      return end.stopped === undefined && end.outcomes.every(({ result }) => result !== "failed") ? 0 : 1;
    } catch (error) {
      if (!(error instanceof EngineError || error instanceof LockedError)) throw error;
      const interrupted = interruption.wanted && error instanceof EngineError;
      const message = interrupted ? "interrupted: nothing was changed" : error.message;
      process.stderr.write(`python3jail up: ${message}\n`);
      finish({ result: "not begun", reason: message, code: interrupted ? undefined : error.code });
      return interrupted ? 1 : error instanceof LockedError ? 3 : 2;
    } finally {
      interruption.end();
    }
  },
});

/** Returns a stack's plain name, without the organization and project that some backends add. */
function nameOf({ project, stack }: Engine): StackName {
  return { project, stack: stack.split("/").at(-1) ?? stack };
}

/** Records for `status` which hosts are not done, as Pulumi's state does not hold this. */
async function remember(engine: Engine, { outcomes, stopped }: RolloutEnd, { write, paint }: Terminal): Promise<void> {
  const hosts = outcomes.flatMap(({ host, result, messages }) =>
    result === "failed" || result === "unfinished" || result === "not reached"
      ? [{ host, result, messages: [...messages] }]
      : [],
  );
  try {
    if (hosts.length === 0) {
      forgetRollout(nameOf(engine));
      return;
    }
    const stateTime = await engine.stateTime();
    if (stateTime !== undefined) recordRollout(nameOf(engine), { stateTime, stopped, hosts });
  } catch (error) {
    write(`${paint("yellow", "warning:")} \`status\` will not know of this rollout: ${messageOf(error)}\n`);
  }
}

/** Parses the settings of the command line into the form of the config's. Throws UsageError. */
function givenSettings(values: { [Name in keyof typeof settingsOptions]?: string }): Partial<RolloutSettings> {
  const amount = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);
  const canary = (text: string): unknown =>
    /^\d+%?$/.test(text) ? amount(text) : text.split(",").filter((name) => name !== "");
  const given = {
    ...(values.canary === undefined ? {} : { canary: canary(values.canary) }),
    ...(values.batch === undefined ? {} : { batch: amount(values.batch) }),
    ...(values["max-failures"] === undefined ? {} : { maxFailures: amount(values["max-failures"]) }),
    ...(values.pause === undefined ? {} : { pause: amount(values.pause) }),
  };
  const { value, reasons } = checked(rolloutSchema, given);
  if (reasons)
    throw new UsageError(
      reasons
        .map((reason) => `--${reason.replace(/^maxFailures/, "max-failures").replace(/^([\w-]+)[^:]*: /, "$1 ")}`)
        .join("; "),
    );
  // Leave out defaults: settings that are not given come from the config.
  return Object.fromEntries(Object.entries(value).filter(([key]) => key in given));
}

/**
 * Merges the command line's settings over the config's. Throws EngineError if `--canary` names a host that the stack
 * does not have. In the config that is only a warning, as shards share one config. If the stack has none of its
 * canaries, the default canary applies.
 */
function settingsOf({ config, hosts }: Preview, given: Partial<RolloutSettings>, terminal: Terminal): RolloutSettings {
  const own = checked(rolloutSchema, settingsIn(config));
  if (own.reasons)
    throw new EngineError(
      `the stack's config is wrong:\n${own.reasons.map((reason) => `  rollout: ${reason}`).join("\n")}`,
    );
  const value = { ...own.value, ...given };
  const strange = Array.isArray(value.canary) ? value.canary.filter((name) => !hosts.has(name)) : [];
  if (strange.length === 0) return value;
  const reason = `canary: the stack has no host ${namesOf(strange, terminal)}`;
  if (given.canary !== undefined) throw new EngineError(reason);
  terminal.write(
    `${terminal.paint("yellow", "warning:")} ${reason}\n  what to do: correct \`rollout.canary\` in the stack's config\n`,
  );
  return Array.isArray(value.canary) && strange.length === value.canary.length
    ? { ...value, canary: rolloutSchema.parse({}).canary }
    : value;
}

function unchangedIn({ hosts }: Preview, changes: Changes): string[] {
  const changing = new Set(changes.hosts.map(({ host }) => host));
  return [...hosts].filter((host) => !changing.has(host)).sort(byName);
}

/** Prints a message of the engine, the program or a provider. */
function tell({ paint, write }: Terminal, text: string): void {
  write(
    `${text
      .split("\n")
      .map((line) => paint("dim", `    ${line}`))
      .join("\n")}\n`,
  );
}

/** The step that is in flight, if any. */
interface InFlight {
  step?: RolloutStep | undefined;
}

function observerOn(terminal: Terminal, preview: Preview, plan: Plan, now: InFlight): RolloutObserver {
  const { paint } = terminal;
  const width = Math.max(...plan.steps.flatMap(({ hosts }) => hosts.map((host) => host.length)), 0);
  return {
    beginning: (step) => {
      now.step = step;
      const names = step.hosts.length > 0 ? `: ${namesOf(step.hosts, terminal)}` : "";
      terminal.write(`\n${paint("bold", step.name)}${names}\n`);
    },
    pausing: (seconds, next) => {
      now.step = undefined;
      terminal.write(paint("dim", `\nwaiting ${timeTaken(seconds)} before ${stepInWords(next)}; Ctrl-C ends here\n`));
    },
    done: (outcome) => terminal.write(`${hostLines([outcome], preview, width, terminal).join("")}\n`),
    failing: (host, message) =>
      terminal.write(`  ${paint("red", "✗")} ${host.padEnd(width)}  ${message.split("\n")[0]}\n`),
    // The plan has shown the preview's notes already.
    said: (text) => {
      if (!preview.notes.includes(text)) tell(terminal, text);
    },
  };
}

function asJson({ outcomes, stopped, errors }: RolloutEnd, { installed: before }: Preview): object {
  return {
    result: stopped === undefined ? "done" : "stopped",
    reason: stopped,
    errors,
    hosts: outcomes.map(({ installed, ...outcome }) => {
      const { python: pythonBefore, release: releaseBefore } = before.get(outcome.host) ?? {};
      const now = outcome.result === "removed" ? {} : { ...before.get(outcome.host), ...installed };
      const codes = [...new Set(outcome.messages.map(codeIn))].filter((code) => code !== undefined);
      return { ...outcome, ...now, codes, pythonBefore, releaseBefore };
    }),
  };
}
