import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailCheckArgs extends JailArgs {
  /**
   * Absolute path of safeexec on the host. Default: the `safeexec` on root's PATH or in `/usr/local/bin`. If there is
   * none, the check uses chroot with dropped privileges, no network and the same limits.
   */
  safeexec?: pulumi.Input<string> | undefined;
  /** Numeric user id that the check runs as through chroot, at least 1. Default: 10000. */
  uid?: pulumi.Input<number> | undefined;
  /** Numeric group id that the check runs as through chroot, at least 1. Default: 1000. */
  gid?: pulumi.Input<number> | undefined;
  /**
   * Limits of the check and of its output `command`. They are the same through safeexec and through chroot.
   */
  limits?:
    | pulumi.Input<{
        /** Processor time in seconds. Default: 10. */
        cpuSeconds?: pulumi.Input<number> | undefined;
        /** Wall-clock time in seconds. Default: 60. */
        clockSeconds?: pulumi.Input<number> | undefined;
        /**
         * Address space in kB. Default: 1048576 (1 GB), enough to import numpy, pandas and scipy on up to 16
         * processors. The default of safeexec itself, 32768, is too little for some builds; Python 3.13 alone needs
         * about 100 MB.
         */
        memoryKb?: pulumi.Input<number> | undefined;
        /**
         * Further processes and threads of the user, besides those that it already has on the host. Default: 16.
         * 0, the default of safeexec itself: the program can start none.
         */
        processes?: pulumi.Input<number> | undefined;
        /** Number of open files, at most 1024. Default: 512. */
        files?: pulumi.Input<number> | undefined;
        /**
         * Size in kB of the largest file that a program may write. With 0, the default of safeexec itself, the program
         * cannot write to a regular file, so its output must be a pipe.
         * Default: 65536 (64 MB) if JailSystem made `tmp` or `shm`, otherwise 0.
         */
        fileKb?: pulumi.Input<number> | undefined;
      }>
    | undefined;
  /**
   * Environment variables of the check and of its output `command`, besides PATH, PYTHONHOME, PYTHONIOENCODING and
   * PYTHONPATH. Your runner must set them too. Values may have letters, digits and `_@+=:,./-`. Default: none.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string | number>>> | undefined;
  /**
   * How the check imports the modules of installed packages. Default: each top-level module is imported in the jail, in
   * a run of its own; a failed import is an error. `none`: no module is imported, as in a PythonJail without packages.
   */
  imports?:
    | pulumi.Input<"none">
    | pulumi.Input<{
        /**
         * Modules that the check leaves out: `cv2`, `google.protobuf`, or `google` for all of its modules.
         * Default: none.
         */
        skip?: pulumi.Input<pulumi.Input<string>[]> | undefined;
      }>
    | undefined;
  /** Any texts: the check runs again when one of them changes, such as the digest of a build. Default: none. */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * The `deleteContents` of the jail's JailRoot. If given, deleting this resource fails whenever deleting JailRoot
   * would. PythonJail sets it: the engine deletes the check first, so a refusal comes before anything in the jail is
   * removed. Default: deleting this resource never fails for that reason.
   */
  deleteContents?: pulumi.Input<boolean> | undefined;
}

/**
 * The basic test of a jail: Python runs `print(1+1)` in it as an unprivileged user and must print 2. It runs through
 * safeexec if the host has it, otherwise through chroot with dropped privileges. A create or update then also imports
 * every top-level module of the jail's packages. A refresh runs the basic test again.
 *
 * @example
 * new JailCheck("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest, libraries.digest] });
 */
export class JailCheck extends JailResource {
  /** Always true: a failed test is an error. */
  declare public readonly passed: pulumi.Output<boolean>;
  /** Output of the test: `2`. */
  declare public readonly printed: pulumi.Output<string>;
  /** How the test ran: `safeexec` or `chroot`. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot">;
  /** Version of the Python in the jail: `3.13.5`. */
  declare public readonly python: pulumi.Output<string>;
  /** Wall-clock time of the test, in seconds. */
  declare public readonly elapsedSeconds: pulumi.Output<number>;
  /** Processor time of the test in seconds, as safeexec reports it. Undefined through chroot. */
  declare public readonly cpuSeconds: pulumi.Output<number | undefined>;
  /** Memory of the test in kB, as safeexec reports it. Undefined through chroot. */
  declare public readonly memoryKb: pulumi.Output<number | undefined>;
  /** Verdict and figures of safeexec; through chroot, the exit code and how the test was confined. */
  declare public readonly report: pulumi.Output<string>;
  /**
   * Command line that runs Python in the jail as the check does. Run it as root on the host, followed by the arguments
   * of Python.
   */
  declare public readonly command: pulumi.Output<string>;
  /** Number of modules of the jail's packages that were imported. */
  declare public readonly imported: pulumi.Output<number>;

  constructor(name: string, args: JailCheckArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "JailCheck",
      name,
      args,
      [
        "passed",
        "printed",
        "via",
        "python",
        "elapsedSeconds",
        "cpuSeconds",
        "memoryKb",
        "report",
        "command",
        "imported",
      ],
      options,
    );
  }
}
