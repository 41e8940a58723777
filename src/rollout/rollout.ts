import type { HostChanges } from "./changes.js";
import { untargetedDeleteError } from "../base/pulumi-internals.js";
import type { Engine, Leftover } from "./engine.js";
import { reasonToStop, stepInWords, type Plan, type RolloutStep } from "./plan.js";
import { StepLog, type HostOutcome, type StepObserver } from "./step-log.js";

export interface RolloutOptions {
  /** Seconds between two steps. */
  readonly pause: number;
  /** Operations at a time. Default: two a host of the step, at least 16 and at most 64. */
  readonly parallel?: number | undefined;
  /** Whether the engine writes its state after every resource. Default: in steps of fewer than a hundred. */
  readonly checkpoints?: boolean | undefined;
}

/** Resources in a step from which on writing the whole state after each of them takes longer than what is done. */
const manyResources = 100;

/** What a rollout tells while it runs. */
export interface RolloutObserver extends StepObserver {
  beginning(step: RolloutStep): void;
  pausing(seconds: number, next: RolloutStep): void;
}

/** Whether somebody asks a rollout to stop. */
export interface StopWish {
  /** No further step may begin. */
  readonly wanted: boolean;
  /** The step that is in flight is cancelled. */
  readonly cancelled: boolean;
  /** Resolves after so many seconds, or at once when the wish comes. */
  sleep(seconds: number): Promise<void>;
}

export interface RolloutEnd {
  readonly outcomes: readonly HostOutcome[];
  /** Why steps were left undone, or the last one did not succeed though no host failed. */
  readonly stopped?: string;
  /** Whether that was somebody's wish. */
  readonly interrupted: boolean;
  /** What the engine or the program said that is no host's. */
  readonly errors: readonly string[];
}

/**
 * Does the steps of a plan one after another, until one gives a reason to stop. Nothing is remembered between two rollouts:
 * the next one's preview finds what is left to do. Throws LockedError and EngineError only where nothing was changed by any step.
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

  // A host that is still to be changed is left alone until its step, one that failed until another rollout: it would fail again.
  const toChange = new Set(
    changes
      .filter((own) => own.kind === "remove" || own.changes.some(({ op }) => op !== "delete"))
      .map(({ host }) => host),
  );
  const mayGo = ({ host }: Leftover): boolean => {
    const outcome = outcomes.find((one) => one.host === host)?.result;
    return outcome === undefined ? !toChange.has(host) : outcome !== "failed" && outcome !== "unfinished";
  };

  // Asked anew each time: it changes while we wait.
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
    // A leftover that may not go yet does not fail what was done besides.
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
