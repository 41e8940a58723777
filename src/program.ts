import * as pulumi from "@pulumi/pulumi";
import { JailFleet } from "./fleet/JailFleet.js";
import { parseConfig } from "./config.js";
import { nameOf } from "./fleet/args.js";
import { projectRoot } from "./local/project.js";
import { isToldFailure } from "./told-failure.js";

hideFollowingFailures();

/** The Pulumi program: the stack's config in, one jail for every host and path in it out. */
const config = parseConfig(
  pulumi.getProject(),
  pulumi.runtime.allConfig(),
  projectRoot(pulumi.getRootDirectory(), process.cwd()),
);
for (const warning of config.warnings) void pulumi.log.warn(warning);
takeNoStacks();

// A shard may have none: what it had goes.
const made =
  config.hosts.length === 0
    ? undefined
    : new JailFleet(
        "hosts",
        { hosts: config.hosts.map(({ name, settings }) => ({ name, ...settings })) },
        { protect: config.protect },
      );

/** By resource name: the host's, and the path too where that is not the usual one. */
export const jails: Record<string, pulumi.Output<unknown>> = {};

/** The same, summed up in a line a jail: what a person asks first. Nothing in it changes where nothing was changed. */
export const fleet: Record<string, pulumi.Output<unknown>> = {};

for (const host of config.hosts) {
  const name = nameOf(host);
  const jail = made?.jails[name];
  if (!jail) throw new Error(`the fleet has made no jail ${name}`);
  fleet[name] = orFailed(
    pulumi.output({
      host: host.name,
      path: jail.path,
      python: jail.pythonVersion,
      check: pulumi.interpolate`${jail.printed}, ${jail.via}`,
      audit: jail.audit,
    }),
  );
  jails[name] = orFailed(
    pulumi.output({ path: jail.path, python: jail.pythonVersion, printed: jail.printed, command: jail.command }),
  );
}

/**
 * Pulumi notes the stack at every promise that it makes, some hundred for a host, and its language host has each line of them looked
 * up in source maps: half of this program's time, for what is shown only to who looks for a leak in Pulumi's SDK. Whoever wants
 * stacks asks Node for another number of lines than the usual one (`NODE_OPTIONS=--stack-trace-limit=50`).
 */
function takeNoStacks(): void {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  if (Error.stackTraceLimit === 10) Error.stackTraceLimit = 0;
}

/** The exit code by which Pulumi's language host knows that the program failed, and that somebody has said why. */
const failedAndSaid = 32;

/**
 * Whatever depends on a resource that failed rejects too, and Pulumi reports each as a crash of this program, with a stack
 * trace. The engine has said what failed: the traces only hide it. The program must fail all the same: what it did not come
 * to declare would be deleted.
 */
function hideFollowingFailures(): void {
  const reporters = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason, promise) => {
    if (isToldFailure(reason)) process.exitCode = failedAndSaid;
    else for (const report of reporters) report(reason, promise);
  });
}

/**
 * The outputs of a resource that failed reject, and a stack output that rejects ends the program with a stack trace, in
 * which the host's own message is hard to find. The engine has said what failed: here it says only that it did.
 */
function orFailed<T>(output: pulumi.Output<T>): pulumi.Output<unknown> {
  // Not declared, but there as long as outputs have been: the only way to hear of a rejection.
  const { promise } = output as unknown as { promise: (withUnknowns: boolean) => Promise<T> };
  return pulumi.output(promise.call(output, true).catch(() => "failed"));
}
