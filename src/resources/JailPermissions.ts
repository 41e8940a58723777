import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailPermissionsArgs extends JailArgs {
  /**
   * Owner of everything in the jail, name or number. JailRoot sets the owner of the jail's own directory, and
   * DeviceNode that of each device node. Default: `root`.
   */
  owner?: pulumi.Input<string> | undefined;
  /** Group of the same paths, name or number. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
  /** Group that may write to `scratch`, such as the web server's (`www-data`, `apache`). Default: `group`. */
  scratchGroup?: pulumi.Input<string> | undefined;
  /**
   * Modes of single paths, which override the policy: path in the jail to octal mode, `{"tmp": "1777"}`. The policy:
   * directories 0755, files 0644, executables 0755. In the jail's own directory: directories 0751 and files 0640, so
   * that the sandboxed user can use them but not list them; `bin` and `static` 0755; `scratch` 0770. The content of
   * `scratch`, and of every directory that everybody may write to, is left alone. Default: none.
   */
  modes?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Remove the content of `scratch` whenever this resource is created or updated. Default: false. */
  emptyScratch?: pulumi.Input<boolean> | undefined;
  /** Any texts: the policy is applied again when one of them changes, such as the digest of a build. Default: none. */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * The owner and mode of everything in the jail, as a policy. Only paths that differ are changed. A change never follows
 * a symlink, never leaves the jail, and never touches a device node.
 *
 * @example
 * new JailPermissions("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", scratchGroup: "www-data" });
 */
export class JailPermissions extends JailResource {
  /** Paths that were left alone, each with the reason, such as a file with a hard link outside the jail. */
  declare public readonly leftAlone: pulumi.Output<string[]>;

  constructor(name: string, args: JailPermissionsArgs, options?: pulumi.CustomResourceOptions) {
    super("JailPermissions", name, args, ["leftAlone"], options);
  }
}
