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

/** Resources that are looked at together, unless `--parallel` says otherwise: those of a host share one round trip. */
const readsAtOnce = 200;

const settingsOptions = {
  canary: {
    type: "string",
    value: "WHICH",
    help: "how many hosts go first (3, 10%), in the order of their names, or which (judge-3,judge-7); 0: none. Default of this and the next three: `rollout` in the stack's config, or else 1, 25%, 1 and none",
  },
  batch: { type: "string", value: "AMOUNT", help: "how many hosts at a time after that (20, 25%)" },
  "max-failures": { type: "string", value: "N", help: "how many hosts may fail (2, 5%)" },
  pause: { type: "string", value: "TIME", help: "between two steps (90s, 2m, 1h)" },
} as const satisfies Options;

export const upCommand = defineCommand({
  summary: "rolls a stack out in steps: a canary, then batches",
  usage: ["[OPTION…]"],
  about: [
    "Rolls a stack out in steps: one host first, the canary; when its jail has passed its check (and audit), the others in batches; then what is removed. Hosts where nothing is to do are in no step. When the canary fails, or more hosts than may, no further step begins: those not reached stay as they are. Run again, it does what is left. Plain `pulumi up` does all at once.",
  ],
  options: {
    stack: { type: "string", value: "STACK", help: "the stack (default: the one that is selected)" },
    cwd: cwdOption,
    ...settingsOptions,
    refresh: {
      type: "boolean",
      default: false,
      help: "read all hosts first, and repair in the steps what differs there (the project may ask for it in every run)",
    },
    parallel: {
      type: "string",
      value: "N",
      help: "operations at a time (default: two a host of the step, 16 to 64)",
    },
    checkpoints: {
      type: "boolean",
      help: "have the engine write its state after every resource, in steps of a hundred and more too (there it writes it at the end: should it die, the next run finds what is there, and rebuilds nothing)",
    },
    "dry-run": { type: "boolean", default: false, help: "print the plan alone" },
    preview: { type: "boolean", default: false, help: "the same" },
    yes: yesOption,
    json: progressJsonOption,
  },
  closing: [
    "Ctrl-C (SIGINT, SIGTERM or SIGHUP) once: the step that is in flight ends, and no other begins. Twice: the step is cancelled, each host ends what it does at the moment. Three times: at once.",
    "Exit code: 0 done, 1 a host failed or it was stopped, 2 the command or the stack's config is wrong, 3 another run has the stack.",
  ],
  interruptible: true,

  async run(values, _, stdout) {
    const { checkpoints, json } = values;
    const dryRun = values["dry-run"] || values.preview;
    const given = givenSettings(values);
    const parallel = values.parallel === undefined ? undefined : countOption("--parallel", values.parallel);
    refuseUnlessAnswered({ dryRun, yes: values.yes, json });
    // What goes on is for people; a machine reads the end.
    const terminal = terminalFor(json, stdout);
    const finish = (end: object): void => {
      if (json) stdout.write(`${JSON.stringify(end, null, 2)}\n`);
    };

    let engine: Engine | undefined;
    const now: InFlight = {};
    const interruption = Interruption.begin((times) => {
      terminal.write(`\n${stoppingInWords(times, now.step)}\n`);
      // Nothing but a step has to come to its end.
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

/** A stack's plain name: with some backends it may be called by its organization and project too. */
function nameOf({ project, stack }: Engine): StackName {
  return { project, stack: stack.split("/").at(-1) ?? stack };
}

/** Records what is left undone, for `status`: no state tells it. */
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

/** The settings that the command line gives, as the config would have them. */
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
  // What is not given is not the default here, but what the config says.
  return Object.fromEntries(Object.entries(value).filter(([key]) => key in given));
}

/**
 * The command line's settings over the config's. Throws where a canary of the command line is no host of the stack. Of the config's
 * that is a warning, as shards share one: where none of them is here, as many go first as by default.
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

/** What the engine, the program or a provider said of its own. */
function tell({ paint, write }: Terminal, text: string): void {
  write(
    `${text
      .split("\n")
      .map((line) => paint("dim", `    ${line}`))
      .join("\n")}\n`,
  );
}

/** The step that is in flight, if one is. */
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
    // The plan has told that already.
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
