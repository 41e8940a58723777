import { defaultPath } from "../remote/host-paths.js";
import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import type { Inventory } from "../inventory/inventory-host.js";
import type { PropertyPath, Problem } from "../base/problem.js";
import { propertyText } from "../base/validation.js";
import { hostFields } from "../remote/target-inputs.js";
import type { ConnectionArgs } from "../ssh/connection-args.js";
import type { FleetDeclaration } from "./declaration.js";
import { mergeSettings, type HostSettings, type JailSettings } from "./settings.js";

/** One jail of the fleet, with its merged settings. */
export interface FleetHost {
  /** The host's name. */
  readonly name: string;
  readonly settings: JailSettings;
  /** Returns where the effective value of a setting was given, for messages. */
  readonly placeOf: (key: keyof JailSettings) => PropertyPath;
}

export interface DeclaredFleet {
  readonly hosts: readonly FleetHost[];
  /** Everything that makes the declaration invalid. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** The settings of one level, and where they were given. */
interface Layer {
  readonly place: PropertyPath;
  readonly settings: JailSettings;
}

/**
 * Merges the settings of each host. A host's own settings override those of the inventory, which override those of its
 * groups, which override those for all hosts.
 */
export function resolveFleet({ hosts, groups = {}, ...common }: FleetDeclaration, inventory: Inventory): DeclaredFleet {
  const problems = [...inventory.problems];
  const used = new Set<string>();
  const groupOf = (name: string): JailSettings | undefined => (Object.hasOwn(groups, name) ? groups[name] : undefined);
  const listed = new Map(inventory.hosts.map((host) => [host.name, host]));
  const declared = entriesOf(hosts);
  const names = new Set(declared.map(({ name }) => name));
  const entries: readonly DeclaredHost[] = [
    ...declared,
    ...inventory.hosts
      .filter(({ name }) => !names.has(name))
      .map(({ name }) => ({ name, place: ["inventory"], settings: {} })),
  ];

  const found = entries.map(({ name, place, settings: { group, ...own } }): FleetHost => {
    if (!hostFields.host.safeParse(name).success)
      problems.push({
        place,
        message: `"${name}" cannot be a host's name: letters, digits, '.', '_' and '-' can; leave it out by \`match\``,
      });
    const from = listed.get(name);
    const wanted = group === undefined ? (from?.groups ?? []).filter(groupOf) : [group].flat();
    const shared = wanted.flatMap((each): Layer[] => {
      const settings = groupOf(each);
      if (settings) {
        used.add(each);
        return [{ place: ["groups", each], settings }];
      }
      problems.push({
        place: [...place, "group"],
        message: `there is no group "${each}"${knownGroups(Object.keys(groups))}`,
      });
      return [];
    });
    const layers: Layer[] = [
      { place: [], settings: common },
      ...shared,
      ...(from ? [{ place: ["inventory"], settings: { connection: from.connection } }] : []),
      { place, settings: own },
    ];
    const settings = layers.map((layer) => layer.settings).reduce(mergeSettings, { connection: { host: name } });
    const placeOf = (key: keyof JailSettings): PropertyPath => [
      ...(layers.findLast((layer) => layer.settings[key] !== undefined)?.place ?? []),
      key,
    ];
    // Resources are named now, and the value of an output is not known yet.
    if (settings.path !== undefined && typeof settings.path !== "string")
      problems.push({
        place: placeOf("path"),
        message: "must be a text, and no output of another resource: the jail's resources are named by it",
      });
    return { name, settings, placeOf };
  });

  if (found.length === 0 && problems.length === 0)
    problems.push({
      place: ["hosts"],
      message: "has no host: give at least one, such as `- name: judge-1` with its `connection`, or an `inventory`",
    });
  found.forEach((host, index) => (found[index] = withBuilder(host, found, problems)));
  problems.push(
    ...conflictsBetween(
      found,
      entries.map(({ place }) => place),
    ),
  );
  const unused = Object.keys(groups)
    .filter((group) => !used.has(group))
    .map((group) => `${propertyText(["groups", group])}: no host is in it`);
  return { hosts: found, problems, warnings: [...inventory.warnings, ...unused] };
}

/** Replaces a builder that is named like one of the hosts by that host's name and connection. */
function withBuilder(host: FleetHost, hosts: readonly FleetHost[], problems: Problem[]): FleetHost {
  const { python } = host.settings;
  const named: unknown = python?.builder;
  if (typeof named !== "string" || named === "self" || named === "shared") return host;
  const builder = hosts.find(({ name }) => name === named);
  if (!builder) {
    problems.push({
      place: [...host.placeOf("python"), "builder"],
      message: "must be self, shared, the name of one of the `hosts`, or `{host, connection}`",
    });
    return host;
  }
  return {
    ...host,
    settings: {
      ...host.settings,
      python: {
        ...python,
        builder: { host: named, connection: builder.settings.connection as pulumi.Input<ConnectionArgs> },
      },
    },
  };
}

interface DeclaredHost {
  readonly name: string;
  readonly place: PropertyPath;
  readonly settings: HostSettings;
}

function entriesOf(hosts: FleetDeclaration["hosts"] = []): DeclaredHost[] {
  if (isList(hosts)) return hosts.map(({ name, ...settings }, index) => ({ name, place: ["hosts", index], settings }));
  return Object.entries(hosts).map(([name, settings]) => ({ name, place: ["hosts", name], settings: settings ?? {} }));
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}

/**
 * Returns a problem for each jail with the host and path of an earlier one, or with another safeexec on the same host.
 */
function conflictsBetween(hosts: readonly FleetHost[], places: readonly PropertyPath[]): Problem[] {
  const problems: Problem[] = [];
  const placed = hosts.map((host, index) => ({ ...host, place: places[index] ?? [] }));
  placed.forEach(({ name, settings, place }, index) => {
    const before = placed.slice(0, index).filter((host) => host.name === name);
    const twin = before.find((host) => (host.settings.path ?? defaultPath) === (settings.path ?? defaultPath));
    if (twin)
      problems.push({
        place,
        message: `is the same host and path as ${propertyText(twin.place)}; give one of them another \`path\``,
      });
    const other = before.find((host) => !isDeepStrictEqual(host.settings.safeexec, settings.safeexec));
    if (other)
      problems.push({
        place: [...place, "safeexec"],
        message: `is not that of ${propertyText(other.place)}, which is the same host: its jails share one`,
      });
  });
  return problems;
}

/** Returns the known groups, for the end of an error text. */
function knownGroups(groups: readonly string[]): string {
  return groups.length === 0
    ? ": `groups` has none"
    : `: \`groups\` has ${groups.slice(0, 5).join(", ")}${groups.length > 5 ? "…" : ""}`;
}
