import { Progress } from "../base/progress.js";
import type { Connection } from "../ssh/connection.js";
import type { Credentials } from "../ssh/credentials.js";
import { HostPool, type Hosts } from "../ssh/pool.js";
import type { Transport } from "../ssh/transport.js";

/**
 * What one process keeps while it works on hosts: connections, credentials, progress, and the work that several targets share. There is
 * one in the provider, one in a command of `python3jail`, and one in each test that needs it. Every Target holds it.
 */
export class Session {
  /** Put over what the connections themselves say. */
  credentials: Credentials = {};
  /** What long work tells of itself. The provider's lines show live under the stack. */
  readonly progress = new Progress({ write: (line) => console.log(line) });
  private readonly parts = new Map<unknown, unknown>();

  constructor(private readonly hosts: Hosts = new HostPool()) {}

  /** The host behind a connection. */
  hostAt(name: string, connection: Connection): Transport {
    return this.hosts.at(name, this.withCredential(name, connection));
  }

  /** The connection as it is used. */
  withCredential(name: string, connection: Connection): Connection {
    const own = Object.hasOwn(this.credentials, name) ? this.credentials[name] : undefined;
    return { ...connection, ...own };
  }

  /** The one object of a class in this session: what a layer above keeps for all targets, such as builds in flight. */
  part<T>(Part: new () => T): T {
    const known = this.parts.get(Part) as T | undefined;
    if (known) return known;
    const made = new Part();
    this.parts.set(Part, made);
    return made;
  }

  /** Closes the connections to one host, or to all. A host can be used again. */
  close(name?: string): Promise<void> {
    return this.hosts.close(name);
  }

  /** Closes all connections where nothing can be awaited any more. */
  closeNow(): void {
    this.hosts.closeNow();
  }
}
