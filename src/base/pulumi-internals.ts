/**
 * All that relies on how Pulumi's SDK and engine work inside, and not on what they document: look through it when either is updated.
 * The SDK itself is not loaded here, as that takes its time.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { ConfigMap, EngineEvent, LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import { version } from "@pulumi/pulumi/version.js";

export type { ConfigMap, EngineEvent, LocalWorkspace, Stack };

// Values on their way between engine, program and provider.

/** An input that is not known before something else has run (`pulumi.runtime.unknownValue`). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key by which the engine marks values that are not plain ones, such as secrets, in a state. */
export const valueSignature = "4dabf18193072939515e22adb298388d";

// Dynamic resources, without `pulumi.dynamic.Resource`.

/** The engine puts a slash into types of dynamic resources: `dynamic/python3jail:JailRoot`. */
const dynamicType = "pulumi-nodejs:dynamic/python3jail:";

/** The type token of a resource of ours: of "JailRoot". */
export function typeToken(kind: string): string {
  return `${dynamicType}${kind}`;
}

/** "JailRoot" for a resource of ours; undefined for others. */
export function kindIn(type: string): string | undefined {
  return type.startsWith(dynamicType) ? type.slice(dynamicType.length) : undefined;
}

/** The input in which Pulumi's dynamic provider finds the code of a resource's provider. */
export const providerKey = "__provider";

/**
 * What of a resource the engine stores in every state (twice: with the inputs and the outputs) and hands to Pulumi's
 * dynamic provider: a line that calls back into the installed package, whose folder is found from the program's.
 *
 * `pulumi.dynamic.Resource` would make such a text by serialising closures: 2 kB a resource, in a form that depends on the
 * compiler and on the SDK, at the price of loading a TypeScript compiler at every start. This line is fixed instead. It
 * is a contract: a state written by an old release runs its own copy on refresh and destroy.
 */
export function stubText(kind: string): string {
  return `exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-python3jail/provider").provider(${JSON.stringify(kind)});\n`;
}

/** An update that failed on the way. Pulumi's dynamic provider reports these members: the engine records `properties`, and the failure. */
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

/** The engine prints `stack` where check, diff, read or delete throw; a person wants the message alone. */
export function hideStack(error: Error): void {
  error.stack = error.message;
}

// The program.

/** All of the stack's config, by whole key. */
export function allConfig({ runtime }: typeof pulumi): Record<string, string> {
  return runtime.allConfig();
}

/**
 * Pulumi notes the stack at every promise that it makes, some hundred for a host, and its language host has each line of them looked
 * up in source maps: half of a program's time, for what is shown only to a person who looks for a leak in Pulumi's SDK. Stacks are taken
 * where Node is asked for another number of lines than the usual one (`NODE_OPTIONS=--stack-trace-limit=50`).
 */
export function takeNoStacks(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (Error.stackTraceLimit === 10) Error.stackTraceLimit = 0;
}

/** The exit code by which Pulumi's language host knows that the program failed, and that the reason was shown. */
const failedAndSaid = 32;

/**
 * Whatever depends on a resource that failed rejects too, and Pulumi reports each as a crash of the program, with a stack
 * trace. The engine has said what failed: the traces only hide it. The program must fail all the same: what it did not come
 * to declare would be deleted.
 */
export function hideFollowingFailures(): void {
  const reporters = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isToldFailure(reason)) process.exitCode = failedAndSaid;
    else for (const report of reporters) report(reason, promise);
  });
}

/**
 * Whether an error of Pulumi's SDK only follows from a resource of ours that failed: the engine has said why. The SDK puts more and more
 * text before its message on the way through what depends on the resource, so only the end counts.
 */
export function isToldFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    /\bresource \S+ \[pulumi-nodejs:dynamic\/python3jail:\w+\] failed to register$/.test(error.message)
  );
}

/** The value of an output, or another one where the output rejects. */
export function valueOr<T>(output: pulumi.Output<T>, otherwise: string): Promise<T | string> {
  // Not declared, but there as long as outputs have been: the only way to hear of a rejection.
  const { promise } = output as unknown as { promise: (withUnknowns: boolean) => Promise<T> };
  return promise.call(output, true).catch(() => otherwise);
}

// The engine, as a command.

/** Pulumi's Automation API. Loaded only where it is used: it takes its time. */
export const automation = () => import("@pulumi/pulumi/automation/index.js");

/** The directory of the engine that the npm package `pulumi` brings: its command is a wrapper, which would take the signals. */
export function engineRoot(): string {
  return join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "versions", version);
}

/** Lets the engine write its state at the end of a run alone, and not after every resource. */
export const withoutCheckpoints = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** What the engine says of a replaced resource that is still to be deleted, and is no target. */
export const leftoverComplaint = /will be destroyed but was not specified in --target list/;

/** The runs that hold a stack, in what the engine says where it is locked: "judge@control, process 123, since 2026-01-01T00:00:00Z". */
export function lockHoldersIn(text: string): string[] {
  const holders = [...text.matchAll(/created by (\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, who, pid, since]) => `${who}, process ${pid}, since ${since}`,
  );
  return [...new Set(holders)];
}
