import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse } from "yaml";
import { engineRoot } from "../../src/base/pulumi-internals.js";
import { abandonedDirectories, makeOwnedDirectory } from "../hosts/owned-directory.js";
import { endProcess, identifyProcess, type ProcessIdentity } from "../hosts/process-identity.js";
import { repositoryRoot } from "../hosts/repository.js";
import { processesWith, type MarkedProcess } from "./marked-processes.js";
import type { StackState, StoredState } from "./stack-state.js";

/** The engine writes the stack's state at an operation's end only: of one that dies it knows nothing. */
export const withoutCheckpoints = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

export interface ProjectOptions {
  /**
   * What to run: "repository" (the repository's own project, with a copy of its stacks), the absolute path of a whole
   * project (which is copied), the path of a compiled program (absolute, ending in .js), or the text of a CommonJS program.
   * The latter two get a project of their own. In all but the first, `require("pulumi-python3jail")` finds this
   * repository as if it were installed.
   */
  program: string;
  /** The stack's name. */
  stack?: string;
  /** The stack's config; see {@link Project.setConfig}. */
  config?: Record<string, unknown>;
  /** For every command, on top of what the harness sets. */
  env?: Record<string, string>;
}

export interface CommandOptions {
  /** Over those of the project; an undefined one is taken away. */
  env?: Record<string, string | undefined>;
  /** Whether the command has to fail. Either way an unexpected end throws, with everything that was printed. */
  expectFailure?: boolean;
  /** Written to its standard input. */
  input?: string;
}

export interface OperationOptions extends CommandOptions {
  /** More command line arguments. */
  flags?: string[];
}

export interface PulumiResult {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
  /** Both, in the order in which they came. */
  all: string;
}

const PREFIX = "python3jail-project";
const ownCommand = join(repositoryRoot, "build", "src", "cli", "main.js");
const PASSPHRASE = "only for throwaway stacks";

/** A temporary Pulumi project with one stack, on a backend of its own, run by the real engine. */
export class Project {
  private constructor(
    /** The project's folder, inside the temporary one. */
    readonly directory: string,
    readonly stack: string,
    private readonly temporary: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Clears what killed test runs left, and makes a project with its stack. */
  static async create(options: ProjectOptions): Promise<Project> {
    for (const abandoned of abandonedDirectories(PREFIX)) {
      await clear(abandoned);
    }
    const temporary = makeOwnedDirectory(PREFIX);
    const directory = join(temporary, "project");
    for (const folder of ["project", "backend", "home", "cache"]) {
      mkdirSync(join(temporary, folder));
    }
    // Archives are the machine's; builds that other tests' hosts made are not to come from here by surprise.
    for (const kind of ["sources", "wheels"]) {
      mkdirSync(join(machineCache(), kind), { recursive: true });
      symlinkSync(join(machineCache(), kind), join(temporary, "cache", kind));
    }
    // Where our own command looks for the engine first.
    symlinkSync(dirname(engineRoot()), join(pulumiHome(temporary), "versions"));
    const project = new Project(directory, options.stack ?? "test", temporary, {
      ...engineEnvironment(temporary),
      ...options.env,
    });
    try {
      if (options.program === "repository") {
        copyRepositoryProject(directory);
      } else if (isAbsolute(options.program) && !options.program.endsWith(".js")) {
        cpSync(options.program, directory, { recursive: true });
        linkPackages(directory);
      } else {
        writeProject(directory, options.program);
      }
      await project.pulumi(["stack", "init", project.stack]);
      if (options.config !== undefined) {
        project.setConfig(options.config);
      }
    } catch (error) {
      await project.remove();
      throw error;
    }
    return project;
  }

  /** The stack's config file. */
  get configFile(): string {
    const { stackConfigDir = "." } = this.manifest;
    return join(this.directory, stackConfigDir, `Pulumi.${this.stack}.yaml`);
  }

  private get manifest(): { name: string; stackConfigDir?: string } {
    return parse(readFileSync(join(this.directory, "Pulumi.yaml"), "utf8")) as {
      name: string;
      stackConfigDir?: string;
    };
  }

  /** Replaces the stack's config. Keys carry their namespace: `{"python3jail:hosts": [...]}`. */
  setConfig(config: Record<string, unknown>): void {
    // The salt belongs to the stack; without it no secret of the state could be read any more.
    const salt = /^encryptionsalt:.*\n/m.exec(readFileSync(this.configFile, "utf8"))?.[0] ?? "";
    // JSON is YAML.
    writeFileSync(this.configFile, `${salt}config: ${JSON.stringify(config, null, 2)}\n`);
  }

  /** Sets one value as a secret; the key may lead into the config, as in `python3jail:hosts[0].password`. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", "--path", key, "--stack", this.stack], { input: value });
  }

  async preview(options: OperationOptions & { refresh?: boolean } = {}): Promise<PulumiResult> {
    return this.operation("preview", [refreshFlag(options.refresh)], options);
  }

  async up(options: OperationOptions & { refresh?: boolean } = {}): Promise<PulumiResult> {
    return this.operation("up", ["--yes", "--skip-preview", refreshFlag(options.refresh)], options);
  }

  async refresh(options: OperationOptions = {}): Promise<PulumiResult> {
    return this.operation("refresh", ["--yes", "--skip-preview"], options);
  }

  async destroy(options: OperationOptions = {}): Promise<PulumiResult> {
    return this.operation("destroy", ["--yes", "--skip-preview"], options);
  }

  /**
   * The stack's state; secrets are encrypted in it unless they are asked for. That of a backend of the project's own is read as it lies there,
   * which is all that the engine would print.
   */
  async exportState(options: { showSecrets?: boolean } = {}): Promise<StackState> {
    if (!options.showSecrets && this.env.PULUMI_BACKEND_URL === backendUrl(this.temporary)) {
      const { name } = this.manifest;
      const file = join(this.temporary, "backend", ".pulumi", "stacks", name, `${this.stack}.json`);
      const { version, checkpoint } = JSON.parse(readFileSync(file, "utf8")) as StoredState;
      return { version, deployment: checkpoint.latest ?? {} };
    }
    const flags = options.showSecrets ? ["--show-secrets"] : [];
    const result = await this.pulumi(["stack", "export", "--stack", this.stack, ...flags]);
    return JSON.parse(result.stdout) as StackState;
  }

  /** Runs any command of the engine in the project's folder. */
  async pulumi(args: string[], options: CommandOptions = {}): Promise<PulumiResult> {
    const result = await this.start(args, options).result;
    if ((result.exitCode !== 0) !== (options.expectFailure ?? false)) {
      const end = result.signal === undefined ? `exit code ${result.exitCode}` : result.signal;
      throw new Error(`pulumi ${args.join(" ")} ended with ${end}:\n${result.all}`);
    }
    return result;
  }

  /** Starts an operation and returns while it runs, for a test that interrupts it. */
  startOperation(operation: "up" | "preview" | "refresh" | "destroy", options: OperationOptions = {}): RunningPulumi {
    return this.start(
      this.operationArguments(operation, operation === "preview" ? [] : ["--yes", "--skip-preview"], options),
      options,
    );
  }

  /** Folder and environment in which a person would run commands on this project. */
  surroundings(env: Record<string, string> = {}): { cwd: string; env: Record<string, string>; extendEnv: false } {
    return { cwd: this.directory, env: { ...this.env, ...env }, extendEnv: false };
  }

  /** Starts any command and returns while it runs. */
  start(args: string[], options: Omit<CommandOptions, "expectFailure"> = {}): RunningPulumi {
    return this.run(engineFile(), [...args, "--color=never", "--non-interactive"], options);
  }

  /** Starts a command of `python3jail` in the project's folder and returns while it runs. */
  python3jail(args: string[], options: Omit<CommandOptions, "expectFailure"> = {}): RunningPulumi {
    return this.run(process.execPath, [ownCommand, ...args], options);
  }

  /** Starts a command of this package through `npx`, as a user does, and returns while it runs. */
  npx(args: string[]): RunningPulumi {
    const commands = join(this.directory, "node_modules", ".bin");
    mkdirSync(commands, { recursive: true });
    const command = join(commands, "python3jail");
    if (!existsSync(command)) symlinkSync(join(repositoryRoot, "bin", "python3jail.js"), command);
    return this.run("npx", ["--no-install", ...args], {});
  }

  private run(file: string, args: string[], options: Omit<CommandOptions, "expectFailure">): RunningPulumi {
    return new RunningPulumi(file, args, {
      cwd: this.directory,
      env: { ...this.env, ...options.env },
      input: options.input ?? "",
    });
  }

  /**
   * What of this project runs now: the engine, the language host, the program, the provider and whatever they started,
   * even where a killed engine left it behind.
   */
  processes(): MarkedProcess[] {
    return processesIn(this.temporary);
  }

  /** Ends what still runs, then removes the project with its backend. What the program made elsewhere is destroy's to remove. */
  async remove(): Promise<void> {
    await clear(this.temporary);
  }

  private async operation(name: string, flags: string[], options: OperationOptions): Promise<PulumiResult> {
    return this.pulumi(this.operationArguments(name, flags, options), options);
  }

  private operationArguments(name: string, flags: string[], options: OperationOptions): string[] {
    return [name, "--stack", this.stack, ...flags.filter((flag) => flag !== ""), ...(options.flags ?? [])];
  }
}

/** One run of the engine, or of our command. It is a process group of its own, like a command started in a terminal. */
export class RunningPulumi {
  /** What was printed so far. */
  output = "";
  readonly identity: ProcessIdentity;
  readonly result: Promise<PulumiResult>;
  private ended = false;

  constructor(
    file: string,
    args: string[],
    options: { cwd: string; env: Record<string, string | undefined>; input: string },
  ) {
    const subprocess = execa(file, args, {
      ...options,
      extendEnv: false,
      all: true,
      reject: false,
      detached: true,
      stripFinalNewline: false,
    });
    const identity = subprocess.pid === undefined ? undefined : identifyProcess(subprocess.pid);
    if (identity === undefined) {
      throw new Error(`${file} does not start`);
    }
    this.identity = identity;
    subprocess.all.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.result = subprocess.then(({ exitCode, signal, stdout, stderr, all }) => {
      this.ended = true;
      return { exitCode, signal, stdout, stderr, all };
    });
  }

  /** Resolves when the output holds this; throws when the command ends without, or the time is over. */
  async waitFor(pattern: RegExp, milliseconds = 60_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!pattern.test(this.output)) {
      if (this.ended || Date.now() > deadline) {
        throw new Error(`the command ${this.ended ? "ended" : "ran on"} without printing ${pattern}:\n${this.output}`);
      }
      await sleep(20);
    }
  }

  /** Signals the engine alone. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.identity.pid, signal);
  }

  /** Signals the engine's whole process group, as the terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.identity.pid, signal);
  }
}

async function clear(temporary: string): Promise<void> {
  for (const remaining of processesIn(temporary)) {
    await endProcess(remaining);
  }
  rmSync(temporary, { recursive: true, force: true });
}

function processesIn(temporary: string): MarkedProcess[] {
  return processesWith("PULUMI_HOME", pulumiHome(temporary));
}

/** Where the engine keeps its own settings; no two projects share one, so it also marks a project's processes. */
function pulumiHome(temporary: string): string {
  return join(temporary, "home");
}

/** The folder that the stack's state lies in. */
function backendUrl(temporary: string): string {
  return `file://${join(temporary, "backend")}`;
}

function refreshFlag(refresh: boolean | undefined): string {
  return refresh === undefined ? "" : `--refresh=${refresh}`;
}

/** The engine itself. The npm package's command is a wrapper in between, which would catch the signals. */
function engineFile(): string {
  const file = join(engineRoot(), "bin", "pulumi");
  if (!existsSync(file)) {
    throw new Error(`the Pulumi engine is not at ${file}: npm test and npm run quickstart put it there`);
  }
  return file;
}

/** The cache that the set-up fills. */
export function machineCache(): string {
  return (
    process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail")
  );
}

function engineEnvironment(temporary: string): Record<string, string> {
  // The caller's own Pulumi settings, and jest's for Node, are not for the engine under test.
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(PULUMI_|NODE_OPTIONS$|NO_COLOR$|FORCE_COLOR$)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(inherited),
    // The engine itself, before the npm package's wrapper of it, with the language host beside it; and the repository's Node.
    PATH: [dirname(engineFile()), join(repositoryRoot, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: pulumiHome(temporary),
    PYTHON3JAIL_CACHE_DIR: join(temporary, "cache"),
    // Every operation starts two Nodes that load Pulumi's SDK: as with our own command, what they have compiled is kept.
    NODE_COMPILE_CACHE: join(machineCache(), "test-compiled"),
    PULUMI_BACKEND_URL: backendUrl(temporary),
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_CONTINUE_ON_ERROR: "true",
  };
}

function copyRepositoryProject(directory: string): void {
  const manifest = readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8");
  const main = /^main:\s*(\S+)/m.exec(manifest)?.[1];
  if (main === undefined) {
    throw new Error("the repository's Pulumi.yaml has no main to run");
  }
  const program = join(repositoryRoot, main);
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    manifest.replace(/^main:.*$/m, () => `main: ${program}`),
  );
  cpSync(join(repositoryRoot, "stacks"), join(directory, "stacks"), { recursive: true });
}

function writeProject(directory: string, program: string): void {
  const isFile = program.endsWith(".js") && !program.includes("\n");
  const main = isFile ? program : "index.js";
  const manifest = { name: "python3jail-test", runtime: { name: "nodejs", options: { typescript: false } }, main };
  writeFileSync(join(directory, "Pulumi.yaml"), `${JSON.stringify(manifest)}\n`);
  writeFileSync(join(directory, "package.json"), `${JSON.stringify({ name: manifest.name, private: true })}\n`);
  if (!isFile) {
    writeFileSync(join(directory, "index.js"), program);
  }
  linkPackages(directory);
}

/** Has this repository as a package in a folder, with the packages that a program in TypeScript needs. */
export function linkPackages(directory: string): void {
  const modules = join(directory, "node_modules");
  mkdirSync(modules);
  symlinkSync(repositoryRoot, join(modules, "pulumi-python3jail"));
  for (const name of ["@pulumi", "@types", "typescript"])
    symlinkSync(join(repositoryRoot, "node_modules", name), join(modules, name));
}
