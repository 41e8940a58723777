/**
 * Everything that relies on undocumented behaviour of Pulumi's SDK and engine. Review this file when either is updated.
 * It does not load the SDK, which is slow to load.
 */
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { ConfigMap, EngineEvent, LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { version } from "@pulumi/pulumi/version.js";

export type { ConfigMap, EngineEvent, LocalWorkspace, PulumiCommand, Stack };

// Special values that the engine, the program and the provider exchange.

/** The value of an input that another resource's output determines later (`pulumi.runtime.unknownValue`). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks special values, such as secrets, in a state. */
export const valueSignature = "4dabf18193072939515e22adb298388d";

// Dynamic resources. We register them without `pulumi.dynamic.Resource`.

/** Start of the type token of our dynamic resources, as the engine writes it in a state. */
const dynamicType = "pulumi-nodejs:dynamic/python3jail:";

/** Returns the type token of one of our kinds: `pulumi-nodejs:dynamic/python3jail:JailRoot` for "JailRoot". */
export function typeToken(kind: string): string {
  return `${dynamicType}${kind}`;
}

/** Returns the kind in a type token of ours, such as "JailRoot", or undefined for any other type. */
export function kindIn(type: string): string | undefined {
  return type.startsWith(dynamicType) ? type.slice(dynamicType.length) : undefined;
}

/** The input that holds the code of a resource's provider. Pulumi's dynamic provider runs it. */
export const providerKey = "__provider";

/**
 * Returns the provider code of a kind: one line that calls the installed package, found from the program's folder. The
 * engine stores it twice in every state, with the inputs and with the outputs, and Pulumi's dynamic provider runs it.
 *
 * `pulumi.dynamic.Resource` would serialise closures instead. Those take 2 kB a resource, depend on the compiler and on
 * the SDK, and load a TypeScript compiler at every start.
 *
 * The line is a contract: a state that an old release wrote runs its own copy on refresh and destroy.
 */
export function stubText(kind: string): string {
  return `exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(${JSON.stringify(kind)});\n`;
}

/**
 * An update that failed after it had changed something. Pulumi's dynamic provider reads these members from the error,
 * so that the engine records both `properties` and the failure.
 */
export class UnfinishedUpdate extends Error {
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly properties: Record<string, unknown>,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
    this.reasons = [message];
  }
}

/** Hides the stack trace of an error. The engine prints `stack` if check, diff, read or delete throw. */
export function hideStack(error: Error): void {
  error.stack = error.message;
}

// The program.

/** Returns all of the stack's config, by full key (`project:name`). */
export function allConfig({ runtime }: typeof pulumi): Record<string, string> {
  return runtime.allConfig();
}

/**
 * Turns off stack traces, which take half of a program's time. Pulumi's SDK captures one at every promise, about a
 * hundred a host, and its language host looks up each line in source maps. They help only to find leaks in Pulumi's
 * SDK.
 *
 * Stack traces stay on if Node runs with another limit than its default of 10 (`NODE_OPTIONS=--stack-trace-limit=50`).
 */
export function disableStackTraces(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (Error.stackTraceLimit === 10) Error.stackTraceLimit = 0;
}

/** The exit code that tells Pulumi's language host: the program failed, and the reason was shown. */
const failedAndReported = 32;

/**
 * Hides the errors that only follow from a failed resource. Everything that depends on that resource rejects too, and
 * Pulumi reports each rejection as a crash with a stack trace. The engine has already reported the failed resource.
 *
 * The program still exits as failed. Otherwise the engine would delete the resources that it did not get to declare.
 */
export function hideDependentFailures(): void {
  const reporters = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isReportedFailure(reason)) process.exitCode = failedAndReported;
    else for (const report of reporters) report(reason, promise);
  });
}

/**
 * Whether an error of Pulumi's SDK only follows from a failed resource of ours, which the engine has already reported.
 * Each dependent resource prepends text to the message, so this compares the end only.
 */
export function isReportedFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    /\bresource \S+ \[pulumi-nodejs:dynamic\/python3jail:\w+\] failed to register$/.test(error.message)
  );
}

/** Returns the value of an output, or `otherwise` if the output rejects. */
export function valueOr<T>(output: pulumi.Output<T>, otherwise: string): Promise<T | string> {
  // The SDK does not declare this method, but every release has it. Nothing else tells that an output rejected.
  const { promise } = output as unknown as { promise: (withUnknowns: boolean) => Promise<T> };
  return promise.call(output, true).catch(() => otherwise);
}

// The engine's command line.

/** Loads Pulumi's Automation API. It is slow to load, so only its users call this. */
export const automation = () => import("@pulumi/pulumi/automation/index.js");

/** A run of the engine, as the Automation API asks a PulumiCommand for it. */
export interface EngineRun {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput?: ((text: string) => void) | undefined;
  readonly onError?: ((text: string) => void) | undefined;
  /** Each of its `abort` events is a SIGINT for the engine. */
  readonly signal?: AbortSignal | undefined;
}

/** What a run printed, and how it ended; without `code`, in no orderly way. */
export interface EngineRunEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly code?: number | undefined;
  /** In words, where it failed. */
  readonly failure?: string | undefined;
}

/**
 * The same command, started by `start`: the API itself would start it in our process group, where a terminal's Ctrl-C reaches it too.
 */
export async function startedBy(
  command: PulumiCommand,
  start: (file: string, run: EngineRun) => Promise<EngineRunEnd>,
): Promise<PulumiCommand> {
  const { createCommandError } = (await import("@pulumi/pulumi/automation/errors.js")) as unknown as {
    createCommandError: (result: { stderr: string; toString: () => string }) => Error;
  };
  const run = async (
    args: string[],
    cwd: string,
    additional: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<EngineRunEnd> => {
    const file = command.command;
    const path = additional.PATH ?? process.env.PATH ?? "";
    const env = {
      ...additional,
      // The plugins that come with an engine are beside it.
      ...(isAbsolute(file) && { PATH: `${dirname(file)}${delimiter}${path}` }),
      PULUMI_AUTOMATION_API: "true",
    };
    const end = await start(file, { args: [...args, "--non-interactive"], cwd, env, onOutput, onError, signal });
    if (end.failure === undefined) return end;
    const said = [end.failure, end.stderr, end.stdout].join("\n");
    throw createCommandError({ stderr: said, toString: () => said });
  };
  return Object.assign(command, { run });
}

/** What the engine says when a signal reaches it. It warns of orphaned resources: ours are found again by the next run. */
export const signalNotice = /^\^C received; (cancelling|terminating)/;

/**
 * Returns the directory of the engine that the npm package `pulumi` installs. The package's own command is a wrapper,
 * which would receive our signals instead of the engine.
 */
export function engineRoot(): string {
  return join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "versions", version);
}

/** Environment that makes the engine write its state once, at the end of a run, instead of after every resource. */
export const withoutCheckpoints = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** Matches the engine's error for a replaced resource that still has to be deleted, but is not among the targets. */
export const untargetedDeleteError = /will be destroyed but was not specified in --target list/;

/**
 * Returns the runs that lock a stack, from the engine's error about the lock:
 * "judge@control, process 123, since 2026-01-01T00:00:00Z".
 */
export function lockHoldersIn(text: string): string[] {
  const holders = [...text.matchAll(/created by (\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, who, pid, since]) => `${who}, process ${pid}, since ${since}`,
  );
  return [...new Set(holders)];
}
