import * as pulumi from "@pulumi/pulumi";
import type { PythonJailArgs } from "../components/PythonJail.js";
import type { SafeExecArgs } from "../resources/SafeExec.js";
import type { HostArgs, JailArgs } from "../resources/args.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";

/** Arguments each of which may be left out, or be undefined, which is the same. */
type Part<Args> = { [Key in keyof Args]?: Args[Key] | undefined };

/** The component's groups of settings, each of which may be given in part at every level. */
type PartOf<Args> = Part<{ [Key in keyof Args]: NonNullable<Args[Key]> extends object ? Part<Args[Key]> : Args[Key] }>;

/** What may be said of all hosts, over that of a group, and over that of one host. */
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
  /** How to get there. `host` is one host's alone; where it is not given, it is the host's name. */
  connection?: pulumi.Input<Part<ConnectionArgs>> | undefined;
  /** safeexec, one a host, however many jails it has. Default: none is installed. */
  safeexec?: Part<Omit<SafeExecArgs, keyof HostArgs>> | undefined;
}

/** What is different on one host. */
export interface HostSettings extends JailSettings {
  /** The groups whose settings it takes, of later ones before those of earlier ones. Default: none. */
  group?: string | readonly string[] | undefined;
}

/** Settings over others: of a group of settings each member that is given, of all else the whole. */
export function over(below: JailSettings, above: JailSettings): JailSettings {
  const given = Object.entries(above).filter(([, value]) => value !== undefined);
  const lower = below as Record<string, unknown>;
  return { ...below, ...Object.fromEntries(given.map(([key, value]) => [key, both(lower[key], value)])) };
}

function both(below: unknown, above: unknown): unknown {
  if (!isGroup(below) || !isGroup(above)) return above;
  if (isPlain(below) && isPlain(above)) return { ...below, ...above };
  return pulumi.all([below, above]).apply(([lower, upper]) => ({ ...lower, ...upper }));
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is known now: the connection of a host that is yet to be made is not. */
function isPlain(value: object): boolean {
  return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}
