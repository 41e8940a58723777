import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "./host-temporary.js";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Answer } from "../../src/remote/answer.js";
import type { Step, Place } from "../../src/remote/step.js";
import type { Target } from "../../src/remote/target.js";
import { safeExecSteps } from "../../src/kinds/SafeExec.js";
import { repositoryRoot } from "../hosts/repository.js";
import { completeStepHere, runStepHere, type StepRun, type StepSurroundings } from "./run-step.js";
import { localTarget } from "./local-host.js";
import { replacing } from "./replacing.js";
import type { Arguments, ValuesOf, NoArguments } from "../../src/remote/arguments.js";
import type { GivenHere } from "./scratch-jail.js";

/** The source of the safeexec that the tests build. */
export const safeExecSource = join(repositoryRoot, "test", "safeexec");

/** The commands, run before a step, that hide a program of the machine from it. */
export const without = (...programs: string[]): string =>
  programs.map((program) => `[ ! -e ${program} ] || mount --bind /dev/null ${program}`).join("; ");

/** Makes sudo fail, as neither a step nor its programs may use it. */
export const noSudo = without("/usr/bin/sudo");

/** A directory on this machine for a program, its records, and its source. */
export class ScratchProgram implements Place {
  readonly folder: string;
  /** The directory of uploaded files. */
  readonly outbox = makeHostDirectory();
  private sent = 0;

  constructor(
    /** The program's path below `folder`. */
    private readonly place = "bin/safeexec",
  ) {
    this.folder = makeHostDirectory();
    chmodSync(this.folder, 0o755);
    mkdirSync(this.at("bin"));
    mkdirSync(this.at("source"));
    for (const name of ["Makefile", "safeexec.c"]) copyFileSync(join(safeExecSource, name), this.at(`source/${name}`));
  }

  get path(): string {
    return this.at(this.place);
  }

  get records(): string {
    return this.at(`state/programs/${this.place.replaceAll("/", "-")}`);
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  /** Replaces the Makefile. */
  make(...lines: string[]): void {
    writeFileSync(this.at("source/Makefile"), `all:\n${lines.map((line) => `\t${line}\n`).join("")}`);
  }

  get cache(): string {
    return this.at("cache");
  }

  run<Taken extends Arguments = NoArguments>(
    step: Step<Taken>,
    ...[values, surroundings]: GivenHere<Taken>
  ): Promise<StepRun> {
    return runStepHere(step, this, (values ?? {}) as ValuesOf<Taken>, { before: noSudo, ...surroundings });
  }

  complete<Taken extends Arguments = NoArguments>(
    step: Step<Taken>,
    ...[values, surroundings]: GivenHere<Taken>
  ): Promise<Answer> {
    return completeStepHere(step, this, (values ?? {}) as ValuesOf<Taken>, { before: noSudo, ...surroundings });
  }

  /** Installs from the source, uploaded like a local folder. */
  async install({
    firewall = false,
    ...surroundings
  }: StepSurroundings & { firewall?: boolean } = {}): Promise<StepRun> {
    const archive = join(this.outbox, String((this.sent += 1)));
    await execa("tar", ["-c", "-f", archive, "-C", this.at("source"), "."]);
    const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
    return this.run(
      safeExecSteps.apply,
      {
        source: this.source,
        url: undefined,
        commit: undefined,
        archive,
        sha256,
        strip: "0",
        firewallWanted: firewall,
        needs: [],
      },
      surroundings,
    );
  }

  /** The same as text. */
  get source(): string {
    return `folder ${createHash("sha256")
      .update(readFileSync(this.at("source/Makefile")))
      .update(readFileSync(this.at("source/safeexec.c")))
      .digest("hex")}`;
  }

  look(surroundings?: StepSurroundings & { firewall?: boolean }): Promise<Answer> {
    return this.complete(safeExecSteps.read, { firewallWanted: surroundings?.firewall ?? false }, surroundings);
  }

  /** The program as a target whose host is this machine. */
  asPlace(surroundings: StepSurroundings = { before: noSudo }): Target {
    const place = { path: this.path, state: this.at("state"), cache: this.at("cache") };
    return replacing(localTarget("program", place, surroundings), { records: this.records });
  }

  /** Every path in the folder with type, mode, owner, size, inode and ctime, so that a write shows. */
  async listing(): Promise<string[]> {
    const { stdout } = await execa("find", [this.folder, "-printf", "%P %y %m %U:%G %s %i %C@ %l\n"]);
    return stdout.split("\n").sort();
  }

  remove(): void {
    for (const folder of [this.folder, this.outbox]) rmSync(folder, { recursive: true, force: true });
  }
}

/** A network namespace for a test, with only a loopback interface. */
export class ScratchNetwork {
  private constructor(private readonly holder: ChildProcess) {}

  static async make(): Promise<ScratchNetwork> {
    const holder = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await holder.stdout.take(1).toArray();
    await sleep(0);
    return new ScratchNetwork(holder);
  }

  /** The file of the namespace. */
  get file(): string {
    return `/proc/${this.holder.pid}/ns/net`;
  }

  /** Runs a command in the namespace as root, and returns its output. */
  async run(command: string): Promise<string> {
    return (await execa("nsenter", [`--net=${this.file}`, "--", "sh", "-c", command], { reject: false, all: true }))
      .all;
  }

  remove(): void {
    this.holder.kill("SIGKILL");
  }
}
