import type { HostError } from "../base/errors.js";
import { SingleFlight } from "../base/single-flight.js";
import type { BuildState } from "./next-move.js";

const unknown: BuildState = { is: "unknown" };

/** The shared builds of one session, by the keys that `provide.ts` makes. */
export class SharedBuilds {
  /** The in-flight searches and downloads of builds: one of each, however many hosts wait. */
  readonly inFlight = new SingleFlight<void>();
  private readonly states = new Map<string, BuildState>();
  private readonly failures = new Map<string, HostError[]>();

  stateOf(build: string): BuildState {
    return this.states.get(build) ?? unknown;
  }

  set(build: string, state: BuildState): void {
    this.states.set(build, state);
  }

  /** Puts every build that is still in the state `from` (the same object) into the state `to`. */
  advance(from: BuildState, to: BuildState): void {
    for (const [build, state] of this.states) if (state === from) this.states.set(build, to);
  }

  /** The errors of hosts that tried to make the build. */
  failuresOf(build: string): readonly HostError[] {
    return this.failures.get(build) ?? [];
  }

  addFailure(build: string, error: HostError): void {
    this.failures.set(build, [...this.failuresOf(build), error]);
  }
}
