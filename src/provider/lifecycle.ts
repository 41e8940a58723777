import type { dynamic } from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { HostError, messageOf } from "../base/errors.js";
import { providerKey, UnfinishedUpdate } from "../base/pulumi-internals.js";
import { Target } from "../remote/target.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import { missingFiles } from "../ssh/local-files.js";
import type { Drift, Kind, Reading, Recorded } from "./kind.js";
import type { ProviderProcess } from "./process.js";
import { countsAsDeleted, unreachableKey, withForgetHint } from "./unreachable.js";
import { checked, checkedRecord, containsUnknown, type Checked } from "../base/validation.js";

/** Inputs or outputs, as the engine passes them. */
export type Properties = Record<string, unknown>;

/**
 * The input and output to which read adds drift. No program sets it, so the engine sees a change, shows it, and updates
 * the resource.
 */
const driftKey = "drift";
/**
 * An input that check sets. It has another value after every change or repair, which is known beforehand, so other
 * resources can use it as a trigger.
 */
const revisionKey = "revision";
/** The inputs whose change alone does not touch the host, for every kind. */
const alwaysQuiet = ["connection", "timeouts"];

/** The entry in the drift of a resource whose last update failed after it had run a step. */
export const unfinishedKey = "the last change";
const unfinished: Drift = { [unfinishedKey]: "failed" };

function driftIn(properties: Properties): Drift {
  return (properties[driftKey] as Drift | undefined) ?? {};
}

/** The revision, as a property to spread. The state of an older release has none. */
function revisionPart(properties: Properties): Properties {
  return properties[revisionKey] === undefined ? {} : { [revisionKey]: properties[revisionKey] };
}

/** Makes the provider functions of a kind: check, diff, create, update, read and delete. */
export function lifecycle<Inputs extends TargetInputs, Facts extends object>(
  kind: Kind<Inputs, Facts>,
  provider: ProviderProcess,
) {
  const keys = Object.keys(kind.schema.shape);
  const identity = ["host", "path", ...(kind.identity ?? [])];
  const deleteFirst: readonly string[] = kind.deleteFirst ?? [];
  const quiet = [...alwaysQuiet, ...(kind.quiet ?? [])];

  const inputsIn = (properties: Properties): Properties =>
    Object.fromEntries(keys.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]]));
  const valueOf = ({ value, reasons }: Checked<Inputs>): Inputs => {
    if (reasons) throw new Error(`${kind.type}: ${reasons.join("; ")}`);
    return value;
  };
  const changedKeys = (olds: Properties, news: Properties): string[] =>
    keys.filter((key) => !isDeepStrictEqual(plain(olds[key]), plain(news[key])));
  const isQuiet = (olds: Properties, news: Properties): boolean =>
    olds[driftKey] === undefined && changedKeys(olds, news).every((key) => quiet.includes(key));
  /**
   * Counts up from the old revision. It contains the identity, as check does not get the old state of a resource that
   * is replaced.
   */
  const revisionOf = (olds: Properties, news: Properties): string => {
    const known = olds[revisionKey] as string | undefined;
    if (known !== undefined && isQuiet(olds, news)) return known;
    return [Number.parseInt(known ?? "0", 10) + 1, ...(kind.identity ?? []).map((key) => String(news[key]))].join(" ");
  };
  const parse = (properties: Properties): Inputs => valueOf(checked(kind.schema, inputsIn(properties)));
  const parseRecord = (properties: Properties): Inputs =>
    valueOf(checkedRecord(kind.schema, { ...kind.earlier, ...inputsIn(properties) }));
  /** The same as the state is to have them: what its release did not know comes with the next update. */
  const asRecorded = (inputs: Inputs, properties: Properties): Properties =>
    Object.fromEntries(
      Object.entries(inputs).filter(([key]) => properties[key] !== undefined || !(key in (kind.earlier ?? {}))),
    );
  const filesMissingFor = ({ host, connection }: Inputs): string[] =>
    containsUnknown(connection) ? [] : missingFiles(provider.session.withCredential(host, connection));
  const targetOf = (inputs: Inputs): Target => new Target(kind.target ?? "jail", inputs, provider.session);
  const factsOf = (properties: Properties): Recorded<Facts> =>
    Object.fromEntries(
      Object.entries(properties).filter(
        ([key]) => !keys.includes(key) && ![driftKey, revisionKey, providerKey].includes(key),
      ),
    ) as Recorded<Facts>;
  const readHost = async (inputs: Inputs, properties: Properties): Promise<Reading<Recorded<Facts>> | undefined> => {
    const found = await kind
      .read(targetOf(inputs), inputs, factsOf(properties))
      .catch((error: unknown) => driftWithoutRecords(error, factsOf(properties)));
    // Only a successful update removes the mark, as the recorded facts are from before the failed one.
    return found && unfinishedKey in driftIn(properties)
      ? { ...found, drift: { ...found.drift, ...unfinished } }
      : found;
  };

  return {
    check(olds: Properties, news: Properties): dynamic.CheckResult {
      const { [providerKey]: _, ...declared } = news;
      const valid = checked(kind.schema, declared);
      const result = (valid.value && kind.complete?.(valid.value)) ?? valid;
      if (result.value && Object.keys(olds).length === 0) provider.printOnce(kind.announceCreate?.(result.value));
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
      const facts = await kind.apply(targetOf(inputs), inputs, undefined);
      return {
        id: identity.map((key) => String(properties[key])).join(":"),
        outs: forEngine({ ...inputs, ...facts, ...revisionPart(properties) }),
      };
    },

    async update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
      const inputs = parse(news);
      const jail = targetOf(inputs);
      const changed = changedKeys(olds, news);
      const facts = factsOf(olds);
      if (changed.includes("connection")) await kind.relocate?.(jail, inputs, facts);
      const revision = revisionPart(news);
      if (isQuiet(olds, news)) return { outs: forEngine({ ...inputs, ...facts, ...revision }) };
      try {
        return {
          outs: forEngine({
            ...inputs,
            ...(await kind.apply(jail, inputs, { ...parseRecord(olds), ...facts })),
            ...revision,
          }),
        };
      } catch (error) {
        // Have the engine record the new inputs, the old facts and the mark. Without the new inputs, an operator who
        // reverts the change would see no change, though the host has half of it. The old inputs are not recorded, as
        // the engine would encrypt in them only the values that are secret in the new ones.
        throw jail.reached
          ? new UnfinishedUpdate(
              id,
              forEngine({
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

    /** Reads the resource without changing the host. Undefined if it is gone; throws if the host cannot be read. */
    readHost: async (properties: Properties): Promise<Reading<Recorded<Facts>> | undefined> =>
      readHost(parseRecord(properties), properties),

    async read(id: string, properties: Properties): Promise<dynamic.ReadResult> {
      const record = parseRecord(properties);
      const inputs = asRecorded(record, properties);
      const revision = revisionPart(properties);
      try {
        const found = await readHost(record, properties);
        if (!found) return { id: "", props: {} };
        const drift: { drift?: Drift } = Object.keys(found.drift).length > 0 ? { drift: found.drift } : {};
        return {
          id,
          props: forEngine({ ...inputs, ...found.facts, ...revision, ...drift }),
          inputs: forEngine({ ...inputs, ...revision, ...drift }),
        };
      } catch (error) {
        // A read that throws fails the whole refresh, so one unreachable host would hide the drift of all others.
        if (!(error instanceof HostError)) throw error;
        provider.warnOnce(error, "its last known state is kept");
        const drift = properties[driftKey] === undefined ? {} : { drift: properties[driftKey] };
        return { id, props: forEngine(properties), inputs: forEngine({ ...inputs, ...revision, ...drift }) };
      }
    },

    async delete(_id: string, properties: Properties): Promise<void> {
      const inputs = parseRecord(properties);
      try {
        await kind.remove(targetOf(inputs), inputs, factsOf(properties));
      } catch (error) {
        if (isUnrecorded(error)) {
          provider.warnOnce(
            new HostError({ ...error.failure, remedy: "" }),
            "what was made there goes with the whole jail, by JailRoot's delete",
          );
          return;
        }
        if (!countsAsDeleted(error, provider.unreachable)) throw withForgetHint(error);
        provider.warnOnce(error, `it is forgotten, as ${unreachableKey} says; what is on it stays there`);
      }
    },
  };
}

/** True if the host has a jail but no records of it: they were deleted, or somebody put the jail there. */
function isUnrecorded(error: unknown): error is HostError {
  return error instanceof HostError && error.code === "unrecorded";
}

/**
 * The drift of a jail without records. Nothing in it can be compared, so `up` must apply everything. Throws any other
 * error.
 */
function driftWithoutRecords<Facts>(error: unknown, facts: Facts): Reading<Facts> {
  if (!isUnrecorded(error)) throw error;
  return { drift: { records: "are missing on the host" }, facts };
}

/**
 * Converts properties for the engine, which accepts no undefined at any depth. Everything that the lifecycle returns
 * passes here. A fact that a host does not tell is undefined, and is removed.
 */
function forEngine(properties: Properties): Properties {
  return plain(properties) as Properties;
}

/** The value as it comes back from the engine, without undefined members. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
