import { createHash } from "node:crypto";
import { clearTemporaryFolders } from "../base/temporary.js";
import type { Connection } from "./connection.js";
import { Host, hostLimits } from "./host.js";
import { folderUse, removePrivateFolders } from "./secrets.js";
import type { Transport } from "./transport.js";

/** The hosts of a session. */
export interface Hosts {
  /** Returns the host behind a connection: the same object for the same name and connection. */
  at(name: string, connection: Connection): Transport;
  /** Closes the connections to one host, or to all hosts. A host can be used again afterwards. */
  close(name?: string): Promise<void>;
  /** Closes all connections at the end of the process, when it is too late to wait. */
  closeNow(): void;
}

/** Hosts over OpenSSH. They share limits on logins and connections. */
export class HostPool implements Hosts {
  private readonly hosts = new Map<string, Host>();
  private readonly limits = hostLimits();

  at(name: string, connection: Connection): Host {
    const key = createHash("sha256")
      .update(JSON.stringify([name, Object.entries(connection).sort()]))
      .digest("hex");
    if (this.hosts.size === 0) clearTemporaryFolders(folderUse);
    let host = this.hosts.get(key);
    if (!host) this.hosts.set(key, (host = new Host(name, connection, undefined, this.limits)));
    return host;
  }

  async close(name?: string): Promise<void> {
    const open = [...this.hosts.values()].filter((host) => name === undefined || host.name === name);
    if (name === undefined) this.hosts.clear();
    await Promise.all(open.map((host) => host.close()));
  }

  closeNow(): void {
    for (const host of this.hosts.values()) host.closeNow();
    this.hosts.clear();
    removePrivateFolders();
  }
}
