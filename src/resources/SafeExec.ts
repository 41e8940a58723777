import type * as pulumi from "@pulumi/pulumi";
import type { HostArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface SafeExecArgs extends HostArgs {
  /** Absolute path of the program on the host. A change replaces. Default: `/usr/local/bin/safeexec`. */
  path?: pulumi.Input<string> | undefined;
  /** Git repository of the source, which the host fetches. Give `git` or `source`. */
  git?:
    | pulumi.Input<{
        /** URL that the host can reach. Default: `https://github.com/cemc/safeexec`. */
        url?: pulumi.Input<string> | undefined;
        /** Commit id, 40 hexadecimal digits. Review this commit first: the program runs as root. */
        commit: pulumi.Input<string>;
      }>
    | undefined;
  /**
   * The source without git: an archive, `{url, sha256}` or `{path, sha256}` (a file on the control machine), with one
   * top-level folder; or `{folder}`, a folder on the control machine. Symlinks in that folder are refused;
   * directories of version control are ignored. The control machine sends the source, so the host needs no internet
   * access.
   */
  source?:
    | pulumi.Input<
        | { url: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { path: pulumi.Input<string>; sha256: pulumi.Input<string> }
        | { folder: pulumi.Input<string> }
      >
    | undefined;
  /**
   * Add a firewall rule that drops all packets that processes of group 1000 send out of the host. It uses nftables,
   * otherwise iptables. A reboot removes the rule; `pulumi up --refresh` adds it again. A host is refused if the
   * group has an account, a member or a running process, because they would lose their network (see `requireFree`).
   * Default: false.
   */
  firewall?: pulumi.Input<boolean> | undefined;
  /**
   * Whether to refuse a host on which others use the group or the user ids that safeexec uses. `true`: refuse it.
   * `false`: only list that in `warnings`, even if `firewall` then drops packets of others. Default: with `firewall`,
   * refuse it if others use the group; without `firewall`, only warn.
   */
  requireFree?: pulumi.Input<boolean> | undefined;
}

/**
 * safeexec on a host, for all jails of that host. Its own Makefile builds it on the host, confined to its directory and
 * without sudo. The program is installed setuid root. The step also checks the requirements in safeexec's README.
 *
 * Errors: another program is at `path`; the file system is mounted `nosuid` or `noexec`; others may write to a parent
 * directory of `path`; a tool for the build is missing.
 *
 * @example
 * const sandbox = new SafeExec("judge-1", { host: "judge-1", connection, git: { commit: "…" }, firewall: true });
 * new PythonJail("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", python: { version: "3.13.5" }, safeexec: sandbox });
 */
export class SafeExec extends JailResource {
  /** Path of the program on the host. */
  declare public readonly path: pulumi.Output<string>;
  /** sha256 of the installed program. */
  declare public readonly digest: pulumi.Output<string>;
  /** Source of the program: `commit …`, `archive …` or `folder …`, with the commit id or the sha256. */
  declare public readonly builtFrom: pulumi.Output<string>;
  /** Requirements in safeexec's README that the host does not meet, each with a remedy. */
  declare public readonly warnings: pulumi.Output<string[]>;
  /** Tool that holds our firewall rule: `nft` or `iptables`; empty if there is no such rule. */
  declare public readonly firewallTool: pulumi.Output<string>;

  constructor(name: string, args: SafeExecArgs, options?: pulumi.CustomResourceOptions) {
    super("SafeExec", name, args, ["path", "digest", "builtFrom", "warnings", "firewallTool"], options);
  }
}
