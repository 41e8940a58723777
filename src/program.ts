import * as pulumi from "@pulumi/pulumi";
import { PythonJail } from "./components/PythonJail.js";
import { defaultPath, jailArgsOf, parseConfig, projectRoot, safeExecArgsOf } from "./config.js";
import { SafeExec } from "./resources/SafeExec.js";

hideFollowingFailures();

/** The Pulumi program: the stack's config in, one jail for every entry of `hosts` out. */
const config = parseConfig(pulumi.getProject(), pulumi.runtime.allConfig());

const root = projectRoot(pulumi.getRootDirectory(), process.cwd());

/** By resource name: the host's, and the path too where that is not the usual one. */
export const jails: Record<string, pulumi.Output<unknown>> = {};

/** The same, summed up in a line a jail: what a person asks first. Nothing in it changes where nothing was changed. */
export const fleet: Record<string, pulumi.Output<unknown>> = {};

/** One a host, however many jails are there. */
const safeExecs = new Map<string, SafeExec>();

for (const host of config.hosts) {
  const args = jailArgsOf(config, host, root);
  // The name follows from host and path alone: were it to depend on what else the host has, one more jail would rename, and
  // so remove, the one that is there.
  const name = args.path === defaultPath ? host.name : `${host.name}:${String(args.path)}`;
  const safeExecArgs = safeExecArgsOf(config, host, root);
  if (safeExecArgs && !safeExecs.has(host.name)) safeExecs.set(host.name, new SafeExec(host.name, safeExecArgs, { protect: config.protect }));
  const jail = new PythonJail(name, { ...args, safeexec: safeExecs.get(host.name) }, { protect: config.protect });
  fleet[name] = orFailed(pulumi.output({ host: host.name, path: jail.path, python: jail.pythonVersion, check: pulumi.interpolate`${jail.printed}, ${jail.via}`, audit: jail.audit }));
  jails[name] = orFailed(pulumi.output({ path: jail.path, python: jail.pythonVersion, printed: jail.printed, command: jail.command }));
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
    if (reason instanceof Error && /^resource .* failed to register$/.test(reason.message)) process.exitCode = failedAndSaid;
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
