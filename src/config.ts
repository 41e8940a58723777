import * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { PythonJailArgs } from "./components/PythonJail.js";
import { checked } from "./provider/validation.js";
import { auditFields } from "./resources/JailAudit.js";
import { checkFields } from "./resources/JailCheck.js";
import { jailFilesFields } from "./resources/JailFiles.js";
import { librariesFields } from "./resources/JailLibraries.js";
import { packagesFields } from "./resources/JailPackages.js";
import { jailPermissionsFields } from "./resources/JailPermissions.js";
import { jailRootFields } from "./resources/JailRoot.js";
import { jailSystemFields } from "./resources/JailSystem.js";
import { coherent, pythonFields } from "./resources/PythonBuild.js";
import { oneSafeExecSource, safeExecFields, type SafeExecArgs } from "./resources/SafeExec.js";
import { devicePresets } from "./resources/DeviceNode.js";
import { jailFields } from "./resources/jail.js";
import { rolloutSchema } from "./rollout/settings.js";

const presetNames = Object.keys(devicePresets) as (keyof typeof devicePresets)[];

/**
 * A resource's own inputs as config: each may be left out, and what is left out stays so, that the stack's settings and the
 * resource's defaults show through. What the component decides itself is no config.
 */
function settings<Fields extends z.ZodRawShape>(fields: Fields) {
  const open = Object.entries(fields)
    .filter(([name]) => name !== "triggers")
    .map(([name, field]) => [name, (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : (field as z.ZodType)).optional()]);
  return z.strictObject(Object.fromEntries(open) as { [Name in Exclude<keyof Fields, "triggers">]: z.ZodOptional<Fields[Name] extends z.ZodDefault<infer Inner> ? Inner : Fields[Name]> });
}

/** What may be said for all hosts, and for each of them over that. */
const jailSettings = {
  path: jailFields.path,
  python: settings(pythonFields),
  root: settings(jailRootFields),
  files: settings(jailFilesFields),
  system: settings(jailSystemFields),
  libraries: settings(librariesFields),
  packages: settings(packagesFields),
  devices: z.array(z.enum(presetNames)),
  permissions: settings(jailPermissionsFields),
  check: settings(checkFields),
  safeexec: settings(safeExecFields),
  audit: settings(auditFields),
  directories: jailFields.directories.unwrap(),
  timeouts: jailFields.timeouts.unwrap(),
};

const hostSchema = z.strictObject({ name: jailFields.host, connection: jailFields.connection, ...jailSettings }).partial().required({ name: true, connection: true });

/** The whole config of a stack; there is no key besides these. */
export const configSchema = z
  .strictObject({
    ...z.strictObject(jailSettings).partial().shape,
    hosts: z.array(hostSchema).min(1, "has no host: give at least one, such as `- name: judge-1` with its `connection`"),
    protect: z.boolean().default(false),
    // Read by `npx python3jail up`, not by the program.
    rollout: rolloutSchema.optional(),
    // Read by the provider, not by the program.
    credentials: z.unknown().optional(),
  })
  .superRefine((config, context) => {
    const seen = new Map<string, number>();
    config.hosts.forEach((host, index) => {
      const place = `${host.name}:${pathOf(config, host)}`;
      const first = seen.get(place);
      if (first !== undefined) context.addIssue({ code: "custom", path: ["hosts", index], message: `is the same host and path as hosts[${first}]; give one of them another \`path\`` });
      seen.set(place, index);
      const placeOf = (key: "python" | OptionalResource): PropertyKey[] => [...(host[key] ? ["hosts", index] : []), key];
      const missing = (key: OptionalResource, property: string, what: string): void => context.addIssue({ code: "custom", path: [...placeOf(key), property], message: `is missing: ${what}` });
      const packages = optional("packages", config, host);
      if (packages && packages.requirements === undefined) missing("packages", "requirements", "the path of a requirements file");
      const files = optional("files", config, host);
      if (files && files.source === undefined) missing("files", "source", "the path of a folder");
      const safeexec = optional("safeexec", config, host);
      if (safeexec) oneSafeExecSource(safeexec, within(context, placeOf("safeexec")));
      const others = config.hosts.findIndex((other) => other.name === host.name && !isDeepStrictEqual(optional("safeexec", config, other), safeexec));
      if (others !== -1 && others < index) context.addIssue({ code: "custom", path: ["hosts", index, "safeexec"], message: `is not that of hosts[${others}], which is the same host: its jails share one` });
      const python = { ...config.python, ...host.python };
      coherent(python, within(context, placeOf("python")));
    });
  });

/** The same context for a check of something that lies deeper. */
function within<T>(context: z.RefinementCtx<unknown>, path: PropertyKey[]): z.RefinementCtx<T> {
  return { ...context, addIssue: (issue: { path: PropertyKey[] }) => context.addIssue({ ...issue, path: [...path, ...issue.path] } as never) } as never;
}

export type FleetConfig = z.output<typeof configSchema>;
type HostConfig = FleetConfig["hosts"][number];

/** Where a jail lies unless something else is said. */
export const defaultPath = "/srv/python3jail";

function pathOf(config: { path?: string }, host: { path?: string }): string {
  return host.path ?? config.path ?? defaultPath;
}

/** Resources that are made only where the config speaks of them. */
type OptionalResource = "audit" | "files" | "packages" | "safeexec";

/** The settings of such a resource, an entry's own over the stack's; undefined where there are none. */
function optional<Key extends OptionalResource>(key: Key, config: Pick<FleetConfig, Key>, host: Pick<HostConfig, Key>): FleetConfig[Key] {
  const both = { ...config[key], ...host[key] } as NonNullable<FleetConfig[Key]>;
  return Object.keys(both).length > 0 ? both : undefined;
}

/** Reads a config from the engine's flat map of texts. Throws one error that names every property that is wrong. */
export function parseConfig(project: string, texts: Readonly<Record<string, string>>): FleetConfig {
  const own = Object.entries(texts).filter(([key]) => key.startsWith(`${project}:`));
  const values = Object.fromEntries(own.map(([key, text]) => [key.slice(project.length + 1), plain(text)]));
  const result = checked(configSchema, values);
  if (result.reasons) {
    throw new pulumi.RunError(`the stack's config is wrong:\n${result.reasons.map((reason) => `  ${project}:${reason.replace(/^unknown/, " unknown")}`).join("\n")}`);
  }
  return result.value;
}

/** Everything that is not text comes as JSON. */
function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The project's folder: an older language host does not tell it (the SDK's default is no path), but the program runs in it or below. */
export function projectRoot(told: string, working: string): string {
  if (isAbsolute(told)) return told;
  for (let folder = working; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) return working;
  }
}

/**
 * What the component needs for one entry of `hosts`: its own settings over the stack's. Relative paths on the control
 * machine are the project's, `root` (the provider runs in another folder).
 */
export function jailArgsOf(config: FleetConfig, host: HostConfig, root: string): PythonJailArgs {
  const files = optional("files", config, host);
  return {
    host: host.name,
    connection: { ...host.connection, ...connectionFiles(host.connection, root) },
    path: pathOf(config, host),
    python: fromRoot({ ...config.python, ...host.python }, root),
    root: { ...config.root, ...host.root },
    files: files && { ...files, source: resolve(root, files.source!) },
    system: { ...config.system, ...host.system },
    libraries: { ...config.libraries, ...host.libraries },
    packages: packagesFromRoot({ ...config.packages, ...host.packages }, root),
    devices: host.devices ?? config.devices,
    permissions: { ...config.permissions, ...host.permissions },
    check: { ...config.check, ...host.check },
    audit: optional("audit", config, host),
    directories: host.directories ?? config.directories,
    timeouts: host.timeouts ?? config.timeouts,
  };
}

/** The safeexec of an entry's host, if one is declared. */
export function safeExecArgsOf(config: FleetConfig, host: HostConfig, root: string): SafeExecArgs | undefined {
  const own = optional("safeexec", config, host);
  if (!own) return undefined;
  const { connection, directories, timeouts } = jailArgsOf(config, host, root);
  const { source } = own;
  const local = source && ("path" in source ? { ...source, path: resolve(root, source.path) } : "folder" in source ? { ...source, folder: resolve(root, source.folder) } : source);
  return { host: host.name, connection, directories, timeouts, ...own, ...(local && { source: local }) };
}

function connectionFiles(connection: HostConfig["connection"], root: string): Partial<HostConfig["connection"]> {
  const given = (["sshConfigFile", "identityFile", "knownHostsFile"] as const).flatMap((key) => {
    const file = connection[key];
    return file === undefined || file.startsWith("~") ? [] : [[key, resolve(root, file)]];
  });
  return Object.fromEntries(given) as Partial<HostConfig["connection"]>;
}

function fromRoot(python: NonNullable<FleetConfig["python"]>, root: string): NonNullable<FleetConfig["python"]> {
  const { source } = python;
  return source && "path" in source ? { ...python, source: { ...source, path: resolve(root, source.path) } } : python;
}

/** None where nobody says which. */
function packagesFromRoot({ requirements, wheels, ...packages }: NonNullable<FleetConfig["packages"]>, root: string): PythonJailArgs["packages"] {
  if (requirements === undefined) return undefined;
  return { ...packages, requirements: resolve(root, requirements), wheels: wheels === undefined ? undefined : resolve(root, wheels) };
}
