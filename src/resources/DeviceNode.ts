import type * as pulumi from "@pulumi/pulumi";
import { devicePresets, type DevicePreset } from "../jail/device-presets.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface DeviceNodeArgs extends JailArgs {
  /** `null`, `random` or `urandom`: gives `node`, `type`, `major`, `minor` and `mode`, each of which can still be set. */
  preset?: DevicePreset | undefined;
  /** Path inside the jail, relative to it: `dev/null`. A change replaces. */
  node?: pulumi.Input<string> | undefined;
  /** `c` (character device) or `b` (block device). Default: `c`. */
  type?: pulumi.Input<"c" | "b"> | undefined;
  /** Major device number. */
  major?: pulumi.Input<number> | undefined;
  /** Minor device number. */
  minor?: pulumi.Input<number> | undefined;
  /** Octal permissions, exact whatever the umask: `"0666"`. */
  mode?: pulumi.Input<string> | undefined;
  /** Owner on the host: name or number. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** Group on the host: name or number. Default: `root`. */
  group?: pulumi.Input<string> | undefined;
}

/**
 * One device node in a jail, made aside and renamed into place, so that it is never there with a wrong mode.
 *
 * @example
 * new DeviceNode("null", { host: "judge-1", connection, path: "/srv/python3jail", preset: "null" });
 */
export class DeviceNode extends JailResource {
  /** What the node is: `c 1:3`. */
  declare public readonly device: pulumi.Output<string>;

  constructor(name: string, { preset, ...args }: DeviceNodeArgs, options?: pulumi.CustomResourceOptions) {
    super("DeviceNode", name, { ...(preset && devicePresets[preset]), ...args }, ["device"], options);
  }
}
