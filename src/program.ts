import "./base/refuse-old-node.js";
import * as pulumi from "@pulumi/pulumi";
import { JailFleet } from "./fleet/JailFleet.js";
import { parseConfig } from "./config.js";
import { nameOf } from "./fleet/args.js";
import { projectRoot } from "./local/project.js";
import { allConfig, disableStackTraces, hideDependentFailures, valueOr } from "./base/pulumi-internals.js";

hideDependentFailures();

/** The Pulumi program: the stack's config in, one jail for every host and path in it out. */
const config = parseConfig(
  pulumi.getProject(),
  allConfig(pulumi),
  projectRoot(pulumi.getRootDirectory(), process.cwd()),
);
for (const warning of config.warnings) void pulumi.log.warn(warning);
disableStackTraces();

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
 * The outputs of a resource that failed reject, and a stack output that rejects ends the program with a stack trace, in
 * which the host's own message is hard to find. The engine has said what failed: here it says only that it did.
 */
function orFailed<T>(output: pulumi.Output<T>): pulumi.Output<unknown> {
  return pulumi.output(valueOr(output, "failed"));
}
