import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailCheckArgs extends JailArgs {
  /**
   * Absolute path of safeexec on the host. Default: the `safeexec` on root's PATH or in `/usr/local/bin`; where there is
   * none, chroot with dropped privileges, no network and the same limits.
   */
  safeexec?: pulumi.Input<string> | undefined;
  /** The user that the check runs as through chroot: a number, never root's. Default: 10000. */
  uid?: pulumi.Input<number> | undefined;
  /** The group that the check runs as through chroot. Default: 1000. */
  gid?: pulumi.Input<number> | undefined;
  /**
   * Limits of the check, and of the `command` that it hands out; the same through safeexec and through chroot. The
   * defaults leave every Python room (3.13 needs a tenth of the memory).
   */
  limits?:
    | pulumi.Input<{
        /** Seconds on the processor. Default: 10. */
        cpuSeconds?: pulumi.Input<number> | undefined;
        /** Seconds by the clock. Default: 60. */
        clockSeconds?: pulumi.Input<number> | undefined;
        /** Memory in kB, as address space. Default: 1048576 (1 GB), so that numpy, pandas and scipy can be imported on up to 16 processors; safeexec's own 32768 is too little for some builds. */
        memoryKb?: pulumi.Input<number> | undefined;
        /** Processes and threads of this user, besides those that it has elsewhere on the host. Default: 16. 0: none besides itself, as safeexec's own default. */
        processes?: pulumi.Input<number> | undefined;
        /** Open files. Default: 512. */
        files?: pulumi.Input<number> | undefined;
        /**
         * The largest file that a program may write, in kB. With 0, safeexec's own default, its output must be a pipe: it cannot write to a
         * regular file. Default: 65536 (64 MB) where JailSystem made `tmp` or `shm`, else 0.
         */
        fileKb?: pulumi.Input<number> | undefined;
      }>
    | undefined;
  /**
   * Variables of the programs, besides PATH, PYTHONHOME, PYTHONIOENCODING and PYTHONPATH; also of the `command` that the check hands out. Your runner
   * has to set them too. Default: none.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string | number>>> | undefined;
  /**
   * How the modules of installed packages are tried: each top-level module is imported in the jail, in a run of its own. One that cannot be is an error.
   * `none`: nothing is imported, as in a PythonJail without packages.
   */
  imports?:
    | pulumi.Input<"none">
    | pulumi.Input<{
        /** Modules that are not imported: `cv2`, `google.protobuf`, or `google` for all in it. Default: none. */
        skip?: pulumi.Input<pulumi.Input<string>[]> | undefined;
      }>
    | undefined;
  /** Any values: the check runs again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * JailRoot's `deleteContents`, for a check that goes only with the whole jail, and first of all, as in a PythonJail: its delete is then
   * refused wherever JailRoot's would be, before anything of the jail is removed. Default: a delete asks nothing.
   */
  deleteContents?: pulumi.Input<boolean> | undefined;
}

/**
 * The procedure's basic test, run in the jail as a user without rights: `print(1+1)` must print 2. Through safeexec where the
 * host has it, else through chroot with dropped privileges. A refresh runs it again. After that every top-level module of the jail's packages is
 * imported in the same manner.
 *
 * @example
 * new JailCheck("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest, libraries.digest] });
 */
export class JailCheck extends JailResource {
  /** Always true: a test that does not pass is an error. */
  declare public readonly passed: pulumi.Output<boolean>;
  /** What the test printed: `2`. */
  declare public readonly printed: pulumi.Output<string>;
  /** How it ran: `safeexec` or `chroot`. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot">;
  /** The version of Python that runs in the jail. */
  declare public readonly python: pulumi.Output<string>;
  /** By the clock. */
  declare public readonly elapsedSeconds: pulumi.Output<number>;
  /** On the processor, as safeexec reports it. */
  declare public readonly cpuSeconds: pulumi.Output<number | undefined>;
  /** As safeexec reports it. */
  declare public readonly memoryKb: pulumi.Output<number | undefined>;
  /** safeexec's verdict and figures; through chroot the exit code, and what confined it. */
  declare public readonly report: pulumi.Output<string>;
  /** The command line, for root on the host, that runs Python in the jail the way the check did; Python's arguments follow. */
  declare public readonly command: pulumi.Output<string>;
  /** How many modules of the jail's packages were imported. */
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
