import type { Answers } from "./declaration.js";

/** A POSIX sh script of ours that runs on a host as root; its arguments travel with it on standard input. */
export interface Step {
  /** What it does, in words, for messages: "make the device node". */
  readonly does: string;
  /** Its file below src/remote. The libraries that it calls stand in it (`# uses:`, scripts.ts). */
  readonly script: string;
  /** What it answers: a host may print anything, and only what is declared here gets through. */
  readonly answers: Answers;
  /** It looks and changes nothing: looks at one host that come together share one round trip (batch.ts). */
  readonly looks?: boolean;
  /** The host keeps its answer, and gives it again while nothing has changed that it follows from (readings/). For reads alone. */
  readonly remembered?: Remembered;
  /** It changes something in a jail, in a mount namespace of its own (`confine` in lib.sh). */
  readonly confined?: boolean;
  /** It may take as long as a build: it copies, downloads or installs much. */
  readonly slow?: boolean;
}

/** What the answer of a remembered read follows from, besides what is compared for all of them (readings/fingerprint.sh). */
interface Remembered {
  /** Accounts, by name or number, and files of the host, by absolute path; told from the arguments after jail and records. Default: none. */
  readonly follows?: (args: readonly string[]) => readonly string[];
  /** How old it may be, in hours. Default: any age. */
  readonly hours?: number;
}
