import type { EngineEvent } from "../base/pulumi-internals.js";
import type { Change, HostChanges } from "./changes.js";
import { adoptedIn, installedOf, operationOf, saidIn, type Installed } from "./events.js";

/** Result of one host's step. */
export interface HostOutcome {
  readonly host: string;
  /** "adopted": created from a jail made by hand. "unfinished": the run was cancelled while this host changed. */
  readonly result: "created" | "adopted" | "updated" | "removed" | "failed" | "unfinished" | "not reached";
  /** From the start of its first operation to the end of its last one. */
  readonly seconds: number;
  /** What this step installed or updated on it. */
  readonly installed: Installed;
  /** What was kept, replaced and changed in a jail made by hand. */
  readonly adopted?: string;
  /** Error messages of its failed operations. */
  readonly messages: readonly string[];
}

/** Receives the progress of a step. */
export interface StepObserver {
  /** A host is done. Not called for a host that failed, as its other operations may still run. */
  done(outcome: HostOutcome): void;
  /** A host's first failure. */
  failing(host: string, message: string): void;
  /** The engine, the program or a provider printed a message that is no error. */
  said(text: string): void;
}

interface Track {
  readonly changes: HostChanges;
  /** Operations that have not ended yet, by URN. */
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
    // Leave out components: they have no operation of their own that could fail.
    this.tracks = hosts.map((changes) => ({
      changes,
      open: new Map(changes.changes.filter(({ host }) => host !== undefined).map(({ urn, op }) => [urn, op])),
      messages: [],
      ended: 0,
      installed: {},
    }));
    this.trackOf = new Map(this.tracks.flatMap((track) => track.changes.changes.map(({ urn }) => [urn, track])));
  }

  /** Handles an event. `at`: time in seconds. */
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
    // A resource to delete that the engine reports with another operation was not deleted.
    if (track.open.get(urn) === "delete" && operationOf(event.resOutputsEvent.metadata) !== "delete") return;
    if (track.open.delete(urn) && track.open.size === 0 && track.messages.length === 0)
      this.observer.done(this.outcomeOf(track, false));
  }

  /** Returns the results of all hosts, once the run has ended. */
  outcomes(interrupted: boolean): HostOutcome[] {
    return this.tracks.map((track) => this.outcomeOf(track, interrupted));
  }

  /** Errors that belong to no host, without those that only follow from others. */
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
