import pLimit from "p-limit";
import { HostError, messageOf } from "../base/errors.js";
import type { Reading } from "../provider/kind.js";
import { lifecycle } from "../provider/lifecycle.js";
import type { ProviderProcess } from "../provider/process.js";
import { maybe, noJail, upTo } from "../remote/declaration.js";
import { maybeNumber, said } from "../remote/fields.js";
import { disksStep, readDisks } from "../remote/disks.js";
import { runStep } from "../remote/run-step.js";
import type { Session } from "../remote/session.js";
import { kinds } from "../kinds/kinds.js";
import { jailTarget } from "../remote/target.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import { oneLine } from "../base/text.js";
import type { LiveFacts } from "./fleet.js";
import { kindOf, revealed, type StackState, type StateResource } from "./state.js";
import { optionalText } from "../remote/arguments.js";
import { defineStep } from "../remote/step.js";

/** Hosts that are read at a time. Each has one connection, which is closed when the host is done. */
const hostsAtOnce = 128;

/**
 * Returns the state as it would be after a refresh: reads every resource on its host, over one connection per host.
 * Changes nothing there or here, except that a host remembers its answers (remote/readings/). A resource that could not
 * be read gets the reason (`failure`), and keeps its recorded outputs.
 */
export async function readLive(state: StackState, provider: ProviderProcess): Promise<StackState> {
  const byHost = new Map<string, StateResource[]>();
  for (const one of state.resources) {
    if (kindOf(one) === undefined || one.delete) continue;
    const host = String(one.inputs?.["host"]);
    byHost.set(host, [...(byHost.get(host) ?? []), one]);
  }
  const limit = pLimit(hostsAtOnce);
  const seen = await Promise.all(
    [...byHost].map(([host, resources]) => limit(() => readHostState(host, resources, provider))),
  );
  const now = new Map(seen.flat().map((one) => [one.urn, one]));
  return { ...state, resources: state.resources.map((one) => (one.delete ? one : (now.get(one.urn) ?? one))) };
}

async function readHostState(
  host: string,
  resources: readonly StateResource[],
  provider: ProviderProcess,
): Promise<StateResource[]> {
  try {
    return await Promise.all(resources.map((one) => readResource(one, provider)));
  } finally {
    await provider.session.close(host);
  }
}

async function readResource(one: StateResource, provider: ProviderProcess): Promise<StateResource> {
  const type = kindOf(one);
  if (type === undefined) return one;
  const kind = kinds[type];
  const failed = (reason: string, remedy: string): StateResource => ({
    ...one,
    failure: { host: String(one.inputs?.["host"]), step: `read ${type}`, code: "unreadable-state", reason, remedy },
  });
  if (!kind) return failed(`this release knows no resource "${type}"`, "use the release that made it, or a newer one");
  const properties = patient(revealed(one.outputs ?? {}) as Record<string, unknown>);
  try {
    const [seen, live]: [Reading<object> | undefined, LiveFacts | undefined] = await Promise.all([
      lifecycle(kind, provider).readHost(properties),
      type === "PythonBuild" ? factsOf(properties, provider.session) : undefined,
    ]);
    const { drift: _, ...outputs } = one.outputs ?? {};
    if (!seen)
      return { ...one, outputs: { ...outputs, drift: { [String(properties["path"])]: "is not there any more" } } };
    const drift = Object.keys(seen.drift).length > 0 ? { drift: seen.drift } : {};
    return {
      ...one,
      outputs: { ...outputs, ...seen.facts, ...drift },
      ...(live && { live }),
    };
  } catch (error) {
    if (error instanceof HostError) return { ...one, failure: error.failure };
    // Another release may have written this resource, or only half of it. Read the others all the same.
    return failed(oneLine(messageOf(error)), "run `pulumi up`, or use the release that made it");
  }
}

/** Limits dialling to one attempt, as a person is waiting, unless the connection sets a limit. */
function patient(properties: Record<string, unknown>): Record<string, unknown> {
  return { ...properties, connection: { dialErrorLimit: 1, ...(properties["connection"] as object) } };
}

export const statusStep = defineStep({
  does: "read sizes and logs",
  script: "jail-status/read.sh",
  gets: ["jail", "records", "cache"],
  args: { key: optionalText },
  reads: true,
  remembered: { follows: (_values, { cache }) => [`${cache}/builds`] },
  answers: {
    ...noJail,
    size: maybe([maybeNumber]),
    library: upTo(5000, [said(), said(8)]),
    log: upTo(20, [said()]),
  },
});

/** Reads the facts that no state records. */
async function factsOf(properties: Record<string, unknown>, session: Session): Promise<LiveFacts> {
  const jail = jailTarget(properties as unknown as TargetInputs, session);
  const { buildKey } = properties;
  const places = [["the jail", jail.path]] as const;
  const [answer, disks] = await Promise.all([
    jail.run(statusStep, { key: typeof buildKey === "string" ? buildKey : undefined }),
    runStep(jail, disksStep, undefined, { paths: [jail.path] }),
  ]);
  const [disk] = readDisks(disks, places);
  const kb = (name: string): number | undefined =>
    /^[0-9]+$/.test(answer.maybe(name) ?? "") ? Number(answer.maybe(name)) : undefined;
  return {
    jailKb: kb("size"),
    freeKb: disk && Math.floor(disk.freeBytes / 1024),
    libraries: Object.fromEntries(
      answer.all("library").map(([place = "", digest = ""]) => [oneLine(place), oneLine(digest)]),
    ),
    log: answer.all("log").map(([line = ""]) => oneLine(line)),
  };
}
