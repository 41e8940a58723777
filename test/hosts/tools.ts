import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** Which Debian package brings each command that the hosts are made with. */
const TOOLS = {
  ip: "iproute2",
  mount: "mount",
  nsenter: "util-linux",
  pivot_root: "util-linux",
  setarch: "util-linux",
  setpriv: "util-linux",
  unshare: "util-linux",
  sshd: "openssh-server",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  sudo: "sudo",
  debootstrap: "debootstrap",
} as const;

export type Tool = keyof typeof TOOLS;

/** What every host needs. */
const ALWAYS: Tool[] = [
  "ip",
  "mount",
  "nsenter",
  "pivot_root",
  "setarch",
  "setpriv",
  "unshare",
  "sshd",
  "ssh",
  "ssh-keygen",
];

/** Commands live in sbin too, and not everyone's PATH has it. */
export const PATH = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

/** Says in one error everything that this machine lacks for making hosts, and the remedy. */
export async function requireTools(...extra: Tool[]): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error("test hosts are made of namespaces and mounts: run the tests as root (sudo)");
  }
  const missing = [...ALWAYS, ...extra].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((tool) => TOOLS[tool]))].sort();
    throw new Error(
      `test hosts need commands that this machine lacks: ${missing.join(", ")}\n` +
        `Install them: apt-get install ${packages.join(" ")}`,
    );
  }
  const trial = await execa("unshare", ["--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "true"], {
    env: { PATH },
    reject: false,
  });
  if (trial.failed) {
    throw new Error(
      `test hosts need the right to make namespaces and mounts, which this machine (a container?) refuses: ` +
        `${trial.stderr}\nRun the container with --privileged, or the tests on a machine of their own`,
    );
  }
}

function isInstalled(tool: Tool): boolean {
  return PATH.split(":").some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
