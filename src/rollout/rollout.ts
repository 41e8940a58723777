import type { HostChanges } from "./changes.js";
import { untargetedDeleteError } from "../base/pulumi-internals.js";
import type { Engine, Leftover } from "./engine.js";
import { reasonToStop, stepInWords, type Plan, type RolloutStep } from "./plan.js";
import { StepLog, type HostOutcome, type StepObserver } from "./step-log.js";

export interface RolloutOptions {
  /** Seconds between two steps. */
  readonly pause: number;
  /** Operations at a time. Default: two per host of the step, at least 16 and at most 64. */
  readonly parallel?: number | undefined;
  /** Whether the engine writes its state after every resource. Default: in steps with fewer than 100 targets. */
  readonly checkpoints?: boolean | undefined;
}

/** Number of targets from which writing the whole state after each resource takes longer than the changes. */
const manyResources = 100;

/** Receives the progress of a rollout. */
export interface RolloutObserver extends StepObserver {
  beginning(step: RolloutStep): void;
  pausing(seconds: number, next: RolloutStep): void;
}

/** A request to stop a rollout. */
export interface StopWish {
  /** True: no further step may begin. */
  readonly wanted: boolean;
  /** True: the step that is in flight is cancelled. */
  readonly cancelled: boolean;
  /** Resolves after so many seconds, or as soon as somebody asks to stop. */
  sleep(seconds: number): Promise<void>;
}

export interface RolloutEnd {
  readonly outcomes: readonly HostOutcome[];
  /** Why steps were left undone, or why the last step did not succeed although no host failed. */
  readonly stopped?: string;
  /** True if a request to stop caused that. */
  readonly interrupted: boolean;
  /** Errors of the engine or the program that belong to no host. */
  readonly errors: readonly string[];
}

/**
 * Runs the steps of a plan one after another, until one gives a reason to stop. Keeps nothing between two rollouts: the
 * preview of the next one finds what is left to do. Throws LockedError and EngineError only if no step changed
 * anything.
 */
export async function rollOut(
  engine: Engine,
  plan: Plan,
  changes: readonly HostChanges[],
  options: RolloutOptions,
  interruption: StopWish,
  observer: RolloutObserver,
): Promise<RolloutEnd> {
  const outcomes: HostOutcome[] = [];
  const errors: string[] = [];
  const end = (stopped?: string, wish = false): RolloutEnd => {
    const reached = new Set(outcomes.map(({ host }) => host));
    const left = changes
      .filter(({ host }) => !reached.has(host))
      .map(({ host }): HostOutcome => ({ host, result: "not reached", seconds: 0, messages: [], installed: {} }));
    return { outcomes: [...outcomes, ...left], errors, interrupted: wish, ...(stopped !== undefined && { stopped }) };
  };

  // Leftovers of a host with changes wait for its step. Those of a host that failed wait for another rollout, or it
  // would fail again.
  const toChange = new Set(
    changes
      .filter((own) => own.kind === "remove" || own.changes.some(({ op }) => op !== "delete"))
      .map(({ host }) => host),
  );
  const mayGo = ({ host }: Leftover): boolean => {
    const outcome = outcomes.find((one) => one.host === host)?.result;
    return outcome === undefined ? !toChange.has(host) : outcome !== "failed" && outcome !== "unfinished";
  };

  // Functions, as these values change while the loop waits.
  const interrupted = (): boolean => interruption.wanted;
  const cancelled = (): boolean => interruption.cancelled;
  for (const [index, step] of plan.steps.entries()) {
    if (index > 0 && options.pause > 0 && !interrupted()) {
      observer.pausing(options.pause, step);
      await interruption.sleep(options.pause);
    }
    if (interrupted()) {
      const before = plan.steps[index - 1];
      return end(before ? `interrupted after ${stepInWords(before)}` : "interrupted before the first step", true);
    }
    observer.beginning(step);
    const log = new StepLog(
      changes.filter(({ host }) => step.hosts.includes(host)),
      observer,
    );
    let done: boolean;
    try {
      const parallel = options.parallel ?? Math.min(64, Math.max(16, 2 * step.hosts.length));
      done = await engine.up(step.targets, {
        parallel,
        checkpoints: options.checkpoints ?? step.targets.length < manyResources,
        mayGo,
        onEvent: (event) => log.observe(event, Date.now() / 1000),
      });
    } catch (error) {
      if (index === 0 || !(error instanceof Error)) throw error;
      return cancelled() ? end(`interrupted before ${stepInWords(step)}`, true) : end(error.message);
    }
    const own = log.outcomes(cancelled());
    outcomes.push(...own);
    // The engine complains about a leftover that may not be deleted yet. That does not fail the step.
    const complained = log.errors.some((text) => untargetedDeleteError.test(text));
    const said = log.errors.filter((text) => !untargetedDeleteError.test(text));
    errors.push(...said);
    if (cancelled() && !done) return end(`interrupted in ${stepInWords(step)}`, true);
    const failed = (some: readonly HostOutcome[]): number => some.filter(({ result }) => result === "failed").length;
    const reason = reasonToStop(step, { inStep: failed(own), inAll: failed(outcomes) }, plan);
    if (reason !== undefined) return end(reason);
    if (!done && failed(own) === 0 && !(complained && said.length === 0)) return end(`${step.name} failed`);
  }
  return end();
}
