import type { z } from "zod";
import type { Target, TargetKind } from "../remote/target.js";
import type { Step } from "../remote/step.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import type { Checked } from "../base/validation.js";
import type { KindSettings } from "./settings.js";
import type { Shown } from "./shown.js";

/** What is different from what was declared, by thing, in words: `{"dev/null": "mode is 0655, should be 0666"}`. */
export type Drift = Record<string, string>;

/** Facts as a state has them: one of another release may lack some. */
export type Recorded<Facts> = { readonly [Key in keyof Facts]?: Facts[Key] | undefined };

/** What a look at the host found. */
export interface Observation<Facts> {
  /** Empty where all is as declared. */
  readonly drift: Drift;
  /** The outputs as they are now. */
  readonly facts: Facts;
}

/**
 * One kind of resource. The lifecycle (lifecycle.ts) is the same for all: observe, compare, ensure, report. Every
 * function is idempotent, and reads "I could not look" never as "it is not there": it throws.
 */
export interface Kind<Inputs extends TargetInputs = TargetInputs, Facts extends object = object> {
  /** The resource's name: "DeviceNode". */
  readonly type: string;
  /** Its inputs, with defaults. Its keys are the inputs; everything else in the state is facts. */
  readonly schema: z.ZodType<Inputs> & { readonly shape: Record<string, unknown> };
  /** All steps that it runs on hosts, by what they work on and their name there. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, Step>>>>;
  /** How stacks and fleets set it. */
  readonly settings: KindSettings;
  /** What `status` and `report` show of it besides its state and its drift. Default: nothing. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind knows its own status; elsewhere it only passes through
  readonly shown?: Shown<any>;
  /** What `path` is on the host. Default: `jail`. */
  readonly target?: TargetKind;
  /** Inputs besides `host` and `path` that tell one resource from another of the same kind in the same jail. */
  readonly identity?: readonly (keyof Inputs & string)[];
  /** Those of these of which a change needs the old one gone before the new one is made, as both may want the same place. */
  readonly deleteFirst?: readonly (keyof Inputs & string)[];
  /** Inputs of which a change alone needs nothing done on the host, besides `connection` and `timeouts`. */
  readonly quiet?: readonly (keyof Inputs & string)[];
  /**
   * Adds to inputs that are right by themselves what only this machine knows (the digest of a file, say), or tells why they
   * are wrong all the same. Part of check: no host is asked. Some of them may not be known yet.
   */
  complete?(inputs: Inputs): Checked<Inputs>;
  /** What preview should say of a change besides the change itself. No host is asked. */
  announce?(olds: Partial<Inputs & Facts>, news: Inputs): string | undefined;
  /** What preview should say once where resources of this kind are to be created. No host is asked. */
  announceCreate?(inputs: Inputs): string | undefined;
  /** Looks at the host; undefined where the jail's folder, or all that it made, is gone. Changes nothing there. */
  observe(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<Observation<Recorded<Facts>> | undefined>;
  /** Makes it so, whatever is there of our own; costs one look where it already is. */
  ensure(jail: Target, inputs: Inputs, before: (Inputs & Recorded<Facts>) | undefined): Promise<Facts>;
  /** Takes away what it made; succeeds where that is gone. */
  remove(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<void>;
  /** The connection changed: proves that the other address is still the same machine. Writes nothing. */
  relocate?(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<void>;
}
