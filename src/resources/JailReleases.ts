import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailReleasesArgs extends JailArgs {
  /** Which release is the current one. It is a jail in `releases/<release>` below `path`. */
  release: pulumi.Input<string>;
  /** How many releases that were current before are kept, for a way back. Default: 2. */
  keep?: pulumi.Input<number> | undefined;
  /** On removal of a release, also remove what others put into its `static` and `scratch`. Default: false (it is kept, with a warning); in a PythonJail, its `root`'s. */
  deleteContents?: pulumi.Input<boolean> | undefined;
}

/**
 * The releases of a jail: each is a whole jail in a folder of its own, and the link `current` leads to one of them. It is
 * exchanged by one rename, once all of the new one is there and was tried; what runs in the old one runs on. Old ones stay for a
 * way back, and go with this resource, not with those that made them.
 *
 * @example
 * new JailReleases("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", release: "2026-11" }, { dependsOn: check });
 */
export class JailReleases extends JailResource {
  /** The path that judges use: `<path>/current`. */
  declare public readonly current: pulumi.Output<string>;
  /** The releases that are there: the current one last. */
  declare public readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: JailReleasesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailReleases", name, args, ["current", "kept"], options);
  }
}
