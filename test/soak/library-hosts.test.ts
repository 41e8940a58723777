import { afterAll, beforeAll, jest, test } from "@jest/globals";
import { Session } from "../../src/remote/session.js";
import { tryDebianPython } from "../e2e/debian-jail.js";
import { HostFleet } from "../hosts/host-fleet.js";

// Libraries of more kinds of hosts: an old glibc with its name services, with and without /usr merged, and a newer Debian.
jest.setTimeout(40 * 60_000);

const session = new Session();
let fleet: HostFleet;
beforeAll(async () => {
  fleet = await HostFleet.create();
});
afterAll(async () => {
  await session.close();
  await fleet.destroy();
});

const old = ["libc.so.6", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2", "libgcc_s.so.1"];

test.each([
  { kind: "Debian 11", root: { debian: "bullseye", include: ["python3"] }, libc: /^glibc 2\.31$/, names: old },
  {
    kind: "Debian 11 without /usr merged",
    root: { debian: "bullseye", include: ["python3"], mergedUsr: false },
    libc: /^glibc 2\.31$/,
    names: old,
  },
  {
    kind: "Debian 13",
    root: { debian: "trixie", include: ["python3"] },
    libc: /^glibc 2\.41$/,
    names: ["libc.so.6", "libgcc_s.so.1"],
  },
])("a jail of a host with $kind gets the loader and the libraries", async ({ kind, root, libc, names }) => {
  const host = await fleet.addHost({ name: kind.toLowerCase().replace(/[^a-z0-9]+/g, "-"), root });
  await tryDebianPython(
    host,
    {
      loader: "/lib64/ld-linux-x86-64.so.2",
      libc,
      libraries: names.map((name) => `lib/x86_64-linux-gnu/${name}`),
    },
    session,
  );
});
