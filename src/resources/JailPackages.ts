import { digestOf } from "../python/requirements.js";
import { readRequirements } from "../kinds/JailPackages.js";
import * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import type { PythonBuildArgs } from "./PythonBuild.js";
import { JailResource } from "./resource.js";

export interface JailPackagesArgs extends JailArgs {
  /** The arguments of the jail's PythonBuild. The packages are installed for that build, with the pip in its source. */
  python: pulumi.Input<Omit<PythonBuildArgs, keyof JailArgs>>;
  /**
   * Path of a requirements file on the control machine. Each package in it must be pinned and hashed
   * (`name==version --hash=sha256:…`), including all dependencies. `uv pip compile --generate-hashes` and
   * `pip-compile --generate-hashes` write such a file.
   */
  requirements: pulumi.Input<string>;
  /**
   * Path of a folder of wheels on the control machine. They are sent to the host, and no index is used (air-gapped).
   * Must not be given together with `index`. Default: none.
   */
  wheels?: pulumi.Input<string> | undefined;
  /**
   * URL of a package index (PEP 503). The host downloads from it; if it cannot, the control machine does. A URL with
   * a login (`https://USER:PASSWORD@…`) is a secret. Default: the index in the host's pip settings, or pip's default
   * index. The control machine uses pip's default index only. If the host's settings name another one, it does not
   * download packages without a hash.
   */
  index?: pulumi.Input<string> | undefined;
  /** Accept packages without a hash. They must still be pinned to a version. Default: false. */
  allowUnhashed?: pulumi.Input<boolean> | undefined;
}

/**
 * Third-party packages for the jail's Python, from a requirements file in which each package is pinned and hashed.
 * Only wheels are installed, so no code of a package runs on the host. They come from an index, or from a folder on
 * the control machine. The jail gets neither pip nor the packages' programs (`bin`). Unmanaged files in
 * `site-packages` stay.
 *
 * Errors: preview refuses a package that is not pinned or has no hash. The host refuses a wheel with another hash, a
 * wheel for another Python, and a dependency that is not in the file, before it changes the jail.
 *
 * @example
 * new JailPackages("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", python: { version: "3.13.5" }, requirements: "requirements.txt" });
 */
export class JailPackages extends JailResource {
  /** The installed packages, name to version: `{"markupsafe": "3.0.2"}`. A long list is cut off at about 1.2 kB. */
  declare public readonly packages: pulumi.Output<Record<string, string>>;
  /** Digest of all installed files, except compiled ones (`*.pyc`). */
  declare public readonly digest: pulumi.Output<string>;
  /** Identifies the requirements: the same requirements have the same key on every host. */
  declare public readonly key: pulumi.Output<string>;

  constructor(name: string, args: JailPackagesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailPackages", name, args, ["packages", "digest", "key"], options);
  }
}

/** A digest of the requirements, for the triggers of other resources; `unknown` if the file is not valid. */
export function packagesIdentity({
  requirements,
  allowUnhashed,
}: Pick<JailPackagesArgs, "requirements" | "allowUnhashed">): pulumi.Output<string> {
  return pulumi.output({ requirements, allowUnhashed }).apply((known) => {
    const { value } = readRequirements({
      requirements: known.requirements,
      allowUnhashed: known.allowUnhashed ?? false,
    });
    // JailPackages' own check reports the problems of the file.
    return value ? digestOf(value) : "unknown";
  });
}
