/** An operation that the engine plans for one resource. */
export interface Change {
  readonly urn: string;
  readonly type: string;
  readonly op: "create" | "update" | "replace" | "delete";
  /** Its input `host`, which every resource of ours has. */
  readonly host?: string;
  readonly parent?: string;
  /** URNs of the resources that must exist first. */
  readonly needs: readonly string[];
}

/** Planned changes of one host. */
export interface HostChanges {
  readonly host: string;
  readonly changes: readonly Change[];
  /** Whether the program adds, keeps or removes the host. */
  readonly kind: "create" | "update" | "remove";
}

/** All changes that a preview found. */
export interface Changes {
  /** Sorted by name. */
  readonly hosts: readonly HostChanges[];
  /** Changes of resources that belong to no host. */
  readonly others: readonly Change[];
}

/** Compares names as people order them: judge-2 before judge-10. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;

/**
 * Groups changes by host. `declared`: hosts that the program declares. `there`: hosts that have resources of ours
 * already. A component belongs to the host of the resources in it.
 */
export function changesByHost(
  changes: readonly Change[],
  declared: ReadonlySet<string>,
  there: ReadonlySet<string>,
): Changes {
  const known = new Map(changes.map((change) => [change.urn, change]));
  const hostOf = new Map<string, string>();
  for (const { urn, host, parent } of changes) {
    if (host === undefined) continue;
    hostOf.set(urn, host);
    for (let outer = known.get(parent ?? ""); outer && !hostOf.has(outer.urn); outer = known.get(outer.parent ?? "")) {
      if (outer.host === undefined) hostOf.set(outer.urn, host);
    }
  }
  const hosts = new Map<string, Change[]>();
  for (const change of changes) {
    const host = hostOf.get(change.urn);
    if (host !== undefined) hosts.set(host, [...(hosts.get(host) ?? []), change]);
  }
  const kindOf = (host: string): HostChanges["kind"] =>
    !declared.has(host) ? "remove" : there.has(host) ? "update" : "create";
  return {
    hosts: [...hosts]
      .map(([host, own]) => ({ host, changes: own, kind: kindOf(host) }))
      .sort((a, b) => byName(a.host, b.host)),
    others: changes.filter(({ urn }) => !hostOf.has(urn)),
  };
}

/**
 * Returns the URNs to target so that the engine makes just these changes: their own URNs, and those of the changing
 * resources that they need. The engine refuses to create a resource that needs something neither existing nor targeted.
 * If it gets only half a component as target, it writes a state that it cannot read any more.
 */
export function targetsOf(wanted: readonly Change[], all: readonly Change[]): string[] {
  const known = new Map(all.map((change) => [change.urn, change]));
  const targets = new Set<string>();
  const add = (change: Change | undefined): void => {
    if (!change || targets.has(change.urn)) return;
    targets.add(change.urn);
    for (const need of [...change.needs, ...(change.parent === undefined ? [] : [change.parent])]) {
      // A deletion is never needed first: the resources that need it are deleted before it.
      const needed = known.get(need);
      if (needed?.op !== "delete") add(needed);
    }
  };
  wanted.forEach(add);
  return [...targets];
}
