import { execa } from "execa";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "./host-temporary.js";
import { dirname, join } from "node:path";
import type { Answer } from "../../src/remote/answer.js";
import type { Step, Place } from "../../src/remote/step.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import type { Target } from "../../src/remote/target.js";
import { localTarget } from "./local-host.js";
import { replacing } from "./replacing.js";
import { completeStepHere, runStepHere, type StepRun, type StepSurroundings } from "./run-step.js";
import type { Arguments, ValuesOf, NoArguments } from "../../src/remote/arguments.js";
import { rootValues } from "./step-values.js";
import { manifestPath } from "./manifest.js";

/** What a step takes, and where it runs: a step that takes nothing may be run without. */
export type GivenHere<Taken extends Arguments> = Taken extends NoArguments
  ? [values?: NoArguments, surroundings?: StepSurroundings]
  : [values: NoInfer<ValuesOf<Taken>>, surroundings?: StepSurroundings];

/** A jail of its own on this machine, for steps to work in. */
export class ScratchJail implements Place {
  private constructor(
    /** A folder beside the jail, for what a test needs outside. */
    readonly folder: string,
    private readonly place = "jail",
  ) {}

  /** `place`: the jail's path from `folder`. */
  static async make(place?: string): Promise<ScratchJail> {
    const jail = new ScratchJail(makeHostDirectory(), place);
    await jail.complete(rootSteps.ensure, rootValues());
    return jail;
  }

  /** One that was made, by its folder. */
  static at(folder: string): ScratchJail {
    return new ScratchJail(folder);
  }

  get path(): string {
    return join(this.folder, this.place);
  }

  get records(): string {
    return join(this.folder, "records");
  }

  /** A path in the jail. */
  at(path: string): string {
    return join(this.path, path);
  }

  /** Puts a file into the jail: a copy of one of the machine's, or these bytes. */
  put(path: string, content: { copyOf: string } | string | Buffer): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    if (typeof content === "string" || Buffer.isBuffer(content)) writeFileSync(this.at(path), content, { mode: 0o755 });
    else copyFileSync(content.copyOf, this.at(path));
  }

  get cache(): string {
    return join(this.folder, "cache");
  }

  run<Taken extends Arguments = NoArguments>(
    step: Step<Taken>,
    ...[values, surroundings]: GivenHere<Taken>
  ): Promise<StepRun> {
    return runStepHere(step, this, (values ?? {}) as ValuesOf<Taken>, surroundings);
  }

  complete<Taken extends Arguments = NoArguments>(
    step: Step<Taken>,
    ...[values, surroundings]: GivenHere<Taken>
  ): Promise<Answer> {
    return completeStepHere(step, this, (values ?? {}) as ValuesOf<Taken>, surroundings);
  }

  /** Leaves the records of a part of the manifest as a change does that is cut off. */
  cutOff(part: string): void {
    const manifest = manifestPath(this.records, part);
    renameSync(manifest, `${manifest}.intent`);
  }

  /** The same jail as a resource's lifecycle sees it: its host is this machine. */
  asJail(surroundings?: StepSurroundings, name?: string): Target {
    const [state, cache] = [join(this.folder, "state"), join(this.folder, "cache")];
    return replacing(localTarget("jail", { name, path: this.path, state, cache }, surroundings), {
      records: this.records,
    });
  }

  /** Every path in the jail with type, mode, owner, size, inode and the time of its last change: a write shows. */
  async listing(): Promise<string[]> {
    const { stdout } = await execa("find", [this.path, "-printf", "%P %y %m %U:%G %s %i %C@ %l\n"]);
    return stdout.split("\n").sort();
  }

  /** The paths in the jail, with modes. */
  async paths(): Promise<string[]> {
    const { stdout } = await execa("find", [this.path, "-mindepth", "1", "-printf", "%P %m\n"]);
    return stdout.split("\n").sort();
  }

  remove(): void {
    // Not Node's, which cannot remove paths beyond the kernel's longest.
    execFileSync("rm", ["-rf", this.folder]);
  }
}
