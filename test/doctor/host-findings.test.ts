import { describe, expect, test } from "@jest/globals";
import { isReady, type DoctorFinding } from "../../src/doctor/finding.js";
import type { DoctorFacts } from "../../src/doctor/host-facts.js";
import { canBuild, hostFindings } from "../../src/doctor/host-findings.js";
import { needsOf, type DoctorSettings } from "../../src/doctor/host-needs.js";

const path = "/srv/python3jail";
const cache = "/var/cache/python3jail";

/** A Debian that has everything. */
const good: DoctorFacts = {
  uid: 0,
  sudo: undefined,
  family: "debian",
  system: {
    architecture: "x86_64",
    distribution: "Debian GNU/Linux 13 (trixie)",
    distributionId: "debian",
    distributionVersion: "13",
    libc: "glibc 2.41",
    cores: 4,
    memoryMb: 8000,
    sudo: false,
  },
  lackingTools: [],
  lackingNeeds: [],
  features: ["userspec", "mount-namespace", "pid-namespace", "network-namespace", "no-new-privileges"],
  capabilities: 0x1ffffffffffn,
  inUserNamespace: false,
  seccomp: true,
  cgroups: "2",
  place: "none",
  mounted: { [path]: ["rw", "relatime"], [cache]: ["rw"] },
  disks: [
    { keeps: "the jail", path, freeBytes: 20e9, freeFiles: 1e6, readOnly: false },
    { keeps: "builds", path: cache, freeBytes: 20e9, freeFiles: undefined, readOnly: false },
  ],
  taken: [],
  maxSessions: 10,
  maxStartups: 10,
  clockAhead: 0,
};

const judged = (
  facts: Partial<DoctorFacts>,
  settings: DoctorSettings = {},
  { user = "root", sudo = false, builtElsewhere = false } = {},
): DoctorFinding[] =>
  hostFindings(
    { ...good, ...facts },
    { path, cache, needs: needsOf("judge-1", { user, sudo }, settings) },
    builtElsewhere,
  );

/** The findings that are not fine, as one line each. */
const faults = (findings: readonly DoctorFinding[]): string[] =>
  findings
    .filter(({ result }) => result !== "fine")
    .map(({ result, check, text, remedy }) => `${result} ${check}: ${text} → ${remedy}`);

test("a host that has everything is ready, and its findings name what is there", () => {
  const findings = judged({});
  expect(faults(findings)).toEqual([]);
  expect(isReady(findings)).toBe(true);
  expect(findings.map(({ check }) => check)).toEqual([
    "root",
    "tools",
    "compiler",
    "disk",
    "clock",
    "system",
    "path",
    "mount",
    "namespaces",
    "kernel",
    "sshd",
    "accounts",
  ]);
  expect(findings.map(({ text }) => text)).toContain("Debian GNU/Linux 13 (trixie)");
});

describe("a finding with a remedy reports", () => {
  test.each<[name: string, facts: Partial<DoctorFacts>, expected: string]>([
    [
      "missing tools, with the command of the distribution",
      { lackingTools: ["find", "xargs", "tar"], lackingNeeds: ["command flock"] },
      "lacking tools: there is no find, no xargs, no tar, no flock → `apt-get install -y findutils tar util-linux`",
    ],
    [
      "a missing compiler and missing headers on Fedora",
      { family: "fedora", lackingNeeds: ["command cc", "header openssl/ssl.h", "command xz"] },
      "lacking compiler: there is no C compiler, no xz, no header for the module ssl, no header for the module hashlib → `dnf install -y gcc openssl-devel xz`, or set `python.installBuildDependencies: true`",
    ],
    [
      "musl instead of glibc",
      { system: { ...good.system!, libc: "musl 1.2.5" } },
      "lacking system: its C library is musl 1.2.5, and a jail's libraries are the host's glibc → take a host with glibc: Debian, Ubuntu, Fedora, RHEL, SUSE",
    ],
    [
      "a disk with too little space for a build",
      { disks: [good.disks[0]!, { ...good.disks[1]!, freeBytes: 400e6 }] },
      `lacking disk: the disk of builds (${cache}) has 400 MB free, 1000 MB are needed → make room there`,
    ],
    [
      "a disk on which no file can be made",
      { disks: [{ ...good.disks[0]!, freeFiles: 0 }] },
      `lacking disk: the disk of the jail (${path}) has no room for another file → remove files there`,
    ],
    [
      "a disk that is read-only",
      { disks: [{ ...good.disks[0]!, readOnly: true }] },
      `lacking disk: the disk of the jail (${path}) is read-only → mount it so that it can be written`,
    ],
    [
      "a jail on a file system mounted nodev",
      { mounted: { [path]: ["rw", "nodev"] } },
      `lacking mount: ${path} is mounted nodev: device nodes are dead there → mount it with \`dev\` (\`findmnt -T ${path}\` shows which file system it is), or give another \`path\``,
    ],
    [
      "a jail on a file system mounted noexec",
      { mounted: { [path]: ["noexec"] } },
      `lacking mount: ${path} is mounted noexec: no program starts there → mount it with \`exec\` (\`findmnt -T ${path}\` shows which file system it is), or give another \`path\``,
    ],
    [
      "a cache on a file system mounted noexec",
      { mounted: { [cache]: ["noexec"] } },
      `lacking mount: ${cache} is mounted noexec: nothing can be built there → mount it with \`exec\`, or give another \`directories.cache\``,
    ],
    [
      "files that are no jail at the jail's path",
      { place: "other" },
      `lacking path: ${path} holds files, and is no jail → empty it, or give another \`path\``,
    ],
    [
      "a container without CAP_MKNOD",
      { capabilities: 0x1ffffffffffn & ~(1n << 27n) },
      "lacking kernel: it is a container in which no device node can be made → run it privileged (with CAP_MKNOD, in no user namespace), or take a virtual machine",
    ],
    [
      "a user namespace, in which device nodes cannot be made despite all capabilities",
      { inUserNamespace: true },
      "lacking kernel: it is a container in which no device node can be made → run it privileged (with CAP_MKNOD, in no user namespace), or take a virtual machine",
    ],
    [
      "missing mount namespaces",
      { features: ["userspec", "pid-namespace", "network-namespace", "no-new-privileges"] },
      "warning namespaces: it allows no mount namespace: steps are not confined to the jail → allow `unshare --mount` (in a container: CAP_SYS_ADMIN)",
    ],
    [
      "a chroot that cannot give up root's rights",
      { features: good.features.filter((feature) => feature !== "userspec") },
      "lacking sandbox: it has no safeexec, and its chroot cannot give up root's rights → install coreutils' chroot (busybox's is not enough), or declare `safeexec`",
    ],
    [
      "missing network namespaces",
      { features: ["userspec", "mount-namespace", "pid-namespace", "no-new-privileges"] },
      "warning sandbox: what runs in the jail gets no network namespace of its own → install util-linux's `unshare` and `setpriv`; in a container allow CAP_SYS_ADMIN",
    ],
    [
      "an SSH server that allows too few sessions",
      { maxSessions: 2 },
      "lacking sshd: its SSH server allows 2 sessions in a connection (MaxSessions), 7 are needed → set `MaxSessions 10`, which is OpenSSH's default, in sshd_config, and reload sshd",
    ],
    [
      "an SSH server that allows too few simultaneous logins",
      { maxStartups: 2 },
      "warning sshd: its SSH server drops logins when 2 others are in progress (MaxStartups) → set `MaxStartups 10:30:100`, which is OpenSSH's default, in sshd_config, and reload sshd",
    ],
    [
      "a clock that is some minutes off",
      { clockAhead: -420 },
      "warning clock: its clock is 7 min behind this machine's → set it (`timedatectl set-ntp true`)",
    ],
    [
      "a clock that is years off",
      { clockAhead: 400 * 86_400 },
      "lacking clock: its clock is 400 days ahead of this machine's: to one of them the certificates of downloads are not valid → set it (`timedatectl set-ntp true`)",
    ],
  ])("%s", (_, facts, expected) => {
    const findings = judged(facts);
    expect(faults(findings)).toEqual([expected]);
    expect(isReady(findings)).toBe(expected.startsWith("warning"));
  });
});

describe("a login that is not root's", () => {
  test.each<[sudo: "yes" | "no" | "none", remedy: RegExp]>([
    ["yes", /^set `sudo: true`/],
    ["no", /^allow it sudo without a password/],
    ["none", /^log in as root, or install sudo/],
  ])("has one finding, with a remedy for sudo: %s, and nothing is checked that only root can read", (sudo, remedy) => {
    const findings = judged({ uid: 1001, sudo, features: [], place: "other", maxSessions: 1 }, {}, { user: "deploy" });
    expect(faults(findings)).toHaveLength(1);
    expect(findings[0]).toMatchObject({ result: "lacking", text: "you are `deploy` there, not root" });
    expect(findings[0]!.remedy).toMatch(remedy);
  });
});

describe("depending on the settings,", () => {
  const noCompiler = { lackingNeeds: ["command cc", "command make"] };
  const compilerIn = (settings: DoctorSettings, options = {}): string | undefined =>
    judged(noCompiler, settings, options).find(({ check }) => check === "compiler")?.result;

  test("a host with a ready-made build needs no compiler", () =>
    expect(compilerIn({ python: { artifact: { url: "https://example.org/x", sha256: "" } } })).toBeUndefined());
  test("a host whose builder is another host needs no compiler", () =>
    expect(compilerIn({ python: { builder: { host: "judge-9", connection: {} } } })).toBeUndefined());
  test("the builder itself needs a compiler", () =>
    expect(compilerIn({ python: { builder: { host: "judge-1", connection: {} } } })).toBe("lacking"));
  test("a missing compiler is a warning if `up` installs it", () =>
    expect(compilerIn({ python: { installBuildDependencies: true } })).toBe("warning"));
  test("a missing compiler is a warning if another host can build", () =>
    expect(compilerIn({}, { builtElsewhere: true })).toBe("warning"));
  test("only required modules need their headers", () => {
    const facts = { lackingNeeds: ["header openssl/ssl.h"] };
    expect(faults(judged(facts, { python: { requireModules: ["zlib"] } }))).toEqual([]);
    expect(canBuild({ ...good, ...facts }, needsOf("judge-1", {}, {}))).toBe(false);
  });
  test("an optimized build needs more disk space", () => {
    const facts = { disks: [{ ...good.disks[1]!, freeBytes: 2000e6 }] };
    expect(faults(judged(facts))).toEqual([]);
    expect(faults(judged(facts, { python: { optimize: true } }))).toHaveLength(1);
  });
  test("a jail without device nodes can be on a file system mounted nodev", () =>
    expect(faults(judged({ mounted: { [path]: ["nodev"] } }, { devices: [] }))).toEqual([]));
  test("a declared repository needs git", () => {
    expect(faults(judged({ lackingNeeds: ["command git"] }, { root: { git: {} } }))).toEqual([
      "lacking tools: there is no git → `apt-get install -y git`",
    ]);
    expect(needsOf("judge-1", {}, {}).checkedNeeds).not.toContain("command git");
  });
  test("safeexec needs a compiler on every host, wherever CPython is built", () =>
    expect(faults(judged(noCompiler, { safeexec: {}, python: { artifact: {} } }, { builtElsewhere: true }))).toEqual([
      "lacking tools: there is no C compiler, no make → `apt-get install -y gcc make`",
    ]));
});

describe("gid 1000 and the sandbox's uids", () => {
  const taken = [
    { fact: "gid 1000 is ana's", remedy: "renumber it", kind: "group" as const },
    { fact: "uids are in use", remedy: "renumber them", kind: "users" as const },
  ];
  test.each<[settings: DoctorSettings, results: string[]]>([
    [{}, ["warning"]],
    [{ safeexec: {} }, ["warning", "warning"]],
    [{ safeexec: { firewall: true } }, ["lacking", "warning"]],
    [{ safeexec: { requireFree: true } }, ["lacking", "lacking"]],
  ])("with %j the findings are %j", (settings, results) =>
    expect(
      judged({ taken }, settings)
        .filter(({ check }) => check === "accounts")
        .map(({ result }) => result),
    ).toEqual(results),
  );
});

test.each([
  ["jail", "warning"],
  ["ours", "fine"],
  ["empty", "fine"],
  ["file", "lacking"],
  ["symlink", "lacking"],
] as const)("the jail's path with %s is %s", (place, result) =>
  expect(judged({ place }).find(({ check }) => check === "path")?.result).toBe(result),
);
