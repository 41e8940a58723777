import type * as pulumi from "@pulumi/pulumi";
import { resolve } from "node:path";
import type { PythonJailArgs } from "../components/PythonJail.js";
import type { KindSettings } from "../provider/settings.js";
import { kinds } from "../resources/kinds.js";
import { changed } from "../resources/resource.js";
import { safeExec, type SafeExecArgs } from "../resources/SafeExec.js";
import { defaultPath, type FleetHost } from "./hosts.js";
import type { JailSettings } from "./settings.js";

/** Settings of which at least one is given; undefined where there are none. */
export function anySet<Settings extends object>(settings: Settings | undefined): Settings | undefined {
  return Object.keys(settings ?? {}).length > 0 ? settings : undefined;
}

/**
 * The name of a jail's resources. It follows from host and path alone: were it to depend on what else the host has, or on
 * how it is declared, one more jail, a group or an inventory would rename, and so remove, the one that is there.
 */
export function nameOf({ name, settings: { path = defaultPath } }: FleetHost): string {
  if (typeof path !== "string") throw new Error(`${name}: path: must be a text`);
  return path === defaultPath ? name : `${name}:${path}`;
}

/** What the component needs for one host. Relative paths on the control machine are those of `root`, as the provider runs in another folder. */
export function jailArgsOf({ name, settings }: FleetHost, root: string): Omit<PythonJailArgs, "safeexec"> {
  const { path = defaultPath, connection, directories, timeouts } = settings;
  const parts = Object.values(kinds)
    // safeexec is the host's, and not a jail's.
    .filter((kind) => kind !== kinds.SafeExec)
    .map(({ settings: kind }) => [kind.key, argsOf(kind, settings, root)]);
  return {
    host: name,
    connection: localFiles(connection as PythonJailArgs["connection"], root),
    path,
    directories,
    timeouts,
    ...(Object.fromEntries(parts) as Pick<PythonJailArgs, "python">),
  };
}

/** The safeexec of a host, if one is declared. */
export function safeExecArgsOf(host: FleetHost, root: string): SafeExecArgs | undefined {
  const own = argsOf(safeExec.settings, host.settings, root);
  if (!own) return undefined;
  const { connection, directories, timeouts } = jailArgsOf(host, root);
  return { host: host.name, connection, directories, timeouts, ...own };
}

/** A resource's settings, with absolute paths; undefined where it is not to be made, or has its own default. */
function argsOf(
  { key, list, optional = false, localPaths = [] }: KindSettings,
  settings: JailSettings,
  root: string,
): object | undefined {
  const given = settings[key as keyof JailSettings] as object | undefined;
  if (list) return given;
  const own = optional === false ? (given ?? {}) : anySet(given);
  if (typeof optional === "string" && (own as Record<string, unknown> | undefined)?.[optional] === undefined)
    return undefined;
  return localPaths.reduce((one, path) => withLocal(one, path.split("."), root), own);
}

function localFiles(connection: PythonJailArgs["connection"], root: string): PythonJailArgs["connection"] {
  return ["sshConfigFile", "identityFile", "knownHostsFile"].reduce(
    (one, key) => withLocal(one, [key], root),
    connection,
  );
}

/** A value in which a member, at any depth, is a path on the control machine: with an absolute one. What is not given stays so. */
function withLocal<T>(value: T, [key, ...rest]: readonly string[], root: string): T {
  if (key === undefined) return local(value, root) as T;
  return changed(value as pulumi.Input<T>, (known) => {
    const member = isObject(known) ? (known as Record<string, unknown>)[key] : undefined;
    return member === undefined ? known : { ...known, [key]: withLocal(member, rest, root) };
  }) as T;
}

/** A path in somebody's home is OpenSSH's to expand; one that is not known yet is left as it comes. */
function local<T>(path: T, root: string): T | string {
  return typeof path !== "string" || path.startsWith("~") ? path : resolve(root, path);
}

/** Whether it is known now, and not an output. */
function isObject<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !("apply" in value) && !("then" in value);
}
