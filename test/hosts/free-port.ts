import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** A port of this machine's address on which nobody listens. */
export async function freePort(address: string): Promise<number> {
  const probe = createServer().listen(0, address);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
