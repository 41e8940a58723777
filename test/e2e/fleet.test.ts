import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { copyFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionTo,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  nameOf,
  recordsPath,
  resourcesOf,
  loginWithSudo,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// Two hosts in one stack: what befalls one is no business of the other, and each is told from the other.
let fleet: HostFleet;
let project: Project;
let first: Host;
let second: Host;
let empty: Host;
const untouched = new Map<Host, string[]>();

beforeAll(async () => {
  fleet = await HostFleet.create();
  first = await fleet.addHost({ name: "judge-1", ...loginWithSudo });
  second = await fleet.addHost({ name: "judge-2", cacheDirectory: sharedBuilds });
  empty = await fleet.addHost({ name: "judge-3", cacheDirectory: sharedBuilds });
  for (const host of fleet.hosts) untouched.set(host, await host.listing());
  project = await Project.create({ program: "repository", config: stackConfig([asRoot(first), entryFor(second)]) });
});

afterAll(() => endAll(fleet, project));

test(
  "an up with one host down finishes the other, and says which host failed, why, and what to do",
  async () => {
    await second.takeDown();
    const { all, exitCode } = await project.up({ expectFailure: true });
    expect(exitCode).not.toBe(0);
    expect(await jailsOf(project)).toEqual({
      "judge-1": expect.objectContaining({ printed: "2" }),
      "judge-2": "failed",
    });
    const end = all.slice(all.indexOf("Diagnostics:"));
    expect(end).toMatch(
      /JailRoot \(judge-2\):\n +error: judge-2: read the jail: it does not answer \[unreachable\]\n[^]*what to do: check that the host is up, and the connection's `host` and `port`/,
    );
    expect(end).not.toMatch(/error: judge-1/);
    // Nor do traces hide it, of all that follows from the one failure.
    expect(end).not.toMatch(/unhandled|failed to register|^ +at /m);
  },
  buildTimeout,
);

test(
  "the next up finishes a host that is back, and changes nothing on the other",
  async () => {
    await second.bringUp();
    const before = await everything(first);
    await project.up();
    expect(await jailsOf(project)).toEqual({
      "judge-1": expect.objectContaining({ printed: "2" }),
      "judge-2": expect.objectContaining({ printed: "2" }),
    });
    expect(changedPaths(before, await everything(first))).toEqual([]);
  },
  buildTimeout,
);

test(
  "a host that is added through an inventory is the only one that changes, and gets its own settings",
  async () => {
    const inventory = join(project.directory, "inventory.ini");
    const line = ({ name, address, port, privateKeyFile }: Host): string =>
      `${name} ansible_host=${address} ansible_port=${port} ansible_user=root ansible_ssh_private_key_file=${privateKeyFile}\n`;
    await writeFile(
      inventory,
      `[judges]\n${line(first)}${line(second)}[spare]\n${line(empty)}[unused]\nlocalhost ansible_connection=local\n[all:children]\njudges\nspare\n`,
    );
    // What Ansible does not know of the connection is said for all of them, or over the inventory's host.
    const { perDialTimeout, dialErrorLimit, hostKeyPolicy } = connectionTo(first);
    const known = Object.fromEntries(
      fleet.hosts.map(({ name, knownHostsFile }) => [name, { connection: { knownHostsFile } }]),
    );
    const settings = {
      inventory: { ansible: inventory, match: "judge-*" },
      connection: { hostKeyPolicy, perDialTimeout, dialErrorLimit },
      groups: { spare: { timeouts: { step: 100 } } },
    };
    project.setConfig(stackConfig(known, settings));
    const others = await untouchedDuring([first, second], async () => {
      const { stdout } = await project.up();
      expect(stdout).toMatch(/\b\d+ created\n/);
      expect(stdout).not.toMatch(/judge-[12] (created|updated|deleted|replaced)|\d+ (updated|deleted|replaced)/);
    });
    expect(others).toEqual([0, 0]);
    expect(await jailsOf(project)).toMatchObject({
      "judge-1": { printed: "2" },
      "judge-2": { printed: "2" },
      "judge-3": { printed: "2" },
    });
    const root = (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailRoot judge-3")!;
    expect(root.inputs).toMatchObject({ timeouts: { step: 100 } });
    expect(root.outputs!.hostFacts).toEqual({
      architecture: expect.any(String),
      distribution: expect.any(String),
      distributionId: expect.any(String),
      distributionVersion: expect.any(String),
      libc: expect.stringMatching(/^glibc /),
      cores: expect.any(Number),
      memoryMb: expect.any(Number),
      sudo: false,
    });
  },
  buildTimeout,
);

test("an up reports a removed host that does not answer, and how to forget it", async () => {
  await empty.takeDown();
  project.setConfig(
    stackConfig({
      "judge-1": { connection: asRoot(first).connection },
      "judge-2": { connection: connectionTo(second) },
    }),
  );
  const { all, stdout } = await project.up({ expectFailure: true });
  expect(stdout).not.toMatch(/judge-[12] (created|updated|deleted|replaced)/);
  expect(all).toMatch(
    /error: judge-3: [^\n]*: it does not answer \[unreachable\]\n[^]*if it is gone for good, run `pulumi config set python3jail:unreachable forget`, then `pulumi up`/,
  );
  expect((await resourcesOf(project)).map(nameOf)).toContain("JailRoot judge-3");
});

test("an up on request forgets a host that does not answer, with one warning, and leaves the others as they are", async () => {
  project.setConfig(stackConfig([asRoot(first), entryFor(second)], { unreachable: "forget" }));
  const others = await untouchedDuring([first, second], async () => {
    const { all } = await project.up();
    const end = all.slice(all.indexOf("Diagnostics:"));
    expect(end).toMatch(/warning: judge-3: [^\n]*: it does not answer \[unreachable\]\n/);
    expect(end.match(/it is forgotten, as python3jail:unreachable says/g)).toHaveLength(1);
  });
  expect(others).toEqual([0, 0]);
  expect((await resourcesOf(project)).map(nameOf).filter((name) => name.includes("judge-3"))).toEqual([]);
});

test(
  "a forgotten host that comes back is adopted without a write in its jail, and can be removed again",
  async () => {
    await empty.bringUp();
    const inside = () => empty.listing({ paths: [jailPath], changeTimes: true });
    const before = await inside();
    expect(before.length).toBeGreaterThan(100);
    project.setConfig(stackConfig([asRoot(first), entryFor(second), entryFor(empty)], { unreachable: "forget" }));
    await project.up();
    expect(await jailsOf(project)).toMatchObject({ "judge-3": { printed: "2" } });
    expect(changedPaths(before, await inside())).toEqual([]);

    project.setConfig(stackConfig([asRoot(first), entryFor(second)]));
    const others = await untouchedDuring([first, second], async () => {
      const { stdout } = await project.up();
      expect(stdout).not.toMatch(/judge-[12] (created|updated|deleted|replaced)/);
    });
    expect(others).toEqual([0, 0]);
    expect(await empty.listing()).toEqual(untouched.get(empty));
  },
  buildTimeout,
);

test("a refresh with one host down warns once, keeps its recorded state, and reads the other", async () => {
  await second.takeDown();
  await first.run(`rm ${jailPath}/dev/null`);
  const known = (await resourcesOf(project)).map(nameOf).sort();
  const { all } = await project.up({ refresh: true });
  await second.bringUp();
  const end = all.slice(all.indexOf("Diagnostics:"));
  expect(end.match(/warning: judge-2: [^\n]*: it does not answer/g)).toHaveLength(1);
  expect(end).toContain("its last known state is kept");
  expect((await resourcesOf(project)).map(nameOf).sort()).toEqual(known);
  expect(await first.listing({ paths: [`${jailPath}/dev/null`] })).toHaveLength(1);
  await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
});

test("a new port, user and key are an update that changes nothing in the jail", async () => {
  const key = join(dirname(first.privateKeyFile), "another_key");
  const known = join(dirname(first.privateKeyFile), "another_known_hosts");
  await copyFile(first.privateKeyFile, key);
  await writeFile(known, `[${first.address}]:2222 ${await first.hostKey()}\n`);
  await first.run("/usr/sbin/sshd -p 2222 -o PidFile=/run/sshd-2222.pid -E /run/sshd.log");
  await unwritten(first, {
    connection: { port: 2222, identityFile: key, knownHostsFile: known, user: "deploy", sudo: true },
  });
});

test("a change of the address to an alias of an OpenSSH configuration is an update that changes nothing in the jail", async () => {
  project.setConfig(stackConfig([entryFor(second)], { inventory: { openssh: await alias(first), match: "judge-*" } }));
  await unwritten(first);
});

test("a refresh detects an alias that now leads to another machine, and neither it nor destroy changes anything there", async () => {
  const before = await everythingOfBoth();
  await alias(second);
  const { all } = await project.up({ refresh: true, expectFailure: true });
  expect(all).toMatch(/JailRoot judge-1 refresh [^\n]*diff: \+drift/);
  expect(all).toMatch(
    /\* judge-1: read the jail: this address is another machine: its jail has another id \[other-machine\]\n +what to do: correct the connection/,
  );
  expect(changedPaths(before, await everythingOfBoth())).toEqual([]);
  const { stdout } = await project.pulumi(["preview", "--diff", "--stack", project.stack]);
  expect(stdout).toContain("is another jail's: this is not the machine, or not the jail, that was made here");

  const destroyed = await project.destroy({
    flags: ["--target", "**judge-1", "--target-dependents"],
    expectFailure: true,
  });
  expect(destroyed.all).toMatch(/error: judge-1: remove the jail: /);
  expect(changedPaths(before, await everythingOfBoth())).toEqual([]);
  expect((await resourcesOf(project)).map(nameOf)).toContain("JailRoot judge-1");

  await alias(first);
  await project.up({ refresh: true });
  await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
});

test("an address that leads to another machine is refused, and nothing is changed on either", async () => {
  const before = await everythingOfBoth();
  // The one has a jail of its own at this path, the other has none.
  project.setConfig(
    stackConfig([
      { name: "judge-1", connection: connectionTo(second) },
      { name: "judge-2", connection: connectionTo(empty) },
    ]),
  );
  const { all } = await project.up({ expectFailure: true });
  expect(all).toMatch(
    /judge-1: read the jail: this address is another machine: its jail has another id \[other-machine\]\n +what to do: correct the connection; for a new machine give the host a new name/,
  );
  expect(all).toMatch(
    /judge-2: read the jail: this address is another machine: our jail is not there \[other-machine\]\n +what to do: correct the connection/,
  );
  expect(changedPaths(before, await everythingOfBoth())).toEqual([]);
  expect(await empty.listing()).toEqual(untouched.get(empty));

  project.setConfig(stackConfig([asRoot(first), entryFor(second)]));
  await project.up();
  expect(changedPaths(before, await everythingOfBoth())).toEqual([]);
});

test("destroy with a host down removes the other jail, and says why this one stays", async () => {
  await second.takeDown();
  const { all } = await project.destroy({ expectFailure: true });
  expect(all).toMatch(
    /error: judge-2: [^\n]*: it does not answer \[unreachable\]\n[^]*what to do: check that the host is up/,
  );
  expect(await first.listing()).toEqual(untouched.get(first));
  const left = await resourcesOf(project);
  expect(left.map(nameOf)).toContain("JailRoot judge-2");
  expect(left.map(nameOf)).not.toContain("JailRoot judge-1");

  await second.bringUp();
  await project.destroy();
  expect(await second.listing()).toEqual(untouched.get(second));
});

/** Writes the OpenSSH configuration that has the name `judge-1` for a host. */
async function alias(host: Host): Promise<string> {
  const file = join(dirname(first.privateKeyFile), "ssh_config");
  await writeFile(
    file,
    `Host judge-1\n  HostName ${host.address}\n  Port ${host.port}\n  User root\n  IdentityFile ${host.privateKeyFile}\n  UserKnownHostsFile ${host.knownHostsFile}\n`,
  );
  return file;
}

/** The entry of a host that has a user besides root. */
function asRoot(host: Host): Record<string, unknown> {
  return entryFor(host, { connection: { user: "root" } });
}

/** The jail and our records of it, with when each was last written to. */
async function everything(host: Host): Promise<string[]> {
  return host.listing({ paths: [jailPath, recordsPath], changeTimes: true });
}

async function everythingOfBoth(): Promise<string[]> {
  return [...(await everything(first)), ...(await everything(second))];
}

/** How often each host was logged in to meanwhile; nothing of our own may be written there. */
async function untouchedDuring(hosts: readonly Host[], work: () => Promise<void>): Promise<number[]> {
  const look = () => Promise.all(hosts.map(everything));
  const before = await look();
  const logins = await Promise.all(hosts.map((host) => host.sshLogins()));
  await work();
  const after = await Promise.all(hosts.map((host) => host.sshLogins()));
  expect(changedPaths(before.flat(), (await look()).flat())).toEqual([]);
  return after.map((count, index) => count - logins[index]!);
}

/** Brings the stack up, which has to update the host's resources without writing anything there. */
async function unwritten(host: Host, settings?: Record<string, unknown>): Promise<void> {
  if (settings !== undefined) project.setConfig(stackConfig([entryFor(host, settings), entryFor(second)]));
  const before = await everything(host);
  const logins = await host.sshLogins();
  const { stdout } = await project.up();
  expect(stdout).toMatch(/JailRoot judge-1 updated[^\n]*diff: ~connection/);
  expect(stdout).toMatch(/\b9 updated\n/);
  // Only to see that it is the same machine.
  expect((await host.sshLogins()) - logins).toBe(1);
  expect(changedPaths(before, await everything(host))).toEqual([]);
}
