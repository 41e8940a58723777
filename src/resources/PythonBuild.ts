import * as pulumi from "@pulumi/pulumi";
import { pinnedVersion, releaseOf } from "../python/releases.js";
import { logPinnedVersion, warnOfOldVersion } from "../python/support.js";
import type { Trim } from "../python/trims.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface PythonBuildArgs extends JailArgs {
  /**
   * Version of CPython, from this package's table of releases and their sha256: `"3.13.5"`. A release line (`"3.13"`)
   * or `"latest"` selects the newest version in the table; it changes only when you update this package. Give
   * `version`, `source` or `artifact`.
   */
  version?: pulumi.Input<string> | undefined;
  /**
   * Archive of CPython's source: `{url, sha256}`, or `{path, sha256}` for a file on the control machine (air-gapped).
   * Must not be given together with `version`.
   */
  source?:
    | pulumi.Input<
        | { url: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { path: pulumi.Input<string>; sha256: pulumi.Input<string> }
      >
    | undefined;
  /**
   * A finished build, used instead of building: an archive that this package made (`python3jail cache` shows their
   * paths), or an `install_only_stripped` archive of python-build-standalone. Each host downloads it; if it cannot,
   * the control machine downloads and sends it. The URL is http, https, ftp, `file://` (a file on the host), or
   * `s3://` (requires AWS's `aws`). A URL with a login or a token (`https://USER:PASSWORD@…`, `?token=…`) is a
   * secret. If `version` is given too, the archive must hold that version.
   */
  artifact?: pulumi.Input<{ url: pulumi.Input<string>; sha256: pulumi.Input<string> }> | undefined;
  /**
   * The host that builds. `"shared"`: the first host of a platform (architecture, libc and its version) builds, and all
   * other hosts of that platform copy the build; they must trust that host. `"self"`: every host builds for itself.
   * `{host, connection}`: this host builds for all hosts of its platform, with or without a jail of its own; hosts of
   * another platform build for themselves. A change of this argument alone does nothing. Default: `"shared"`.
   */
  builder?:
    | pulumi.Input<"self" | "shared" | { host: pulumi.Input<string>; connection: pulumi.Input<ConnectionArgs> }>
    | undefined;
  /** URLs of mirrors with python.org's layout (`MIRROR/3.13.5/Python-3.13.5.tar.xz`), tried first. Default: none. */
  mirrors?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Further flags for CPython's `configure` (`--with-…`), and variables (`CFLAGS=…`). Default: none. */
  configureFlags?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Build with `--enable-optimizations --with-lto`: the build takes much longer, and Python runs 10–20 % faster.
   * Default: false.
   */
  optimize?: pulumi.Input<boolean> | undefined;
  /**
   * Parts of CPython to keep that a build otherwise leaves out, because a jail does not need them:
   * - `"docs"`: man pages, and the texts of `help("topic")` (pydoc_data)
   * - `"ensurepip"`: ensurepip and the pip in it
   * - `"headers"`: C headers, pkg-config files, python3-config, the config directory
   * - `"static"`: libpython.a
   * - `"symbols"`: symbol tables, and debug information if CFLAGS asks for it
   * - `"tests"`: the test suites and their modules
   * - `"tkinter"`: tkinter, turtle, turtledemo and idlelib
   *
   * A module in `requireModules` must not be in a part that is left out. Default: none.
   */
  include?: pulumi.Input<pulumi.Input<Trim>[]> | undefined;
  /**
   * Number of parallel compilers. It does not change the build. Default: one per processor, fewer if memory is short.
   */
  jobs?: pulumi.Input<number> | undefined;
  /**
   * Modules that the build must have; otherwise it is an error. Default: ssl, zlib, bz2, lzma, sqlite3, ctypes,
   * hashlib.
   */
  requireModules?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Install missing compilers and headers with the distribution's package manager. Default: false. */
  installBuildDependencies?: pulumi.Input<boolean> | undefined;
}

/**
 * CPython in the jail, built on the host from source. The build runs in the background with low priority and outlives
 * a lost connection. The jail's old Python stays in use until the new one is complete; a rename then replaces it.
 * Finished builds stay in the host's cache, so a second jail with the same build, or a repair, takes seconds.
 *
 * @example
 * new PythonBuild("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", version: "3.13.5" });
 */
export class PythonBuild extends JailResource {
  /** Version of the installed CPython: `3.13.5`. */
  declare public readonly pythonVersion: pulumi.Output<string>;
  /** Identifies the build by its source, flags and recipe. */
  declare public readonly buildKey: pulumi.Output<string>;
  /** Digest of all installed files. */
  declare public readonly digest: pulumi.Output<string>;
  /** Optional modules that CPython could not build, because their headers were missing on the building host. */
  declare public readonly missingModules: pulumi.Output<string[]>;

  constructor(name: string, args: PythonBuildArgs, options?: pulumi.CustomResourceOptions) {
    super("PythonBuild", name, args, ["pythonVersion", "buildKey", "digest", "missingModules"], options);
    // Logged by the program, so that each message appears once for all hosts. An unknown version is logged once known.
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
