import { digestOf } from "../python/requirements.js";
import { readRequirements } from "../kinds/JailPackages.js";
import * as pulumi from "@pulumi/pulumi";
import type { JailArgs } from "./args.js";
import type { PythonBuildArgs } from "./PythonBuild.js";
import { JailResource } from "./resource.js";

export interface JailPackagesArgs extends JailArgs {
  /** The same as the jail's PythonBuild has: packages are installed for it, with the pip that came with its source. */
  python: pulumi.Input<Omit<PythonBuildArgs, keyof JailArgs>>;
  /**
   * A requirements file on the control machine, each package in it pinned and hashed (`name==version --hash=sha256:…`), and all
   * that they need too: what `uv pip compile --generate-hashes` and `pip-compile --generate-hashes` write.
   */
  requirements: pulumi.Input<string>;
  /** A folder of wheels on the control machine: they are sent, and no index is asked (air-gapped). Default: none. */
  wheels?: pulumi.Input<string> | undefined;
  /**
   * Address of a package index (PEP 503), asked by the host, or where that cannot, by the control machine. It may hold a login
   * (`https://USER:PASSWORD@…`), which is then a secret. Default: what the host's own settings of pip name, or pip's default;
   * the control machine asks the latter alone, and not for what has no hash where the host's settings name another.
   */
  index?: pulumi.Input<string> | undefined;
  /** Take packages that have no hash, as long as they are pinned to a version. Default: false. */
  allowUnhashed?: pulumi.Input<boolean> | undefined;
}

/**
 * Third-party packages for the jail's own Python, from a requirements file in which each is pinned and hashed. Only wheels are
 * taken, and no code of a package runs on the host. They come from an index, or from a folder of the control machine. The jail
 * gets no pip, and no programs of packages (`bin`); what others put into `site-packages` stays.
 *
 * Errors: a package that is not pinned, or has no hash, is refused in preview; a wheel that has another hash, a package that
 * another needs and that is not in the file, or a wheel that is not for this Python, on the host, before anything is changed.
 *
 * @example
 * new JailPackages("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", python: { version: "3.13.5" }, requirements: "requirements.txt" });
 */
export class JailPackages extends JailResource {
  /** What is installed: `{"markupsafe": "3.0.2"}`; of very many the first. */
  declare public readonly packages: pulumi.Output<Record<string, string>>;
  /** Digest of everything that was installed, compiled files left out. */
  declare public readonly digest: pulumi.Output<string>;
  /** Identifies the requirements. */
  declare public readonly key: pulumi.Output<string>;

  constructor(name: string, args: JailPackagesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailPackages", name, args, ["packages", "digest", "key"], options);
  }
}

/** Which packages are asked for, as far as the inputs are known: for what must look again when they are others. */
export function packagesIdentity({
  requirements,
  allowUnhashed,
}: Pick<JailPackagesArgs, "requirements" | "allowUnhashed">): pulumi.Output<string> {
  return pulumi.output({ requirements, allowUnhashed }).apply((known) => {
    const { value } = readRequirements({
      requirements: known.requirements,
      allowUnhashed: known.allowUnhashed ?? false,
    });
    // What is wrong with the file the resource's own check says, and better.
    return value ? digestOf(value) : "unknown";
  });
}
