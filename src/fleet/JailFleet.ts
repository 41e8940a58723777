import * as pulumi from "@pulumi/pulumi";
import { jailArgsOf, nameOf, safeExecArgsOf } from "./args.js";
import type { FleetDeclaration } from "./declaration.js";
import { resolveFleet } from "./hosts.js";
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
 * A jail on every host of a fleet. `hosts` and `inventory` name the hosts. Settings may be given for all hosts, for
 * `groups`, and for one host; the narrower level overrides the wider one. Relative paths on this machine are resolved
 * against the project's folder.
 *
 * A fleet is not a resource, and not the parent of any. A jail has the same URN if it is declared in a fleet, in a
 * stack's config or alone, so you can move a host from one to another.
 *
 * Throws one error that lists all problems: an unknown group, the same host and path twice, no hosts, an inventory that
 * cannot be read.
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
  /** The jails by resource name: `judge-1`, or `judge-1:/srv/other` if the path is not the default. */
  readonly jails: Readonly<Record<string, PythonJail>>;
  /** The safeexec resources by host name. */
  readonly safeExecs: Readonly<Record<string, SafeExec>>;

  /** `name` is the fleet's name in messages. Every jail and every safeexec gets the `options`. */
  constructor(name: string, { inventory, ...declared }: JailFleetArgs, options: pulumi.ResourceOptions = {}) {
    const root = projectRoot(pulumi.getRootDirectory(), process.cwd());
    const fleet = resolveFleet(declared, readInventory(inventory, root));
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
