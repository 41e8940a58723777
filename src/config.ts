import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { anySet } from "./fleet/args.js";
import { defaultPath } from "./remote/host-paths.js";
import { resolveFleet, type FleetHost } from "./fleet/hosts.js";
import type { JailSettings } from "./fleet/settings.js";
import type { PropertyPath, Problem } from "./base/problem.js";
import { isInShard, shardSchema } from "./fleet/shard.js";
import { inventorySchema, readInventory } from "./inventory/inventory.js";
import { unreachableSchema } from "./provider/unreachable.js";
import { withExample } from "./base/issue-text.js";
import { checked, propertyText } from "./base/validation.js";
import { jailFields } from "./remote/target-inputs.js";
import type { SettingsContext } from "./provider/settings.js";
import { kinds } from "./kinds/kinds.js";
import { rolloutSchema } from "./rollout/settings.js";
import { connectionSchema, credentialSchema } from "./ssh/connection.js";

/** The settings of every kind of resource: config key, schema, checks. */
const kindSettings = Object.values(kinds).map(({ settings }) => settings);

/** The schemas of the settings that the stack, a group and a host may all have. */
const jailSettings = {
  path: jailFields.path,
  ...Object.fromEntries(
    kindSettings.map(({ key, schema, example, list }) => [
      key,
      withExample(schema, `a ${list ? "list" : "map"}, such as \`${key}: ${example}\``),
    ]),
  ),
  directories: jailFields.directories.unwrap(),
  timeouts: jailFields.timeouts.unwrap(),
};

const connectionExample = "a map, such as `connection: {user: deploy, sudo: true}`";
const sharedSettings = z
  .strictObject({
    ...jailSettings,
    connection: withExample(connectionSchema.omit({ host: true }), connectionExample),
  })
  .partial().shape;
const group = z.union([z.string(), z.array(z.string())]).optional();
const host = withExample(
  z.strictObject({ ...sharedSettings, connection: credentialSchema.optional(), group }),
  "a map, such as `{connection: {host: 192.0.2.10}}`",
);
const hostList = withExample(
  z.array(
    withExample(
      z.strictObject({ name: jailFields.host, ...host.shape }),
      "a map, such as `{name: judge-1, connection: {host: 192.0.2.10}}`",
    ),
  ),
  "a list or a map, such as `hosts: {judge-1: {connection: {host: 192.0.2.10}}}`",
);
const hostMap = z.record(jailFields.host, host.nullable());

/** Returns the schema of a stack's whole config, with `hosts` as a list or as a map. Other keys are refused. */
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

/** The config of a stack, parsed and checked. */
export interface FleetConfig {
  /** Every jail of this stack (of its shard, if it is one), with the settings of all levels merged. */
  readonly hosts: readonly FleetHost[];
  readonly protect: boolean;
  /** Texts to warn the user with. None of them makes the config invalid. */
  readonly warnings: readonly string[];
}

/** Runs the checks that need one host's merged settings. */
function problemsOf({ settings, placeOf }: FleetHost): Problem[] {
  const problems: Problem[] = [];
  const at = (place: PropertyPath): SettingsContext => ({
    addIssue: ({ path, message }) => problems.push({ place: [...place, ...path], message }),
  });
  for (const kind of kindSettings) {
    const key = kind.key as keyof JailSettings;
    const given = settings[key] as object | undefined;
    const own = kind.optional === undefined ? (given ?? {}) : anySet(given);
    if (own) kind.check?.(own, at(placeOf(key)));
  }
  return problems;
}

/**
 * Parses a stack's config from the engine's flat map of texts, and reads the inventory that it names. Relative paths
 * are resolved against `root`, the project. Throws one error that names every invalid property.
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
  const fleet = resolveFleet(declared, readInventory(inventory, root));
  const { hosts, problems } = fleet;
  const warnings = [...fleet.warnings];
  const all = [...problems, ...hosts.flatMap(problemsOf)];
  if (all.length > 0) return refuse(all.map(({ place, message }) => `${propertyText(place)}: ${message}`));
  const own = shard === undefined ? hosts : hosts.filter(({ name }) => isInShard(name, shard));
  if (own.length === 0) warnings.push(`shard: none of the ${hosts.length} hosts is in ${shard}`);
  return { hosts: own, protect, warnings: warnings.map((warning) => `${project}:${warning}`) };
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses a config value. The engine passes every value but plain text as JSON. */
function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Pulumi.yaml's entries for the config keys that belong to no kind of resource. */
const otherKeys = {
  groups: {
    type: "object",
    default: {},
    description:
      "Settings that hosts share, by a name that they give as `group`: all that a host may have but `name` and `group`.",
  },
  inventory: {
    type: "object",
    default: {},
    description:
      "Hosts from a file: `openssh` or `ansible` (its path), `match` (a pattern of names), `group` (Ansible's). Default: none.",
  },
  connection: {
    type: "object",
    default: {},
    description:
      "How to get to hosts that do not say otherwise: `user`, `sudo`, `hostKeyPolicy`, `sshConfigFile`…; `host` is each one's own.",
  },
  path: { type: "string", default: defaultPath, description: "Absolute path of the jail on the hosts." },
  directories: {
    type: "object",
    default: {},
    description: "Where the hosts keep our records (`state`) and caches (`cache`).",
  },
  timeouts: {
    type: "object",
    default: {},
    description: "Seconds that a `step` (120) and a `build` (7200) may take.",
  },
  rollout: {
    type: "object",
    default: {},
    description:
      "How `npx python3jail up` goes about it: `canary` (1), `batch` (25%), `maxFailures` (1), `pause` (none).",
  },
  shard: {
    type: "string",
    default: "1/1",
    description:
      'Which of how many shards ("3/10") of the hosts are this stack\'s, where several stacks share a list or an inventory. For good: another number of shards moves hosts. Default: all hosts.',
  },
  protect: { type: "boolean", default: false, description: "Refuse to destroy the jails (Pulumi's `protect`)." },
  unreachable: {
    type: "string",
    default: "fail",
    description: "What deleting does where nothing of the host answers: `fail`, or `forget` what is there.",
  },
} as const;

/**
 * Returns Pulumi.yaml's `config:` section, which `npm run manifest` writes. Every key has a default, as the engine
 * requires a stack to set all others. `hosts` is left out: it may be a list or a map, and an entry has one type.
 */
export function manifestConfig(project: string): Record<string, object> {
  const { groups, inventory, connection, path, ...rest } = otherKeys;
  const ofKinds = kindSettings.map(({ key, description, list }) => [
    key,
    list
      ? { type: "array", default: list, description, items: { type: "string" } }
      : { type: "object", default: {}, description },
  ]);
  const all = { groups, inventory, connection, path, ...Object.fromEntries(ofKinds), ...rest } as Record<
    string,
    object
  >;
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`${project}:${key}`, value]));
}
