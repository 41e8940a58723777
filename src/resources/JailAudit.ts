import type { ReportedFinding } from "../audit/finding.js";
import type * as pulumi from "@pulumi/pulumi";
import type { FailOn } from "../audit/policy.js";
import type { DevicePreset } from "../jail/device-presets.js";
import type { JailCheckArgs } from "./JailCheck.js";
import type { JailArgs } from "./args.js";
import { JailResource } from "./resource.js";

export interface JailAuditArgs
  extends JailArgs, Pick<JailCheckArgs, "safeexec" | "uid" | "gid" | "limits" | "environment"> {
  /** Who may own the jail's folder, besides root. Default: `root`. */
  owner?: pulumi.Input<string> | undefined;
  /** The device nodes that the jail should have, and no other. Default: all three. */
  devices?: pulumi.Input<pulumi.Input<DevicePreset>[]> | undefined;
  /**
   * Which findings are an error: kinds of checks (`static`, `confinement`, `function`), names of checks (which may then not even
   * warn), and `warn` for every warning. `[]`: none. Default: `["static", "confinement"]`.
   */
  failOn?: pulumi.Input<pulumi.Input<FailOn>[]> | undefined;
  /** Findings that are known and no error, each by its check's name with the reason why: `{"host-kernel": "swap is encrypted"}`. Default: none. */
  accept?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /** Any values: the whole audit runs again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/**
 * Thirty checks of a jail: what lies in it and around it, looked at from outside, and what programs can do in it, tried from
 * inside, through safeexec where the host has it, else through chroot. What it finds wrong fails the deployment, as far as
 * `failOn` and `accept` say. The trials are bounded by themselves: they harm no host, even one that confines nothing. A refresh
 * looks again from outside; the trials run when the resource is made or changes (`triggers`).
 *
 * The checks, and what to do about each, are in `src/audit/checks.ts`.
 *
 * @example
 * new JailAudit("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", accept: { "host-kernel": "swap is encrypted" } });
 */
export class JailAudit extends JailResource {
  /** `28 passed, 1 warned, 1 failed`. */
  declare public readonly summary: pulumi.Output<string>;
  /** What did not pass: `check`, `result` (`fail`, `warn` or `not-applicable`) and `evidence`. The first 2 kB of it, the worst first. */
  declare public readonly findings: pulumi.Output<ReportedFinding[]>;
  /** Through what the trials ran: `safeexec`, `chroot`, or `none` where neither can be had. */
  declare public readonly via: pulumi.Output<"safeexec" | "chroot" | "none">;

  constructor(name: string, args: JailAuditArgs, options?: pulumi.CustomResourceOptions) {
    super("JailAudit", name, args, ["summary", "findings", "via"], options);
  }
}
