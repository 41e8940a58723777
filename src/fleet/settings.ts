import * as pulumi from "@pulumi/pulumi";
import type { PythonJailArgs } from "../components/PythonJail.js";
import type { SafeExecArgs } from "../resources/SafeExec.js";
import type { HostArgs, JailArgs } from "../resources/args.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";

/** Arguments, each of which may be left out or be undefined. */
type Part<Args> = { [Key in keyof Args]?: Args[Key] | undefined };

/** The component's arguments, each of which may be given in part at every level. */
type PartOf<Args> = Part<{ [Key in keyof Args]: NonNullable<Args[Key]> extends object ? Part<Args[Key]> : Args[Key] }>;

/** The settings that may be given for all hosts, for a group, and for one host. */
export interface JailSettings
  extends
    Pick<Part<JailArgs>, "path" | "directories" | "timeouts">,
    Pick<PythonJailArgs, "devices">,
    PartOf<Omit<PythonJailArgs, keyof JailArgs | "devices" | "python" | "safeexec">> {
  /** CPython. A `builder` may be one of the fleet's hosts, by its name. */
  python?:
    | (Part<Omit<PythonJailArgs["python"], "builder">> & {
        builder?:
          pulumi.Input<string | { host: pulumi.Input<string>; connection: pulumi.Input<ConnectionArgs> }> | undefined;
      })
    | undefined;
  /** How to connect. `host` belongs in the settings of one host. Its default is the host's name. */
  connection?: pulumi.Input<Part<ConnectionArgs>> | undefined;
  /** safeexec. A host has one, however many jails it has. Default: none is installed. */
  safeexec?: Part<Omit<SafeExecArgs, keyof HostArgs>> | undefined;
}

/** The settings of one host. */
export interface HostSettings extends JailSettings {
  /**
   * The groups whose settings the host takes. Later groups override earlier ones. Default: the inventory's groups, or
   * none.
   */
  group?: string | readonly string[] | undefined;
}

/**
 * Merges two levels of settings. `above` overrides `below`: member by member in a map, and as a whole in everything
 * else.
 */
export function mergeSettings(below: JailSettings, above: JailSettings): JailSettings {
  const given = Object.entries(above).filter(([, value]) => value !== undefined);
  const lower = below as Record<string, unknown>;
  return { ...below, ...Object.fromEntries(given.map(([key, value]) => [key, mergeValues(lower[key], value)])) };
}

function mergeValues(below: unknown, above: unknown): unknown {
  if (!isGroup(below) || !isGroup(above)) return above;
  if (isPlain(below) && isPlain(above)) return { ...below, ...above };
  return pulumi.all([below, above]).apply(([lower, upper]) => ({ ...lower, ...upper }));
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is known now. The connection of a host that another resource will create is not. */
function isPlain(value: object): boolean {
  return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}
