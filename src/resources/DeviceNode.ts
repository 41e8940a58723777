import type * as pulumi from "@pulumi/pulumi";
import { devicePresets, type DevicePreset } from "../jail/device-presets.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface DeviceNodeArgs extends JailArgs {
  /**
   * `null`, `random` or `urandom`: sets `node`, `major`, `minor` and `mode`. Each of them can still be given and then
   * wins. Without a preset, these four are required.
   */
  preset?: DevicePreset | undefined;
  /** Path of the node, relative to the jail: `dev/null`. A change replaces. */
  node?: pulumi.Input<string> | undefined;
  /** `c` (character device) or `b` (block device). Default: `c`. */
  type?: pulumi.Input<"c" | "b"> | undefined;
  /** Major device number, 0 to 1048575. */
  major?: pulumi.Input<number> | undefined;
  /** Minor device number, 0 to 1048575. */
  minor?: pulumi.Input<number> | undefined;
  /** Mode in octal digits: `"0666"`. The umask of the host does not apply. */
  mode?: pulumi.Input<string> | undefined;
  /** Owner on the host: name or number. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group on the host: name or number. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
}

/**
 * One device node in a jail. It is made in a staging directory and renamed into place, so it never has a wrong mode.
 *
 * @example
 * new DeviceNode("null", { host: "judge-1", connection, path: "/srv/python3jail", preset: "null" });
 */
export class DeviceNode extends JailResource {
  /** Type, major and minor number of the node: `c 1:3`. */
  declare public readonly device: pulumi.Output<string>;

  constructor(name: string, { preset, ...args }: DeviceNodeArgs, options?: pulumi.CustomResourceOptions) {
    super("DeviceNode", name, { ...(preset && devicePresets[preset]), ...args }, ["device"], options);
  }
}
