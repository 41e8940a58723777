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
  /** Operations at a time. */
  readonly parallel: number;
  /**
   * Whether the engine writes the stack's whole state after every resource. If not, it writes it at the end, and the
   * time does not grow with the square of the number of resources. A run that dies then leaves no record. That loses
   * nothing, as every create adopts what it finds of its own.
   */
  readonly checkpoints: boolean;
  /** True if this run may delete a leftover of a host that is no target. */
  readonly mayGo: (left: Leftover) => boolean;
  readonly onEvent: (event: EngineEvent) => void;
}

/**
 * A resource that a run replaced but did not delete, as the run did not wholly succeed. The engine deletes it in the
 * next run. If it is no target there, the engine fails that run at its end.
 */
export interface Leftover {
  readonly urn: string;
  readonly host: string;
}

/** Pulumi's engine as a rollout uses it, on one stack of one project. */
export interface Engine {
  readonly stack: string;
  readonly project: string;
  /** Whether the project asks for a refresh before every run (`options: {refresh: always}` in Pulumi.yaml). */
  readonly refreshesAlways: boolean;
  /**
   * Reads all hosts and records in the state what is there, so that later previews and steps repair drift. This is a
   * run of its own, as the engine refuses to refresh in a step that creates a resource. Throws LockedError and
   * EngineError.
   */
  refresh(options: { parallel: number; said: (text: string) => void }): Promise<void>;
  /**
   * Previews the stack; with `refresh`, as if all hosts had been read. Throws EngineError if the program or its config
   * is wrong.
   */
  preview(options: { refresh: boolean }): Promise<Preview>;
  /**
   * Applies the changes of these URNs alone; returns whether all succeeded. Throws LockedError, and EngineError if it
   * did not begin.
   */
  up(targets: readonly string[], options: RunOptions): Promise<boolean>;
  /** Reads when the stack's state was last written (ISO 8601). Throws EngineError. */
  stateTime(): Promise<string | undefined>;
  /**
   * Interrupts the run that is in flight. The first time, its operations finish and no other begins; the second time,
   * it ends at once. If no run is in flight, no run begins any more.
   */
  interrupt(): void;
}

/** The engine failed before it changed anything; the message is what it said. */
export class EngineError extends Error {
  readonly code: FailureCode = "engine";
}

/** Another run has locked the stack; nothing was changed. */
export class LockedError extends Error {
  readonly code: FailureCode = "stack-locked";
}

/** Opens a stack of the project in this folder; without a name, the selected one. Throws EngineError. */
export function engineOn(folder: string, name: string | undefined): Promise<Engine> {
  return translating(() => stackEngineOn(folder, name));
}

async function stackEngineOn(folder: string, name: string | undefined): Promise<Engine> {
  const { Stack, ConcurrentUpdateError } = await automation();
  const workspace = await workspaceIn(folder);
  const stackName = name ?? (await workspace.stack())?.name;
  if (stackName === undefined) throw new EngineError("no stack is selected here: give one with --stack");
  // Do not select the stack: that would change the stack of the user's next `pulumi up`. Every command names its stack.
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

/** Lists the names of all stacks of the project in this folder. Throws EngineError. */
export function stacksOf(folder: string): Promise<string[]> {
  return translating(async () => (await (await workspaceIn(folder)).listStacks()).map(({ name }) => name));
}

/** Runs work with the engine, and turns its errors into an EngineError in plain words. */
export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof EngineError ? error : new EngineError(engineFailureText(engineFailure(messageOf(error))));
  }
}

/**
 * Opens the project in a folder, with the installed engine if there is one. Only `Engine.refresh` refreshes; the
 * project's setting is off.
 */
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
 * Returns the directory of the engine itself. The command that npm installs is a wrapper, which a signal would end
 * instead of the engine. Undefined if the wrapper has not fetched the engine yet, or if another engine is used.
 */
function installedEngine(): string | undefined {
  const root = engineRoot();
  return existsSync(join(root, "bin", "pulumi")) ? root : undefined;
}

/** Name of the temporary directories for plans. */
const planUse = "python3jail-plan";

/** The fields of a state that are read here. */
interface Deployment {
  readonly manifest?: { readonly time?: string };
  readonly resources?: readonly { urn: string; delete?: boolean; inputs?: { host?: unknown } }[];
}

class StackEngine implements Engine {
  private running: AbortController | undefined;
  /** True after an interruption while nothing ran. */
  private mayNotRun = false;
  /** False after a run that wholly succeeded: at its end, the engine deletes what it replaced. */
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
    // A plan holds inputs, with their secrets encrypted. Keep it private all the same.
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
      // Once the engine has begun, its events report what went wrong.
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
    // Each such event sends a SIGINT to the engine; `abort()` would send only one.
    if (this.running) this.running.signal.dispatchEvent(new Event("abort"));
    else this.mayNotRun = true;
  }

  /** Sets whether the engine writes its state after every resource in later runs. */
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
    // All targets of a step are on the engine's command line, which is limited to 2 MB: some thousand hosts.
    if (/\bE2BIG\b/.test(text))
      return new EngineError(
        "the step has more resources than the engine can be told of: give a smaller `batch`; hosts that are taken out: fewer at a time, or by plain `pulumi up`",
      );
    // The error's text is the engine's whole output, so prefer the errors from its events.
    return new EngineError(said.length > 0 ? said.join("\n") : engineFailureText(engineFailure(text)));
  }
}

/** Formats who holds the stack's lock, and what to do about it. */
export function lockedMessage(text: string): string {
  const holders = lockHoldersIn(text);
  return `another run has this stack${holders.length > 0 ? `: ${holders.join("; ")}` : ""}
  what to do: wait until it has ended, then run this again. Only where that process is gone for good: pulumi cancel`;
}
