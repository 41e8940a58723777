import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../base/errors.js";
import type { FailureCode } from "../base/failure-codes.js";
import {
  automation,
  engineRoot,
  lockHoldersIn,
  startedBy,
  withoutCheckpoints,
  type EngineEvent,
  type LocalWorkspace,
  type Stack,
} from "../base/pulumi-internals.js";
import { engineFailure, engineFailureText } from "../local/engine-failure.js";
import { runEngine } from "../local/run-engine.js";
import { clearTemporaryFolders, makeTemporaryFolder } from "../base/temporary.js";
import { saidIn } from "./events.js";
import { PreviewLog, type Preview, type SavedPlan } from "./preview.js";

interface RunOptions {
  /** How many operations at a time. */
  readonly parallel: number;
  /**
   * Whether the engine writes the stack's whole state after every resource. Without, it does so at the end: of a run that dies it
   * knows nothing, which loses nothing, as every create adopts what it finds of its own; and time does not grow with the square
   * of the resources.
   */
  readonly checkpoints: boolean;
  /** Whether what is left of a replacement in the state, of a host that is no target, may go in this run. */
  readonly mayGo: (left: Leftover) => boolean;
  readonly onEvent: (event: EngineEvent) => void;
}

/**
 * What was replaced by a run that did not wholly succeed, and is still to be deleted. The engine means to do that in whichever run
 * comes next, and fails that run at its end where it is no target.
 */
export interface Leftover {
  readonly urn: string;
  readonly host: string;
}

/** The engine, as a rollout needs it: on one stack of one project. */
export interface Engine {
  readonly stack: string;
  readonly project: string;
  /** Whether the project wants a look at the hosts before every run (`options: {refresh: always}` in Pulumi.yaml). */
  readonly refreshesAlways: boolean;
  /**
   * Looks at all hosts and writes down in the state what is there: what somebody broke is then a change to every preview and step.
   * In one run, as the engine refuses to refresh for a step that makes something new. Throws LockedError and EngineError.
   */
  refresh(options: { parallel: number; said: (text: string) => void }): Promise<void>;
  /** What is to be done, and what is there; with `refresh` as if all hosts had been looked at. Throws EngineError where the program or its config is wrong. */
  preview(options: { refresh: boolean }): Promise<Preview>;
  /** Does what is to be done to these URNs alone; returns whether all of it succeeded. Throws LockedError, and EngineError where it did not begin. */
  up(targets: readonly string[], options: RunOptions): Promise<boolean>;
  /** Reads when the stack's state was last written (ISO 8601). Throws EngineError. */
  stateTime(): Promise<string | undefined>;
  /** Interrupts the run that is in flight: the first time, its operations come to their end and no other begins; the second time it ends at once. Where none is, none begins any more. */
  interrupt(): void;
}

/** The engine could not do what it was asked to, and has changed nothing; what it said. */
export class EngineError extends Error {
  readonly code: FailureCode = "engine";
}

/** Another run has the stack: nothing was changed. */
export class LockedError extends Error {
  readonly code: FailureCode = "stack-locked";
}

/** The engine on a stack of the project in this folder; without a name, on the one that is selected there. */
export function engineOn(folder: string, name: string | undefined): Promise<Engine> {
  return translating(() => stackEngineOn(folder, name));
}

async function stackEngineOn(folder: string, name: string | undefined): Promise<Engine> {
  const { Stack, ConcurrentUpdateError } = await automation();
  const workspace = await workspaceIn(folder);
  const stackName = name ?? (await workspace.stack())?.name;
  if (stackName === undefined) throw new EngineError("no stack is selected here: give one with --stack");
  // To select it would change which stack the user's next plain `pulumi up` takes. All commands name theirs.
  workspace.selectStack = () => Promise.resolve();
  const { name: project, options } = (await workspace.projectSettings()) as {
    name: string;
    options?: { refresh?: unknown };
  };
  return new StackEngine(
    await Stack.select(stackName, workspace),
    project,
    options?.refresh === "always",
    (error) => error instanceof ConcurrentUpdateError,
  );
}

/** The names of all stacks of the project in this folder. */
export function stacksOf(folder: string): Promise<string[]> {
  return translating(async () => (await (await workspaceIn(folder)).listStacks()).map(({ name }) => name));
}

/** Does work with the engine; what it fails with is an EngineError in plain words. */
export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof EngineError ? error : new EngineError(engineFailureText(engineFailure(messageOf(error))));
  }
}

/** The project in a folder, with the engine that is ours, which refreshes where it is asked to and not by a setting (Engine.refresh). */
export async function workspaceIn(folder: string): Promise<LocalWorkspace> {
  const { LocalWorkspace, PulumiCommand } = await automation();
  const onPath = installedEngine() === undefined ? await PulumiCommand.get() : undefined;
  const root = installedEngine();
  const command = root === undefined ? onPath : await PulumiCommand.get({ root });
  return LocalWorkspace.create({
    workDir: folder,
    ...(command && { pulumiCommand: await startedBy(command, runEngine) }),
    envVars: { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_OPTION_REFRESH: "false" },
  });
}

/**
 * The folder of the engine itself: the command that npm installs is a wrapper, which a signal would end in the engine's stead.
 * Undefined where that has not brought it yet, or where another one is used.
 */
function installedEngine(): string | undefined {
  const root = engineRoot();
  return existsSync(join(root, "bin", "pulumi")) ? root : undefined;
}

/** What the directories of plans are called. */
const planUse = "python3jail-plan";

/** What we read of a state here. */
interface Deployment {
  readonly manifest?: { readonly time?: string };
  readonly resources?: readonly { urn: string; delete?: boolean; inputs?: { host?: unknown } }[];
}

class StackEngine implements Engine {
  private running: AbortController | undefined;
  /** It was interrupted when nothing ran. */
  private mayNotRun = false;
  /** Not after a run that wholly succeeded: the engine deletes what it replaced at a run's end. */
  private mayHaveLeftovers = true;

  constructor(
    private readonly handle: Stack,
    readonly project: string,
    readonly refreshesAlways: boolean,
    private readonly isLocked: (error: unknown) => boolean,
  ) {}

  get stack(): string {
    return this.handle.name;
  }

  async refresh({ parallel, said }: { parallel: number; said: (text: string) => void }): Promise<void> {
    this.checkpoints(false);
    const errors: string[] = [];
    const onEvent = (event: EngineEvent): void => {
      const one = saidIn(event);
      if (one?.error) errors.push(one.text);
      else if (one) said(one.text);
    };
    try {
      await this.interruptible((signal) =>
        this.handle.refresh({ parallel, color: "never", message: "python3jail up --refresh", onEvent, signal }),
      );
    } catch (error) {
      throw this.errorOf(error, errors);
    }
  }

  async preview({ refresh }: { refresh: boolean }): Promise<Preview> {
    const log = new PreviewLog();
    clearTemporaryFolders(planUse);
    // A plan holds inputs, secrets among them encrypted: nobody else's to read all the same.
    const folder = makeTemporaryFolder(planUse);
    const plan = join(folder, "plan.json");
    try {
      await this.interruptible((signal) =>
        this.handle.preview({ refresh, plan, color: "never", onEvent: (event) => log.observe(event), signal }),
      );
      return log.preview(JSON.parse(readFileSync(plan, "utf8")) as SavedPlan);
    } catch (error) {
      throw this.errorOf(error, log.errors);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async up(targets: readonly string[], { parallel, checkpoints, mayGo, onEvent }: RunOptions): Promise<boolean> {
    this.checkpoints(checkpoints);
    const run = { began: false };
    const errors: string[] = [];
    const observe = (event: EngineEvent): void => {
      run.began ||= event.resourcePreEvent !== undefined;
      const said = saidIn(event);
      if (said?.error) errors.push(said.text);
      onEvent(event);
    };
    const left = this.mayHaveLeftovers ? (await this.leftovers()).filter(mayGo).map(({ urn }) => urn) : [];
    this.mayHaveLeftovers = true;
    try {
      await this.interruptible((signal) =>
        this.handle.up({
          target: [...new Set([...targets, ...left])],
          continueOnError: true,
          parallel,
          color: "never",
          message: "python3jail up",
          onEvent: observe,
          signal,
        }),
      );
      this.mayHaveLeftovers = false;
      return true;
    } catch (error) {
      // What went wrong once the engine was at work, its events have told.
      if (run.began) return false;
      throw this.errorOf(error, errors);
    }
  }

  async stateTime(): Promise<string | undefined> {
    return (await this.deployment()).manifest?.time;
  }

  private async deployment(): Promise<Deployment> {
    const exported: { deployment: unknown } = await translating(() => this.handle.exportStack());
    return exported.deployment ?? {};
  }

  private async leftovers(): Promise<Leftover[]> {
    const { resources = [] } = await this.deployment();
    return resources.flatMap(({ urn, delete: deletes, inputs }) => {
      const host = inputs?.host;
      return deletes && typeof host === "string" ? [{ urn, host }] : [];
    });
  }

  interrupt(): void {
    // Each such event is a SIGINT to the engine; `abort()` would be one, and only once.
    if (this.running) this.running.signal.dispatchEvent(new Event("abort"));
    else this.mayNotRun = true;
  }

  /** Whether the engine writes its state after every resource, from now on. */
  private checkpoints(wanted: boolean): void {
    const others = Object.entries(this.handle.workspace.envVars).filter(([name]) => !(name in withoutCheckpoints));
    this.handle.workspace.envVars = { ...Object.fromEntries(others), ...(wanted ? {} : withoutCheckpoints) };
  }

  private async interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.mayNotRun) throw new EngineError("interrupted");
    this.running = new AbortController();
    try {
      return await work(this.running.signal);
    } finally {
      this.running = undefined;
    }
  }

  private errorOf(error: unknown, said: readonly string[]): Error {
    if (error instanceof EngineError) return error;
    const text = messageOf(error);
    if (this.isLocked(error)) return new LockedError(lockedMessage(text));
    // All of a step's resources are named on the engine's command line, which has 2 MB: some thousand hosts.
    if (/\bE2BIG\b/.test(text))
      return new EngineError(
        "the step has more resources than the engine can be told of: give a smaller `batch`; hosts that are taken out: fewer at a time, or by plain `pulumi up`",
      );
    // The engine's whole output stands before its last lines.
    return new EngineError(said.length > 0 ? said.join("\n") : engineFailureText(engineFailure(text)));
  }
}

/** Who has the stack, and what to do about it. */
export function lockedMessage(text: string): string {
  const holders = lockHoldersIn(text);
  return `another run has this stack${holders.length > 0 ? `: ${holders.join("; ")}` : ""}
  what to do: wait until it has ended, then run this again. Only where that process is gone for good: pulumi cancel`;
}
