import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { Host as ReachedHost } from "../../src/ssh/host.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";

// Real servers and accounts that a login works with, and nothing else does: what an operator is told.
let fleet: HostFleet;
let host: Host;
let reached: ReachedHost | undefined;
beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1" });
  await host.run("cp /etc/passwd /root/passwd; cp /etc/ssh/sshd_config /root/sshd_config");
});
afterAll(() => fleet.destroy());
afterEach(async () => {
  await reached?.close();
  await host.run("cp /root/passwd /etc/passwd; cp /root/sshd_config /etc/ssh/sshd_config; rm -f /root/.bashrc");
});

const connection = () => ({
  host: host.address,
  port: host.port,
  user: "root",
  knownHostsFile: host.knownHostsFile,
  identityFile: host.privateKeyFile,
  dialErrorLimit: 1,
});

/** Runs a program there; what it printed, or the error. */
async function hello(on = (reached = new ReachedHost("judge-1", connection()))): Promise<string> {
  try {
    return (await on.shell("try", "echo hello", 20)).stdout;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.message;
  }
}

test("a shell start-up file that calls exit is named as a possible cause", async () => {
  await host.run("printf 'exit 0\\n' >/root/.bashrc");
  expect(await hello()).toMatch(
    /^judge-1: try: the login shell ended before it ran anything \(exit code 0\) \[login-shell\]\n {2}what to do: see that the user's start files \(~\/\.bashrc/,
  );
});

test("a user with the login shell nologin is reported", async () => {
  await host.run("sed -i 's|^\\(root:.*\\):[^:]*$|\\1:/usr/sbin/nologin|' /etc/passwd");
  expect(await hello()).toMatch(
    /^judge-1: try: its user may not log in \(its login shell is nologin\) \[login-shell\]\n/,
  );
});

test("a server that allows only one session is reported with its setting", async () => {
  await host.run("sed -i '1i MaxSessions 1' /etc/ssh/sshd_config");
  await host.refuse();
  await host.accept();
  // The session that logs in runs one program at a time.
  const connected = new ReachedHost("judge-1", connection());
  reached = connected;
  const long = connected.shell("try", "sleep 3; echo hello", 20);
  const second = await hello(connected);
  expect((await long).stdout).toBe("hello\n");
  expect(second).toMatch(
    /^judge-1: try: its SSH server allows too few sessions in one connection \(MaxSessions\) \[max-sessions\]\n[^]*what to do: set `MaxSessions 10`/,
  );
  await host.run("cp /root/sshd_config /etc/ssh/sshd_config");
  await host.refuse();
  await host.accept();
});

test("a temporary folder with a path too long for a socket still works, and one that is not writable is named", async () => {
  const deep = join(mkdtempSync(join(tmpdir(), "long-")), "x".repeat(80));
  mkdirSync(deep);
  // In a process of its own, which alone has the variable.
  const program = `const { Host } = require(${JSON.stringify(join(repositoryRoot, "build/src/ssh/host.js"))});
    const host = new Host("judge-1", JSON.parse(process.argv[1]));
    host.shell("try", "echo hello", 20).then(({ stdout }) => stdout, (error) => error.message).then((told) => host.close().then(() => process.stdout.write(told)));`;
  const told = async (folder: string) =>
    (await execa(process.execPath, ["-e", program, JSON.stringify(connection())], { env: { TMPDIR: folder } })).stdout;
  try {
    expect(await told(deep)).toBe("hello");
    expect(await told("/proc/sys/kernel")).toMatch(
      /^judge-1: try: this machine's folder for temporary files, \/proc\/sys\/kernel, cannot be written \[bad-configuration\]\n/,
    );
  } finally {
    rmSync(join(deep, ".."), { recursive: true });
  }
});
