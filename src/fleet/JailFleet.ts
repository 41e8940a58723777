import * as pulumi from "@pulumi/pulumi";
import { jailArgsOf, nameOf, safeExecArgsOf } from "./args.js";
import type { FleetDeclaration } from "./declaration.js";
import { fleetOf } from "./hosts.js";
import type { InventoryArgs } from "../inventory/inventory-args.js";
import { readInventory } from "../inventory/inventory.js";
import { projectRoot } from "../local/project.js";
import { propertyText } from "../base/validation.js";
import { SafeExec } from "../resources/SafeExec.js";
import { PythonJail } from "../components/PythonJail.js";

export interface JailFleetArgs extends FleetDeclaration {
  /** Hosts from an OpenSSH configuration or an Ansible inventory. Default: none. */
  inventory?: InventoryArgs | undefined;
}

/**
 * A jail on every host of a fleet: `hosts` and `inventory` say which, and settings stand at three levels, each over the one
 * before: of all, of `groups`, of a host. Relative paths on this machine are the project's.
 *
 * It is no resource and nobody's parent: a jail's URN is the same whether it was declared here, in a stack's config or
 * alone, so that a host may move from one to the other, and state needs no entry that says nothing.
 *
 * Errors: an unknown group, the same host and path twice, no host at all, an inventory that cannot be read; all at once.
 *
 * @example
 * new JailFleet("judges", {
 *   python: { version: "3.13.5" },
 *   connection: { user: "deploy", sudo: true },
 *   groups: { optimized: { python: { optimize: true } } },
 *   hosts: { "judge-1": {}, "judge-2": { group: "optimized", connection: { host: vm.publicIp } } },
 * });
 */
export class JailFleet {
  /** By resource name: the host's, and the path too where that is not the usual one. */
  readonly jails: Readonly<Record<string, PythonJail>>;
  /** By host. */
  readonly safeExecs: Readonly<Record<string, SafeExec>>;

  /** `name` is the fleet's in messages; `options` are those of every jail and every safeexec. */
  constructor(name: string, { inventory, ...declared }: JailFleetArgs, options: pulumi.ResourceOptions = {}) {
    const root = projectRoot(pulumi.getRootDirectory(), process.cwd());
    const fleet = fleetOf(declared, readInventory(inventory, root));
    if (fleet.problems.length > 0)
      throw new pulumi.RunError(
        `the fleet ${name} is wrong:\n${fleet.problems.map(({ place, message }) => `  ${propertyText(place)}: ${message}`).join("\n")}`,
      );
    for (const warning of fleet.warnings) void pulumi.log.warn(`${name}: ${warning}`);

    const jails: Record<string, PythonJail> = {};
    const safeExecs: Record<string, SafeExec> = {};
    for (const host of fleet.hosts) {
      const sandbox = safeExecArgsOf(host, root);
      if (sandbox) safeExecs[host.name] ??= new SafeExec(host.name, sandbox, options);
      jails[nameOf(host)] = new PythonJail(
        nameOf(host),
        { ...jailArgsOf(host, root), safeexec: safeExecs[host.name] },
        options,
      );
    }
    this.jails = jails;
    this.safeExecs = safeExecs;
  }
}
