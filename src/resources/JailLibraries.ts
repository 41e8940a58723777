import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailLibrariesArgs extends JailArgs {
  /**
   * `closure`: what the jail's executables and extension modules need, with all that this needs in turn, and what no
   * header names (`libgcc_s.so.1`, and the name services of an old glibc). `all`: besides that, every library in the
   * loader's own folders, as the manual procedure's `cp` does. Default: `closure`.
   */
  mode?: pulumi.Input<"closure" | "all"> | undefined;
  /** Further libraries, with all that they need: by name (`libstdc++.so.6`) or absolute path on the host. Default: none. */
  extra?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Commands that are run in the jail once a copy, as its user without rights and under the host's strace, for what no header
   * names: shared libraries that they look for in vain and the host has come into the jail, with all that they need.
   * Each is a program of the jail and its arguments: `[["/bin/python3", "-c", "import numpy"]]`, and ends within
   * 60 seconds, 4 GB of address space and 64 processes.
   * Needs strace on the host. Default: none.
   */
  trace?: pulumi.Input<pulumi.Input<pulumi.Input<string>[]>[]> | undefined;
  /**
   * What was taken out of the jail's declaration, or was never in it: it needs no libraries, though an `up` removes it only after all
   * else. A change alone does nothing. Default: none.
   */
  without?: pulumi.Input<pulumi.Input<"packages" | "files">[]> | undefined;
  /** Any values: the closure is looked for again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * The shared libraries that the jail needs, copied from the host to where the jail's loader looks for them. What is needed
 * is read from the programs themselves, without compiler, binutils or `ldd`, and nothing of the jail is run (but for `trace`).
 * They lie together in one folder of the jail, and one rename exchanges it for another, so that a jail never holds half of a
 * glibc. Every program then finds all its libraries in the jail alone, or this fails with the names of those that are missing.
 * A refresh tells which ones the host's updates have left behind.
 *
 * @example
 * new JailLibraries("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest] });
 */
export class JailLibraries extends JailResource {
  /** How many libraries there are, the loader counted. */
  declare public readonly count: pulumi.Output<number>;
  /** Changes when a library comes, goes or gets other content. */
  declare public readonly digest: pulumi.Output<string>;
  /** The loader that the jail's executables ask for: `/lib64/ld-linux-x86-64.so.2`. */
  declare public readonly loader: pulumi.Output<string>;
  /** The C library and its version: `glibc 2.36`. */
  declare public readonly libc: pulumi.Output<string>;
  /** Libraries that are there because a command of `trace` looked for them; the first 30. */
  declare public readonly traced: pulumi.Output<string[]>;

  constructor(name: string, args: JailLibrariesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailLibraries", name, args, ["count", "digest", "loader", "libc", "traced"], options);
  }
}
