import type * as pulumi from "@pulumi/pulumi";
import type { HostArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface SafeExecArgs extends HostArgs {
  /** Absolute path of the program on the host. With `host` it is the resource's identity. Default: `/usr/local/bin/safeexec`. */
  path?: pulumi.Input<string> | undefined;
  /** Its source in git, fetched by the host. Give this or `source`. */
  git?:
    | pulumi.Input<{
        /** Default: `https://github.com/cemc/safeexec`. */
        url?: pulumi.Input<string> | undefined;
        /** The commit, all 40 digits of it: it becomes a program that runs as root, so read it first. */
        commit: pulumi.Input<string>;
      }>
    | undefined;
  /**
   * Its source as an archive with one folder around all, by its address or on the control machine; or as a local folder there,
   * whose files (but for what version control keeps there) count, links being refused. It is sent from the control machine: the host needs no way out.
   */
  source?:
    | pulumi.Input<
        | { url: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { path: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { folder: pulumi.Input<string> }
      >
    | undefined;
  /**
   * A firewall rule by which nothing that the group 1000 sends leaves the host: nftables' where it works, else iptables'. It does
   * not outlive a reboot: `pulumi up --refresh` puts it back. A host where that group has an account, a member or a running process
   * is refused: they would lose their network. Default: false.
   */
  firewall?: pulumi.Input<boolean> | undefined;
  /**
   * Refuse a host on which the group or the users that safeexec takes may be somebody else's: otherwise `warnings` say so. Default: with
   * `firewall` the group alone is refused, without it nothing. With `false` the rule is set though it drops what others send.
   */
  requireFree?: pulumi.Input<boolean> | undefined;
}

/**
 * safeexec on a host: built there by its own Makefile (which gets no root rights beyond its folder, and needs no sudo),
 * installed setuid root, with what its README asks of the host looked at. One serves all jails of the host. A program that
 * is at `path` already and was not put there by us is refused.
 *
 * Errors: a mount with `nosuid` or `noexec`, a folder on the way that others may write to, what the build lacks.
 *
 * @example
 * const sandbox = new SafeExec("judge-1", { host: "judge-1", connection, git: { commit: "…" }, firewall: true });
 * new PythonJail("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", python: { version: "3.13.5" }, safeexec: sandbox });
 */
export class SafeExec extends JailResource {
  /** The program's path on the host. */
  declare public readonly path: pulumi.Output<string>;
  /** The sha256 of the installed program. */
  declare public readonly digest: pulumi.Output<string>;
  /** What it was built from: `commit …`, `archive …` or `folder …`. */
  declare public readonly builtFrom: pulumi.Output<string>;
  /** What its README asks of the host and was not found so, each with what to change. */
  declare public readonly warnings: pulumi.Output<string[]>;
  /** Who has our firewall rule: `nft`, `iptables`, or nobody (empty). */
  declare public readonly firewallTool: pulumi.Output<string>;

  constructor(name: string, args: SafeExecArgs, options?: pulumi.CustomResourceOptions) {
    super("SafeExec", name, args, ["path", "digest", "builtFrom", "warnings", "firewallTool"], options);
  }
}
