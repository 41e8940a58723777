/** What the engine means to do to one resource. */
export interface Change {
  readonly urn: string;
  readonly type: string;
  readonly op: "create" | "update" | "replace" | "delete";
  /** The `host` that it is given, as every resource of ours is. */
  readonly host?: string;
  readonly parent?: string;
  /** URNs of what has to be there before it. */
  readonly needs: readonly string[];
}

/** What is to be done at one host, by its name. */
export interface HostChanges {
  readonly host: string;
  readonly changes: readonly Change[];
  /** Whether the host is new to us, stays, or is given up. */
  readonly kind: "create" | "update" | "remove";
}

/** All that a preview found to be done. */
export interface Changes {
  /** In the order of their names. */
  readonly hosts: readonly HostChanges[];
  /** What belongs to no host. */
  readonly others: readonly Change[];
}

/** Names as people order them: judge-2 before judge-10. */
export const byName = new Intl.Collator("en", { numeric: true }).compare;

/**
 * Sorts what is to be done by hosts: those that the program declares, and those where something of ours is there. A component
 * belongs to the host of what is in it.
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
 * The URNs to name to the engine so that it does just these changes: theirs, and those of all that changes and that they
 * need. The engine refuses to make what needs something that is neither there nor named, and it may not be given half a
 * component: it then writes a state that it cannot read any more.
 */
export function targetsOf(wanted: readonly Change[], all: readonly Change[]): string[] {
  const known = new Map(all.map((change) => [change.urn, change]));
  const targets = new Set<string>();
  const add = (change: Change | undefined): void => {
    if (!change || targets.has(change.urn)) return;
    targets.add(change.urn);
    for (const need of [...change.needs, ...(change.parent === undefined ? [] : [change.parent])]) {
      // What is to go is not needed; what needs it has to go first.
      const needed = known.get(need);
      if (needed?.op !== "delete") add(needed);
    }
  };
  wanted.forEach(add);
  return [...targets];
}
