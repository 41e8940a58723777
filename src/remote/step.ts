import type { Arguments, ValuesOf, NoArguments } from "./arguments.js";
import type { Answers } from "./declaration.js";

/** A POSIX sh script that runs on a host as root. It is sent on standard input, together with its arguments. */
export interface Step<Taken extends Arguments = Arguments> {
  /** The step's name in messages: "make the device node". */
  readonly does: string;
  /** The script's path below src/remote. Its `# uses:` line names the libraries that it calls (scripts.ts). */
  readonly script: string;
  /** The paths of the step's place that the script gets as variables. Default: `jail` and `records`. */
  readonly gets?: readonly PlaceVariable[];
  /** The script's arguments. Default: none. */
  readonly args?: Taken;
  /** The declaration of the answer. A host may print anything; an answer that is not as declared here is refused. */
  readonly answers: Answers;
  /** True for a step that changes nothing. Such reads of one host share a round trip (batch.ts). */
  readonly reads?: boolean;
  /**
   * For reads only: the host keeps the answer, and gives it again while nothing that it depends on has changed
   * (readings/).
   */
  readonly remembered?: Remembered<Taken>;
  /** True for a step that changes a jail. It runs in a mount namespace of its own (confine.sh). */
  readonly confined?: boolean;
  /** True for a step that needs no root. */
  readonly anyUser?: boolean;
  /** True for a step that runs as any user and on a host that lacks tools. It answers what is missing. */
  readonly needsNoTools?: boolean;
  /** True for a step that copies, downloads or installs much. It may take as long as a build. */
  readonly slow?: boolean;
}

/** The conditions under which a host reuses a kept answer, besides those of all reads (readings/fingerprint.sh). */
interface Remembered<Taken extends Arguments> {
  /**
   * Accounts, by name or number, and files of the host, by absolute path, that the answer depends on. Default: none.
   */
  follows?(values: ValuesOf<Taken>, place: Place): readonly string[];
  /** The maximum age of the answer, in hours. Default: any age. */
  readonly hours?: number;
}

/** The place where a step works: a jail, or another path of ours on a host. */
export interface Place {
  readonly path: string;
  /** The directory of our records of it. */
  readonly records: string;
  /** The directory of sources and finished builds on the host. */
  readonly cache: string;
}

/** The paths of its place that a script may get, by variable. */
export type PlaceVariable = "jail" | "records" | "cache";

/** Declares a step. Infers the types of its arguments, which `remembered` may use. */
export function defineStep<const Taken extends Arguments = NoArguments>(step: Step<Taken>): Step<Taken> {
  return step;
}
