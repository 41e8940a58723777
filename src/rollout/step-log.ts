import type { EngineEvent } from "../base/pulumi-internals.js";
import type { Change, HostChanges } from "./changes.js";
import { adoptedIn, installedOf, operationOf, saidIn, type Installed } from "./events.js";

/** How one host came out of its step. */
export interface HostOutcome {
  readonly host: string;
  /** "adopted": created, of a jail made by hand. "unfinished": the run was cancelled while this host changed. */
  readonly result: "created" | "adopted" | "updated" | "removed" | "failed" | "unfinished" | "not reached";
  /** From the first operation on it to the end of the last one. */
  readonly seconds: number;
  /** What it has now, as far as this step made or changed it. */
  readonly installed: Installed;
  /** What was kept, replaced and changed of a jail made by hand. */
  readonly adopted?: string;
  /** What the host's failed operations said. */
  readonly messages: readonly string[];
}

/** What a step tells while it runs. */
export interface StepObserver {
  /** A host is done. Those that fail are told of at the step's end: another of its operations may still run. */
  done(outcome: HostOutcome): void;
  /** A host's first failure. */
  failing(host: string, message: string): void;
  /** What the engine, the program or a provider said of its own. */
  said(text: string): void;
}

interface Track {
  readonly changes: HostChanges;
  /** Operations of which no end was seen, by URN. */
  readonly open: Map<string, Change["op"]>;
  readonly messages: string[];
  started?: number;
  ended: number;
  installed: Installed;
  adopted?: string;
}

/** Follows the engine's events in one step, host by host. */
export class StepLog {
  private readonly tracks: readonly Track[];
  private readonly trackOf: ReadonlyMap<string, Track>;
  private readonly unowned: string[] = [];

  constructor(
    hosts: readonly HostChanges[],
    private readonly observer: StepObserver,
  ) {
    // A component has no operation of its own that could fail.
    this.tracks = hosts.map((changes) => ({
      changes,
      open: new Map(changes.changes.filter(({ host }) => host !== undefined).map(({ urn, op }) => [urn, op])),
      messages: [],
      ended: 0,
      installed: {},
    }));
    this.trackOf = new Map(this.tracks.flatMap((track) => track.changes.changes.map(({ urn }) => [urn, track])));
  }

  /** `at`: seconds. */
  observe(event: EngineEvent, at: number): void {
    this.listen(event);
    const started = event.resourcePreEvent?.metadata;
    const track = this.trackOf.get(
      (started ?? event.resOutputsEvent?.metadata ?? event.resOpFailedEvent?.metadata)?.urn ?? "",
    );
    if (!track) return;
    if (started) {
      if (operationOf(started)) track.started ??= at;
      return;
    }
    track.ended = at;
    if (!event.resOutputsEvent) return;
    const { urn, new: now } = event.resOutputsEvent.metadata;
    track.installed = { ...track.installed, ...installedOf(now) };
    const adopted = operationOf(event.resOutputsEvent.metadata) === "create" ? adoptedIn(now) : undefined;
    if (adopted !== undefined) track.adopted = adopted;
    // What was to go, and is told of as it is, has stayed.
    if (track.open.get(urn) === "delete" && operationOf(event.resOutputsEvent.metadata) !== "delete") return;
    if (track.open.delete(urn) && track.open.size === 0 && track.messages.length === 0)
      this.observer.done(this.outcomeOf(track, false));
  }

  /** How all came out, once the run has ended. */
  outcomes(interrupted: boolean): HostOutcome[] {
    return this.tracks.map((track) => this.outcomeOf(track, interrupted));
  }

  /** Errors of what is no host's, without those that only follow from others. */
  get errors(): readonly string[] {
    return this.unowned.filter((text) => !/failed to register|^update failed$/.test(text));
  }

  private listen(event: EngineEvent): void {
    const said = saidIn(event);
    if (!said) return;
    const track = this.trackOf.get(said.urn ?? "");
    if (!said.error) this.observer.said(said.text);
    else if (!track) this.unowned.push(said.text);
    else if (track.messages.push(said.text) === 1) this.observer.failing(track.changes.host, said.text);
  }

  private outcomeOf(track: Track, interrupted: boolean): HostOutcome {
    const { changes, open, messages, started, ended, installed, adopted } = track;
    const result = (): HostOutcome["result"] => {
      if (messages.length > 0) return "failed";
      if (open.size > 0) return !interrupted ? "failed" : started === undefined ? "not reached" : "unfinished";
      if (changes.kind === "create") return adopted === undefined ? "created" : "adopted";
      return changes.kind === "update" ? "updated" : "removed";
    };
    return {
      host: changes.host,
      result: result(),
      seconds: started === undefined ? 0 : Math.max(0, ended - started),
      messages,
      installed,
      ...(adopted !== undefined && { adopted }),
    };
  }
}
