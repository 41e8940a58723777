import { afterAll, beforeAll, jest, test } from "@jest/globals";
import { Session } from "../../src/remote/session.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { tryDebianPython } from "./debian-jail.js";

// Libraries of hosts of another kind than this machine. More of them: test/soak/library-hosts.test.ts.
jest.setTimeout(20 * 60_000);

const session = new Session();
let fleet: HostFleet;
beforeAll(async () => {
  fleet = await HostFleet.create();
});
afterAll(async () => {
  await session.close();
  await fleet.destroy();
});

test("a 32-bit host, Debian on i386, gives the jail its loader and libraries", async () => {
  const host = await fleet.addHost({
    name: "judge-32",
    root: { debian: "bookworm", architecture: "i386", include: ["python3"] },
  });
  await tryDebianPython(
    host,
    {
      loader: "/lib/ld-linux.so.2",
      libc: /^glibc 2\.36$/,
      libraries: ["libc.so.6", "libssl.so.3", "libsqlite3.so.0", "libffi.so.8", "libgcc_s.so.1"].map(
        (name) => `lib/i386-linux-gnu/${name}`,
      ),
    },
    session,
  );
});
