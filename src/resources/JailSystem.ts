import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailSystemArgs extends JailArgs {
  /**
   * Entries of `/etc/passwd`, besides `root` and `nobody`. Each `gid` gets a group with the name of its first user.
   * Default: `sandbox` with uid 10000 and gid 1000, the user that JailCheck runs as.
   */
  users?:
    | pulumi.Input<
        pulumi.Input<{
          /** Login name: small letters, digits, `_` and `-`. */
          name: pulumi.Input<string>;
          /** User id, at least 1. */
          uid: pulumi.Input<number>;
          /** Group id, at least 1. */
          gid: pulumi.Input<number>;
          /**
           * Last of a range of uids that begins with `uid`, for a runner that gives each run a uid of its own. Each
           * uid gets an entry; the further entries have the uid at the end of their name. At most 100,000 entries.
           * `pid_max`: `uid` plus the host's kernel.pid_max, because safeexec uses the uid 10000 + process id. A host
           * whose kernel.pid_max is above 32768 is refused. Default: `uid`, one entry.
           */
          lastUid?: pulumi.Input<number | "pid_max"> | undefined;
          /** Absolute path of the home directory in the jail. Default: `/`. */
          home?: pulumi.Input<string> | undefined;
          /** Absolute path of the login shell in the jail. Default: `/usr/sbin/nologin`. */
          shell?: pulumi.Input<string> | undefined;
        }>[]
      >
    | undefined;
  /** Put the addresses of `localhost` into `/etc/hosts`. Default: true. */
  localhost?: pulumi.Input<boolean> | undefined;
  /** Put the host's own name into `/etc/hosts`, with the address 127.0.1.1. Default: true. */
  hostname?: pulumi.Input<boolean> | undefined;
  /**
   * Further locales, such as `de_DE.UTF-8`, at most 20. They are copied from the host's `/usr/lib/locale`: from a
   * directory, or from the archive there. Each takes 1 to 3 MB. A locale that the host lacks is an error. Default:
   * none.
   */
  locales?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Copy the host's `/etc/services` and `/etc/protocols`. A host without them causes a warning. Default: true. */
  services?: pulumi.Input<boolean> | undefined;
  /**
   * Copy the host's CA certificates (220 kB) to `etc/ssl/cert.pem`, with symlinks where OpenSSL looks for them. A host
   * without them causes a warning. Default: true.
   */
  certificates?: pulumi.Input<boolean> | undefined;
  /**
   * Copy the host's descriptions of seven usual terminals to `usr/share/terminfo`, for curses (15 kB). A host without
   * them causes a warning. Default: true.
   */
  terminfo?: pulumi.Input<boolean> | undefined;
  /**
   * Make scripts with the usual first lines work: add `/usr/bin/python3` (a symlink) and `/usr/bin/env` (a script).
   * Has no effect if `usr` or `usr/bin` in the jail is a symlink. Default: true.
   */
  shebangs?: pulumi.Input<boolean> | undefined;
  /** `C.UTF-8`: copy the host's locale of that name (400 kB). `none`: do not. Default: `C.UTF-8`. */
  locale?: pulumi.Input<"C.UTF-8" | "none"> | undefined;
  /**
   * Time zones for `zoneinfo`, copied from the host's `/usr/share/zoneinfo`: `all`, `none`, or a list of names. `all`
   * is about 600 small files, 2.4 MB on disk, without the `posix` and `right` variants. If the host has no time
   * zones, `all` causes a warning; a named zone that the host lacks is an error. Default: `all`.
   */
  timezones?: pulumi.Input<"all" | "none" | pulumi.Input<string>[]> | undefined;
  /**
   * Time zone of the jail, copied to `/etc/localtime`. Default: `UTC`, which works even if the host has no time
   * zones.
   */
  timezone?: pulumi.Input<string> | undefined;
  /**
   * `directory`: add a `/tmp` that everybody may write to. Files stay there after a run: the next run can read them,
   * and they can fill the disk. Let your runner empty it, or mount a file system of its own there for each run.
   * Default: `none`.
   */
  tmp?: pulumi.Input<"none" | "directory"> | undefined;
  /** The same for `/dev/shm`, which locks and queues of `multiprocessing` need. Default: `none`. */
  shm?: pulumi.Input<"none" | "directory"> | undefined;
}

/**
 * Files that programs expect of a system: `/etc/passwd`, `/etc/group`, `/etc/nsswitch.conf`, `/etc/hosts`, the locale
 * C.UTF-8, time zones, CA certificates and the like, and on request `/tmp` and `/dev/shm`. The step writes them
 * itself or copies files that everybody may read on the host. It never copies the host's accounts. A refresh reports
 * files that the host has updated since.
 *
 * JailPermissions sets owners and modes: with `tmp` and `shm`, its `modes` must have `tmp` and `dev/shm` as `"1777"`.
 * PythonJail sets them.
 *
 * @example
 * new JailSystem("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", timezone: "Europe/Berlin" });
 */
export class JailSystem extends JailResource {
  /** Number of files in the jail that this resource owns. */
  declare public readonly fileCount: pulumi.Output<number>;
  /** Number of time zones in the jail. */
  declare public readonly zoneCount: pulumi.Output<number>;

  constructor(name: string, args: JailSystemArgs, options?: pulumi.CustomResourceOptions) {
    super("JailSystem", name, args, ["fileCount", "zoneCount"], options);
  }
}
