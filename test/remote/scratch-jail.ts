import { execa } from "execa";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answer } from "../../src/remote/answer.js";
import type { Step } from "../../src/remote/step.js";
import { completeStepHere, runStepHere, type StepRun, type StepSurroundings } from "./run-step.js";

const layOut: Step = { does: "lay out the jail", files: ["jail-root/ensure.sh", "jail-root/git.sh"] };

/** A jail of its own on this machine, for steps to work in. */
export class ScratchJail {
  private constructor(
    /** A folder beside the jail, for what a test needs outside. */
    readonly folder: string,
  ) {}

  static async make(): Promise<ScratchJail> {
    const jail = new ScratchJail(mkdtempSync(join(tmpdir(), "scratch-jail-")));
    await completeStepHere(layOut, [jail.path, jail.records, "an-id", "root", "root", "", "", "dev", "lib64", "static", "scratch"]);
    return jail;
  }

  get path(): string {
    return join(this.folder, "jail");
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

  run(step: Step, args: readonly string[] = [], surroundings?: StepSurroundings): Promise<StepRun> {
    return runStepHere(step, [this.path, this.records, ...args], surroundings);
  }

  complete(step: Step, args: readonly string[] = [], surroundings?: StepSurroundings): Promise<Answer> {
    return completeStepHere(step, [this.path, this.records, ...args], surroundings);
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
    rmSync(this.folder, { recursive: true, force: true });
  }
}
