import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailSystemArgs extends JailArgs {
  /**
   * Entries of `/etc/passwd` besides `root` and `nobody`, with a group of the same name for each `gid`. Default: `sandbox`, uid
   * 10000 and gid 1000, as whom JailCheck runs.
   */
  users?:
    | pulumi.Input<
        pulumi.Input<{
          /** Login name. */
          name: pulumi.Input<string>;
          uid: pulumi.Input<number>;
          gid: pulumi.Input<number>;
          /**
           * One entry for each uid from `uid` to this, the further ones with the uid in their name, for a runner that gives each run a
           * uid of its own. `pid_max`: as far as the host's kernel.pid_max above `uid`, as safeexec counts (10000 + process id); a host where
           * that is above 32768 is refused. Default: `uid` alone.
           */
          lastUid?: pulumi.Input<number | "pid_max"> | undefined;
          /** Default: `/`. */
          home?: pulumi.Input<string> | undefined;
          /** Default: `/usr/sbin/nologin`. */
          shell?: pulumi.Input<string> | undefined;
        }>[]
      >
    | undefined;
  /** Whether `localhost` has its addresses in `/etc/hosts`. Default: true. */
  localhost?: pulumi.Input<boolean> | undefined;
  /** Whether `/etc/hosts` has the host's own name. Default: true. */
  hostname?: pulumi.Input<boolean> | undefined;
  /**
   * Further locales, copied from the directories in the host's `/usr/lib/locale` or from its archive: `de_DE.UTF-8`. Each has 1 to 3 MB, and one that the
   * host lacks is an error. Default: none.
   */
  locales?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Names of services and protocols: the host's `/etc/services` and `/etc/protocols`. A host without them is a warning. Default: true. */
  services?: pulumi.Input<boolean> | undefined;
  /**
   * The host's CA certificates (220 kB) where OpenSSL looks for them: `etc/ssl/cert.pem`, and links to it. A host without them is a warning.
   * Default: true.
   */
  certificates?: pulumi.Input<boolean> | undefined;
  /** What curses needs to know of seven usual terminals, in `usr/share/terminfo` (15 kB). A host without them is a warning. Default: true. */
  terminfo?: pulumi.Input<boolean> | undefined;
  /**
   * Whether scripts find Python where they look for it: `/usr/bin/python3`, and `/usr/bin/env`, a script that starts the program after it. Not
   * where `usr/bin` in the jail is a symlink. Default: true.
   */
  shebangs?: pulumi.Input<boolean> | undefined;
  /** `C.UTF-8`: the host's locale of that name (400 kB), which no glibc has built in. Default: `C.UTF-8`. */
  locale?: pulumi.Input<"C.UTF-8" | "none"> | undefined;
  /**
   * The time zones that `zoneinfo` finds, copied from the host's `/usr/share/zoneinfo`: `all`, `none`, or these. Default: `all`
   * (about 600 small files, 2.4 MB on disk, without the `posix` and `right` variants), as nobody knows which zone
   * a program will ask for. Where the host has none, `all` is a warning, and a zone by name an error.
   */
  timezones?: pulumi.Input<"all" | "none" | pulumi.Input<string>[]> | undefined;
  /** The zone of `/etc/localtime`, which is a copy. Default: `UTC`, which needs no zone of the host. */
  timezone?: pulumi.Input<string> | undefined;
  /**
   * `directory`: a `/tmp` that everybody may write to. What one run leaves there the next one finds, and it can fill the disk:
   * have your runner empty it, or mount something of its own there for each run. Default: `none`.
   */
  tmp?: pulumi.Input<"none" | "directory"> | undefined;
  /** The same for `/dev/shm`, without which locks and queues of `multiprocessing` fail. Default: `none`. */
  shm?: pulumi.Input<"none" | "directory"> | undefined;
}

/**
 * What programs expect of a system: entries for the sandbox's user in `/etc/passwd` and `/etc/group`, `/etc/nsswitch.conf`,
 * `localhost`, the locale C.UTF-8, time zones, CA certificates and the like, and where it is asked for `/tmp` and `/dev/shm`. Written by us, or copied from what
 * everybody may read on the host; never the host's accounts. A refresh tells when the host's own files
 * have been updated. Owners and modes are JailPermissions', whose `modes` need `tmp` and `dev/shm` as "1777"
 * where they are wanted; PythonJail says so to it.
 *
 * @example
 * new JailSystem("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", timezone: "Europe/Berlin" });
 */
export class JailSystem extends JailResource {
  /** How many files were put into the jail. */
  declare public readonly fileCount: pulumi.Output<number>;
  /** How many time zones `zoneinfo` finds. */
  declare public readonly zoneCount: pulumi.Output<number>;

  constructor(name: string, args: JailSystemArgs, options?: pulumi.CustomResourceOptions) {
    super("JailSystem", name, args, ["fileCount", "zoneCount"], options);
  }
}
