import { reasonAndRemedyIn } from "../base/errors.js";
import { kinds } from "../kinds/kinds.js";
import type { Drift } from "../provider/kind.js";
import { unfinishedKey } from "../provider/lifecycle.js";
import { recordedText } from "../provider/recorded.js";
import type { Shown } from "../provider/shown.js";
import { oneLine } from "../base/text.js";
import { jailStates, type JailProblem } from "./fleet.js";
import type { LastRollout, LeftHost } from "./last-rollout.js";
import { withoutRepeats } from "./same-fault.js";
import { kindOf, nameIn, titleOf, type StateResource } from "./state.js";

/** Resources that belong together, and operations on them whose outcome is unknown. */
export interface Parts {
  readonly resources: StateResource[];
  readonly pending: { readonly resource: StateResource; readonly type: string }[];
}

/** Everything in a state that belongs to one jail. */
export interface Belongings extends Parts {
  readonly host: string;
  readonly path: string | undefined;
  /** Its PythonJail, if its resources are part of one. */
  component?: StateResource;
}

/** Parts that every jail has; used if an older release wrote the component, without its list of parts. */
const leastParts = "JailRoot PythonBuild JailSystem JailLibraries JailPermissions JailCheck";

/** Returns the problems of a jail, the worst first. `drifts`: its present resources, each with its drift. */
export function problemsOf(
  jail: Belongings,
  ofHost: Parts,
  drifts: ReadonlyMap<StateResource, Drift>,
  rollout?: LastRollout,
): readonly JailProblem[] {
  const left = rollout?.hosts.find(({ host }) => host === jail.host);
  const failed = left?.result === "failed";
  // Do not advise users of rollouts to run `pulumi up`, which bypasses the canary and the batches.
  const up = rollout ? "npx python3jail up" : "pulumi up";
  const problems = [
    ...(rollout && left ? leftBy(rollout, left) : unfinished(jail, up)),
    ...[...jail.pending, ...ofHost.pending].map(({ resource, type }) => interrupted(resource, type, up)),
    ...[...jail.resources, ...ofHost.resources].flatMap((one) => [
      ...(failed ? [] : failedUpdates(one, up)),
      ...stillThere(one, up),
    ]),
    ...[...drifts.keys()].flatMap(unreachable),
    ...[...drifts].flatMap(([one, drift]) => drifted(one, drift, failed || (one.initErrors ?? []).length > 0, up)),
    ...[...drifts.keys()].flatMap(ownProblems),
  ];
  const paths = [...drifts].flatMap(([one, drift]) => (shownOf(one)?.driftFails ? [] : Object.keys(drift)));
  const known = new Set<string>();
  // If a host is down or a jail is gone, all resources of the jail report the same problem.
  const distinct = withoutRepeats(problems, paths).filter(
    ({ state, text }) => !known.has(`${state} ${text}`) && known.add(`${state} ${text}`),
  );
  return distinct.sort((one, other) => jailStates.indexOf(one.state) - jailStates.indexOf(other.state));
}

/** Returns the problems of a host that the last rollout did not finish. Its record is more exact than the state. */
function leftBy({ hosts, stopped }: LastRollout, { host, result, messages }: LeftHost): JailProblem[] {
  const resource = `PythonJail ${oneLine(host)}`;
  const failed = hosts.filter((one) => one.result === "failed").map((one) => oneLine(one.host));
  const mended =
    failed.length > 0
      ? `mend ${failed.slice(0, 3).join(", ")}${failed.length > 3 ? " and others" : ""}, then run`
      : "run";
  if (result === "not reached")
    return [
      {
        state: "waiting",
        resource,
        text: `the rollout stopped before this host: ${oneLine(stopped ?? "it ended early")}`,
        remedy: `${mended} \`npx python3jail up\` again: it goes on`,
      },
    ];
  if (result === "unfinished")
    return [
      {
        state: "unfinished",
        resource,
        text: "is half changed: the rollout was cancelled",
        remedy: "run `npx python3jail up` again: it finishes the host",
      },
    ];
  const said = messages.length > 0 ? messages : ["what it needs failed, or what is to go is needed elsewhere"];
  return said.map((message) => failure(host, resource, message, "npx python3jail up"));
}

/** Makes a problem from an error message: the reason in one line, and the message's own remedy if it has one. */
function failure(host: string, resource: string, message: string, up: string): JailProblem {
  const { code, reason, remedy } = reasonAndRemedyIn(message);
  // Leave out the host, which is shown separately, so that the same fault of many hosts is grouped.
  const text = reason.startsWith(`${host}: `) ? reason.slice(host.length + 2) : reason;
  const again = `run \`${up}\` again: it goes on where it ended`;
  // Our own remedies end like this too, for the command that failed; replace that.
  const cure = remedy?.replace(/,? then run (it|the same command|this) again$/, "");
  return {
    state: "failed",
    resource,
    text: oneLine(text),
    remedy: cure === undefined ? again : `${oneLine(cure)}; then ${again}`,
    code,
  };
}

function unfinished({ component, resources }: Belongings, up: string): JailProblem[] {
  const present = resources.filter((one) => !one.delete);
  const parts = (recordedText.parse(component?.outputs?.["parts"]) ?? leastParts).split(" ");
  const missing = missingOf(parts, present);
  if (!component || missing.length === 0) return [];
  return [
    {
      state: "unfinished",
      resource: `PythonJail ${oneLine(nameIn(component.urn))}`,
      text: present.length === 0 ? "nothing of it was made" : `was not finished: no ${missing.join(", ")}`,
      remedy: `run \`${up}\`: it goes on where it ended, and says what is in the way`,
    },
  ];
}

/** Returns the kinds of which the jail has fewer resources than it should have. */
function missingOf(parts: readonly string[], present: readonly StateResource[]): string[] {
  const count = (kind: string): number => present.filter((one) => kindOf(one) === kind).length;
  return [...new Set(parts)].filter((kind) => count(kind) < parts.filter((part) => part === kind).length);
}

function interrupted(resource: StateResource, type: string, up: string): JailProblem {
  return {
    state: "unfinished",
    resource: titleOf(resource),
    text: `nobody knows how this ended: ${oneLine(type)}`,
    remedy: `run \`${up}\`, then \`pulumi refresh --clear-pending-creates\``,
  };
}

function failedUpdates(one: StateResource, up: string): JailProblem[] {
  const host = recordedText.parse(one.inputs?.["host"]) ?? "?";
  return (one.initErrors ?? []).map((error) => failure(host, titleOf(one), error, up));
}

function stillThere(one: StateResource, up: string): JailProblem[] {
  if (!one.delete) return [];
  const text = "was replaced, and is still to be removed";
  return [{ state: "unfinished", resource: titleOf(one), text, remedy: `run \`${up}\`` }];
}

function unreachable(one: StateResource): JailProblem[] {
  if (!one.failure) return [];
  const { code, reason, remedy = "see what the host says" } = one.failure;
  return [{ state: "unreachable", resource: titleOf(one), text: oneLine(reason), remedy: oneLine(remedy), code }];
}

function drifted(one: StateResource, drift: Drift, knowsWhy: boolean, up: string): JailProblem[] {
  const shown = shownOf(one);
  // A failure that is known is a problem of its own already.
  const told = Object.entries(drift).filter(([what]) => what !== unfinishedKey || !knowsWhy);
  return told.map(([what, words]) => ({
    state: shown?.driftFails ? "failed" : "drifted",
    resource: titleOf(one),
    text: shown?.driftFails ? `${what}: ${words}` : `${what} ${words}`,
    remedy:
      shown?.remedyFor?.(what) ??
      (what === unfinishedKey ? `\`${up}\` does it again` : `\`${up} --refresh\` repairs it`),
  }));
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in Kind
function shownOf(one: StateResource): Shown<any> | undefined {
  return kinds[kindOf(one) ?? ""]?.shown;
}

/** Returns further problems that the kind of a resource reports. */
function ownProblems(one: StateResource): JailProblem[] {
  const problems = shownOf(one)?.problems?.(one.outputs ?? {}) ?? [];
  return problems.map((problem) => ({ ...problem, resource: titleOf(one) }));
}
