import { Progress } from "../base/progress.js";
import type { Connection } from "../ssh/connection.js";
import type { Credentials } from "../ssh/credentials.js";
import { HostPool, type Hosts } from "../ssh/pool.js";
import type { Transport } from "../ssh/transport.js";

/**
 * The state of one process that works on hosts: connections, credentials, progress, and the work that several targets
 * share. The provider has one session, a command of `python3jail` has one, and each test makes its own. Every Target
 * holds its session.
 */
export class Session {
  /** Credentials from the stack's config, by host. They override those of the connections. */
  credentials: Credentials = {};
  /** The progress of long work. Pulumi shows the provider's lines live, under the stack. */
  readonly progress = new Progress({ write: (line) => console.log(line) });
  private readonly parts = new Map<unknown, unknown>();

  constructor(private readonly hosts: Hosts = new HostPool()) {}

  /** The transport to a host. */
  hostAt(name: string, connection: Connection): Transport {
    return this.hosts.at(name, this.withCredential(name, connection));
  }

  /** A connection with the host's own credentials applied. */
  withCredential(name: string, connection: Connection): Connection {
    const own = Object.hasOwn(this.credentials, name) ? this.credentials[name] : undefined;
    return { ...connection, ...own };
  }

  /**
   * The session's single instance of a class, made on first use. Upper layers keep state for all targets in it, such as
   * in-flight builds.
   */
  part<T>(Part: new () => T): T {
    const known = this.parts.get(Part) as T | undefined;
    if (known) return known;
    const part = new Part();
    this.parts.set(Part, part);
    return part;
  }

  /** Closes the connections to one host, or to all. A later use opens them again. */
  close(name?: string): Promise<void> {
    return this.hosts.close(name);
  }

  /** Closes all connections synchronously, for a process that is about to exit. */
  closeNow(): void {
    this.hosts.closeNow();
  }
}
