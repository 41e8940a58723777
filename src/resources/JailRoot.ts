import type * as pulumi from "@pulumi/pulumi";
import type { HostFacts } from "../remote/host-facts.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailRootArgs extends JailArgs {
  /** Owner of the jail's own directory: name or number. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group of the jail's own directory: name or number. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
  /** Git repository with the files of an empty jail. Default: none; the jail's layout is built in and needs no git. */
  git?:
    | pulumi.Input<{
        /** URL that the host can reach: https, ssh, git or file. A URL with a login (`https://TOKEN@…`) is a secret. */
        url: pulumi.Input<string>;
        /** Commit id, 40 hexadecimal digits. A change updates the jail in place. */
        commit: pulumi.Input<string>;
      }>
    | undefined;
  /**
   * On delete, also remove unmanaged files in `static` and `scratch`. Default: false (the delete fails if there are
   * any).
   */
  deleteContents?: pulumi.Input<boolean> | undefined;
  /** On delete of the host's last jail, keep the builds and sources in the host's cache. Default: false. */
  keepCache?: pulumi.Input<boolean> | undefined;
}

/**
 * The jail's directory, with its marker `REM_this_is_jail`, its id, and the directories `dev`, `lib64`, `static` and
 * `scratch`. An empty directory is adopted, and so is a jail made by hand, which has the marker.
 *
 * Errors: the directory is not empty and has no marker.
 *
 * @example
 * const root = new JailRoot("judge-1", { host: "judge-1", connection, path: "/srv/python3jail" });
 */
export class JailRoot extends JailResource {
  /** Random id of this jail on this machine. It stays when the host's address changes. */
  declare public readonly jailId: pulumi.Output<string>;
  /**
   * Facts about the host (architecture, distribution…) at the last create, update or refresh of the jail. Undefined
   * if an older release of this package made the jail.
   */
  declare public readonly hostFacts: pulumi.Output<HostFacts | undefined>;

  constructor(name: string, args: JailRootArgs, options?: pulumi.CustomResourceOptions) {
    super("JailRoot", name, args, ["jailId", "hostFacts"], options);
  }
}
