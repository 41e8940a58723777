import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { optional } from "./fleet/args.js";
import { fleetOf, type FleetHost } from "./fleet/hosts.js";
import type { Place, Problem } from "./base/problem.js";
import { isInShard, shardSchema } from "./fleet/shard.js";
import { inventorySchema, readInventory } from "./inventory/inventory.js";
import { unreachableSchema } from "./provider/unreachable.js";
import { checked, propertyText } from "./base/validation.js";
import { auditFields } from "./resources/JailAudit.js";
import { checkFields } from "./resources/JailCheck.js";
import { jailFilesFields } from "./resources/JailFiles.js";
import { librariesFields } from "./resources/JailLibraries.js";
import { packagesFields } from "./resources/JailPackages.js";
import { jailPermissionsFields } from "./resources/JailPermissions.js";
import { releasesFields } from "./resources/JailReleases.js";
import { jailRootFields } from "./resources/JailRoot.js";
import { jailSystemFields } from "./resources/JailSystem.js";
import { coherent, pythonFields } from "./resources/PythonBuild.js";
import { oneSafeExecSource, safeExecFields } from "./resources/SafeExec.js";
import { devicePresets } from "./jail/device-presets.js";
import { jailFields } from "./remote/target-inputs.js";
import { rolloutSchema } from "./rollout/settings.js";
import { connectionSchema, credentialSchema } from "./ssh/connection.js";

const presetNames = Object.keys(devicePresets) as (keyof typeof devicePresets)[];

/**
 * A resource's own inputs as config: each may be left out, and what is left out stays so, that the stack's settings and the
 * resource's defaults show through. What the component decides itself is no config.
 */
function settings<Fields extends z.ZodRawShape>(fields: Fields) {
  const open = Object.entries(fields)
    .filter(([name]) => name !== "triggers")
    .map(([name, field]) => [
      name,
      (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : (field as z.ZodType)).optional(),
    ]);
  return z.strictObject(
    Object.fromEntries(open) as {
      [Name in Exclude<keyof Fields, "triggers">]: z.ZodOptional<
        Fields[Name] extends z.ZodDefault<infer Inner> ? Inner : Fields[Name]
      >;
    },
  );
}

/** What may be said for all hosts, and for each of them over that. */
const jailSettings = {
  path: jailFields.path,
  // The name of another host of the stack stands for how to get there.
  python: settings({ ...pythonFields, builder: z.union([...pythonFields.builder.unwrap().options, jailFields.host]) }),
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
  releases: settings(releasesFields),
  directories: jailFields.directories.unwrap(),
  timeouts: jailFields.timeouts.unwrap(),
};

const sharedSettings = z
  .strictObject({ ...jailSettings, connection: connectionSchema.omit({ host: true }) })
  .partial().shape;
const group = z.union([z.string(), z.array(z.string())]).optional();
const host = z.strictObject({ ...sharedSettings, connection: credentialSchema.optional(), group });
const hostList = z.array(z.strictObject({ name: jailFields.host, ...host.shape }));
const hostMap = z.record(jailFields.host, host.nullable());

/** The whole config of a stack; there is no key besides these. */
const configSchema = (hosts: typeof hostList | typeof hostMap) =>
  z.strictObject({
    ...sharedSettings,
    hosts: hosts.optional(),
    groups: z
      .record(
        z.string().regex(/^[\w.-]+$/, "must be a name: letters, digits, '.', '_' and '-'"),
        z.strictObject(sharedSettings),
      )
      .optional(),
    inventory: inventorySchema.optional(),
    shard: shardSchema.optional(),
    protect: z.boolean().default(false),
    // Read by `npx python3jail up`, not by the program.
    rollout: rolloutSchema.optional(),
    // Read by the provider, not by the program.
    credentials: z.unknown().optional(),
    unreachable: unreachableSchema.optional(),
  });

/** The config of a stack, read and checked. */
export interface FleetConfig {
  /** Every jail of the stack, with all that is said of it: by itself, its groups, for all; from the inventory too. */
  readonly hosts: readonly FleetHost[];
  readonly protect: boolean;
  /** What is no error. */
  readonly warnings: readonly string[];
}

/** What one host's settings come to only when all levels are taken together. */
function problemsOf({ settings, placeOf }: FleetHost): Problem[] {
  const problems: Problem[] = [];
  const at = (place: Place) =>
    ({
      addIssue: ({ path, message }: { path: PropertyKey[]; message: string }) =>
        problems.push({ place: [...place, ...path], message }),
    }) as never;
  const { python = {}, packages, files, safeexec } = settings as z.output<ReturnType<typeof configSchema>>;
  if (optional("packages", settings) && packages?.requirements === undefined)
    problems.push({
      place: [...placeOf("packages"), "requirements"],
      message: "is missing: the path of a requirements file",
    });
  if (optional("files", settings) && files?.source === undefined)
    problems.push({ place: [...placeOf("files"), "source"], message: "is missing: the path of a folder" });
  if (safeexec && optional("safeexec", settings)) oneSafeExecSource(safeexec, at(placeOf("safeexec")));
  coherent(python, at(placeOf("python")));
  return problems;
}

/**
 * Reads a config from the engine's flat map of texts, and the inventory that it names; relative paths are those of `root`, the
 * project. Throws one error that names every property that is wrong.
 */
export function parseConfig(project: string, texts: Readonly<Record<string, string>>, root: string): FleetConfig {
  const ours = Object.entries(texts).filter(([key]) => key.startsWith(`${project}:`));
  const values = Object.fromEntries(ours.map(([key, text]) => [key.slice(project.length + 1), plain(text)]));
  const refuse = (reasons: readonly string[]): never => {
    const lines = [...new Set(reasons)].map((reason) => `  ${project}:${reason.replace(/^unknown/, " unknown")}`);
    throw new pulumi.RunError(`the stack's config is wrong:\n${lines.join("\n")}`);
  };
  const { value, reasons } = checked(
    configSchema(isMap(values.hosts) ? hostMap : hostList) as z.ZodType<z.output<ReturnType<typeof configSchema>>>,
    values,
  );
  if (reasons) return refuse(reasons);

  const { inventory, shard, protect, rollout: _, credentials: __, unreachable: ___, ...declared } = value;
  const { hosts, problems, warnings: said } = fleetOf(declared, readInventory(inventory, root));
  const warnings = [...said];
  const all = [...problems, ...hosts.flatMap(problemsOf)];
  if (all.length > 0) return refuse(all.map(({ place, message }) => `${propertyText(place)}: ${message}`));
  const own = shard === undefined ? hosts : hosts.filter(({ name }) => isInShard(name, shard));
  if (own.length === 0) warnings.push(`shard: none of the ${hosts.length} hosts is in ${shard}`);
  return { hosts: own, protect, warnings: warnings.map((warning) => `${project}:${warning}`) };
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Everything that is not text comes as JSON. */
function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
