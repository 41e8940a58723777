import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../ssh/connection-args.js";

/** What every resource takes. */
export interface HostArgs {
  /** Logical name of the host. With `path` it is the resource's identity: a change replaces. */
  host: pulumi.Input<string>;
  /** How to get there. A change touches nothing on the host. */
  connection: pulumi.Input<ConnectionArgs>;
  /** Where the host keeps our records and caches, root's own. */
  directories?:
    | pulumi.Input<{
        /** Default: `/var/lib/python3jail`. */
        state?: pulumi.Input<string> | undefined;
        /** Only letters, digits and `. _ + @ ~ -` in its names. Default: `/var/cache/python3jail`. */
        cache?: pulumi.Input<string> | undefined;
      }>
    | undefined;
  /** Limits of time. */
  timeouts?:
    | pulumi.Input<{
        /** Seconds that one step on the host may take. Default: 120. */
        step?: pulumi.Input<number> | undefined;
        /** Seconds that a build of CPython may take. Default: 7200. */
        build?: pulumi.Input<number> | undefined;
      }>
    | undefined;
}

/** What every resource of a jail takes. */
export interface JailArgs extends HostArgs {
  /** Absolute path of the jail on the host. */
  path: pulumi.Input<string>;
}
