import { resolve } from "node:path";
import type { PythonJailArgs } from "../components/PythonJail.js";
import { changed } from "../resources/resource.js";
import type { SafeExecArgs } from "../resources/SafeExec.js";
import { defaultPath, type FleetHost } from "./hosts.js";
import type { JailSettings } from "./settings.js";

/** Resources that are made only where something is said of them. */
export type OptionalResource = "audit" | "files" | "packages" | "releases" | "safeexec";

/** The settings of such a resource; undefined where there are none. */
export function optional<Key extends OptionalResource>(key: Key, settings: JailSettings): JailSettings[Key] {
  return Object.keys(settings[key] ?? {}).length > 0 ? settings[key] : undefined;
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
  const { path = defaultPath, connection, python = {}, packages, devices, directories, timeouts } = settings;
  const { source, builder } = python;
  return {
    host: name,
    connection: localFiles(connection as PythonJailArgs["connection"], root),
    path,
    python: {
      ...python,
      ...(isObject(source) && "path" in source ? { source: { ...source, path: local(source.path, root) } } : {}),
      ...(isObject(builder) && "connection" in builder
        ? { builder: { ...builder, connection: localFiles(builder.connection, root) } }
        : {}),
    } as PythonJailArgs["python"],
    root: settings.root ?? {},
    files: withLocal(optional("files", settings), "source", root) as PythonJailArgs["files"],
    system: settings.system ?? {},
    libraries: settings.libraries ?? {},
    packages:
      packages?.requirements === undefined
        ? undefined
        : (withLocal(withLocal(packages, "requirements", root), "wheels", root) as PythonJailArgs["packages"]),
    devices,
    permissions: settings.permissions ?? {},
    check: settings.check ?? {},
    audit: optional("audit", settings),
    releases: optional("releases", settings),
    directories,
    timeouts,
  };
}

/** The safeexec of a host, if one is declared. */
export function safeExecArgsOf(host: FleetHost, root: string): SafeExecArgs | undefined {
  const own = optional("safeexec", host.settings);
  if (!own) return undefined;
  const { connection, directories, timeouts } = jailArgsOf(host, root);
  const { source } = own;
  const brought = isObject(source) ? { source: withLocal(withLocal(source, "path", root), "folder", root) } : {};
  return { host: host.name, connection, directories, timeouts, ...own, ...brought };
}

function localFiles(connection: PythonJailArgs["connection"], root: string): PythonJailArgs["connection"] {
  return changed(connection, (known) =>
    isObject(known)
      ? (["sshConfigFile", "identityFile", "knownHostsFile"] as const).reduce(
          (one, key) => withLocal(one, key, root),
          known,
        )
      : known,
  );
}

/** A member that is a path on the control machine, as an absolute one; where it is not given, it stays so. */
function withLocal<T extends object | undefined>(value: T, key: string, root: string): T {
  const given = (value as Record<string, unknown> | undefined)?.[key];
  return given === undefined ? value : { ...value, [key]: local(given, root) };
}

/** A path in somebody's home is OpenSSH's to expand; one that is not known yet is left as it comes. */
function local<T>(path: T, root: string): T | string {
  return typeof path !== "string" || path.startsWith("~") ? path : resolve(root, path);
}

/** Whether it is known now, and not an output. */
function isObject<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !("apply" in value) && !("then" in value);
}
