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
  /** CPython: `version`, `source` or `artifact`, and how to build it. */
  python: Own<PythonBuildArgs>;
  /** Owner and layout of the jail's directory. Default: root's, with the built-in layout. */
  root?: Own<JailRootArgs> | undefined;
  /** Shared libraries. Default: the libraries that the programs in the jail need (`mode: "closure"`). */
  libraries?: Omit<Own<JailLibrariesArgs>, "without"> | undefined;
  /** Third-party packages. Default: none. */
  packages?: Omit<Own<JailPackagesArgs>, "python"> | undefined;
  /** Files of a local folder for `static`: the site's modules. Default: none. */
  files?: Own<JailFilesArgs> | undefined;
  /**
   * Accounts, locales, time zones and writable directories that programs expect. Default: the defaults of JailSystem.
   */
  system?: Own<JailSystemArgs> | undefined;
  /** Device nodes, by preset. Default: `["null", "random", "urandom"]`. */
  devices?: readonly (keyof typeof devicePresets)[] | undefined;
  /** Policy on owners and modes. Default: `owner` and `group` of `root`. */
  permissions?: Own<JailPermissionsArgs> | undefined;
  /**
   * SafeExec resource of the host, one for all its jails. The check runs through it, and again when it changes.
   * Default: the host's own safeexec if it has one, otherwise chroot.
   */
  safeexec?: SafeExec | undefined;
  /** Settings of the check at the end. Default: the defaults of JailCheck. */
  check?: Omit<Own<JailCheckArgs>, "deleteContents"> | undefined;
  /**
   * Settings of the audit at the end; `{}` runs it with defaults. `safeexec`, user, limits and environment default to
   * those of `check`. Default: no audit.
   */
  audit?: Own<JailAuditArgs> | undefined;
  /**
   * Make a whole new jail for every change, in `<path>/releases/<id>`. After its check and audit, one rename makes
   * `<path>/current` point to it. `keep` earlier releases stay for a rollback. Default: none; changes are made in place
   * in `path`.
   */
  releases?: Omit<Own<JailReleasesArgs>, "release"> | undefined;
}

/**
 * A complete Python jail on one host. It consists of these resources, in the order of their dependencies: JailRoot,
 * PythonBuild, JailPackages, JailFiles, JailSystem, DeviceNode, JailLibraries, JailPermissions, JailCheck, JailAudit
 * and JailReleases. Packages, files, audit and releases are optional.
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
  /** Path of the jail on the host; with `releases`, `<path>/current`. */
  readonly path: pulumi.Output<string>;
  /** Version of CPython in the jail: `3.13.5`. */
  readonly pythonVersion: pulumi.Output<string>;
  /** Command line that runs Python in the jail. Run it as root on the host, followed by the arguments of Python. */
  readonly command: pulumi.Output<string>;
  /** Output of the check in the jail: `2`. */
  readonly printed: pulumi.Output<string>;
  /** How the check ran: `safeexec` or `chroot`. */
  readonly via: pulumi.Output<"safeexec" | "chroot">;
  /** Summary of the audit: `28 passed, 1 warned, 1 failed`; `none` without an audit. */
  readonly audit: pulumi.Output<string>;

  constructor(name: string, args: PythonJailArgs, options?: pulumi.ComponentResourceOptions) {
    super("python3jail:index:PythonJail", name, {}, options);
    const { host, connection, path, directories, timeouts } = args;
    const parent: pulumi.CustomResourceOptions = { parent: this };
    // Digests of the inputs, which a preview knows. Outputs of a resource that changes are unknown in a preview, so
    // every
    // resource that used them would look changed.
    const contents = [
      identityOf(args.python),
      ...(args.packages ? [packagesIdentity(args.packages)] : []),
      ...(args.files ? [contentOf(args.files)] : []),
    ];
    const shared: JailArgs = { host, connection, path, directories, timeouts };
    const layout = layoutOf(args);
    const release = args.releases && releaseOf(contents, layout, args.python);
    const jail = release
      ? { ...shared, path: pulumi.all([path, release]).apply(([base, id]) => releasePath(base, id)) }
      : shared;

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
    // JailLibraries also reads the files of JailRoot's repository.
    const { git } = args.root ?? {};
    const inside = [...contents, ...(git === undefined ? [] : [pulumi.output(git).apply(({ commit }) => commit)])];
    const jailContents = [...inside, ...triggerOf(args.libraries)];
    // A resource runs again after every update or repair of the resources before it.
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
      {
        ...jail,
        ...policy,
        triggers: [...jailContents, ...triggerOf(args.system), ...revisionsOf(libraries, system, ...devices)],
      },
      { ...parent, dependsOn: [libraries, system, ...devices] },
    );
    const sandbox = args.safeexec && { safeexec: args.safeexec.path };
    // Everything that changes what runs in the jail: the declaration, the host's libraries, and safeexec.
    const triggers = [
      ...contents,
      pulumi.jsonStringify(layout),
      libraries.digest,
      ...(args.safeexec ? [args.safeexec.digest] : []),
      ...revisionsOf(permissions, args.safeexec),
    ];
    // The engine deletes the check first. If deleting JailRoot would fail, the check fails before anything is removed.
    const { deleteContents = false } = args.root ?? {};
    // Packages that are no longer declared are removed only at the end of `up`, so the check must not import them.
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
        { ...shared, deleteContents: args.root?.deleteContents, ...args.releases, release },
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
    // A resource that could not be created is not in the state. This output tells that it was declared.
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

/** Settings as a trigger for another resource; none if no setting is given. */
function triggerOf(settings: object | undefined): pulumi.Output<string>[] {
  return settings && Object.keys(settings).length > 0 ? [pulumi.jsonStringify(settings)] : [];
}

type Layout = readonly [root: object, others: object];

/**
 * The settings that change the jail itself, besides its contents. Settings of only its check or its removal are left
 * out.
 */
function layoutOf({ root, system, libraries, devices, permissions }: PythonJailArgs): pulumi.Output<Layout> {
  return pulumi.output({ root, system, libraries, devices, permissions }).apply(({ root: laidOut, ...held }) => {
    const { deleteContents: _, keepCache: __, ...layout } = laidOut ?? {};
    return [layout, held] as const;
  });
}

/**
 * The id of a release: a digest of contents and layout. Its form must never change, or every jail would get a new
 * release.
 */
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

/** A digest of the files in the local folder; `unknown` if it cannot be read. */
function contentOf(files: NonNullable<PythonJailArgs["files"]>): pulumi.Output<string> {
  return pulumi.output(files).apply(({ source, ignore }) => filesDigest(source, ignore) ?? "unknown");
}

/** The modes of single paths, including the directories that everybody may write to. */
function modesOf(
  system: NonNullable<PythonJailArgs["system"]>,
  modes: JailPermissionsArgs["modes"],
): pulumi.Output<Record<string, string>> {
  return pulumi
    .output({ tmp: system.tmp, shm: system.shm, modes })
    .apply(({ modes: given, ...spaces }) => ({ ...writableSpaces(spaces), ...given }));
}

/** Identifies the declared build; `unknown` if its source is not valid. */
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
      // PythonBuild's own check reports what is wrong with the source.
      return "unknown";
    }
  });
}
