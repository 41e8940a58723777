import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailFilesArgs extends JailArgs {
  /**
   * Folder on the control machine with the files for the jail. A relative path starts at the program's folder
   * (in a stack's config: at the project's folder). It may hold at most 10,000 regular files and 256 MB.
   * Symlinks are refused, because they could lead out of the jail; empty folders are left out. Files that their owner
   * may execute get mode 0755, all others 0644.
   */
  source: pulumi.Input<string>;
  /**
   * Patterns of files to leave out: a name (`*.md`, `tests`) or a path from `source` (`judge/data/**`). `*` and `?`
   * match anything but `/`; `**` matches anything. `__pycache__`, `*.pyc`, `*.pyo`, `.git`, `.hg` and `.svn` are
   * always left out. Default: none.
   */
  ignore?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Directory in the jail that gets the files: `static`, or one below it. A change replaces. Default: `static`. */
  target?: pulumi.Input<string> | undefined;
  /**
   * Remove unmanaged files from `target`. Files of JailRoot's repository and of other JailFiles are managed.
   * Default: false (they are only reported in `unmanaged`).
   */
  removeUnmanaged?: pulumi.Input<boolean> | undefined;
}

/**
 * Files of a local folder, copied into the jail's `static`, where Python finds them as modules
 * (`PYTHONPATH=/static`). A preview shows which files would be added, changed and removed, without reading the host.
 * Only contents that the jail lacks are sent. An existing file with a declared name is replaced. If JailRoot's
 * repository has the same path, the file of JailFiles wins; the repository's file returns when this one is no longer
 * declared. JailPermissions sets owners and modes.
 *
 * @example
 * new JailFiles("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", source: "site-modules" });
 */
export class JailFiles extends JailResource {
  /**
   * The files by path from `source`, each with the beginning of its sha256. If there are many, folders stand for
   * their files.
   */
  declare public readonly files: pulumi.Output<Record<string, string>>;
  /** Digest of all files. It changes when a file is added, removed or modified. */
  declare public readonly digest: pulumi.Output<string>;
  /** Number of files. */
  declare public readonly count: pulumi.Output<number>;
  /** Paths of unmanaged files in `target`: the first 5, and how many more there are. */
  declare public readonly unmanaged: pulumi.Output<string[]>;

  constructor(name: string, args: JailFilesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailFiles", name, args, ["files", "digest", "count", "unmanaged"], options);
  }
}
