import { execa } from "execa";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { makeHostDirectory } from "./host-temporary.js";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { Answer } from "../../src/remote/answer.js";
import type { Arguments, Value, ValuesOf, NoArguments } from "../../src/remote/arguments.js";
import { withDisk } from "../../src/remote/disks.js";
import { runStep } from "../../src/remote/run-step.js";
import type { Place, Step } from "../../src/remote/step.js";
import { rootSteps } from "../../src/resources/JailRoot.js";
import { placesOf, type Jail } from "../../src/resources/jail.js";
import type { Host, LateProgram } from "../../src/ssh/host.js";
import type { ChannelResult } from "../../src/ssh/master.js";
import { completeStepHere, runStepHere, runTextHere, type StepRun, type StepSurroundings } from "./run-step.js";
import { rootValues } from "./step-values.js";

/** The text of a program, for a host that has been logged in to. */
export const textOf = async (program: string | LateProgram): Promise<string> =>
  typeof program === "string" ? program : program(Promise.resolve());

/** This machine as steps' host. Unless it is given a name, steps that run here know none. */
export function hostHere(surroundings?: StepSurroundings, name = ""): Host {
  return {
    name,
    ready: (): Promise<void> => Promise.resolve(),
    using: async <T>(work: () => Promise<T>): Promise<T> => work(),
    shell: async (
      _does: string,
      program: string | LateProgram,
      seconds: number | (() => number),
      command?: string,
    ): Promise<ChannelResult> => {
      const text = await textOf(program);
      const { exitCode, stdout, stderr } = await runTextHere(
        text,
        { ...surroundings, timeout: (typeof seconds === "number" ? seconds : seconds()) * 1000 },
        command,
      );
      return { exitCode, stdout, stderr, timedOut: false };
    },
    upload: async (
      _does: string,
      path: string,
      content: () => Readable,
      _seconds: number,
      { append = false } = {},
    ): Promise<void> => (append ? appendFile : writeFile)(path, content()),
    download: async (_does: string, path: string, from: number, bytes: number, file: string): Promise<void> =>
      appendFile(file, (await readFile(path)).subarray(from, from + bytes)),
  } as unknown as Host;
}

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

  /** The same jail as a resource's lifecycle sees it: its host is this machine. */
  asJail(surroundings?: StepSurroundings, name?: string): Jail {
    const host = hostHere(surroundings, name);
    const { path, records, cache } = this;
    return {
      host,
      path,
      records,
      cache,
      buildTimeout: 60,
      // At the places of the jail that it is called of: a test may have replaced one.
      async run(this: Place, step: Step, values: Readonly<Record<string, Value>> = {}) {
        try {
          return await runStep(host, step, this, values);
        } catch (error) {
          throw await withDisk(error, host, placesOf(this));
        }
      },
    } as unknown as Jail;
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
