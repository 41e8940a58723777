import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailLibrariesArgs extends JailArgs {
  /**
   * `closure`: the libraries that the jail's executables and extension modules need, directly or through other
   * libraries. It includes libraries that no ELF header names: `libgcc_s.so.1`, and the name services of glibc before
   * 2.34. `all`: also every library in the loader's default directories. Default: `closure`.
   */
  mode?: pulumi.Input<"closure" | "all"> | undefined;
  /**
   * Further libraries, which are copied together with the libraries that they need. Each is a name (`libstdc++.so.6`)
   * or an absolute path on the host. Default: none.
   */
  extra?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Commands that find libraries that no ELF header names. After each copy they run in the jail as an unprivileged
   * user, under the host's strace. If a command looks for a shared library in vain and the host has it, the library
   * is copied too, with the libraries that it needs. A command is a program of the jail and its arguments:
   * `[["/bin/python3", "-c", "import numpy"]]`. At most 20 commands; each is limited to 60 seconds, 4 GB of address
   * space and 64 processes. Requires strace on the host. Default: none.
   */
  trace?: pulumi.Input<pulumi.Input<pulumi.Input<string>[]>[]> | undefined;
  /**
   * Parts of the jail that are not declared (any more): `packages`, `files`. Their programs get no libraries. `up`
   * deletes such a part only at its end, so its files can still be in the jail. A change of this argument alone does
   * nothing. Default: none.
   */
  without?: pulumi.Input<pulumi.Input<"packages" | "files">[]> | undefined;
  /**
   * Any texts: the closure is computed again when one of them changes, such as the digest of a build. Default: none.
   */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * The shared libraries that the jail needs, copied from the host to the paths where the jail's loader looks for them.
 * The step reads the headers of the jail's programs; it needs no compiler, binutils or `ldd`, and runs no program of
 * the jail except the commands of `trace`. All libraries are in one directory of the jail. One rename replaces that
 * directory, so a jail never has half of a glibc. A refresh reports libraries that the host has updated since.
 *
 * Errors: a library that a program needs is not on the host, or is not found in the jail alone; the error names both.
 *
 * @example
 * new JailLibraries("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest] });
 */
export class JailLibraries extends JailResource {
  /** Number of libraries, including the loader. */
  declare public readonly count: pulumi.Output<number>;
  /** Digest of all libraries. It changes when a library is added, removed or modified. */
  declare public readonly digest: pulumi.Output<string>;
  /** Path of the loader that the jail's executables name: `/lib64/ld-linux-x86-64.so.2`. */
  declare public readonly loader: pulumi.Output<string>;
  /** The C library and its version: `glibc 2.36`. */
  declare public readonly libc: pulumi.Output<string>;
  /** Libraries that the commands of `trace` looked for and the host had: the first 30. */
  declare public readonly traced: pulumi.Output<string[]>;

  constructor(name: string, args: JailLibrariesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailLibraries", name, args, ["count", "digest", "loader", "libc", "traced"], options);
  }
}
