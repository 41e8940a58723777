import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { debianRoot, type DebianRoot } from "./debian-root.js";
import { Host, makeKey } from "./host.js";
import { OWN_FOLDERS, SHARED_TOP_FOLDERS } from "./host-layout.js";
import { endProcess, identifyProcess, type ProcessIdentity } from "./process-identity.js";
import { hostScript } from "./repository.js";
import { RunDirectory } from "./run-directory.js";
import { PATH, requireTools } from "./tools.js";

export interface HostOptions {
  /** Its host name, unique in the fleet. */
  name: string;
  /** What is installed on it: everything that the machine has (the default), or a bare Debian. */
  root?: "machine" | DebianRoot;
  /** Who logs in: root (the default), or a user who is added. */
  user?: string;
  /** What that user may do as root: everything, everything once the password is typed, or nothing (the default). */
  sudo?: "without-password" | "with-password" | "none";
  /** Whether its SSH server takes passwords besides keys. */
  passwordLogin?: boolean;
  /** Folders on a tmpfs of their own, with its mount options: `{ "/srv": "nodev,size=20m" }`. */
  mounts?: Record<string, string>;
  /** A folder of the machine to keep the host's /var/cache/python3jail in; made if missing. */
  cacheDirectory?: string;
}

/** The hash that crypt(3) makes of HOST_PASSWORD, kept so that no tool is needed to make it. */
const HOST_PASSWORD_HASH =
  "$6$throwaway$1HcA9vig3EYnUWHn9valBJ3asbbPMra5cecIPTEV7zIRhN2kZHQNPmPdIfcmf1COWQPqLUUEhabCOyy04bjiY0";

/** Some throwaway hosts on a network of their own that only this machine is on. */
export class HostFleet {
  readonly hosts: Host[] = [];
  private nextNumber = 2;

  private constructor(
    private readonly run: RunDirectory,
    private readonly switchProcess: ProcessIdentity,
    /** The first three numbers of every address. */
    private readonly subnet: string,
  ) {}

  /** Clears what killed test runs left, and makes a network. */
  static async create(): Promise<HostFleet> {
    await requireTools();
    await RunDirectory.clearRemains();
    const run = new RunDirectory();
    try {
      const started = await startScript(run, "switch", "switch.sh", { MACHINE_PID: String(process.pid) });
      return new HostFleet(run, started.process, started.firstLine);
    } catch (error) {
      await run.remove();
      throw error;
    }
  }

  /** This machine's address as the hosts see it, for a test that serves them something. */
  get machineAddress(): string {
    return `${this.subnet}.1`;
  }

  async addHost(options: HostOptions): Promise<Host> {
    const number = this.nextNumber++;
    const address = `${this.subnet}.${number}`;
    const port = `host${number}`;
    const user = options.user ?? "root";
    const folder = join(this.run.path, options.name);
    const mounts = options.mounts ?? {};
    if (options.sudo !== undefined && (options.root ?? "machine") === "machine") {
      await requireTools("sudo");
    }
    const root = typeof options.root === "object" ? await debianRoot(options.root) : { folder: "/", bits: 64 as const };
    mkdirSync(join(folder, "stage"), { recursive: true });
    if (options.cacheDirectory !== undefined) {
      mkdirSync(options.cacheDirectory, { recursive: true });
    }
    await Promise.all([makeKey(join(folder, "host_key")), makeKey(join(folder, "login_key"))]);

    const started = await startScript(this.run, options.name, "host.sh", {
      SWITCH_PID: String(this.switchProcess.pid),
      PORT: port,
      ADDRESS: address,
      NAME: options.name,
      STAGE: join(folder, "stage"),
      LOWER: root.folder,
      SHARED: SHARED_TOP_FOLDERS.join(" "),
      OWN: OWN_FOLDERS.join(" "),
      KEYS: folder,
      LOGIN: user,
      SUDO_RULE: { "without-password": "ALL=(ALL:ALL) NOPASSWD: ALL", "with-password": "ALL=(ALL:ALL) ALL", none: "" }[
        options.sudo ?? "none"
      ],
      PASSWORD_LOGIN: options.passwordLogin ? "yes" : "no",
      PASSWORD_HASH: HOST_PASSWORD_HASH,
      MOUNTS: Object.entries(mounts)
        .map(([path, mountOptions]) => `${path} ${mountOptions}\n`)
        .join(""),
      CACHE: options.cacheDirectory ?? "",
    });
    const init = identifyProcess(Number(started.firstLine.replace("ready ", "")));
    if (init === undefined) {
      throw new Error(`host ${options.name} died as soon as it was up`);
    }
    const host = new Host({
      name: options.name,
      address,
      user,
      folder,
      init,
      lower: root.folder,
      bits: root.bits,
      mounts: Object.keys(mounts),
      setLink: async (state) => {
        const network = `--net=/proc/${this.switchProcess.pid}/ns/net`;
        await execa("nsenter", [network, "ip", "link", "set", port, state], { env: { PATH } });
      },
    });
    await writeFile(host.knownHostsFile, `${address} ${await host.hostKey()}\n`);
    await host.accept();
    this.hosts.push(host);
    return host;
  }

  /** Ends everything. */
  async destroy(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.destroy()));
    // A network namespace goes some time after its last process; the cable's end on the machine shall be gone on return.
    const cable = `p3jail${this.subnet.split(".")[2]}`;
    await execa("ip", ["link", "delete", cable], { env: { PATH } });
    await endProcess(this.switchProcess);
    await this.run.remove();
  }
}

/**
 * Starts one of the long-running scripts in a network namespace of its own and waits for its first line. It is killed with
 * this process, however that ends.
 */
async function startScript(
  run: RunDirectory,
  name: string,
  script: string,
  env: Record<string, string>,
): Promise<{ process: ProcessIdentity; firstLine: string }> {
  const path = hostScript(script);
  const subprocess = execa("setpriv", ["--pdeathsig", "KILL", "unshare", "--net", "sh", path], {
    env: { ...env, PATH, SCRIPTS: dirname(path) },
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
  });
  const started = subprocess.pid === undefined ? undefined : identifyProcess(subprocess.pid);
  if (started !== undefined) {
    run.record(started.pid);
  }
  let complaint = "";
  subprocess.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const firstLine = await new Promise<string | undefined>((resolve) => {
    let output = "";
    subprocess.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) {
        resolve(output.slice(0, output.indexOf("\n")));
      }
    });
    void subprocess.then(() => resolve(undefined));
  });
  if (firstLine === undefined || started === undefined) {
    throw new Error(`${name} (test/hosts/${script}) did not start: ${complaint.trim()}`);
  }
  // A test that fails before it destroys its fleet shall still end.
  subprocess.nodeChildProcess.unref();
  for (const stream of [subprocess.stdout, subprocess.stderr]) if (stream instanceof Socket) stream.unref();
  return { process: started, firstLine };
}
