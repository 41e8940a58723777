import type * as pulumi from "@pulumi/pulumi";
import { resolve } from "node:path";
import type { PythonJailArgs } from "../components/PythonJail.js";
import type { KindSettings } from "../provider/settings.js";
import { kinds } from "../kinds/kinds.js";
import { changed } from "../resources/resource.js";
import { safeExec } from "../kinds/SafeExec.js";
import type { SafeExecArgs } from "../resources/SafeExec.js";
import { defaultPath } from "../remote/host-paths.js";
import type { FleetHost } from "./hosts.js";
import type { JailSettings } from "./settings.js";

/** Returns the settings, or undefined if none is given. */
export function anySet<Settings extends object>(settings: Settings | undefined): Settings | undefined {
  return Object.keys(settings ?? {}).length > 0 ? settings : undefined;
}

/**
 * Returns the name of a jail's resources: the host's name, and the path if that is not the default. The name depends on
 * nothing else. Otherwise a further jail on the host, a group or an inventory could rename the resources, and Pulumi
 * would delete the existing jail.
 */
export function nameOf({ name, settings: { path = defaultPath } }: FleetHost): string {
  if (typeof path !== "string") throw new Error(`${name}: path: must be a text`);
  return path === defaultPath ? name : `${name}:${path}`;
}

/**
 * Returns the component's arguments for one jail. Relative paths on the control machine are resolved against `root`, as
 * the provider runs in another folder.
 */
export function jailArgsOf({ name, settings }: FleetHost, root: string): Omit<PythonJailArgs, "safeexec"> {
  const { path = defaultPath, connection, directories, timeouts } = settings;
  const parts = Object.values(kinds)
    // safeexec belongs to the host, not to a jail.
    .filter((kind) => kind !== kinds.SafeExec)
    .map(({ settings: kind }) => [kind.key, argsOf(kind, settings, root)]);
  return {
    host: name,
    connection: absoluteFiles(connection as PythonJailArgs["connection"], root),
    path,
    directories,
    timeouts,
    ...(Object.fromEntries(parts) as Pick<PythonJailArgs, "python">),
  };
}

/** Returns the arguments of a host's safeexec, or undefined if none is declared. */
export function safeExecArgsOf(host: FleetHost, root: string): SafeExecArgs | undefined {
  const own = argsOf(safeExec.settings, host.settings, root);
  if (!own) return undefined;
  const { connection, directories, timeouts } = jailArgsOf(host, root);
  return { host: host.name, connection, directories, timeouts, ...own };
}

/**
 * Returns the settings of one kind with absolute paths; undefined if the resource is not declared or has its own
 * default.
 */
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
  return localPaths.reduce((one, path) => withAbsolute(one, path.split("."), root), own);
}

/** Makes the paths of a connection's files absolute. */
function absoluteFiles(connection: PythonJailArgs["connection"], root: string): PythonJailArgs["connection"] {
  return ["sshConfigFile", "identityFile", "knownHostsFile"].reduce(
    (one, key) => withAbsolute(one, [key], root),
    connection,
  );
}

/** Makes the path absolute that is at the given keys of a value. A missing member stays missing. */
function withAbsolute<T>(value: T, [key, ...rest]: readonly string[], root: string): T {
  if (key === undefined) return absolutePath(value, root) as T;
  return changed(value as pulumi.Input<T>, (known) => {
    const member = isObject(known) ? (known as Record<string, unknown>)[key] : undefined;
    return member === undefined ? known : { ...known, [key]: withAbsolute(member, rest, root) };
  }) as T;
}

/** Resolves a path against `root`. Leaves `~…`, which OpenSSH expands, and values that are not known yet. */
function absolutePath<T>(path: T, root: string): T | string {
  return typeof path !== "string" || path.startsWith("~") ? path : resolve(root, path);
}

/** Whether a value is an object that is known now: neither an output nor a promise. */
function isObject<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !("apply" in value) && !("then" in value);
}
