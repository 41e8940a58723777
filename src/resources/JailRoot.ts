import type * as pulumi from "@pulumi/pulumi";
import type { HostFacts } from "../remote/host-facts.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailRootArgs extends JailArgs {
  /** Owner of the jail's own folder: name or number. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group of the jail's own folder. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
  /** Lay the jail out from a git repository (the jail repository, or a fork of it). Default: built in, no git needed. */
  git?:
    | pulumi.Input<{
        /** An https, ssh, git or file URL that the host can reach. With a login (`https://TOKEN@…`) it is a secret. */
        url: pulumi.Input<string>;
        /** The commit, all 40 digits of it. A change is made in place. */
        commit: pulumi.Input<string>;
      }>
    | undefined;
  /** On delete, also remove what others put into `static` and `scratch`. Default: false (delete refuses). */
  deleteContents?: pulumi.Input<boolean> | undefined;
  /** On delete of the host's last jail, keep the finished builds and sources in its cache. Default: false. */
  keepCache?: pulumi.Input<boolean> | undefined;
}

/**
 * The jail's folder: its marker `REM_this_is_jail`, its id, and `dev lib64 static scratch`. An empty folder, and a jail
 * that was made by hand (it has the marker), are adopted; any other folder that is not empty is refused.
 *
 * @example
 * const root = new JailRoot("judge-1", { host: "judge-1", connection, path: "/srv/python3jail" });
 */
export class JailRoot extends JailResource {
  /** Identifies this jail on this machine, also when its address changes. */
  declare public readonly jailId: pulumi.Output<string>;
  /** What the host is, as it was when the jail was last made, changed or refreshed. Undefined where an older release made it. */
  declare public readonly hostFacts: pulumi.Output<HostFacts | undefined>;

  constructor(name: string, args: JailRootArgs, options?: pulumi.CustomResourceOptions) {
    super("JailRoot", name, args, ["jailId", "hostFacts"], options);
  }
}
