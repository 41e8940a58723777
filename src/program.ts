import "./base/refuse-old-node.js";
import * as pulumi from "@pulumi/pulumi";
import { JailFleet } from "./fleet/JailFleet.js";
import { parseConfig } from "./config.js";
import { nameOf } from "./fleet/args.js";
import { projectRoot } from "./local/project.js";
import { allConfig, disableStackTraces, hideDependentFailures, valueOr } from "./base/pulumi-internals.js";

hideDependentFailures();

// The Pulumi program: it reads the stack's config, and declares a jail for every host and path in it.
const config = parseConfig(
  pulumi.getProject(),
  allConfig(pulumi),
  projectRoot(pulumi.getRootDirectory(), process.cwd()),
);
for (const warning of config.warnings) void pulumi.log.warn(warning);
disableStackTraces();

// A shard may have no host. The engine then deletes the jails that the shard had before.
const declared =
  config.hosts.length === 0
    ? undefined
    : new JailFleet(
        "hosts",
        { hosts: config.hosts.map(({ name, settings }) => ({ name, ...settings })) },
        { protect: config.protect },
      );

/** Stack output: path, version, check output and command of each jail. Keyed by resource name, see `nameOf`. */
export const jails: Record<string, pulumi.Output<unknown>> = {};

/** Stack output: a short summary of each jail, by resource name. It changes only if a jail changes. */
export const fleet: Record<string, pulumi.Output<unknown>> = {};

for (const host of config.hosts) {
  const name = nameOf(host);
  const jail = declared?.jails[name];
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
 * Turns the outputs of a failed resource, which reject, into the text "failed". A stack output that rejects would end
 * the program with a stack trace, which hides the host's message. The engine reports that message itself.
 */
function orFailed<T>(output: pulumi.Output<T>): pulumi.Output<unknown> {
  return pulumi.output(valueOr(output, "failed"));
}
