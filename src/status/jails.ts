import { kinds } from "../kinds/kinds.js";
import type { Drift } from "../provider/kind.js";
import { recordedMap, recordedText } from "../provider/recorded.js";
import { oneLine } from "../base/text.js";
import type { Fleet, JailStatus, ToldByKinds } from "./fleet.js";
import { problemsOf, type Belongings, type Parts } from "./problems.js";
import { kindOf, nameIn, titleOf, type StackState, type StateResource } from "./state.js";

/** Builds the fleet from the states of its stacks. */
export function fleetIn(states: readonly StackState[]): Fleet {
  const jails = states
    .flatMap(jailsOf)
    .sort(
      (one, other) =>
        compare(one.host, other.host) || compare(one.path ?? "", other.path ?? "") || compare(one.stack, other.stack),
    );
  return {
    stacks: states.map(({ stack, time, rollout }) => ({ stack, time, stopped: rollout?.stopped })),
    jails,
  };
}

const { compare } = new Intl.Collator("en", { numeric: true });

const componentType = "python3jail:index:PythonJail";

/** True if a resource belongs to the whole host, such as safeexec, and not to one jail. */
function isOfHost(one: StateResource): boolean {
  return kinds[kindOf(one) ?? ""]?.target === "program";
}

function jailsOf(state: StackState): JailStatus[] {
  const all = new Map<string, Belongings>();
  const belongings = (host: string, path: string | undefined): Belongings => {
    const key = JSON.stringify([host, path]);
    let found = all.get(key);
    if (!found) all.set(key, (found = { host, path, resources: [], pending: [] }));
    return found;
  };
  // A release has a path of its own; it counts as the jail that it is a release of.
  const placeOf = ({ inputs }: StateResource): [string, string | undefined] => [
    recordedText.parse(inputs?.["host"]) ?? "?",
    recordedText.parse(inputs?.["path"])?.replace(/\/releases\/[0-9a-f]{12}$/, ""),
  ];
  /** Resources that belong to a host and not to a jail, by host. */
  const ofHosts = new Map<string, Parts>();
  const partsOf = (one: StateResource): Parts => {
    if (!isOfHost(one)) return belongings(...placeOf(one));
    const [host] = placeOf(one);
    let found = ofHosts.get(host);
    if (!found) ofHosts.set(host, (found = { resources: [], pending: [] }));
    return found;
  };
  const componentOf = new Map<string, Belongings>();

  for (const one of state.resources) {
    if (kindOf(one) === undefined) continue;
    partsOf(one).resources.push(one);
    // Skip replaced resources: they may have the jail's old path.
    if (!one.delete && !isOfHost(one) && one.parent?.includes(componentType))
      componentOf.set(one.parent, belongings(...placeOf(one)));
  }
  for (const { resource, type } of state.pending)
    if (kindOf(resource) !== undefined) partsOf(resource).pending.push({ resource, type });
  for (const one of state.resources.filter(({ type }) => type === componentType)) {
    // If no resource of the jail was created, only the component's name gives the host; our program may append the path
    // to it.
    const name = oneLine(nameIn(one.urn));
    const path = recordedText.parse(one.outputs?.["path"])?.replace(/\/current$/, "");
    const host = path !== undefined && name.endsWith(`:${path}`) ? name.slice(0, -path.length - 1) : name;
    (componentOf.get(one.urn) ?? belongings(host, path)).component = one;
  }
  const withJails = new Set([...all.values()].map(({ host }) => host));
  // The state has nothing on a new host that was not reached, or where nothing was created.
  const left = (state.rollout?.hosts ?? []).map(({ host }) => host);
  for (const host of new Set([...ofHosts.keys(), ...left])) if (!withJails.has(host)) belongings(host, undefined);
  return [...all.values()].map((jail) => statusOf(state, jail, ofHosts.get(jail.host)));
}

function statusOf(
  { stack, rollout }: StackState,
  jail: Belongings,
  ofHost: Parts = { resources: [], pending: [] },
): JailStatus {
  const { host, path, component, resources } = jail;
  const present = resources.filter((one) => !one.delete);
  // Show only the first of several resources of the host.
  const all = [...present, ...ofHost.resources.filter((one) => !one.delete).slice(0, 1)];
  const drifts = new Map(all.map((one) => [one, recordedMap.parse(one.outputs?.["drift"]) ?? {}]));
  const differing = all.filter((one) => Object.keys(drifts.get(one) ?? {}).length > 0);
  const problems = problemsOf(jail, ofHost, drifts, rollout);
  return {
    stack,
    host,
    path,
    problems,
    changed: newest(present.filter((one) => !differing.includes(one)).map(({ modified }) => modified)),
    state: problems[0]?.state ?? "well",
    drift: Object.fromEntries(differing.map((one) => [titleOf(one), drifts.get(one) ?? {}])),
    ...toldBy(all, drifts),
    madeInSeconds: secondsBetween(component?.created, present.find((one) => kindOf(one) === "JailCheck")?.created),
    live: present.find(({ live }) => live)?.live,
    resources: present.map((one) => ({ name: titleOf(one), created: one.created, modified: one.modified })),
  };
}

/** Collects the status values of the kinds, each from the first resource of its kind. */
function toldBy(resources: readonly StateResource[], drifts: ReadonlyMap<StateResource, Drift>): ToldByKinds {
  const told: Record<string, unknown> = {};
  for (const one of resources) {
    const shown = kinds[kindOf(one) ?? ""]?.shown;
    if (shown && !(shown.key in told)) told[shown.key] = shown.status(one.outputs ?? {}, drifts.get(one) ?? {});
  }
  return told;
}

function newest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time): time is string => time !== undefined && !Number.isNaN(Date.parse(time)))
    .sort((one, other) => Date.parse(other) - Date.parse(one))[0];
}

function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  const seconds = Math.round((Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000);
  return seconds >= 0 ? seconds : undefined;
}
