import * as pulumi from "@pulumi/pulumi";
import { buildIdentity } from "../python/build.js";
import { DeviceNode, devicePresets } from "../resources/DeviceNode.js";
import { JailCheck, type JailCheckArgs } from "../resources/JailCheck.js";
import { JailLibraries, type JailLibrariesArgs } from "../resources/JailLibraries.js";
import { JailPackages, packagesIdentity, type JailPackagesArgs } from "../resources/JailPackages.js";
import { JailPermissions, type JailPermissionsArgs } from "../resources/JailPermissions.js";
import { JailRoot, type JailRootArgs } from "../resources/JailRoot.js";
import { PythonBuild, type PythonBuildArgs } from "../resources/PythonBuild.js";
import type { SafeExec } from "../resources/SafeExec.js";
import type { JailArgs } from "../resources/jail.js";

type Own<Args extends JailArgs> = Omit<Args, keyof JailArgs | "triggers">;

export interface PythonJailArgs extends JailArgs {
  /** CPython: a `version` or a `source`, and how it is built. */
  python: Own<PythonBuildArgs>;
  /** Layout and owner of the jail's folder. */
  root?: Own<JailRootArgs>;
  /** Which shared libraries. Default: the closure of what python needs. */
  libraries?: Own<JailLibrariesArgs>;
  /** Third-party packages. Default: none. */
  packages?: Omit<Own<JailPackagesArgs>, "python">;
  /** Which of the procedure's device nodes. Default: all three. */
  devices?: readonly (keyof typeof devicePresets)[];
  /** The policy on owners and modes; its `owner` and `group` default to the root's. */
  permissions?: Own<JailPermissionsArgs>;
  /** The host's safeexec: the check goes through it, and again when it changes. One serves all jails of a host. */
  safeexec?: SafeExec;
  /** How the jail is tried at the end. */
  check?: Own<JailCheckArgs>;
}

/**
 * One working Python jail on one host: the folder, CPython, its libraries, the device nodes, the permissions, and a check
 * that Python really runs inside, in the order that each needs.
 *
 * @example
 * const jail = new PythonJail("judge-1", {
 *   host: "judge-1",
 *   connection: { host: "192.0.2.10", user: "root" },
 *   path: "/srv/python3jail",
 *   python: { version: "3.13.5" },
 * });
 */
export class PythonJail extends pulumi.ComponentResource {
  /** The jail's path on the host. */
  readonly path: pulumi.Output<string>;
  /** The version of CPython inside. */
  readonly pythonVersion: pulumi.Output<string>;
  /** The command line, for the host, that runs a program inside; to be followed by Python's own arguments. */
  readonly command: pulumi.Output<string>;
  /** What the check printed inside the jail. */
  readonly printed: pulumi.Output<string>;

  constructor(name: string, args: PythonJailArgs, options?: pulumi.ComponentResourceOptions) {
    super("python3jail:index:PythonJail", name, {}, options);
    const { host, connection, path, directories, timeouts } = args;
    const jail: JailArgs = { host, connection, path, directories, timeouts };
    const parent: pulumi.CustomResourceOptions = { parent: this };

    const root = new JailRoot(name, { ...jail, ...args.root }, parent);
    const python = new PythonBuild(name, { ...jail, ...args.python }, { ...parent, dependsOn: root });
    const devices = (args.devices ?? (["null", "random", "urandom"] as const)).map(
      (preset) => new DeviceNode(`${name}-${preset}`, { ...jail, preset }, { ...parent, dependsOn: root }),
    );
    // What another build is, is known before it is made: outputs of a resource that changes are not, and whoever
    // consumed them would look changed in every preview.
    const build = identityOf(args.python);
    const contents = [build, ...(args.packages ? [packagesIdentity(args.packages)] : [])];
    const packages = args.packages && new JailPackages(name, { ...jail, ...args.packages, python: args.python }, { ...parent, dependsOn: python });
    const libraries = new JailLibraries(name, { ...jail, ...args.libraries, triggers: contents }, { ...parent, dependsOn: packages ?? python });
    const laid = args.libraries && Object.keys(args.libraries).length > 0 ? [pulumi.jsonStringify(args.libraries)] : [];
    const owner = { owner: args.root?.owner, group: args.root?.group };
    const permissions = new JailPermissions(name, { ...jail, ...owner, ...args.permissions, triggers: [...contents, ...laid] }, { ...parent, dependsOn: [libraries, ...devices] });
    const sandbox = args.safeexec === undefined ? {} : { safeexec: args.safeexec.path };
    const triggers = [...contents, ...laid, ...(args.safeexec === undefined ? [] : [args.safeexec.digest])];
    const check = new JailCheck(name, { ...jail, ...sandbox, ...args.check, triggers }, { ...parent, dependsOn: permissions });

    this.path = pulumi.output(path);
    this.pythonVersion = python.pythonVersion;
    this.command = check.command;
    this.printed = check.printed;
    this.registerOutputs({ path: this.path });
  }
}

/** What build is asked for, as far as the inputs are known. */
function identityOf(python: PythonJailArgs["python"]): pulumi.Output<string> {
  return pulumi.output(python).apply((known) => {
    const { version, source, mirrors, configureFlags, optimize, include } = known as pulumi.Unwrap<PythonBuildArgs>;
    try {
      return buildIdentity({ version, source, mirrors: mirrors ?? [], configureFlags: configureFlags ?? [], optimize: optimize ?? false, include: include ?? [] });
    } catch {
      // Not a source that we know: PythonBuild's own check says so, and better.
      return "unknown";
    }
  });
}
