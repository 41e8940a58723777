import type { EngineEvent } from "../base/pulumi-internals.js";
import type { Change } from "./changes.js";
import { hostOf, installedOf, operationOf, saidIn, type Installed } from "./events.js";

/** Result of a preview of the whole stack. */
export interface Preview {
  readonly changes: readonly Change[];
  /** Hosts that the program declares. */
  readonly hosts: ReadonlySet<string>;
  /** Hosts that have resources of ours already. */
  readonly there: ReadonlySet<string>;
  /** URNs of the declared resources that belong to no host. */
  readonly unowned: readonly string[];
  /** What is installed on each host now, if anything is. */
  readonly installed: ReadonlyMap<string, Installed>;
  /** The stack's config as texts, without secrets. */
  readonly config: Readonly<Record<string, string>>;
  /** Messages of the program and the providers that are no errors, each once. */
  readonly notes: readonly string[];
}

/** The fields of the engine's saved plan that are read here: what each resource needs. */
export interface SavedPlan {
  readonly resourcePlans?: Readonly<
    Record<string, { readonly goal?: { readonly dependencies?: readonly string[]; readonly provider?: string } }>
  >;
}

/** Collects a preview from the engine's events and its saved plan. */
export class PreviewLog {
  private readonly changes = new Map<string, Omit<Change, "needs">>();
  private readonly hosts = new Set<string>();
  private readonly unowned = new Set<string>();
  private readonly installed = new Map<string, Installed>();
  private readonly there = new Set<string>();
  private readonly notes = new Set<string>();
  private config: Readonly<Record<string, string>> = {};

  /** Error messages. */
  readonly errors: string[] = [];

  observe(event: EngineEvent): void {
    if (event.preludeEvent) this.config = event.preludeEvent.config;
    const said = saidIn(event);
    if (said?.error) this.errors.push(said.text);
    else if (said) this.notes.add(said.text);
    if (!event.resourcePreEvent) return;
    const { metadata } = event.resourcePreEvent;
    const { urn, type, old } = metadata;
    const host = hostOf(metadata);
    const op = operationOf(metadata);
    // A refresh reports every resource in the state, whether the program still declares it or not.
    const declared = metadata.new !== undefined && metadata.op !== "refresh" && op !== "delete";
    if (host !== undefined && declared) this.hosts.add(host);
    if (host !== undefined && old) this.there.add(host);
    if (host === undefined && declared && metadata.new?.custom) this.unowned.add(urn);
    if (host !== undefined && old) this.installed.set(host, { ...this.installed.get(host), ...installedOf(old) });
    // The engine creates the stack's own resource by itself. A second operation, a delete, on a URN is for a leftover
    // of a replacement.
    if (op === undefined || type === "pulumi:pulumi:Stack" || (op === "delete" && this.changes.has(urn))) return;
    const parent = (metadata.new ?? old)?.parent;
    this.changes.set(urn, { urn, type, op, ...(host === undefined ? {} : { host }), ...(parent ? { parent } : {}) });
  }

  preview({ resourcePlans = {} }: SavedPlan): Preview {
    const needsOf = (urn: string): string[] => {
      const { dependencies = [], provider } = resourcePlans[urn]?.goal ?? {};
      return [...dependencies, ...(provider ? [provider.slice(0, provider.lastIndexOf("::"))] : [])];
    };
    const changes = [...this.changes.values()].map((change) => ({ ...change, needs: needsOf(change.urn) }));
    return {
      changes,
      hosts: this.hosts,
      there: this.there,
      unowned: [...this.unowned],
      installed: this.installed,
      config: this.config,
      notes: [...this.notes],
    };
  }
}
