import type { z } from "zod";
import type { Target, TargetKind } from "../remote/target.js";
import type { Step } from "../remote/step.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import type { Checked } from "../base/validation.js";
import type { KindSettings } from "./settings.js";
import type { Shown } from "./shown.js";

/** The differences between host and declaration, in words, by thing: `{"dev/null": "mode is 0655, should be 0666"}`. */
export type Drift = Record<string, string>;

/** Facts from a state. A state that another release recorded may lack some. */
export type Recorded<Facts> = { readonly [Key in keyof Facts]?: Facts[Key] | undefined };

/** The result of a read. */
export interface Reading<Facts> {
  /** Empty if the host is as declared. */
  readonly drift: Drift;
  /** The current outputs. */
  readonly facts: Facts;
}

/**
 * A kind of resource. The lifecycle of all kinds is in lifecycle.ts. Every function is idempotent. A function that
 * cannot read the host throws; it never takes that for "the resource does not exist".
 */
export interface Kind<Inputs extends TargetInputs = TargetInputs, Facts extends object = object> {
  /** The resource's name: "DeviceNode". */
  readonly type: string;
  /** The schema of the inputs, with defaults. Every other key in the state is a fact. */
  readonly schema: z.ZodType<Inputs> & { readonly shape: Record<string, unknown> };
  /** All steps that the kind runs on hosts, by group and name. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, Step>>>>;
  /** The settings of the resource in stacks and fleets. */
  readonly settings: KindSettings;
  /** What `status` and `report` show of the resource besides its state and drift. Default: nothing. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kind has its own type of status
  readonly shown?: Shown<any>;
  /** The kind of target that `path` is. Default: `jail`. */
  readonly target?: TargetKind;
  /**
   * The inputs, besides `host` and `path`, that identify a resource among others of its kind. A change of one replaces
   * the resource.
   */
  readonly identity?: readonly (keyof Inputs & string)[];
  /**
   * The inputs in `identity` whose change deletes the old resource before it creates the new one, as both may use the
   * same path.
   */
  readonly deleteFirst?: readonly (keyof Inputs & string)[];
  /** The inputs, besides `connection` and `timeouts`, whose change alone does not touch the host. */
  readonly quiet?: readonly (keyof Inputs & string)[];
  /** What inputs mean that a state does not have, as an earlier release recorded it: what that release did. Default: the schema's defaults. */
  readonly earlier?: Partial<Inputs>;
  /**
   * Completes valid inputs with what only the control machine knows, such as the digest of a file, or returns why they
   * are wrong after all. Part of `check`: it asks no host, and some inputs may be unknown.
   */
  complete?(inputs: Inputs): Checked<Inputs>;
  /** Returns a line that preview prints about a change, besides the change itself. Asks no host. */
  announce?(olds: Partial<Inputs & Facts>, news: Inputs): string | undefined;
  /** Returns a line that preview prints once if it is going to create resources of this kind. Asks no host. */
  announceCreate?(inputs: Inputs): string | undefined;
  /**
   * Reads the resource, and changes nothing on the host. Undefined if the jail's directory, or everything the resource
   * made, is gone.
   */
  read(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<Reading<Recorded<Facts>> | undefined>;
  /** Applies the inputs, whatever of the resource exists. If the host is as declared, it only reads. */
  apply(jail: Target, inputs: Inputs, before: (Inputs & Recorded<Facts>) | undefined): Promise<Facts>;
  /** Removes what the resource made. Succeeds if that is gone. */
  remove(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<void>;
  /** Called when the connection has changed. Verifies that the new address is the same machine. Writes nothing. */
  relocate?(jail: Target, inputs: Inputs, facts: Recorded<Facts>): Promise<void>;
}
