import type { dynamic } from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { HostError, messageOf } from "../base/errors.js";
import { providerKey, UnfinishedUpdate } from "../base/pulumi-internals.js";
import { Target } from "../remote/target.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import { missingFiles } from "../ssh/local-files.js";
import type { Drift, Kind, Observation, Recorded } from "./kind.js";
import type { ProviderProcess } from "./process.js";
import { forgets, unreachableKey, withWayOut } from "./unreachable.js";
import { checked, checkedRecord, containsUnknown, type Checked } from "../base/validation.js";

/** Inputs or outputs, as the engine passes them. */
export type Properties = Record<string, unknown>;

/** What read adds to inputs and outputs where the host differs; no program ever sets it, so that it shows and is repaired. */
const driftKey = "drift";
/** An input that check sets: another one after every change or repair, known before it is made, for what must then run again (triggers). */
const revisionKey = "revision";
/** A change of these alone touches nothing on the host. */
const alwaysQuiet = ["connection", "timeouts"];

/** What marks a resource, in its drift, whose last update failed on the way. */
const unfinishedKey = "the last change";
const unfinished: Drift = { [unfinishedKey]: "failed" };

function driftIn(properties: Properties): Drift {
  return (properties[driftKey] as Drift | undefined) ?? {};
}

/** A state of an older release has none. */
function ofRevision(properties: Properties): Properties {
  return properties[revisionKey] === undefined ? {} : { [revisionKey]: properties[revisionKey] };
}

/** The lifecycle of every resource: the same for all kinds. */
export function lifecycle<Inputs extends TargetInputs, Facts extends object>(
  kind: Kind<Inputs, Facts>,
  provider: ProviderProcess,
) {
  const keys = Object.keys(kind.schema.shape);
  const identity = ["host", "path", ...(kind.identity ?? [])];
  const deleteFirst: readonly string[] = kind.deleteFirst ?? [];
  const quiet = [...alwaysQuiet, ...(kind.quiet ?? [])];

  const given = (properties: Properties): Properties =>
    Object.fromEntries(keys.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]]));
  const valueOf = ({ value, reasons }: Checked<Inputs>): Inputs => {
    if (reasons) throw new Error(`${kind.type}: ${reasons.join("; ")}`);
    return value;
  };
  const changedKeys = (olds: Properties, news: Properties): string[] =>
    keys.filter((key) => !isDeepStrictEqual(plain(olds[key]), plain(news[key])));
  const isQuiet = (olds: Properties, news: Properties): boolean =>
    olds[driftKey] === undefined && changedKeys(olds, news).every((key) => quiet.includes(key));
  /** The identity tells a replacement, of which check knows no predecessor, from what it replaces. */
  const revisionOf = (olds: Properties, news: Properties): string => {
    const known = olds[revisionKey] as string | undefined;
    if (known !== undefined && isQuiet(olds, news)) return known;
    return [Number.parseInt(known ?? "0", 10) + 1, ...(kind.identity ?? []).map((key) => String(news[key]))].join(" ");
  };
  const parse = (properties: Properties): Inputs => valueOf(checked(kind.schema, given(properties)));
  const parseRecord = (properties: Properties): Inputs => valueOf(checkedRecord(kind.schema, given(properties)));
  const filesMissingFor = ({ host, connection }: Inputs): string[] =>
    containsUnknown(connection) ? [] : missingFiles(provider.session.withCredential(host, connection));
  const placeOf = (inputs: Inputs): Target => new Target(kind.target ?? "jail", inputs, provider.session);
  const factsOf = (properties: Properties): Recorded<Facts> =>
    Object.fromEntries(
      Object.entries(properties).filter(
        ([key]) => !keys.includes(key) && ![driftKey, revisionKey, providerKey].includes(key),
      ),
    ) as Recorded<Facts>;
  const observe = async (inputs: Inputs, properties: Properties): Promise<Observation<Recorded<Facts>> | undefined> => {
    const seen = await kind
      .observe(placeOf(inputs), inputs, factsOf(properties))
      .catch((error: unknown) => asUnrecorded(error, factsOf(properties)));
    // Only a change that ends well takes the mark away: the facts are from before the one that did not.
    return seen && unfinishedKey in driftIn(properties) ? { ...seen, drift: { ...seen.drift, ...unfinished } } : seen;
  };

  return {
    check(olds: Properties, news: Properties): dynamic.CheckResult {
      const { [providerKey]: _, ...declared } = news;
      const alone = checked(kind.schema, declared);
      const result = (alone.value && kind.complete?.(alone.value)) ?? alone;
      if (result.value && Object.keys(olds).length === 0) provider.sayOnce(kind.announceCreate?.(result.value));
      const reasons = result.reasons ?? filesMissingFor(result.value);
      return result.reasons || reasons.length > 0
        ? { inputs: news, failures: reasons.map((reason) => ({ property: "", reason })) }
        : { inputs: { ...result.value, [revisionKey]: revisionOf(olds, result.value) } };
    },

    diff(_id: string, olds: Properties, news: Properties): dynamic.DiffResult {
      const changed = changedKeys(olds, news);
      const announcement =
        changed.length > 0 && !containsUnknown(news)
          ? kind.announce?.(olds as Partial<Inputs & Facts>, news as Inputs)
          : undefined;
      if (announcement !== undefined) console.log(`${String(news.host)}: ${announcement}`);
      const replaces = changed.filter((key) => identity.includes(key) && !containsUnknown(news[key]));
      return {
        changes: changed.length > 0 || olds[driftKey] !== undefined || olds[revisionKey] === undefined,
        replaces,
        deleteBeforeReplace: replaces.length > 0 && replaces.every((key) => deleteFirst.includes(key)),
      };
    },

    async create(properties: Properties): Promise<dynamic.CreateResult> {
      const inputs = parse(properties);
      const facts = await kind.ensure(placeOf(inputs), inputs, undefined);
      return {
        id: identity.map((key) => String(properties[key])).join(":"),
        outs: leaving({ ...inputs, ...facts, ...ofRevision(properties) }),
      };
    },

    async update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
      const inputs = parse(news);
      const jail = placeOf(inputs);
      const changed = changedKeys(olds, news);
      const facts = factsOf(olds);
      if (changed.includes("connection")) await kind.relocate?.(jail, inputs, facts);
      const revision = ofRevision(news);
      if (isQuiet(olds, news)) return { outs: leaving({ ...inputs, ...facts, ...revision }) };
      try {
        return {
          outs: leaving({
            ...inputs,
            ...(await kind.ensure(jail, inputs, { ...parseRecord(olds), ...facts })),
            ...revision,
          }),
        };
      } catch (error) {
        // The engine records what was declared and what was known before, with the mark. Otherwise an operator who takes the change back
        // would be told that nothing is to be done, on a host that has half of it. (What was declared before is not recorded: the engine
        // hides in it only what is secret by now.)
        throw jail.reached
          ? new UnfinishedUpdate(
              id,
              leaving({
                ...inputs,
                ...facts,
                ...revision,
                [providerKey]: news[providerKey],
                [driftKey]: { ...driftIn(olds), ...unfinished },
              }),
              messageOf(error),
              error,
            )
          : error;
      }
    },

    /** Looks at the host, and changes nothing there. Undefined where it is gone; throws where it could not look. */
    observe: async (properties: Properties): Promise<Observation<Recorded<Facts>> | undefined> =>
      observe(parseRecord(properties), properties),

    async read(id: string, properties: Properties): Promise<dynamic.ReadResult> {
      const inputs = parseRecord(properties);
      const revision = ofRevision(properties);
      try {
        const seen = await observe(inputs, properties);
        if (!seen) return { id: "", props: {} };
        const drift: { drift?: Drift } = Object.keys(seen.drift).length > 0 ? { drift: seen.drift } : {};
        return {
          id,
          props: leaving({ ...inputs, ...seen.facts, ...revision, ...drift }),
          inputs: leaving({ ...inputs, ...revision, ...drift }),
        };
      } catch (error) {
        // A read that throws fails the whole refresh, so one host down would hide the state of all the others.
        if (!(error instanceof HostError)) throw error;
        provider.warnOnce(error, "its last known state is kept");
        const drift = properties[driftKey] === undefined ? {} : { drift: properties[driftKey] };
        return { id, props: leaving(properties), inputs: leaving({ ...inputs, ...revision, ...drift }) };
      }
    },

    async delete(_id: string, properties: Properties): Promise<void> {
      const inputs = parseRecord(properties);
      try {
        await kind.remove(placeOf(inputs), inputs, factsOf(properties));
      } catch (error) {
        if (isUnrecorded(error)) {
          provider.warnOnce(
            new HostError({ ...error.failure, remedy: "" }),
            "what was made there goes with the whole jail, by JailRoot's delete",
          );
          return;
        }
        if (!forgets(error, provider.unreachable)) throw withWayOut(error);
        provider.warnOnce(error, `it is forgotten, as ${unreachableKey} says; what is on it stays there`);
      }
    },
  };
}

/** Whether the host has no records of the jail that stands there: they were deleted, or it was put there anew. */
function isUnrecorded(error: unknown): error is HostError {
  return error instanceof HostError && error.code === "unrecorded";
}

/** Without records nobody knows what of the jail is right: all is to be made anew. */
function asUnrecorded<Facts>(error: unknown, facts: Facts): Observation<Facts> {
  if (!isUnrecorded(error)) throw error;
  return { drift: { records: "are missing on the host" }, facts };
}

/**
 * What the engine is given: all that leaves the lifecycle passes here. What a host does not tell is undefined in facts, and the engine
 * takes no undefined, however deep: it is left out.
 */
function leaving(properties: Properties): Properties {
  return plain(properties) as Properties;
}

/** Values as they come back through the engine: undefined members are dropped there. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
