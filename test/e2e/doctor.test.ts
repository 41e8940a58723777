import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DoctorFinding } from "../../src/doctor/finding.js";
import { python3jail, type CommandEnd } from "../cli/python3jail.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { endAll, entryFor, jailPath, stackConfig } from "./jail-stack.js";

// Hosts as they come, before anything of ours is on them.
interface Report {
  readonly machine: readonly DoctorFinding[];
  readonly hosts: readonly { readonly host: string; readonly findings: readonly DoctorFinding[] }[];
}

let fleet: HostFleet;
let project: Project;
const hosts: Record<string, Host> = {};

beforeAll(async () => {
  fleet = await HostFleet.create();
  const add = async (...options: Parameters<HostFleet["addHost"]>): Promise<void> => {
    const host = await fleet.addHost(...options);
    hosts[host.name] = host;
  };
  await add({ name: "whole" });
  await add({ name: "bare", root: { debian: "bookworm" } });
  await add({ name: "plain-user", user: "deploy" });
  await add({ name: "sudo-user", user: "deploy", sudo: "without-password" });
  await add({ name: "nodev", mounts: { "/srv": "nodev,size=20m" } });
  await add({ name: "down" });
  await hosts.whole!.run("sed -i '/:1000:/d' /etc/group /etc/passwd");
  await hosts.nodev!.run(
    `sed -i '1i MaxSessions 3' /etc/ssh/sshd_config; mkdir -p ${jailPath}; touch ${jailPath}/something; mount --bind /dev/null /usr/bin/mknod`,
  );
  await hosts.down!.refuse();
  project = await Project.create({ program: "repository", config: config() });
});

afterAll(() => endAll(fleet, project));

function config(): Record<string, unknown> {
  const sudo = { connection: { sudo: true } };
  return stackConfig(Object.values(hosts).map((host) => entryFor(host, host.name === "sudo-user" ? sudo : {})));
}

const doctor = (...args: string[]) => python3jail(["doctor", ...args], project.surroundings().env);

const faultsOf = (report: Report, name: string): string[] =>
  report.hosts
    .find(({ host }) => host === name)!
    .findings.filter(({ result }) => result === "lacking")
    .map(({ check, text }) => `${check}: ${text}`);

describe("in a stack that was never up,", () => {
  let report: Report;
  let exitCode: number | undefined;
  let before: string[][];
  const listings = (): Promise<string[][]> => Promise.all(Object.values(hosts).map((host) => host.listing()));

  beforeAll(async () => {
    before = await listings();
    const end = await doctor("--cwd", project.directory, "--stack", project.stack, "--json");
    exitCode = end.exitCode;
    report = JSON.parse(end.stdout) as Report;
  });

  test("every host is checked, and the exit code is 1", () => {
    expect(exitCode).toBe(1);
    expect(report.hosts.map(({ host }) => host)).toEqual(Object.keys(hosts));
  });

  test("no host is changed", async () => expect(await listings()).toEqual(before));

  test("a host with everything lacks nothing", () => {
    expect(faultsOf(report, "whole")).toEqual([]);
    const { findings } = report.hosts[0]!;
    expect(findings.filter(({ result }) => result === "fine").map(({ check }) => check)).toEqual(
      expect.arrayContaining(["root", "tools", "compiler", "disk", "mount", "namespaces", "kernel", "sshd", "clock"]),
    );
  });

  test("a bare host that others can build for gets a warning on its compiler, with one command", () => {
    const { findings } = report.hosts.find(({ host }) => host === "bare")!;
    expect(findings.find(({ check }) => check === "compiler")).toMatchObject({
      result: "warning",
      text: expect.stringMatching(/^there is no C compiler, no the C library's headers, no make/),
      remedy: expect.stringMatching(/apt-get install -y gcc libbz2-dev libc6-dev .*make.*zlib1g-dev/),
    });
    expect(faultsOf(report, "bare")).toEqual([]);
  });

  test("a login that is not root's is reported", () =>
    expect(faultsOf(report, "plain-user")).toEqual(["root: you are `deploy` there, not root"]));

  test("a login with sudo counts as root", () => {
    expect(faultsOf(report, "sudo-user")).toEqual([]);
    expect(report.hosts.find(({ host }) => host === "sudo-user")!.findings[0]).toEqual({
      check: "root",
      result: "fine",
      text: "root by sudo",
    });
  });

  test("every fault of a host is reported at once", () =>
    expect(faultsOf(report, "nodev")).toEqual([
      "tools: there is no mknod",
      `disk: the disk of the jail (${jailPath}) has 20 MB free, 100 MB are needed`,
      `path: ${jailPath} holds files, and is no jail`,
      `mount: ${jailPath} is mounted nodev: device nodes are dead there`,
      "sshd: its SSH server allows 3 sessions in a connection (MaxSessions), 7 are needed",
    ]));

  test("a host that is down has one fault, and does not stop the check of the others", () =>
    expect(faultsOf(report, "down")).toEqual(["login: nothing listens on its SSH port"]));

  test("the control machine is checked too", () => {
    expect(report.machine.filter(({ result }) => result !== "fine")).toEqual([]);
    expect(report.machine.map(({ check }) => check)).toEqual([
      "node",
      "ssh",
      "engine",
      "backend",
      "cache",
      "passphrase",
    ]);
  });
});

describe("a check of named hosts", () => {
  let settings: string;

  beforeAll(() => {
    settings = join(dirname(hosts.whole!.privateKeyFile), "doctor_ssh_config");
    writeFileSync(
      settings,
      Object.values(hosts)
        .map(
          (host) =>
            `Host ${host.name}\n  HostName ${host.address}\n  User ${host.user}\n  IdentityFile ${host.privateKeyFile}\n  UserKnownHostsFile ${host.knownHostsFile}\n`,
        )
        .join(""),
    );
  });

  test("needs no stack, counts the ready hosts, gives each fault a remedy, and fits the terminal", async () => {
    const { exitCode, stdout } = await doctor("--ssh-config", settings, "whole", "plain-user", "bare");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✓ this machine\n {2}fine {5}Node /);
    expect(stdout).toMatch(/\n✓ whole\n {2}fine {5}/);
    expect(stdout).toMatch(
      /\n✗ plain-user\n {2}lacking {2}you are uid \d+ there, not root\n {11}→ allow it sudo without a password/,
    );
    expect(stdout).toMatch(/\n[✗!] bare\n/);
    expect(stdout).toMatch(/\n2 of 3 hosts ready$/);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("ends with exit code 0 if all are ready", async () =>
    expect(await doctor("--ssh-config", settings, "whole", "--json")).toMatchObject({ exitCode: 0 }));

  test("reports that a single host that cannot build lacks a compiler", async () => {
    const { stdout } = await doctor("--ssh-config", settings, "bare", "--json");
    expect(faultsOf(JSON.parse(stdout) as Report, "bare")).toEqual([
      expect.stringMatching(/^compiler: there is no C compiler/),
    ]);
  });

  test("accepts the settings of the command line only with hosts", async () =>
    expect(await doctor("--sudo")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--sudo is for hosts that are named"),
    }));
});

test("a missing stack is a fault of this machine, with a remedy", async () => {
  const { exitCode, stdout } = await doctor("--cwd", project.directory, "--stack", "nobody", "--json");
  expect(exitCode).toBe(1);
  expect((JSON.parse(stdout) as Report).machine.at(-1)).toMatchObject({
    check: "stack",
    result: "lacking",
    text: expect.stringContaining("there is no stack nobody"),
  });
});

describe("a host whose key is in the stack's credentials", () => {
  const own = (): Promise<CommandEnd> => doctor("--cwd", project.directory, "--stack", project.stack, "--json");
  const loginOf = ({ stdout }: CommandEnd): DoctorFinding | undefined =>
    (JSON.parse(stdout) as Report).hosts[0]!.findings.find(({ check }) => check === "login");

  beforeAll(async () => {
    const { identityFile: _, ...connection } = entryFor(hosts.whole!).connection as Record<string, unknown>;
    project.setConfig(stackConfig([{ name: "whole", connection: { ...connection, sshConfigFile: "/dev/null" } }]));
    await project.setSecret(
      'python3jail:credentials["whole"].privateKey',
      readFileSync(hosts.whole!.privateKeyFile, "utf8"),
    );
  });

  test("is reached with the key, which is in no output", async () => {
    const end = await own();
    expect([end.exitCode, loginOf(end)]).toEqual([0, undefined]);
    expect(end.stdout).not.toContain("PRIVATE KEY");
  });

  test("is reported with a wrong passphrase too, with what it then lacks", async () => {
    const end = await python3jail(["doctor", "--cwd", project.directory, "--stack", project.stack, "--json"], {
      ...project.surroundings().env,
      PULUMI_CONFIG_PASSPHRASE: "another",
    });
    expect(end.exitCode).toBe(1);
    expect(loginOf(end)).toMatchObject({ result: "lacking", text: "the login was refused" });
    expect((JSON.parse(end.stdout) as Report).machine.at(-1)).toMatchObject({
      check: "secrets",
      result: "lacking",
      text: "the stack's secrets cannot be read",
    });
  });
});

test("a wrong config is reported with every wrong property", async () => {
  project.setConfig({ ...config(), "python3jail:python": { version: "3.13.5", optimise: true } });
  const { stdout } = await doctor("--cwd", project.directory, "--stack", project.stack, "--json");
  expect((JSON.parse(stdout) as Report).machine.at(-1)!.text).toMatch(/the stack's config is wrong:\n.*optimise/);
});
