import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { listHost, type ListingOptions } from "./host-listing.js";
import { endProcess, type ProcessIdentity } from "./process-identity.js";
import { hostScript } from "./repository.js";
import { PATH } from "./tools.js";

/** Login and sudo password of every test host: no secret, as they can only be reached from this machine. */
const HOST_PASSWORD = "only-for-throwaway-hosts";

/** What the fleet knows about a host that it has made. */
export interface HostFacts {
  name: string;
  address: string;
  user: string;
  /** Holds its keys and known_hosts, on the machine. */
  folder: string;
  /** The first process of the host, as the machine sees it. */
  init: ProcessIdentity;
  /** The overlay's lower layer. */
  lower: string;
  /** What `uname -m` is to tell: the processor's real name (64), or the one that a system of 32 bits would know it by. */
  bits: 32 | 64;
  /** Folders with a file system of their own. */
  mounts: string[];
  setLink(state: "up" | "down"): Promise<void>;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** One throwaway machine: its own root, processes, network address and SSH server. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly port = 22;
  readonly user: string;
  readonly password = HOST_PASSWORD;
  readonly privateKeyFile: string;
  readonly knownHostsFile: string;
  /**
   * The host's root as the machine reaches it. An absolute symlink in there leads out of it, to the machine's own files:
   * follow links with {@link run} instead.
   */
  readonly rootDirectory: string;

  constructor(private readonly facts: HostFacts) {
    this.name = facts.name;
    this.address = facts.address;
    this.user = facts.user;
    this.privateKeyFile = join(facts.folder, "login_key");
    this.knownHostsFile = join(facts.folder, "known_hosts");
    this.rootDirectory = `/proc/${facts.init.pid}/root`;
  }

  /** The host's present key, as known_hosts wants it after the address. */
  async hostKey(): Promise<string> {
    const [type, key] = (await readFile(join(this.facts.folder, "host_key.pub"), "utf8")).split(" ");
    return `${type} ${key}`;
  }

  /** Arguments for ssh (or scp, sftp) up to where the command goes; nothing of the caller's own settings is used. */
  sshArguments(): string[] {
    const options = [
      "BatchMode=yes",
      "ConnectTimeout=5",
      "IdentitiesOnly=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${this.knownHostsFile}`,
    ];
    const flags = options.flatMap((option) => ["-o", option]);
    return ["-F", "none", "-i", this.privateKeyFile, ...flags, `${this.user}@${this.address}`];
  }

  /**
   * Runs a shell command as root on the host, not through its SSH server: for arranging and inspecting, also while it is
   * unreachable. Throws when the command fails, unless `reject` is false.
   */
  async run(command: string, options: { input?: string; reject?: boolean } = {}): Promise<RunResult> {
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid"];
    const clean = ["env", "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    const result = await execa(
      "setarch",
      [
        `linux${this.facts.bits}`,
        "nsenter",
        `--target=${this.facts.init.pid}`,
        ...namespaces,
        "--",
        ...clean,
        "/bin/sh",
        "-c",
        command,
      ],
      { env: { PATH }, input: options.input ?? "", reject: options.reject ?? true },
    );
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? -1 };
  }

  /** Every entry of the host's that was made, changed or removed since it started, or everything under given paths. */
  async listing(options: ListingOptions = {}): Promise<string[]> {
    const { init, lower, mounts } = this.facts;
    return listHost({ root: this.rootDirectory, upper: `/proc/${init.pid}/fd/9`, lower, mounts }, options);
  }

  /** Pulls the cable: what is sent to the host gets lost. Ssh sees a time-out, or "no route" some seconds later. */
  async takeDown(): Promise<void> {
    await this.facts.setLink("down");
  }

  /** Plugs it in again; connections that were not given up meanwhile go on. */
  async bringUp(): Promise<void> {
    await this.facts.setLink("up");
  }

  /** Stops the SSH server: new connections are refused, present ones go on. */
  async refuse(): Promise<void> {
    await this.run('kill -KILL "$(cat /run/sshd.pid)" && rm /run/sshd.pid');
  }

  /** Starts the SSH server again. */
  async accept(): Promise<void> {
    await this.run(await readFile(hostScript("start-sshd.sh"), "utf8"));
  }

  /** Cuts every SSH connection; the server still listens, and commands that ran in them live on until they notice. */
  async dropConnections(): Promise<void> {
    await this.run(await readFile(hostScript("end-sshd-sessions.sh"), "utf8"));
  }

  /** As after a reinstallation, or with somebody in between; {@link knownHostsFile} still has the old key. */
  async changeHostKey(): Promise<void> {
    const key = join(this.facts.folder, "host_key");
    await makeKey(key);
    await copyFile(key, join(this.rootDirectory, "etc/ssh/ssh_host_ed25519_key"));
    await this.refuse();
    await this.accept();
  }

  /** What the SSH server has logged so far. */
  async sshLog(): Promise<string> {
    return readFile(join(this.rootDirectory, "run/sshd.log"), "utf8");
  }

  /** How many connections were made to the SSH server so far, whether or not a login came of them. */
  async sshConnections(): Promise<number> {
    return count(await this.sshLog(), /^Connection from /gm);
  }

  /** How many logins succeeded so far. */
  async sshLogins(): Promise<number> {
    return count(await this.sshLog(), /^Accepted \S+ for /gm);
  }

  /** Ends the host, and with it every process, mount and address of its own. */
  async destroy(): Promise<void> {
    await endProcess(this.facts.init);
  }
}

/** Makes a key pair, in place of one that is there. */
export async function makeKey(path: string): Promise<void> {
  // Input answers the question whether to overwrite, which comes only where there is something.
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test host", "-f", path], { input: "y\n" });
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
