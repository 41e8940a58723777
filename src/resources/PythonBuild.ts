import * as pulumi from "@pulumi/pulumi";
import { pinnedVersion, releaseOf } from "../python/releases.js";
import { logPinnedVersion, warnOfOldVersion } from "../python/support.js";
import type { Trim } from "../python/trims.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface PythonBuildArgs extends JailArgs {
  /**
   * A release of CPython that our table pins by sha256: `"3.13.5"`. Or its line, `"3.13"`, or `"latest"`: the newest of them in the
   * table, which changes only with a newer release of this package. Give this or `source`.
   */
  version?: pulumi.Input<string> | undefined;
  /** Any archive of CPython's source: `{url, sha256}`, or one on the control machine, `{path, sha256}` (air-gapped). */
  source?:
    | pulumi.Input<
        | { url: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { path: pulumi.Input<string>; sha256: pulumi.Input<string> }
      >
    | undefined;
  /**
   * A ready-made build instead, that every host fetches by itself (or else the control machine, which sends it): an archive that this
   * tool made (`python3jail cache` shows where they are), or one of python-build-standalone's `install_only_stripped` form. HTTP(S),
   * FTP, `file://` on the host, or `s3://` where there is AWS's `aws`. Like every address, it may hold a login or a token
   * (`https://USER:PASSWORD@…`, `?token=…`), and is then a secret. With `version`, it must be that one.
   */
  artifact?: pulumi.Input<{ url: pulumi.Input<string>; sha256: pulumi.Input<string> }> | undefined;
  /**
   * Where it is built. `"shared"`: the first host of its platform (architecture, libc and its version) that needs it builds, and all others
   * take the result, now and later; hosts that share builds trust the one that makes them. `"self"`: every host for itself.
   * `{host, connection}`: a host that need not have a jail, which must be of the same platform: others build for themselves.
   * A change alone does nothing. Default: `"shared"`.
   */
  builder?:
    | pulumi.Input<"self" | "shared" | { host: pulumi.Input<string>; connection: pulumi.Input<ConnectionArgs> }>
    | undefined;
  /** Addresses with python.org's layout (`MIRROR/3.13.5/Python-3.13.5.tar.xz`), tried before it. Default: none. */
  mirrors?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Further flags of CPython's `configure`, and variables (`CFLAGS=…`). Default: none. */
  configureFlags?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Profile-guided and link-time optimization (`--enable-optimizations --with-lto`): slow to build, 10–20 % faster. Default: false. */
  optimize?: pulumi.Input<boolean> | undefined;
  /**
   * What is kept of all that a jail does not need and a build leaves out. Default: none of it.
   * `"docs"`: man pages, and the texts of `help("topic")` (pydoc_data). `"ensurepip"`: it, with pip in it. `"headers"`: C headers,
   * pkg-config files, python3-config, the config folder. `"static"`: libpython.a. `"symbols"`: symbol tables, and debug information
   * as far as CFLAGS asks for it. `"tests"`: the test suites and their modules. `"tkinter"`: it, turtle, turtledemo and idlelib.
   * Modules in `requireModules` that are left out are refused.
   */
  include?: pulumi.Input<pulumi.Input<Trim>[]> | undefined;
  /** Compilers at a time. Default: one a processor, fewer where memory is short. Does not change what is built. */
  jobs?: pulumi.Input<number> | undefined;
  /** Modules without which the build is refused. Default: ssl, zlib, bz2, lzma, sqlite3, ctypes, hashlib. */
  requireModules?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Install missing compilers and headers with the distribution's package manager. Default: false. */
  installBuildDependencies?: pulumi.Input<boolean> | undefined;
}

/**
 * CPython in the jail, built on the host from its real source. The build runs there by itself, aside and niced: a lost
 * connection loses nothing, and the jail's old Python is in use until one rename puts the new one, whole, in its place. Finished builds stay in the
 * host's cache, so that a second jail of the same kind, or a repair, takes seconds.
 *
 * @example
 * new PythonBuild("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", version: "3.13.5" });
 */
export class PythonBuild extends JailResource {
  /** The version that was built: `3.13.5`. */
  declare public readonly pythonVersion: pulumi.Output<string>;
  /** Identifies source, flags and recipe. */
  declare public readonly buildKey: pulumi.Output<string>;
  /** Digest of everything that was installed. */
  declare public readonly digest: pulumi.Output<string>;
  /** Optional modules that CPython could not build: their headers were missing on the host. */
  declare public readonly missingModules: pulumi.Output<string[]>;

  constructor(name: string, args: PythonBuildArgs, options?: pulumi.CustomResourceOptions) {
    super("PythonBuild", name, args, ["pythonVersion", "buildKey", "digest", "missingModules"], options);
    // Here, where the whole program has one memory of what was said. What is not known yet is said when it is.
    const version = pulumi.output(args.version);
    version.apply(async (known) => {
      if (known === undefined || (await pulumi.isSecret(version))) return;
      const pinned = pinnedVersion(known);
      if (!releaseOf(pinned)) return;
      logPinnedVersion(name, known, pinned);
      warnOfOldVersion(name, pinned);
    });
  }
}
