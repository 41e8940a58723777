import type { Arguments, ValuesOf, NoArguments } from "./arguments.js";
import type { Answers } from "./declaration.js";

/** A POSIX sh script of ours that runs on a host as root; its arguments travel with it on standard input. */
export interface Step<Taken extends Arguments = Arguments> {
  /** What it does, in words, for messages: "make the device node". */
  readonly does: string;
  /** Its file below src/remote. The libraries that it calls stand in it (`# uses:`, scripts.ts). */
  readonly script: string;
  /** Which paths of the place that it works at its script gets, as variables. Default: `jail` and `records`. */
  readonly gets?: readonly PlaceVariable[];
  /** What else its script gets. Default: nothing. */
  readonly args?: Taken;
  /** What it answers: a host may print anything, and only what is declared here gets through. */
  readonly answers: Answers;
  /** It looks and changes nothing: looks at one host that come together share one round trip (batch.ts). */
  readonly looks?: boolean;
  /** The host keeps its answer, and gives it again while nothing that it depends on has changed (readings/). For reads alone. */
  readonly remembered?: Remembered<Taken>;
  /** It changes something in a jail, in a mount namespace of its own (confine.sh). */
  readonly confined?: boolean;
  /** It needs no root. */
  readonly anyUser?: boolean;
  /** It runs as any user, and on a host that lacks tools: it tells what is lacking. */
  readonly copes?: boolean;
  /** It may take as long as a build: it copies, downloads or installs much. */
  readonly slow?: boolean;
}

/** What the answer of a remembered read depends on, besides what is compared for all of them (readings/fingerprint.sh). */
interface Remembered<Taken extends Arguments> {
  /** Accounts, by name or number, and files of the host, by absolute path. Default: none. */
  follows?(values: ValuesOf<Taken>, place: Place): readonly string[];
  /** How old it may be, in hours. Default: any age. */
  readonly hours?: number;
}

/** Where a step works: a jail, or another path that we keep on a host. */
export interface Place {
  readonly path: string;
  /** Our records of it. */
  readonly records: string;
  /** Sources and finished builds on the host. */
  readonly cache: string;
}

/** The variables that a script may have of its place. */
export type PlaceVariable = "jail" | "records" | "cache";

/** Infers the types of a step's arguments, for a step whose `remembered` uses them. */
export function defineStep<const Taken extends Arguments = NoArguments>(step: Step<Taken>): Step<Taken> {
  return step;
}
