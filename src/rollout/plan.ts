import { plural } from "../base/text.js";
import { targetsOf, type Changes } from "./changes.js";
import { amountOf, type RolloutSettings } from "./settings.js";

/** One run of the engine. */
export interface RolloutStep {
  readonly kind: "canary" | "batch" | "last";
  /** "canary", "batch 2 of 4", "removal", "the rest". */
  readonly name: string;
  /** Hosts whose jails it changes. */
  readonly hosts: readonly string[];
  /** URNs of the resources of no host that it changes; only in the last step. */
  readonly others: readonly string[];
  /** URNs that the engine may touch. */
  readonly targets: readonly string[];
}

export interface Plan {
  readonly steps: readonly RolloutStep[];
  /** Number of hosts that may fail. */
  readonly maxFailures: number;
}

/**
 * Divides the changes into steps: the canary, the batches, and a last step if those succeed. The last step removes
 * hosts, and changes the resources of no host that no host needed. `unowned`: the URNs of all resources of no host,
 * changing or not. The last step targets them too, because Pulumi silently skips deletes that untargeted resources
 * depend on.
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
    // Do not target what these need of hosts: a host that failed is not tried again here.
    steps.push({ ...last, others: rest, targets: [...new Set([...last.targets, ...rest, ...unowned])] });
  }
  return { steps, maxFailures: amountOf(settings.maxFailures, changed.length, Math.floor) };
}

/** Returns a step's name for a sentence: "the canary", "batch 2 of 4". */
export function stepInWords({ name }: RolloutStep): string {
  return name === "canary" || name === "removal" ? `the ${name}` : name;
}

/** Returns why no further step may start; undefined if one may. */
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
