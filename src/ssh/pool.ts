import { createHash } from "node:crypto";
import type { Connection } from "./connection.js";
import { Host } from "./host.js";
import { clearTemporaryFolders } from "../base/temporary.js";
import { folderUse, removePrivateFolders } from "./secrets.js";

const hosts = new Map<string, Host>();

/** The host behind a connection: one for all who say the same, for the life of this process. */
export function hostAt(name: string, connection: Connection): Host {
  const key = createHash("sha256")
    .update(JSON.stringify([name, Object.entries(connection).sort()]))
    .digest("hex");
  if (hosts.size === 0) clearTemporaryFolders(folderUse);
  let host = hosts.get(key);
  if (!host) hosts.set(key, (host = new Host(name, connection)));
  return host;
}

/** Closes the connections to one host; it can be used again. */
export async function closeHost(name: string): Promise<void> {
  await Promise.all([...hosts.values()].filter((host) => host.name === name).map((host) => host.close()));
}

/** Closes every connection. */
export async function closeAll(): Promise<void> {
  const open = [...hosts.values()];
  hosts.clear();
  await Promise.all(open.map((host) => host.close()));
}

/** The same where nothing can be awaited any more. */
export function closeAllNow(): void {
  for (const host of hosts.values()) host.closeNow();
  hosts.clear();
  removePrivateFolders();
}
