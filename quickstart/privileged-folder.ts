import { existsSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import type { Places } from "./places.js";
import type { Root } from "./privilege.js";
import { isRoots, processes } from "./processes.js";
import { say } from "./screen.js";

/** What sshd says where the empty folder is missing into which it locks the half of itself that strangers talk to. */
export function missingFolderIn(message: string): string | undefined {
  return /^Missing privilege separation directory: (\/\S+)/m.exec(message)?.[1];
}

/** Makes that folder, the one thing outside our own. Whose it is is written down before, or a killed run would forget it. */
export async function makeFolder(places: Places, root: Root, folder: string): Promise<void> {
  writeFileSync(places.madeFolder, `${bootId()} ${folder}\n`, { mode: 0o600 });
  await root.run("mkdir", ["-p", "-m", "0755", folder]);
  say("host", `made ${folder}, which sshd needs (--destroy removes it)`);
}

/** Removes it where it was made by us and nobody came to need it since. */
export async function removeFolder(places: Places, root: Root): Promise<void> {
  if (!existsSync(places.madeFolder)) return;
  const [boot, folder = ""] = readFileSync(places.madeFolder, "utf8").trim().split(" ");
  // It lies in memory: after a start of the machine, one of that name is another's.
  if (boot !== bootId() || !folder.startsWith("/") || !existsSync(folder)) return;
  if (await isNeeded(root)) say("host", `${folder} stays: another sshd needs it`);
  else await root.run("rmdir", [folder], { reject: false });
}

/** Whether an sshd runs that sees the same files. Those of containers have a folder of their own: only root can tell them. */
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
