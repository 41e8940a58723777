import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailReleasesArgs extends JailArgs {
  /** Id of the current release: letters, digits, `_` and `-`. Its jail is in `<path>/releases/<release>`. */
  release: pulumi.Input<string>;
  /** Number of earlier releases that are kept for a rollback, 0 to 100. Default: 2. */
  keep?: pulumi.Input<number> | undefined;
  /**
   * When a release is removed, also remove unmanaged files in its `static` and `scratch`. Default: false (the release
   * is kept, with a warning); in a PythonJail, the value in `root`.
   */
  deleteContents?: pulumi.Input<boolean> | undefined;
}

/**
 * The releases of a jail. Each release is a whole jail in a directory of its own; the symlink `current` points to one
 * of them. One rename replaces the symlink after the new release was checked. Programs in the old release run on. Old
 * releases are kept for a rollback. This resource deletes them, not the resources that made them.
 *
 * @example
 * new JailReleases("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", release: "2026-11" }, { dependsOn: check });
 */
export class JailReleases extends JailResource {
  /** Path that judges use: `<path>/current`. */
  declare public readonly current: pulumi.Output<string>;
  /** Ids of the releases on the host, the current one last. */
  declare public readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: JailReleasesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailReleases", name, args, ["current", "kept"], options);
  }
}
