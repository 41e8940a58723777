import type * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailFilesArgs extends JailArgs {
  /**
   * Folder on the control machine whose files are to be in the jail; relative to the program's folder (in a stack's config: to
   * the project's). Regular files only, at most 10,000 of them and 256 MB: symbolic links, which could lead out of the jail,
   * are refused, empty folders are left out. Of a file's mode it counts only whether its owner may run it.
   */
  source: pulumi.Input<string>;
  /**
   * What to leave out, by name (`*.md`, `tests`) or by path from `source` (`judge/data/**`), besides `__pycache__`, `*.pyc`,
   * `*.pyo`, `.git`, `.hg` and `.svn`. `*` and `?` stand for what is no `/`, `**` for anything. Default: none.
   */
  ignore?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Folder in the jail: `static`, or one in it. A change replaces. Default: `static`. */
  target?: pulumi.Input<string> | undefined;
  /** Remove what else lies in `target`, but for JailRoot's repository and other JailFiles. Default: false (it is only reported). */
  removeUnmanaged?: pulumi.Input<boolean> | undefined;
}

/**
 * A local folder's files in the jail's `static`, where the jail's Python finds them as modules (`PYTHONPATH=/static`). A preview
 * shows which files would be added, changed and removed, without a look at the host; only contents that the jail lacks
 * travel. A file that lies there under a declared name is exchanged; where JailRoot's repository has the same path, this
 * one wins, and the repository's comes back when it is given up. Owners and modes are JailPermissions'.
 *
 * @example
 * new JailFiles("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", source: "site-modules" });
 */
export class JailFiles extends JailResource {
  /** The files by path from `source`, with the beginning of their sha256; where they are many, folders stand for what is in them. */
  declare public readonly files: pulumi.Output<Record<string, string>>;
  /** Changes when a file comes, goes, or gets other content. */
  declare public readonly digest: pulumi.Output<string>;
  /** How many files there are. */
  declare public readonly count: pulumi.Output<number>;
  /** What else lies in `target`, the first few by name. */
  declare public readonly unmanaged: pulumi.Output<string[]>;

  constructor(name: string, args: JailFilesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailFiles", name, args, ["files", "digest", "count", "unmanaged"], options);
  }
}
