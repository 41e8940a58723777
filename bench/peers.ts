import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jailPath } from "../test/e2e/jail-stack.js";
import { ansibleCore, virtualEnvironment } from "../test/e2e/virtual-environment.js";
import type { Host } from "../test/hosts/host.js";
import type { Reachable } from "./delay.js";
import { repositoryRoot } from "../test/hosts/repository.js";

/** The tools that people would use instead, with pinned versions. */
const wanted = [ansibleCore, "pyinfra==3.5.1"];

/** Ansible and pyinfra in a virtual environment of their own, configured for some hosts. */
export class Peers {
  private readonly folder = mkdtempSync(join(tmpdir(), "bench-peers-"));

  private constructor(
    private readonly hosts: readonly Reachable[],
    private readonly venv: string,
  ) {
    writeFileSync(
      join(this.folder, "inventory"),
      hosts
        .map(
          ({ name, address, port, privateKeyFile, knownHostsFile }) =>
            `${name} ansible_host=${address} ansible_port=${port} ansible_user=root ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-F none -o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes' jail=${jailPath}\n`,
        )
        .join(""),
    );
    // Use pipelining, one fork per host and persistent connections, as Ansible's manual advises for speed. No
    // connection lasts until the next run, as with us.
    writeFileSync(
      join(this.folder, "ansible.cfg"),
      `[defaults]\nforks = ${Math.max(8, hosts.length)}\ninterpreter_python = /usr/bin/python3\nstdout_callback = minimal\n[ssh_connection]\npipelining = true\ncontrol_path_dir = ${this.folder}/cp\nssh_args = -o ControlMaster=auto -o ControlPersist=30s\n`,
    );
    writeFileSync(
      join(this.folder, "inventory.py"),
      `names = ${JSON.stringify(hosts.map(({ name }) => name))}\nsettings = ${JSON.stringify(hosts.map(({ address, port, privateKeyFile, knownHostsFile }) => ({ ssh_hostname: address, ssh_port: port, ssh_user: "root", ssh_key: privateKeyFile, ssh_known_hosts_file: knownHostsFile })))}\nhosts = list(zip(names, settings))\n`,
    );
  }

  static async create(hosts: readonly Reachable[]): Promise<Peers> {
    return new Peers(hosts, await virtualEnvironment("bench-peers", wanted));
  }

  /** Writes to the hosts the digests that the peers' reads compare with, as their users would. */
  static async remember(hosts: readonly Host[]): Promise<void> {
    for (const host of hosts) {
      await host.run(
        `cd ${jailPath} && find bin lib/python3.13 -printf '%i %s %C@ %p\\n' | sort | sha256sum >/var/tmp/python.digest && find lib lib64 .libraries -path lib/python3.13 -prune -o -printf '%i %s %C@ %p\\n' | sort | sha256sum >/var/tmp/libraries.digest`,
      );
    }
  }

  async ansible(playbook: "refresh.yml" | "deploy.yml", variables: Record<string, string> = {}): Promise<void> {
    await execa(
      join(this.venv, "bin/ansible-playbook"),
      [
        "-i",
        join(this.folder, "inventory"),
        "-e",
        JSON.stringify(variables),
        join(repositoryRoot, "bench/peers", playbook),
      ],
      {
        env: {
          ANSIBLE_CONFIG: join(this.folder, "ansible.cfg"),
          ANSIBLE_LOCALHOST_WARNING: "false",
          LC_ALL: "C.UTF-8",
          HOME: this.folder,
        },
      },
    );
    // End its connections, or the next run would use them.
    await execa(
      "sh",
      [
        "-c",
        `for socket in "$1"/cp/*; do [ ! -S "$socket" ] || ssh -o ControlPath="$socket" -O exit host; done`,
        "sh",
        this.folder,
      ],
      { reject: false },
    );
  }

  async pyinfra(): Promise<void> {
    await execa(
      join(this.venv, "bin/pyinfra"),
      [
        "-y",
        "--parallel",
        String(this.hosts.length),
        join(this.folder, "inventory.py"),
        join(repositoryRoot, "bench/peers/refresh.py"),
      ],
      { cwd: this.folder, env: { HOME: this.folder, LC_ALL: "C.UTF-8" } },
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
