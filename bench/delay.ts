import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../test/hosts/host.js";

/** What is needed to reach a host. */
export type Reachable = Pick<
  Host,
  "name" | "address" | "user" | "privateKeyFile" | "knownHostsFile" | "sshArguments"
> & {
  readonly port: number;
};

/** Proxies to hosts that delay every byte in both directions. The kernel of a test machine may lack netem. */
export class Delay {
  private readonly servers: Server[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "bench-delay-"));

  private constructor(private readonly milliseconds: number) {}

  /** `milliseconds`: time that is added to a round trip. */
  static async of(hosts: readonly Host[], milliseconds: number): Promise<{ delay: Delay; hosts: Reachable[] }> {
    const delay = new Delay(milliseconds);
    return { delay, hosts: await Promise.all(hosts.map((host) => delay.reach(host))) };
  }

  close(): void {
    for (const server of this.servers) server.close();
    rmSync(this.folder, { recursive: true });
  }

  private async reach(host: Host): Promise<Reachable> {
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: host.address, port: host.port, noDelay: true });
      this.pass(near, far);
      this.pass(far, near);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { address, port } = server.address() as AddressInfo;
    const knownHostsFile = join(this.folder, `${host.name}.known_hosts`);
    writeFileSync(knownHostsFile, `[${address}]:${port} ${await host.hostKey()}\n`);
    const { name, user, privateKeyFile } = host;
    const sshArguments = (): string[] => [
      ...host
        .sshArguments()
        .slice(0, -1)
        .map((word) => word.replace(host.knownHostsFile, knownHostsFile)),
      "-p",
      String(port),
      `${user}@${address}`,
    ];
    return { name, address, port, user, privateKeyFile, knownHostsFile, sshArguments };
  }

  private pass(from: Socket, to: Socket): void {
    const later = (call: () => void): void => void setTimeout(call, this.milliseconds / 2);
    from.on("data", (chunk) => later(() => to.write(chunk)));
    from.on("end", () => later(() => to.end()));
    from.on("error", () => to.destroy());
    from.on("close", () => later(() => to.destroy()));
  }
}
