import { describe, expect, test } from "@jest/globals";
import { availableParallelism } from "node:os";
import { parseAnswer } from "../../src/remote/answer.js";
import { factsStep, readFacts, readHostFacts } from "../../src/remote/facts.js";
import { runStep } from "../../src/remote/run-step.js";
import { Session } from "../../src/remote/session.js";
import type { Step } from "../../src/remote/step.js";
import type { Transport } from "../../src/ssh/transport.js";
import { completeStepHere, shells, standIn, type StepSurroundings } from "./run-step.js";
import { LocalHost } from "./local-host.js";
import { replacing } from "./replacing.js";
import type { Arguments, Given, ValuesOf } from "../../src/remote/arguments.js";

const look = async (path: string, surroundings?: StepSurroundings) =>
  readFacts(await completeStepHere(factsStep, { path, records: "/records", cache: "/" }, {}, surroundings));
/** The commands that replace the machine's os-release. */
const released = (content: string): string =>
  `cat >/tmp/os-release.$$ <<'END'\n${content}\nEND\nmount --bind /tmp/os-release.$$ "$(readlink -f /etc/os-release)"; rm /tmp/os-release.$$`;

describe.each(shells)("under %s", (shell) => {
  test("the facts of this machine are the same as Node's", async () => {
    const facts = await look("/srv/not/there/yet", { shell });
    expect(facts).toMatchObject({
      architecture: { x64: "x86_64", arm64: "aarch64" }[process.arch as string],
      libc: expect.stringMatching(/^glibc \d+\.\d+/),
      sudo: false,
    });
    expect(facts.cores).toBeGreaterThanOrEqual(availableParallelism());
    expect(facts.memoryMb).toBeGreaterThan(100);
    expect(facts.distribution).toMatch(/\w/);
  });

  test("a distribution's name is one line", async () => {
    const before = released(`ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora \$(printf 'a\\tb')"`);
    expect(await look("/srv", { shell, before })).toMatchObject({
      distributionId: "fedora",
      distributionVersion: "42",
      distribution: "Fedora a?b",
    });
  });

  test("a distribution may have no version, and sudo's user is recognized", async () => {
    const before = `${released("ID=arch")}; export SUDO_USER=deploy`;
    expect(await look("/srv", { shell, before })).toMatchObject({
      distributionId: "arch",
      distributionVersion: undefined,
      distribution: "arch",
      sudo: true,
    });
  });
});

describe("a host that lacks a fact tells the others:", () => {
  const without = (program: string): string => standIn(program, "exit 127");
  const osRelease = { ID: "debian", VERSION_ID: "12", PRETTY_NAME: "Debian 12" };
  const lines = (left: string): string =>
    released(
      Object.entries(osRelease)
        .filter(([name]) => name !== left)
        .map(([name, value]) => `${name}="${value}"`)
        .join("\n"),
    );
  const cases: [string, string, object][] = [
    ["no ID", lines("ID"), { distributionId: undefined, distributionVersion: "12", distribution: "Debian 12" }],
    [
      "no VERSION_ID",
      lines("VERSION_ID"),
      { distributionId: "debian", distributionVersion: undefined, distribution: "Debian 12" },
    ],
    [
      "no PRETTY_NAME",
      lines("PRETTY_NAME"),
      { distributionId: "debian", distributionVersion: "12", distribution: "debian" },
    ],
    [
      "an empty os-release",
      released(""),
      { distributionId: undefined, distributionVersion: undefined, distribution: undefined },
    ],
    ["a malformed os-release", released("\u0001\u0002 (\n`"), { distributionId: undefined }],
    [
      "no os-release",
      'for release in /etc/os-release /usr/lib/os-release; do mount --bind /var/empty "$release" 2>/dev/null || mount --bind /dev/null "$(readlink -f $release)"; done',
      { distribution: undefined },
    ],
    ["no awk", without("awk"), { memoryMb: undefined }],
    ["no getconf", without("getconf"), { cores: expect.any(Number) }],
    ["no memory in /proc", "mount --bind /dev/null /proc/meminfo", { memoryMb: undefined }],
    ["no uname", without("uname"), { memoryMb: expect.any(Number) }],
    ["no df", without("df"), { cores: expect.any(Number) }],
  ];
  test.each(cases)("%s", async (_name, before, expected) => {
    expect(await look("/srv", { before })).toMatchObject(expected);
  });
});

test("a 32-bit system under a 64-bit kernel is recognized by its programs", async () => {
  const before = `mkdir /tmp/bin.$$; printf '#!/bin/sh\\ncase $1 in LONG_BIT) echo 32 ;; *) exit 1 ;; esac\\n' >/tmp/bin.$$/getconf; printf '#!/bin/sh\\necho x86_64\\n' >/tmp/bin.$$/uname; chmod +x /tmp/bin.$$/*; mount --bind /tmp/bin.$$ /usr/local/sbin; trap 'rm -r /tmp/bin.$$' EXIT`;
  const facts = await look("/srv", { before });
  // Without getconf's answer there is no glibc, and without musl the libc is unknown.
  expect(facts).toMatchObject({ architecture: "i686", libc: undefined });
});

test("a fact that a host does not tell is undefined", () => {
  expect(
    readFacts(parseAnswer("started\narchitecture\t\ndistribution\t\t\t\nlibc\t\ncores\t\nmemory\t\nsudo\t\ndone\n")),
  ).toEqual({
    architecture: undefined,
    distribution: undefined,
    distributionId: undefined,
    distributionVersion: undefined,
    libc: undefined,
    cores: undefined,
    memoryMb: undefined,
    sudo: false,
  });
});

describe("the facts of a host are read", () => {
  const counted = (failures = 0): { host: Transport; looks: () => number } => {
    let looks = 0;
    const here = new LocalHost();
    const shell: Transport["shell"] = async (...args) => {
      looks += 1;
      if (looks <= failures) throw new Error("not now");
      return here.shell(...args);
    };
    return { host: replacing(here, { shell }), looks: () => looks };
  };
  const session = new Session();
  const at = (host: Transport) => ({
    host,
    session,
    run: <Taken extends Arguments>(step: Step<Taken>, ...[values]: Given<Taken>) =>
      runStep(
        { host, session },
        step,
        { path: "/srv/a", records: "/records", cache: "/var/cache/python3jail" },
        (values ?? {}) as ValuesOf<Taken>,
      ),
  });

  test("once, however many resources ask", async () => {
    const { host, looks } = counted();
    const [one, other] = await Promise.all([readHostFacts(at(host)), readHostFacts(at(host))]);
    expect(await readHostFacts(at(host))).toBe(one);
    // One program recalls kept answers, and one reads.
    expect([other === one, looks()]).toEqual([true, 2]);
  });

  test("again for another host", async () => {
    const [one, other] = [counted(), counted()];
    await readHostFacts(at(one.host));
    await readHostFacts(at(other.host));
    expect([one.looks(), other.looks()]).toEqual([2, 2]);
  });

  test("again after a failed read", async () => {
    const { host, looks } = counted(1);
    await expect(readHostFacts(at(host))).rejects.toThrow("not now");
    expect((await readHostFacts(at(host))).cores).toBeGreaterThan(0);
    expect(looks()).toBe(3);
  });
});
