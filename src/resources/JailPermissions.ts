import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailPermissionsArgs extends JailArgs {
  /** Owner of everything in the jail but its own folder (JailRoot's) and its device nodes (DeviceNode's). Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group of the same. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
  /** Group of `scratch`, who may write there: the web server's (`www-data`, `apache`). Default: `group`. */
  scratchGroup?: pulumi.Input<string> | undefined;
  /**
   * Octal permissions of single paths in the jail, over the policy: folders 0755, files 0644, executables 0755; what lies
   * at the top 0751 and 0640, so that the sandboxed user may use but not list it; `bin` and `static` 0755; `scratch` 0770.
   * What lies in a folder that everybody is to write to (`tmp: "1777"`) is its users' own, as in `scratch`.
   */
  modes?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Empty `scratch` whenever this resource is created or updated. Default: false. */
  emptyScratch?: pulumi.Input<boolean> | undefined;
  /** Any values: the policy is applied again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * The owner and permissions of everything in the jail, as a declared policy: only what differs is touched, never
 * through a symbolic link, never outside the jail, and never a device node.
 *
 * @example
 * new JailPermissions("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", scratchGroup: "www-data" });
 */
export class JailPermissions extends JailResource {
  /** What was left alone, and why: files with a second name outside our sight, say. */
  declare public readonly leftAlone: pulumi.Output<string[]>;

  constructor(name: string, args: JailPermissionsArgs, options?: pulumi.CustomResourceOptions) {
    super("JailPermissions", name, args, ["leftAlone"], options);
  }
}
