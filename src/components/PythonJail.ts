import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { buildIdentity } from "../python/build.js";
import { DeviceNode } from "../resources/DeviceNode.js";
import { devicePresets } from "../jail/device-presets.js";
import { JailAudit, type JailAuditArgs } from "../resources/JailAudit.js";
import { JailCheck, type JailCheckArgs } from "../resources/JailCheck.js";
import { filesDigest } from "../kinds/JailFiles.js";
import { JailFiles, type JailFilesArgs } from "../resources/JailFiles.js";
import { JailLibraries, type JailLibrariesArgs } from "../resources/JailLibraries.js";
import { JailPackages, packagesIdentity, type JailPackagesArgs } from "../resources/JailPackages.js";
import { JailPermissions, type JailPermissionsArgs } from "../resources/JailPermissions.js";
import { currentPath, releasePath } from "../kinds/JailReleases.js";
import { JailReleases, type JailReleasesArgs } from "../resources/JailReleases.js";
import { JailRoot, type JailRootArgs } from "../resources/JailRoot.js";
import { writableSpaces } from "../kinds/JailSystem.js";
import { JailSystem, type JailSystemArgs } from "../resources/JailSystem.js";
import { PythonBuild, type PythonBuildArgs } from "../resources/PythonBuild.js";
import type { SafeExec } from "../resources/SafeExec.js";
import type { JailArgs } from "../resources/args.js";
import type { JailResource } from "../resources/resource.js";

type Own<Args extends JailArgs> = Omit<Args, keyof JailArgs | "triggers">;

export interface PythonJailArgs extends JailArgs {
  /** CPython: a `version` or a `source`, and how it is built. */
  python: Own<PythonBuildArgs>;
  /** Layout and owner of the jail's folder. */
  root?: Own<JailRootArgs> | undefined;
  /** Which shared libraries. Default: the closure of what python needs. */
  libraries?: Omit<Own<JailLibrariesArgs>, "without"> | undefined;
  /** Third-party packages. Default: none. */
  packages?: Omit<Own<JailPackagesArgs>, "python"> | undefined;
  /** A local folder's files in `static`: the site's modules. Default: none. */
  files?: Own<JailFilesArgs> | undefined;
  /** Accounts, locale, time zones and writable folders, as programs expect them. */
  system?: Own<JailSystemArgs> | undefined;
  /** Which of the procedure's device nodes. Default: all three. */
  devices?: readonly (keyof typeof devicePresets)[] | undefined;
  /** The policy on owners and modes; its `owner` and `group` default to the root's. */
  permissions?: Own<JailPermissionsArgs> | undefined;
  /** The host's safeexec: the check goes through it, and again when it changes. One serves all jails of a host. */
  safeexec?: SafeExec | undefined;
  /** How the jail is tried at the end. */
  check?: Omit<Own<JailCheckArgs>, "deleteContents"> | undefined;
  /** The audit at the end, with the check's `safeexec`, user and limits unless it says otherwise. Default: none; `{}` runs it. */
  audit?: Own<JailAuditArgs> | undefined;
  /**
   * A whole new jail for every change, beside the old one: `<path>/releases/<id>`, which becomes `<path>/current` by one rename once
   * it was checked (and audited). `keep` old ones stay for a way back. Default: none, everything changes in place in `path`.
   */
  releases?: Omit<Own<JailReleasesArgs>, "release"> | undefined;
}

/**
 * One working Python jail on one host: the folder, CPython, third-party packages, the site's modules, what programs expect of
 * a system, the libraries, the device nodes, the permissions, a check that Python really runs inside, and if asked for an
 * audit, in the order that each needs.
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
  /** The jail's path on the host; with `releases` the link to the current one. */
  readonly path: pulumi.Output<string>;
  /** The version of CPython inside. */
  readonly pythonVersion: pulumi.Output<string>;
  /** The command line, for the host, that runs a program inside; to be followed by Python's own arguments. */
  readonly command: pulumi.Output<string>;
  /** What the check printed inside the jail. */
  readonly printed: pulumi.Output<string>;
  /** Through what the check ran: `safeexec` or `chroot`. */
  readonly via: pulumi.Output<"safeexec" | "chroot">;
  /** What the audit came to: `28 passed, 1 warned, 1 failed`; `none` where there is none. */
  readonly audit: pulumi.Output<string>;

  constructor(name: string, args: PythonJailArgs, options?: pulumi.ComponentResourceOptions) {
    super("python3jail:index:PythonJail", name, {}, options);
    const { host, connection, path, directories, timeouts } = args;
    const parent: pulumi.CustomResourceOptions = { parent: this };
    // What a content is, is known before it is made: outputs of a resource that changes are not, and whoever consumed them
    // would look changed in every preview.
    const contents = [
      identityOf(args.python),
      ...(args.packages ? [packagesIdentity(args.packages)] : []),
      ...(args.files ? [contentOf(args.files)] : []),
    ];
    const place: JailArgs = { host, connection, path, directories, timeouts };
    const layout = layoutOf(args);
    const release = args.releases && releaseOf(contents, layout, args.python);
    const jail = release
      ? { ...place, path: pulumi.all([path, release]).apply(([base, id]) => releasePath(base, id)) }
      : place;

    const root = new JailRoot(name, { ...jail, ...args.root }, parent);
    const python = new PythonBuild(name, { ...jail, ...args.python }, { ...parent, dependsOn: root });
    const packages =
      args.packages &&
      new JailPackages(name, { ...jail, ...args.packages, python: args.python }, { ...parent, dependsOn: python });
    const files = args.files && new JailFiles(name, { ...jail, ...args.files }, { ...parent, dependsOn: root });
    const system = new JailSystem(name, { ...jail, ...args.system }, { ...parent, dependsOn: root });
    const devices = (args.devices ?? (["null", "random", "urandom"] as const)).map(
      (preset) => new DeviceNode(`${name}-${preset}`, { ...jail, preset }, { ...parent, dependsOn: root }),
    );
    // What JailRoot lays from a repository is looked through like all else.
    const { git } = args.root ?? {};
    const inside = [...contents, ...(git === undefined ? [] : [pulumi.output(git).apply(({ commit }) => commit)])];
    const laid = [...inside, ...given(args.libraries)];
    // What comes later runs again after every change or repair of what comes before it.
    const revisionsOf = (...parts: (JailResource | undefined)[]): pulumi.Output<string>[] =>
      parts.filter((part) => part !== undefined).map(({ revision }) => revision);
    const without = [...(packages ? [] : ["packages" as const]), ...(files ? [] : ["files" as const])];
    const libraries = new JailLibraries(
      name,
      { ...jail, ...args.libraries, without, triggers: [...inside, ...revisionsOf(root, python, packages, files)] },
      { ...parent, dependsOn: [packages ?? python, system, ...(files ? [files] : [])] },
    );
    const policy = {
      owner: args.root?.owner,
      group: args.root?.group,
      ...args.permissions,
      ...(args.system && { modes: modesOf(args.system, args.permissions?.modes) }),
    };
    const permissions = new JailPermissions(
      name,
      { ...jail, ...policy, triggers: [...laid, ...given(args.system), ...revisionsOf(libraries, system, ...devices)] },
      { ...parent, dependsOn: [libraries, system, ...devices] },
    );
    const sandbox = args.safeexec && { safeexec: args.safeexec.path };
    // Whatever makes the jail another one: what is declared, what of the host's is copied, and through what it is entered.
    const triggers = [
      ...contents,
      pulumi.jsonStringify(layout),
      libraries.digest,
      ...(args.safeexec ? [args.safeexec.digest] : []),
      ...revisionsOf(permissions, args.safeexec),
    ];
    // Of all that the jail is made of it goes first: what would keep JailRoot from going keeps all.
    const { deleteContents = false } = args.root ?? {};
    // Packages that are not declared any more are removed after all else.
    const imports = args.packages ? {} : { imports: "none" as const };
    const check = new JailCheck(
      name,
      { ...jail, ...sandbox, ...args.check, ...imports, triggers, deleteContents },
      { ...parent, dependsOn: permissions },
    );
    let audit: JailAudit | undefined;
    if (args.audit) {
      const { uid, gid, limits, environment, safeexec } = { ...sandbox, ...args.check };
      const expected = { owner: args.root?.owner, devices: args.devices && [...args.devices] };
      audit = new JailAudit(
        name,
        { ...jail, safeexec, uid, gid, limits, environment, ...expected, ...args.audit, triggers },
        { ...parent, dependsOn: check },
      );
    }

    const releases =
      release &&
      new JailReleases(
        name,
        { ...place, deleteContents: args.root?.deleteContents, ...args.releases, release },
        { ...parent, dependsOn: audit ?? check },
      );

    this.path = releases ? pulumi.output(path).apply(currentPath) : pulumi.output(path);
    this.pythonVersion = python.pythonVersion;
    this.command = releases
      ? pulumi
          .all([check.command, jail.path, path])
          .apply(([command, one, base]) => command.replaceAll(one, currentPath(base)))
      : check.command;
    this.printed = check.printed;
    this.via = check.via;
    this.audit = audit?.summary ?? pulumi.output("none");
    // What does not come to be leaves nothing in the state: only this tells that it was to be there.
    const parts = [
      root,
      python,
      packages,
      files,
      system,
      ...devices,
      libraries,
      permissions,
      check,
      audit,
      releases,
    ].filter((part) => part !== undefined);
    this.registerOutputs({ path: this.path, parts: parts.map((part) => part.constructor.name).join(" ") });
  }
}

/** Settings that were given, for a resource that follows another one's. */
function given(settings: object | undefined): pulumi.Output<string>[] {
  return settings && Object.keys(settings).length > 0 ? [pulumi.jsonStringify(settings)] : [];
}

type Layout = readonly [root: object, others: object];

/** How a jail is laid out, besides its contents. What is only about how it is made, tried or taken away is not in it. */
function layoutOf({ root, system, libraries, devices, permissions }: PythonJailArgs): pulumi.Output<Layout> {
  return pulumi.output({ root, system, libraries, devices, permissions }).apply(({ root: laidOut, ...held }) => {
    const { deleteContents: _, keepCache: __, ...layout } = laidOut ?? {};
    return [layout, held] as const;
  });
}

/** Identifies all that a jail holds, and how: where it is the same, the release is. Its form is for good, or every jail would get a new one. */
function releaseOf(
  contents: pulumi.Output<string>[],
  layout: pulumi.Output<Layout>,
  { requireModules }: PythonJailArgs["python"],
): pulumi.Output<string> {
  return pulumi
    .all([layout, pulumi.output(contents), pulumi.output(requireModules)])
    .apply(([[root, others], known, modules]) =>
      createHash("sha256")
        .update(JSON.stringify([root, { contents: known, ...others, modules }]))
        .digest("hex")
        .slice(0, 12),
    );
}

/** What the local folder holds, as far as the inputs are known. */
function contentOf(files: NonNullable<PythonJailArgs["files"]>): pulumi.Output<string> {
  return pulumi.output(files).apply(({ source, ignore }) => filesDigest(source, ignore) ?? "unknown");
}

/** The modes of single paths, with those of the folders that everybody is to write to. */
function modesOf(
  system: NonNullable<PythonJailArgs["system"]>,
  modes: JailPermissionsArgs["modes"],
): pulumi.Output<Record<string, string>> {
  return pulumi
    .output({ tmp: system.tmp, shm: system.shm, modes })
    .apply(({ modes: given, ...spaces }) => ({ ...writableSpaces(spaces), ...given }));
}

/** What build is asked for, as far as the inputs are known. */
function identityOf(python: PythonJailArgs["python"]): pulumi.Output<string> {
  return pulumi.output(python).apply((known) => {
    const { version, source, artifact, mirrors, configureFlags, optimize, include } =
      known as pulumi.Unwrap<PythonBuildArgs>;
    try {
      return buildIdentity({
        version,
        source,
        artifact,
        mirrors: mirrors ?? [],
        configureFlags: configureFlags ?? [],
        optimize: optimize ?? false,
        include: include ?? [],
      });
    } catch {
      // Not a source that we know: PythonBuild's own check says so, and better.
      return "unknown";
    }
  });
}
