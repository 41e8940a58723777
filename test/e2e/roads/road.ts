import { execa } from "execa";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { engineRoot } from "../../../src/base/pulumi-internals.js";
import type { Host } from "../../hosts/host.js";
import { abandonedDirectories, makeOwnedDirectory } from "../../hosts/owned-directory.js";
import { endProcess, identifyProcess, type ProcessIdentity } from "../../hosts/process-identity.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { machineCache } from "../engine.js";
import { processesNaming } from "../marked-processes.js";
import { commandsOf } from "./commands.js";

const prefix = "python3jail-road";
const clonedAs = "pulumi-python3jail";

/** What a person answers: the end of a question, and the line that is typed. */
type Answer = readonly [question: string, answer: string];

export interface CommandOptions {
  /** For a person at a terminal. Without, there is no terminal, as in CI. */
  readonly answers?: readonly Answer[];
  /** The exit code, or that it is another one than 0. Default: 0. */
  readonly ends?: number | "failing";
}

/** Changes the text of a file, as a person does in an editor. */
type Edit = (text: string) => string;

/**
 * The way of a user from nothing to a jail: commands and edits, counted. The user has a home of their own, with keys for the hosts, and
 * nothing else: no login at a backend, no passphrase, no settings.
 */
export class Road {
  /** What was typed and edited. */
  readonly commands: string[] = [];
  readonly edits: string[] = [];
  /** Everything printed so far, without colours. */
  said = "";
  /** Where the next command runs. */
  directory: string;
  private env: Record<string, string>;

  private constructor(
    readonly name: string,
    readonly home: string,
    /** Holds the mount namespace of all commands. */
    private readonly holder: ProcessIdentity,
  ) {
    this.directory = home;
    this.env = {
      HOME: home,
      PATH: systemPath(),
      LANG: "C.UTF-8",
      TERM: "xterm",
      NO_COLOR: "1",
      npm_config_prefer_offline: "true",
      npm_config_update_notifier: "false",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // A clone of a checkout that is another user's.
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    };
  }

  static async create(name: string): Promise<Road> {
    for (const abandoned of abandonedDirectories(prefix)) await clear(abandoned);
    const home = makeOwnedDirectory(prefix);
    const real = userInfo().homedir;
    for (const folder of [".cache/python3jail", ".pulumi", ".ssh", ".road"])
      mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
    // What the set-up finds there already: the engine, archives, finished builds, npm's packages.
    symlinkSync(dirname(engineRoot()), join(home, ".pulumi/versions"));
    for (const kind of ["sources", "wheels", "artifacts"]) {
      mkdirSync(join(machineCache(), kind), { recursive: true });
      symlinkSync(join(machineCache(), kind), join(home, ".cache/python3jail", kind));
    }
    for (const file of [".npm", ".npmrc"])
      if (existsSync(join(real, file))) symlinkSync(join(real, file), join(home, file));
    // For OpenSSH and for Pulumi `~` is what the accounts say, whatever HOME is.
    const accounts = readFileSync("/etc/passwd", "utf8");
    writeFileSync(join(home, ".road/passwd"), accounts.replaceAll(`:${real}:`, `:${home}:`));
    return new Road(name, home, await mountAccounts(home));
  }

  /** Lets the user's ssh know a host by names and addresses, with a key and as a user. */
  knows(host: Host, ...names: readonly string[]): void {
    appendFileSync(
      join(this.home, ".ssh/config"),
      [
        `Host ${names.join(" ")}`,
        `  HostName ${host.address}`,
        `  User ${host.user}`,
        `  IdentityFile ${host.privateKeyFile}`,
        `  UserKnownHostsFile ${host.knownHostsFile}`,
        "",
      ].join("\n"),
    );
  }

  /** Has a Node that is new enough for the installed package. A checkout brings its own. */
  hasNewNode(): void {
    this.env.PATH = [join(repositoryRoot, "node_modules/node/bin"), this.env.PATH].join(delimiter);
  }

  /** What `npm install pulumi-python3jail @pulumi/pulumi pulumi` brings, in a directory of the user's, without the time that it takes. */
  install(directory: string): void {
    this.hasNewNode();
    this.directory = join(this.home, directory);
    const modules = join(this.directory, "node_modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    symlinkSync(repositoryRoot, join(modules, "pulumi-python3jail"));
    for (const name of ["@pulumi", "pulumi"])
      symlinkSync(join(repositoryRoot, "node_modules", name), join(modules, name));
    symlinkSync("../pulumi-python3jail/bin/python3jail.js", join(modules, ".bin/python3jail"));
    symlinkSync("../pulumi/run.js", join(modules, ".bin/pulumi"));
  }

  /** Clones the repository, and goes there. It has what is committed, and the npm packages of another road's clone, if one is given. */
  async clone(withPackagesOf?: Road): Promise<void> {
    await this.run(`git clone --quiet ${repositoryRoot} ${clonedAs} && cd ${clonedAs}`);
    const packages = withPackagesOf && join(withPackagesOf.home, clonedAs, "node_modules");
    if (packages !== undefined && existsSync(packages)) await execa("cp", ["-al", packages, this.directory]);
  }

  /** Sets a variable of the user's environment. */
  set(name: string, value: string): void {
    this.env[name] = value;
  }

  file(path: string): string {
    return join(this.directory, path);
  }

  read(path: string): string {
    return readFileSync(this.file(path), "utf8");
  }

  /** Changes a file, or writes a new one. */
  edit(path: string, change: Edit): void {
    const file = this.file(path);
    this.edits.push(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, change(existsSync(file) ? readFileSync(file, "utf8") : ""));
  }

  /** Runs the commands of a page's block as they stand there, each with the answers for it; `$EDITOR FILE` is an edit. */
  async follow(page: string, block: string, options: readonly (CommandOptions | Edit)[] = []): Promise<void> {
    for (const [index, command] of commandsOf(page, block).entries()) {
      const option = options[index];
      if (typeof option === "function") this.edit(editedFile(command), option);
      else await this.run(command, option);
    }
  }

  /** Runs a command line of the road. Returns what it printed. */
  async run(command: string, options?: CommandOptions): Promise<string> {
    this.commands.push(command);
    return this.prepare(command, options);
  }

  /** Runs a command line that is no part of the road, in the same shell: its directory and variables stay for the next one. */
  async prepare(command: string, { answers, ends = 0 }: CommandOptions = {}): Promise<string> {
    const [script, directory, variables] = ["command", "directory", "variables"].map((file) =>
      join(this.home, ".road", file),
    ) as [string, string, string];
    const before = `cd ${this.directory}\ntrap 'pwd >${directory}; env -0 >${variables}' EXIT`;
    writeFileSync(script, `${before}\n${command}\n`);
    const words = answers
      ? ["script", "-qec", `stty cols 100 rows 40 && exec bash ${script}`, "/dev/null"]
      : ["bash", script];
    const person = execa("nsenter", [`--mount=/proc/${this.holder.pid}/ns/mnt`, ...words], {
      env: { ...this.env, ...(answers && { SHELL: "/bin/sh" }) },
      extendEnv: false,
      all: true,
      reject: false,
      stdin: answers ? "pipe" : "ignore",
    });
    const left = [...(answers ?? [])];
    let heard = "";
    person.all.on("data", (more: Buffer) => {
      heard += more.toString();
      const [next] = left;
      if (!next || !plain(heard).includes(next[0])) return;
      heard = "";
      left.shift();
      person.stdin?.write(`${next[1]}\r`);
    });
    const { all, exitCode } = await person;
    const said = plain(all);
    this.said += `$ ${command}\n${said}\n`;
    const asExpected = ends === "failing" ? exitCode !== 0 : exitCode === ends;
    if (!asExpected || left.length > 0)
      throw new Error(`${command}: exit code ${exitCode}, not asked: ${JSON.stringify(left)}\n${said}`);
    this.directory = readFileSync(directory, "utf8").trimEnd();
    this.env = variablesIn(readFileSync(variables, "utf8"));
    return said;
  }

  /** Prints how long the way was. */
  tell(): void {
    const count = (list: readonly string[], what: string): string =>
      `${list.length} ${what}${list.length === 1 ? "" : "s"}`;
    const lines = [...this.commands.map((command) => `$ ${command}`), ...this.edits.map((file) => `edits ${file}`)];
    process.stdout.write(
      `${this.name}: ${count(this.commands, "command")}, ${count(this.edits, "edit")}\n${lines.map((line) => `  ${line}\n`).join("")}`,
    );
  }

  /** Ends what still runs, takes away what a quickstart left, and removes the home. */
  async remove(): Promise<void> {
    await clear(this.home);
  }
}

/** Makes a mount namespace with the accounts of a home; it ends with this process. */
async function mountAccounts(home: string): Promise<ProcessIdentity> {
  const script = `mount --bind ${join(home, ".road/passwd")} /etc/passwd && echo mounted && exec tail -f ${join(home, ".road/passwd")}`;
  const holder = execa("setpriv", ["--pdeathsig", "KILL", "unshare", "--mount", "sh", "-c", script], {
    stdin: "ignore",
    stderr: "ignore",
    buffer: false,
    reject: false,
  });
  const mounted = await Promise.race([once(holder.stdout, "data"), holder]);
  const identity = Array.isArray(mounted) && holder.pid !== undefined ? identifyProcess(holder.pid) : undefined;
  if (!identity) throw new Error("no mount namespace can be made");
  // A test that fails before it removes its road shall still end.
  holder.nodeChildProcess.unref();
  if (holder.stdout instanceof Socket) holder.stdout.unref();
  return identity;
}

async function clear(home: string): Promise<void> {
  for (const left of processesNaming(home)) await endProcess(left);
  const quickstart = join(home, clonedAs, ".python3jail/quickstart");
  const destroy = [join(repositoryRoot, "build/quickstart/main.js"), "--directory", quickstart, "--destroy"];
  if (existsSync(quickstart)) await execa("node", destroy, { env: { NODE_OPTIONS: "" }, reject: false });
  rmSync(home, { recursive: true, force: true });
}

/** Without what npm puts before it for the scripts that it runs. */
function systemPath(): string {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => !directory.includes("node_modules") && !directory.includes("node-gyp-bin"))
    .join(delimiter);
}

function editedFile(command: string): string {
  const file = /^\$EDITOR (\S+)/.exec(command)?.[1];
  if (file === undefined) throw new Error(`${command} is no edit`);
  return file;
}

function plain(text: string): string {
  // With the dots with which npm shows that it works.
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\r\u2800-\u28ff]/g, "");
}

/** Of the shell's variables those that a next shell does not set itself. */
function variablesIn(text: string): Record<string, string> {
  const entries = text
    .split("\0")
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const)
    .filter(([name]) => name !== "" && !["_", "SHLVL", "PWD", "OLDPWD", "SHELL"].includes(name));
  return Object.fromEntries(entries);
}
