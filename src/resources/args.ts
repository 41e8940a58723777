import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../ssh/connection-args.js";

/** The arguments that every resource takes. */
export interface HostArgs {
  /** Logical name of the host. Together with `path` it identifies the resource: a change replaces. */
  host: pulumi.Input<string>;
  /** How to reach the host over SSH. A change does nothing on the host. */
  connection: pulumi.Input<ConnectionArgs>;
  /** Absolute paths of the directories on the host that hold our records and caches. Only root may write to them. */
  directories?:
    | pulumi.Input<{
        /** Directory of the records. Default: `/var/lib/python3jail`. */
        state?: pulumi.Input<string> | undefined;
        /**
         * Directory of finished builds, sources and packages. Its path may have only letters, digits and `/._+@~-`.
         * Default: `/var/cache/python3jail`.
         */
        cache?: pulumi.Input<string> | undefined;
      }>
    | undefined;
  /** Time limits, in seconds. */
  timeouts?:
    | pulumi.Input<{
        /** The longest time that one step on the host may take. Default: 120. */
        step?: pulumi.Input<number> | undefined;
        /** The longest time that a build of CPython may take. Default: 7200. */
        build?: pulumi.Input<number> | undefined;
      }>
    | undefined;
}

/** The arguments that every resource of a jail takes. */
export interface JailArgs extends HostArgs {
  /** Absolute path of the jail on the host. A change replaces. */
  path: pulumi.Input<string>;
}
