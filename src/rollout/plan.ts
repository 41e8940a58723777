import { plural } from "../base/text.js";
import { targetsOf, type Changes } from "./changes.js";
import { amountOf, type RolloutSettings } from "./settings.js";

/** One run of the engine. */
export interface RolloutStep {
  readonly kind: "canary" | "batch" | "last";
  /** "canary", "batch 2 of 4", "removal", "the rest". */
  readonly name: string;
  /** Whose jails it changes. */
  readonly hosts: readonly string[];
  /** URNs of what it changes that belongs to no host, of the last step alone. */
  readonly others: readonly string[];
  /** The URNs that the engine may touch. */
  readonly targets: readonly string[];
}

export interface Plan {
  readonly steps: readonly RolloutStep[];
  /** How many hosts may fail. */
  readonly maxFailures: number;
}

/**
 * Cuts the changes into steps: the canary; batches; and last, when the others came through, what is removed, and what belongs to
 * no host and no host needed. `unowned`: the URNs of all that belongs to no host, changing or not. They go with the last step:
 * the engine silently keeps a resource that is to go as long as another one that it may not touch needs it in the state.
 */
export function planOf({ hosts, others }: Changes, settings: RolloutSettings, unowned: readonly string[]): Plan {
  const all = [...hosts.flatMap(({ changes }) => changes), ...others];
  const changed = hosts.filter(({ kind }) => kind !== "remove");
  const removed = hosts.filter(({ kind }) => kind === "remove");
  const { canary } = settings;
  const first = Array.isArray(canary)
    ? changed.filter(({ host }) => canary.includes(host))
    : changed.slice(0, amountOf(canary, changed.length, Math.ceil));
  const then = changed.filter((one) => !first.includes(one));
  const size = Math.max(1, amountOf(settings.batch, changed.length, Math.ceil));
  const batches = Array.from({ length: Math.ceil(then.length / size) }, (_, index) =>
    then.slice(index * size, (index + 1) * size),
  );

  const targetsFor = (part: Changes["hosts"]): string[] =>
    targetsOf(
      part.flatMap(({ changes }) => changes),
      all,
    );
  const step = (kind: RolloutStep["kind"], name: string, part: Changes["hosts"]): RolloutStep => ({
    kind,
    name,
    hosts: part.map(({ host }) => host),
    others: [],
    targets: targetsFor(part),
  });
  const steps = [
    ...(first.length > 0 ? [step("canary", "canary", first)] : []),
    ...batches.map((batch, index) => step("batch", `batch ${index + 1} of ${batches.length}`, batch)),
  ];
  const done = new Set(steps.flatMap(({ targets }) => targets));
  const rest = others.map(({ urn }) => urn).filter((urn) => !done.has(urn));
  if (removed.length > 0 || rest.length > 0) {
    const last = step("last", removed.length > 0 ? "removal" : "the rest", removed);
    // Not what these need of hosts: one that failed is not tried again here.
    steps.push({ ...last, others: rest, targets: [...new Set([...last.targets, ...rest, ...unowned])] });
  }
  return { steps, maxFailures: amountOf(settings.maxFailures, changed.length, Math.floor) };
}

/** A step in a sentence: "the canary", "batch 2 of 4". */
export function stepInWords({ name }: RolloutStep): string {
  return name === "canary" || name === "removal" ? `the ${name}` : name;
}

/** Why no further step may start; undefined where it may. */
export function reasonToStop(
  step: RolloutStep,
  failed: { readonly inStep: number; readonly inAll: number },
  plan: Plan,
): string | undefined {
  if (step.kind === "canary" && failed.inStep > 0) return "the canary failed";
  if (failed.inAll > plan.maxFailures)
    return `${plural(failed.inAll, "host")} failed, and maxFailures is ${plan.maxFailures}`;
  return undefined;
}
