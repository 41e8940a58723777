import type { HostError } from "../base/errors.js";
import { SingleFlight } from "../base/single-flight.js";
import type { BuildState } from "./next-move.js";

const unknown: BuildState = { is: "unknown" };

/** The builds that the hosts of one session share, each by its key (`provide.ts` makes keys). */
export class SharedBuilds {
  /** What is looked for or brought here: once each, however many hosts wait. */
  readonly inFlight = new SingleFlight<void>();
  private readonly states = new Map<string, BuildState>();
  private readonly failures = new Map<string, HostError[]>();

  stateOf(build: string): BuildState {
    return this.states.get(build) ?? unknown;
  }

  set(build: string, state: BuildState): void {
    this.states.set(build, state);
  }

  /** Moves every build on that is still in this very state. */
  advance(from: BuildState, to: BuildState): void {
    for (const [build, state] of this.states) if (state === from) this.states.set(build, to);
  }

  /** Why hosts could not make the build. */
  failuresOf(build: string): readonly HostError[] {
    return this.failures.get(build) ?? [];
  }

  addFailure(build: string, error: HostError): void {
    this.failures.set(build, [...this.failuresOf(build), error]);
  }
}
