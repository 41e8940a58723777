import { kinds } from "../kinds/kinds.js";
import type { Drift } from "../provider/kind.js";
import { recordedText } from "../provider/recorded.js";
import { oneLine } from "../base/text.js";
import { jailStates, type JailProblem } from "./fleet.js";
import { kindOf, nameIn, titleOf, type StateResource } from "./state.js";

/** Resources that belong together, and operations on some of which nobody knows the end. */
export interface Parts {
  readonly resources: StateResource[];
  readonly pending: { readonly resource: StateResource; readonly type: string }[];
}

/** What in a state belongs to one jail. */
export interface Belongings extends Parts {
  readonly host: string;
  readonly path: string | undefined;
  /** Its PythonJail, where it is one's. */
  component?: StateResource;
}

/** What every jail has whose component, of an older release, does not tell its parts. */
const leastParts = "JailRoot PythonBuild JailSystem JailLibraries JailPermissions JailCheck";

/** What is wrong with a jail, the worst first; `drifts`: the resources that count, and what differs of each. */
export function problemsOf(
  jail: Belongings,
  ofHost: Parts,
  drifts: ReadonlyMap<StateResource, Drift>,
): readonly JailProblem[] {
  const problems = [
    ...unfinished(jail),
    ...[...jail.pending, ...ofHost.pending].map(({ resource, type }) => interrupted(resource, type)),
    ...[...jail.resources, ...ofHost.resources].flatMap(halfDone),
    ...[...drifts.keys()].flatMap(unreachable),
    ...[...drifts].flatMap(([one, drift]) => drifted(one, drift)),
    ...[...drifts.keys()].flatMap(ownProblems),
  ];
  const known = new Set<string>();
  // All of a jail's resources say the same of a host that is down, or of a jail that is gone.
  const distinct = problems.filter(
    ({ state, text }) => !known.has(`${state} ${text}`) && known.add(`${state} ${text}`),
  );
  return distinct.sort((one, other) => jailStates.indexOf(one.state) - jailStates.indexOf(other.state));
}

function unfinished({ component, resources }: Belongings): JailProblem[] {
  const present = resources.filter((one) => !one.delete);
  const parts = (recordedText.parse(component?.outputs?.["parts"]) ?? leastParts).split(" ");
  const missing = missingOf(parts, present);
  if (!component || missing.length === 0) return [];
  return [
    {
      state: "unfinished",
      resource: `PythonJail ${oneLine(nameIn(component.urn))}`,
      text: present.length === 0 ? "nothing of it was made" : `was not finished: no ${missing.join(", ")}`,
      remedy: "run `pulumi up`: it goes on where it ended, and says what is in the way",
    },
  ];
}

/** The kinds of which there are fewer than there should be. */
function missingOf(parts: readonly string[], present: readonly StateResource[]): string[] {
  const count = (kind: string): number => present.filter((one) => kindOf(one) === kind).length;
  return [...new Set(parts)].filter((kind) => count(kind) < parts.filter((part) => part === kind).length);
}

function interrupted(resource: StateResource, type: string): JailProblem {
  return {
    state: "unfinished",
    resource: titleOf(resource),
    text: `nobody knows how this ended: ${oneLine(type)}`,
    remedy: "run `pulumi up`, then `pulumi refresh --clear-pending-creates`",
  };
}

function halfDone(one: StateResource): JailProblem[] {
  const resource = titleOf(one);
  const errors = (one.initErrors ?? []).map((error): JailProblem => ({
    state: "failed",
    resource,
    text: oneLine(error),
    remedy: "run `pulumi up`: it goes on where it ended",
  }));
  if (!one.delete) return errors;
  return [
    { state: "unfinished", resource, text: "was replaced, and is still to be removed", remedy: "run `pulumi up`" },
    ...errors,
  ];
}

function unreachable(one: StateResource): JailProblem[] {
  if (!one.failure) return [];
  const { reason, remedy = "see what the host says" } = one.failure;
  return [{ state: "unreachable", resource: titleOf(one), text: oneLine(reason), remedy: oneLine(remedy) }];
}

function drifted(one: StateResource, drift: Drift): JailProblem[] {
  const shown = kinds[kindOf(one) ?? ""]?.shown;
  return Object.entries(drift).map(([what, words]) => ({
    state: shown?.driftFails ? "failed" : "drifted",
    resource: titleOf(one),
    text: shown?.driftFails ? `${what}: ${words}` : `${what} ${words}`,
    remedy: shown?.remedyFor?.(what) ?? "`pulumi up --refresh` repairs it",
  }));
}

/** What the kind of a resource tells besides. */
function ownProblems(one: StateResource): JailProblem[] {
  const problems = kinds[kindOf(one) ?? ""]?.shown?.problems?.(one.outputs ?? {}) ?? [];
  return problems.map((problem) => ({ ...problem, resource: titleOf(one) }));
}
