import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { HostError } from "../../src/base/errors.js";
import type { Connection } from "../../src/ssh/connection.js";
import { Host as SshHost } from "../../src/ssh/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import type { Host } from "../hosts/host.js";

// A host that is reached through another one, by `proxy`: through real servers, under every shell that this machine's user may have.
let fleet: HostFleet;
let bastion: Host;
let inner: Host;
const open: SshHost[] = [];
const shell = process.env.SHELL;
beforeAll(async () => {
  fleet = await HostFleet.create();
  bastion = await fleet.addHost({ name: "bastion", user: "jump" });
  inner = await fleet.addHost({ name: "judge-1" });
});
afterEach(() => {
  // To assign undefined would make a text of it.
  if (shell === undefined) delete process.env.SHELL;
  else process.env.SHELL = shell;
});
afterAll(async () => {
  await Promise.all(open.map((host) => host.close()));
  await fleet.destroy();
});

const keyOf = (host: Host): string => readFileSync(host.privateKeyFile, "utf8");
async function through(): Promise<SshHost> {
  const proxy = {
    host: bastion.address,
    user: bastion.user,
    privateKey: keyOf(bastion),
    hostKey: await bastion.hostKey(),
    perDialTimeout: 4,
  };
  const connection: Connection = {
    host: inner.address,
    user: inner.user,
    privateKey: keyOf(inner),
    hostKey: await inner.hostKey(),
    proxy,
    perDialTimeout: 8,
    dialErrorLimit: 1,
  };
  const host = new SshHost("judge-1", connection);
  open.push(host);
  return host;
}
async function failure(): Promise<[string, string, boolean | undefined]> {
  const error = await (await through()).shell("read the jail", ":", 30).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return [error.code, error.failure.reason, error.failure.gone];
}

test.each(["/bin/sh", "/bin/bash", "/bin/dash"])(
  "a host behind a bastion is reached with inline keys for both, if the user's shell is %s",
  async (name) => {
    process.env.SHELL = name;
    const { stdout } = await (await through()).shell("ask its name", "uname -n", 30);
    expect(stdout).toBe("judge-1\n");
    expect(await inner.sshLog()).toContain(`from ${bastion.address} `);
  },
);

test("a host behind a bastion does not count as gone if it refuses connections, or if the bastion is down", async () => {
  await inner.refuse();
  expect(await failure()).toEqual(["unreachable", "nothing listens on its SSH port", false]);
  await inner.accept();
  await bastion.refuse();
  expect(await failure()).toEqual(["unreachable", "the host on the way to it cannot be reached", false]);
  await bastion.accept();
  await bastion.takeDown();
  const [code, , gone] = await failure();
  expect([code, gone]).toEqual(["unreachable", false]);
  await bastion.bringUp();
  // An SSH server that hangs is no host that is gone.
  await bastion.run("kill -STOP $(cat /run/sshd.pid)");
  expect((await failure())[2]).toBe(false);
  await bastion.run("kill -CONT $(cat /run/sshd.pid)");
});
