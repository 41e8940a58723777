import { plural } from "../base/text.js";
import { devicePresets } from "./device-presets.js";
import type { AdoptionFacts } from "./adoption-facts.js";

/** The settings of a jail that decide what adopting it changes. */
export interface WantedJail {
  readonly version: string;
  readonly owner: string;
  readonly group: string;
}

/** What adopting a jail would do to its contents, in words. */
export interface AdoptionPlan {
  /** `adopt` for a jail made by hand. Any other cannot be adopted; `text` says why. */
  readonly is: "adopt" | "new" | "ours" | "refused";
  readonly text: string;
  readonly keeps: readonly string[];
  readonly replaces: readonly string[];
  readonly changes: readonly string[];
}

/** Determines which contents of a jail `up` would keep, replace and change. */
export function adoptionPlan(facts: AdoptionFacts, wanted: WantedJail): AdoptionPlan {
  const nothing = { keeps: [], replaces: [], changes: [] };
  switch (facts.jail) {
    case "none":
      return { is: "new", text: "there is nothing: `up` makes a new jail", ...nothing };
    case "empty":
      return { is: "new", text: "the directory is empty: `up` makes a new jail in it", ...nothing };
    case "ours":
    case "lost":
      return { is: "ours", text: "it is ours already", ...nothing };
    case "foreign":
      return {
        is: "refused",
        text: "it is not empty and has no REM_this_is_jail: `up` refuses it. If it is a jail, make that file in it",
        ...nothing,
      };
    case "marked":
      return {
        is: "adopt",
        text: "made by hand: `up` adopts it",
        keeps: kept(facts, wanted),
        replaces: replaced(facts, wanted),
        changes: changed(facts, wanted),
      };
  }
}

/** Summarises an adoption in one line, for the log of `up`. JailRoot does not know which Python will come. */
export function adoptionInBrief(facts: AdoptionFacts, wanted: Pick<WantedJail, "owner" | "group">): string {
  const { counts, pythons, others } = facts;
  const keeps = [
    ...filesKept(counts),
    ...pythons.map(
      ({ line, packages }) =>
        `the library of Python ${line}${packages.length > 0 ? ` with ${packagesIn(packages)}` : ""}`,
    ),
    ...(others.length > 0 ? [`unmanaged files (${someOf(others)})`] : []),
  ];
  const before = pythons.map(({ line, version = line }) => version);
  const python = before.length > 0 ? `Python ${before.join(" and ")}` : "Python";
  const changes = changed(facts, wanted);
  return [
    `keeps ${keeps.length > 0 ? keeps.join(", ") : "nothing, as it holds nothing else"}`,
    `replaces ${python}, loader, libraries and device nodes for good`,
    ...(changes.length > 0 ? [`changes ${changes.join(", ")}`] : []),
  ].join("; ");
}

function filesKept({ static: programs, scratch }: AdoptionFacts["counts"]): string[] {
  return [
    ...(programs > 0 ? [`${plural(programs, "file")} in static`] : []),
    ...(scratch > 0 ? [`${plural(scratch, "file")} in scratch`] : []),
  ];
}

function lineOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function kept({ counts, pythons, others }: AdoptionFacts, { version }: WantedJail): string[] {
  const line = lineOf(version);
  const ofPython = pythons.flatMap(({ line: its, packages }) => {
    if (its === line) return packages.length > 0 ? [`in Python ${its}, ${packagesIn(packages)}`] : [];
    const useless =
      packages.length > 0
        ? `, with ${packagesIn(packages)}, which Python ${line} does not find: declare them in \`packages\``
        : "";
    return [`the library of Python ${its}${useless}; it is unmanaged from then on`];
  });
  return [...filesKept(counts), ...ofPython, ...(others.length > 0 ? [`unmanaged files: ${someOf(others)}`] : [])];
}

function packagesIn(packages: readonly string[]): string {
  return `${plural(packages.length, "package")} (${someOf(packages)})`;
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function replaced({ pythons, counts, devices }: AdoptionFacts, { version }: WantedJail): string[] {
  const before = pythons.map(({ line, version: its = line }) => its);
  const nodes = Object.values(devicePresets).flatMap(({ node, major, minor, mode }) => {
    const is = devices[node];
    const should = `c ${major}:${minor} ${mode}`;
    return is === undefined || is === should ? [] : [`${node}, which is ${is}, by ${should}`];
  });
  return [
    before.length > 0 ? `Python ${before.join(" and ")} by ${version}` : `nothing by Python ${version}: it has none`,
    ...(counts.libraries > 0
      ? [
          `of ${plural(counts.libraries, "shared library", "shared libraries")} those that its programs need, by the host's`,
        ]
      : []),
    ...nodes,
  ];
}

function changed({ owners, counts }: AdoptionFacts, { owner, group }: Pick<WantedJail, "owner" | "group">): string[] {
  const wanted = `${owner}:${group}`;
  const foreign = owners.filter(({ ids, names }) => names !== wanted && ids !== wanted);
  return [
    ...foreign.map(({ names, paths }) => `the owner of ${plural(paths, "path")}, from ${names} to ${wanted}`),
    ...(counts.setuid > 0
      ? [`the mode of ${plural(counts.setuid, "file")} that ${counts.setuid === 1 ? "is" : "are"} setuid or setgid`]
      : []),
    ...(counts.writable > 0 ? [`the mode of ${plural(counts.writable, "path")} that everybody may write to`] : []),
  ];
}
