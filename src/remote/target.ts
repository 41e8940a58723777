import { createHash, randomBytes } from "node:crypto";
import { basename, posix } from "node:path";
import { HostError } from "../base/errors.js";
import type { Connection } from "../ssh/connection.js";
import { loginFailures } from "../ssh/diagnosis.js";
import type { Transport } from "../ssh/transport.js";
import type { Answer } from "./answer.js";
import type { Arguments, Given, NoArguments, ValuesOf } from "./arguments.js";
import { explainDiskFailure, type Places } from "./disks.js";
import { runStep } from "./run-step.js";
import type { Session } from "./session.js";
import type { Place, Step } from "./step.js";
import { defaultDirectories, type TargetInputs } from "./target-inputs.js";

/** The directory of each kind of target's records, below `directories.state`. */
const recordDirectories = { jail: "jails", releases: "releases", program: "programs", builder: "builders" } as const;
export type TargetKind = keyof typeof recordDirectories;

/** Distinguishes the records of this process from those of others. */
const processToken = randomBytes(4).toString("hex");

/** The directories of a target's host that a step may write to, and what each holds. */
function writtenDirectories({ path, records, cache }: Pick<Target, "path" | "records" | "cache">): Places {
  return [
    ["the jail", path],
    ["our records", records],
    ["the cache", cache],
    ["temporary files", "/tmp"],
  ];
}

/**
 * A path on a host that steps work in: a jail, a directory of releases, a program, or the cache of a host that builds
 * for others.
 */
export class Target implements Place {
  readonly host: Transport;
  readonly path: string;
  /** The directory of our records of the target on the host. It is root's, and outside the jail. */
  readonly records: string;
  /** The directory of sources and finished builds on the host. */
  readonly cache: string;
  /** True once a step has run, or may have run. Until then the host is unchanged. */
  reached = false;

  /** `suffix` distinguishes several records of one path. */
  constructor(
    readonly kind: TargetKind,
    private readonly inputs: TargetInputs,
    readonly session: Session,
    suffix = "",
  ) {
    this.host = session.hostAt(inputs.host, inputs.connection);
    this.path = inputs.path;
    const digest = createHash("sha256").update(inputs.path).digest("hex").slice(0, 12);
    this.records = posix.join(
      inputs.directories?.state ?? defaultDirectories.state,
      recordDirectories[kind],
      `${basename(inputs.path)}-${digest}${suffix}`,
    );
    this.cache = inputs.directories?.cache ?? defaultDirectories.cache;
  }

  /**
   * The cache of another host, for a build there with the settings of this target. Its records belong to one build and
   * one process, so that a step cannot end another build, or the build of an earlier process.
   */
  builderAt(host: string, connection: Connection, key: string): Target {
    return new Target(
      "builder",
      { ...this.inputs, host, connection, path: this.cache },
      this.session,
      `-${key}-${processToken}`,
    );
  }

  /** Another jail on the same host. */
  jailAt(path: string): Target {
    return jailTarget({ ...this.inputs, path }, this.session);
  }

  /** The time limit of a build, in seconds. */
  get buildTimeout(): number {
    return this.inputs.timeouts?.build ?? 7200;
  }

  /** Runs a step on the target. Throws HostError. */
  async run<Taken extends Arguments = NoArguments>(step: Step<Taken>, ...[values]: Given<Taken>): Promise<Answer> {
    try {
      const answer = await runStep(
        this,
        step,
        this,
        (values ?? {}) as ValuesOf<Taken>,
        step.slow ? this.buildTimeout : this.inputs.timeouts?.step,
      );
      this.reached = true;
      return answer;
    } catch (error) {
      this.reached ||= !(error instanceof HostError && loginFailures.includes(error.code));
      throw await explainDiskFailure(error, this, writtenDirectories(this));
    }
  }
}

/** The jail at `path`. */
export function jailTarget(inputs: TargetInputs, session: Session): Target {
  return new Target("jail", inputs, session);
}
