import type { ReportedFinding } from "../audit/finding.js";
import type * as pulumi from "@pulumi/pulumi";
import type { FailOn } from "../audit/policy.js";
import type { DevicePreset } from "../jail/device-presets.js";
import type { JailCheckArgs } from "./JailCheck.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailAuditArgs
  extends JailArgs, Pick<JailCheckArgs, "safeexec" | "uid" | "gid" | "limits" | "environment"> {
  /** User that may own the jail's directory, besides root: name or number. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** The device nodes that the jail must have. Any other node is a finding. Default: all three presets. */
  devices?: pulumi.Input<pulumi.Input<DevicePreset>[]> | undefined;
  /**
   * The findings that fail the deployment, as a list of: a kind of checks (`static`, `confinement`, `function`), the
   * name of a check (its warnings then fail too), or `warn` (every failure and warning). `[]`: none.
   * Default: `["static", "confinement"]`.
   */
  failOn?: pulumi.Input<pulumi.Input<FailOn>[]> | undefined;
  /**
   * Findings that never fail the deployment: the check's name and the reason, 1 to 200 characters:
   * `{"host-kernel": "swap is encrypted"}`. Default: none.
   */
  accept?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Any texts: the whole audit runs again when one of them changes, such as the digest of a build. Default: none. */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * An audit of a jail. Static checks read the jail and its host from outside. Dynamic checks run test programs in the
 * jail, through safeexec if the host has it, otherwise through chroot. `failOn` and `accept` decide which findings fail
 * the deployment. The test programs limit themselves, so they do no harm on a host that confines nothing.
 *
 * A refresh repeats the static checks only. The dynamic checks run when the resource is created or changes
 * (`triggers`).
 *
 * `src/audit/checks.ts` lists the checks, each with its remedy.
 *
 * @example
 * new JailAudit("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", accept: { "host-kernel": "swap is encrypted" } });
 */
export class JailAudit extends JailResource {
  /** How many checks passed, warned and failed: `28 passed, 1 warned, 1 failed`. */
  declare public readonly summary: pulumi.Output<string>;
  /**
   * The findings that did not pass, worst first, cut off at about 2 kB: `check`, `result` (`fail`, `warn` or
   * `not-applicable`) and `evidence`.
   */
  declare public readonly findings: pulumi.Output<ReportedFinding[]>;
  /** How the dynamic checks ran: `safeexec`, `chroot`, or `none` if the host offers neither. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot" | "none">;

  constructor(name: string, args: JailAuditArgs, options?: pulumi.CustomResourceOptions) {
    super("JailAudit", name, args, ["summary", "findings", "via"], options);
  }
}
