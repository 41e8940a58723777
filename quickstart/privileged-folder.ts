import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { Places } from "./places.js";
import type { Root } from "./privilege.js";
import { isRoots, processes } from "./processes.js";
import { say } from "./screen.js";

/** Returns the empty directory for privilege separation, if sshd's message says that it is missing. */
export function missingFolderIn(message: string): string | undefined {
  return /^Missing privilege separation directory: (\/\S+)/m.exec(message)?.[1];
}

/** Makes that directory, the only one outside our own folder. Records it first, or a killed run would forget it. */
export async function makeFolder(places: Places, root: Root, folder: string): Promise<void> {
  writeFileSync(places.madeFolder, `${bootId()} ${folder}\n`, { mode: 0o600 });
  await root.run("mkdir", ["-p", "-m", "0755", folder]);
  say("host", `made ${folder}, which sshd needs (--destroy removes it)`);
}

/** Removes that directory, if we made it and nobody uses it since. */
export async function removeFolder(places: Places, root: Root): Promise<void> {
  if (!existsSync(places.madeFolder)) return;
  const [boot, folder = ""] = readFileSync(places.madeFolder, "utf8").trim().split(" ");
  // The directory is in memory: after a reboot, one of that name is not ours.
  if (boot !== bootId() || !folder.startsWith("/") || !existsSync(folder)) return;
  if (await isNeeded(root)) say("host", `${folder} stays: another sshd needs it`);
  else await root.run("rmdir", [folder], { reject: false });
}

/**
 * True if an sshd runs that sees the same files. Those in containers have a directory of their own; only root can tell.
 */
async function isNeeded(root: Root): Promise<boolean> {
  const servers = processes().filter((process) => isRoots(process) && /^(\S*\/)?sshd\b/.test(process.command));
  const files = (pid: number | "self"): string => `/proc/${pid}/ns/mnt`;
  const { stdout } = await root.run(
    "readlink",
    servers.map(({ pid }) => files(pid)),
    { reject: false },
  );
  return stdout.split("\n").includes(readlinkSync(files("self")));
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
