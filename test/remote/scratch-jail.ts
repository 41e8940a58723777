import { execa } from "execa";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

/** The arguments of a step and the options of its run. Both may be omitted for a step without arguments. */
export type GivenHere<Taken extends Arguments> = Taken extends NoArguments
  ? [values?: NoArguments, surroundings?: StepSurroundings]
  : [values: NoInfer<ValuesOf<Taken>>, surroundings?: StepSurroundings];

/** A file, with its text, or a directory of a jail as the step lays it out, or of our records of it. */
interface LaidOut {
  readonly path: string;
  readonly mode: number;
  readonly text: string | undefined;
}

/** A jail on this machine for one test file. */
export class ScratchJail implements Place {
  private constructor(
    /** The parent directory of the jail, for a test's files outside the jail. */
    readonly folder: string,
    private readonly place = "jail",
  ) {}

  /** What the step made of the first jail of a test file. */
  private static laidOut: readonly LaidOut[] | undefined;

  /** `place`: the jail's path below `folder`. The first jail at the default one is laid out by its step, and the others are copies of that. */
  static async make(place?: string): Promise<ScratchJail> {
    const jail = new ScratchJail(makeHostDirectory(), place);
    if (place === undefined && ScratchJail.laidOut) {
      jail.copyOf(ScratchJail.laidOut);
    } else {
      await jail.complete(rootSteps.apply, rootValues());
      if (place === undefined) ScratchJail.laidOut = jail.everything();
    }
    return jail;
  }

  private everything(): LaidOut[] {
    return readdirSync(this.folder, { recursive: true, encoding: "utf8" }).map((path) => {
      const stats = statSync(join(this.folder, path));
      const text = stats.isDirectory() ? undefined : readFileSync(join(this.folder, path), "utf8");
      return { path, mode: stats.mode, text };
    });
  }

  private copyOf(all: readonly LaidOut[]): void {
    for (const { path, mode, text } of all) {
      const place = join(this.folder, path);
      if (text === undefined) mkdirSync(place);
      else writeFileSync(place, text);
      chmodSync(place, mode);
    }
    const { dev, ino } = statSync(this.path);
    const own = { path: this.path, "made-below": this.folder, inode: `${dev}:${ino}` };
    for (const [name, text] of Object.entries(own)) writeFileSync(join(this.records, name), `${text}\n`);
  }

  /** A scratch jail that exists already, by its folder. */
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

  /** Writes a file into the jail: a copy of one of the machine's, or these bytes. */
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

  /** Leaves the records of a part of the manifest as a killed change leaves them. */
  cutOff(part: string): void {
    const manifest = manifestPath(this.records, part);
    renameSync(manifest, `${manifest}.intent`);
  }

  /** The jail as a target whose host is this machine. */
  asJail(surroundings?: StepSurroundings, name?: string): Target {
    const [state, cache] = [join(this.folder, "state"), join(this.folder, "cache")];
    return replacing(localTarget("jail", { name, path: this.path, state, cache }, surroundings), {
      records: this.records,
    });
  }

  /** Every path in the jail with type, mode, owner, size, inode and ctime, so that a write shows. */
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
    // Node cannot remove paths that are longer than PATH_MAX.
    execFileSync("rm", ["-rf", this.folder]);
  }
}
