import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Host } from "../hosts/host.js";
import { HostFleet, type HostOptions } from "../hosts/host-fleet.js";
import { Project, type PulumiResult } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionsDuring,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  loginWithSudo,
  stackConfig,
} from "./jail-stack.js";

// A user who is not root, and becomes it by sudo: one who may, and three who may not, in one stack.
const remedy =
  "allow it in sudoers without a password (`USER ALL=(root) NOPASSWD: ALL`), or log in as root and leave `sudo` out";
const refused: {
  host: string;
  name: string;
  sudo: NonNullable<HostOptions["sudo"]>;
  says: string;
  remedy: string;
  prepare?: string;
  /** What its connection says of sudo. Default: true. */
  declares?: boolean;
}[] = [
  {
    host: "asks",
    name: "sudo that asks for a password",
    sudo: "with-password",
    says: "asks: read the jail: sudo asks for a password",
    remedy,
  },
  // Sudo does not tell the two apart as long as it has not seen the password.
  {
    host: "norights",
    name: "a user without any right",
    sudo: "none",
    says: "norights: read the jail: sudo asks for a password",
    remedy,
  },
  {
    host: "otherright",
    name: "a user who may not start a shell",
    sudo: "none",
    prepare: "echo 'deploy ALL=(root) NOPASSWD: ALL, !/usr/bin/sh' >>/etc/sudoers",
    says: "otherright: read the jail: sudo is not allowed to this user",
    remedy,
  },
  {
    host: "nosudo",
    name: "a host without sudo",
    sudo: "none",
    prepare: "rm /usr/bin/sudo",
    says: "nosudo: read the jail: there is no sudo",
    remedy: "install sudo, or log in as root and leave `sudo` out",
  },
  {
    host: "undeclared",
    name: "a user for whom nobody declared sudo",
    sudo: "none",
    declares: false,
    says: "undeclared: read the jail: you are deploy there, not root",
    remedy: "set `sudo: true` in the host's `connection` (on the command line: `--sudo`), or log in as root",
  },
];

let fleet: HostFleet;
let project: Project;
let host: Host;
let untouched: string[];
let up: PulumiResult;
const hosts: Record<string, Host> = {};
const before: Record<string, string[]> = {};

const entry = (to: Host, sudo = true): Record<string, unknown> => entryFor(to, { connection: sudo ? { sudo } : {} });

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", ...loginWithSudo });
  untouched = await host.listing();
  for (const { host: name, sudo, prepare, declares = true } of refused) {
    hosts[name] = await fleet.addHost({ name, user: "deploy", sudo });
    if (prepare !== undefined) await hosts[name].run(prepare);
    // Where it logs in and runs a program, the overlay of the host copies directories up.
    before[name] = await hosts[name].listing({ changeTimes: declares });
  }
  project = await Project.create({
    program: "repository",
    config: stackConfig([entry(host), ...refused.map(({ host: name, declares }) => entry(hosts[name]!, declares))]),
  });
});

afterAll(() => endAll(fleet, project));

test(
  "a user with sudo without a password creates a jail that root owns, over one connection",
  async () => {
    expect(await connectionsDuring(host, async () => (up = await project.up({ expectFailure: true })))).toBe(1);
    expect((await jailsOf(project))["judge-1"]).toMatchObject({ printed: "2" });
    const owners = (await host.listing({ paths: [jailPath] })).filter(
      (line) => !/ (file|folder|link|character-device) [0-7]{4} 0:0\b/.test(line),
    );
    expect(owners).toEqual([]);
  },
  buildTimeout,
);

test.each(refused)(
  "$name is refused, with the remedy, and nothing is changed there",
  async ({ host: name, says, remedy: remedyThere, declares = true }) => {
    expect(up.all).toMatch(
      new RegExp(`error: ${escaped(says)} \\[(no-sudo|not-root)\\]\\n +what to do: ${escaped(remedyThere)}\\n`),
    );
    expect((await jailsOf(project))[name]).toBe("failed");
    expect(await hosts[name]!.listing({ changeTimes: declares })).toEqual(before[name]);
  },
);

test("damage is found and repaired through sudo", async () => {
  project.setConfig(stackConfig([entry(host)]));
  await host.run(
    `cd ${jailPath}; rm dev/null bin/python3; chmod 0666 lib/python3.13/os.py; chown 2001 lib/python3.13/ast.py`,
  );
  const damaged = await host.listing({ paths: [jailPath], changeTimes: true });
  await project.up({ refresh: true });
  const changed = changedPaths(damaged, await host.listing({ paths: [jailPath], changeTimes: true }));
  expect(changed.filter((path) => !["", "/dev", "/bin"].some((folder) => path === jailPath + folder))).toEqual(
    ["bin/python3", "dev/null", "lib/python3.13/ast.py", "lib/python3.13/os.py"].map((path) => `${jailPath}/${path}`),
  );
  await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
});

test("a lost right to sudo is a warning in a refresh, and an error in destroy", async () => {
  const sudoers = (await host.run("cat /etc/sudoers")).stdout;
  await host.run("sed -i '/^deploy/d' /etc/sudoers");
  expect((await project.refresh()).all).toMatch(/warning: judge-1: [^\n]*: sudo asks for a password/);
  expect((await project.destroy({ expectFailure: true })).all).toMatch(
    /judge-1: [^\n]*: sudo asks for a password \[no-sudo\]\n +what to do: allow it in sudoers/,
  );
  await host.run("cat >/etc/sudoers", { input: `${sudoers}\n` });
});

test("destroy leaves the host as it was", async () => {
  await project.destroy();
  const listed = (lines: string[]): string[] => lines.filter((line) => !line.startsWith("/etc/sudoers "));
  expect(listed(await host.listing())).toEqual(listed(untouched));
});

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
