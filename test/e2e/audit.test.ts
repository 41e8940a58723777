import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../src/remote/session.js";
import { audit, readOutside, type Audit, type AuditSettings } from "../../src/audit/audit.js";
import { checkNames, isDynamic, type CheckName } from "../../src/audit/checks.js";
import type { Finding, Result } from "../../src/audit/finding.js";
import { defaultLimits } from "../../src/jail/sandbox-limits.js";
import { jailTarget, type Target } from "../../src/remote/target.js";
import type { Connection } from "../../src/ssh/connection.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionTo,
  endAll,
  entryFor,
  jailPath,
  resourcesOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";
import { closing, installSafeexec, type Change } from "./loose-safeexec.js";

// One good jail, audited; then broken on purpose, each check in its own way, audited again and mended.
const safeexec = "/usr/local/bin/safeexec";
const settings: AuditSettings = {
  owner: "root",
  uid: 10000,
  gid: 1000,
  limits: defaultLimits,
  devices: ["null", "random", "urandom"],
};
const at = (path: string): string => `${jailPath}/${path}`;

let fleet: HostFleet;
let host: Host;
let project: Project;
const session = new Session();
let jail: Target;
const folder = mkdtempSync(join(tmpdir(), "audit-test-"));

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  // What this machine has of people is not what the test is about.
  await host.run("sed -i '/:1000:/d' /etc/group /etc/passwd; : >/etc/subuid; : >/etc/subgid");
  await installSafeexec(host, safeexec, closing);
  jail = jailTarget(
    {
      host: "judge-1",
      connection: connectionTo(host) as Connection,
      path: jailPath,
      timeouts: { step: 200 },
    },
    session,
  );
  project = await Project.create({ program: "repository", config: config() });
});

afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
  await endAll(fleet, project);
});

function config(auditSettings: object = { failOn: ["static", "confinement", "function"] }): Record<string, unknown> {
  return stackConfig([entryFor(host)], { check: { safeexec }, audit: auditSettings });
}

/** What did not pass, by name. */
function notPassed(findings: readonly Finding[]): Partial<Record<CheckName, string>> {
  return Object.fromEntries(
    findings
      .filter(({ result }) => result !== "pass")
      .map(({ check, result, evidence }) => [check, `${result}: ${evidence}`]),
  );
}

async function audited(how: Partial<AuditSettings> = {}): Promise<Audit> {
  const found = await audit(jail, { ...settings, ...how });
  if (!found) throw new Error("there is no jail");
  return found;
}

/** What runs in the jail now, whoever started it. */
async function running(): Promise<string> {
  return (
    await host.run(
      `for process in /proc/[0-9]*; do [ "$(readlink $process/root)" != ${jailPath} ] || cat $process/cmdline; done | tr '\\0' ' '`,
      { reject: false },
    )
  ).stdout;
}

test(
  "an up with an audit passes all thirty checks, and the outputs say so",
  async () => {
    await project.up();
    const resource = (await resourcesOf(project)).find(({ type }) => type.endsWith("JailAudit"))!;
    expect(resource.outputs).toMatchObject({ summary: "30 passed, 0 failed", findings: [], via: "safeexec" });
    expect(JSON.stringify(resource).length).toBeLessThan(6000);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
  },
  buildTimeout,
);

test("an audit leaves no file, no process and no changed time", async () => {
  const before = await host.listing({ changeTimes: true });
  const { findings, via } = await audited();
  expect([via, notPassed(findings), findings.length]).toEqual(["safeexec", {}, 30]);
  expect(
    changedPaths(before, await host.listing({ changeTimes: true })).filter((path) => !path.startsWith("/var/log")),
  ).toEqual([]);
  expect(await running()).toBe("");
});

const library = at("lib/x86_64-linux-gnu/libz.so.1");
const link = (target: string, name = "static/link"): { breaks: string; mends: string } => ({
  breaks: `ln -s ${target} ${at(name)}`,
  mends: `rm ${at(name)}`,
});
const node = (name: string, numbers: string, mode: string): { breaks: string; mends: string } => ({
  breaks: `rm ${at(name)}; mknod -m ${mode} ${at(name)} ${numbers}`,
  mends: `rm ${at(name)}; mknod -m 0666 ${at("dev/null")} c 1 3`,
});
const mounted = (place: string, options: string): { breaks: string; mends: string } => ({
  breaks: `mount --bind ${place} ${place}; mount -o remount,bind,${options} ${place}`,
  mends: `umount ${place}`,
});

const fromOutside: {
  check: CheckName;
  how: string;
  breaks: string;
  mends: string;
  result?: Result;
  evidence: RegExp;
}[] = [
  {
    check: "setuid-files",
    how: "a setuid file",
    breaks: `cp /bin/true ${at("bin/x")}; chmod 4755 ${at("bin/x")}`,
    mends: `rm ${at("bin/x")}`,
    evidence: /^bin\/x is setuid \(4755, user 0\)$/,
  },
  {
    check: "setuid-files",
    how: "a setgid file in scratch",
    breaks: `cp /bin/true ${at("scratch/x")}; chmod 2755 ${at("scratch/x")}`,
    mends: `rm ${at("scratch/x")}`,
    evidence: /^scratch\/x is setgid/,
  },
  {
    check: "setuid-files",
    how: "a setuid file whose name has a line break",
    breaks: `cp /bin/true "${at("bin/x\ny")}"; chmod 4755 "${at("bin/x\ny")}"`,
    mends: `rm ${at("bin/x*")}`,
    evidence: /line break.* is setuid/,
  },
  {
    check: "setuid-files",
    how: "a file with a capability",
    breaks: `cp /bin/true ${at("bin/x")}; setcap cap_net_raw+ep ${at("bin/x")}`,
    mends: `rm ${at("bin/x")}`,
    evidence: /bin\/x cap_net_raw/,
  },
  {
    check: "setuid-files",
    how: "a host that cannot tell of capabilities",
    breaks: "chmod -x $(command -v getcap)",
    mends: "chmod +x $(find /sbin/ /usr/sbin -name getcap)",
    result: "warn",
    evidence: /no getcap/,
  },
  {
    check: "owner-chain",
    how: "a parent that everybody may write",
    breaks: "chmod o+w /srv",
    mends: "chmod o-w /srv",
    evidence: /^\/srv can be written by everybody$/,
  },
  {
    check: "owner-chain",
    how: "a parent of a group",
    breaks: "chgrp 5 /srv; chmod g+w /srv",
    mends: "chgrp 0 /srv; chmod g-w /srv",
    evidence: /^\/srv can be written by group 5$/,
  },
  {
    check: "owner-chain",
    how: "a parent with the sticky bit",
    breaks: "chmod 1777 /srv",
    mends: "chmod 0755 /srv",
    result: "warn",
    evidence: /sticky/,
  },
  {
    check: "owner-chain",
    how: "another owner",
    breaks: `chown 2001 ${jailPath}`,
    mends: `chown 0 ${jailPath}`,
    evidence: /python3jail belongs to user 2001/,
  },
  {
    check: "writable-paths",
    how: "a module that everybody may write",
    breaks: `chmod o+w ${at("lib/python3.13/os.py")}`,
    mends: `chmod o-w ${at("lib/python3.13/os.py")}`,
    evidence: /^lib\/python3\.13\/os\.py is 0646$/,
  },
  {
    check: "writable-paths",
    how: "a library that everybody may write",
    breaks: `chmod o+w ${library}`,
    mends: `chmod o-w ${library}`,
    evidence: /libz\.so\.1 is 0646/,
  },
  {
    check: "writable-paths",
    how: "a folder of the programs' group",
    breaks: `chgrp 1000 ${at("static")}; chmod g+w ${at("static")}`,
    mends: `chgrp 0 ${at("static")}; chmod g-w ${at("static")}`,
    evidence: /^static is 0775, group 1000$/,
  },
  {
    check: "writable-paths",
    how: "a file of a program's user",
    breaks: `touch ${at("static/x")}; chown 10123 ${at("static/x")}`,
    mends: `rm ${at("static/x")}`,
    evidence: /^static\/x belongs to user 10123$/,
  },
  {
    check: "writable-paths",
    how: "a /tmp",
    breaks: `mkdir -m 1777 ${at("tmp")}`,
    mends: `rmdir ${at("tmp")}`,
    result: "warn",
    evidence: /^tmp is 1777: a shared folder$/,
  },
  {
    check: "device-nodes",
    how: "a node with other numbers",
    ...node("dev/null", "c 1 5", "0666"),
    evidence: /^dev\/null is 1:5 0666, should be 1:3 0666$/,
  },
  {
    check: "device-nodes",
    how: "a node with another mode",
    ...node("dev/null", "c 1 3", "0600"),
    evidence: /^dev\/null is 1:3 0600, should be/,
  },
  {
    check: "device-nodes",
    how: "no node",
    breaks: `rm ${at("dev/null")}`,
    mends: `mknod -m 0666 ${at("dev/null")} c 1 3`,
    evidence: /^dev\/null is missing$/,
  },
  {
    check: "device-nodes",
    how: "a file in its place",
    breaks: `rm ${at("dev/null")}; touch ${at("dev/null")}`,
    mends: `rm ${at("dev/null")}; mknod -m 0666 ${at("dev/null")} c 1 3`,
    evidence: /^dev\/null is a regular empty file$/,
  },
  {
    check: "device-nodes",
    how: "a block device",
    breaks: `mknod ${at("static/sda")} b 8 0`,
    mends: `rm ${at("static/sda")}`,
    evidence: /^static\/sda is a block device \(8:0\)$/,
  },
  {
    check: "device-nodes",
    how: "a node too many",
    breaks: `mknod ${at("dev/mem")} c 1 1`,
    mends: `rm ${at("dev/mem")}`,
    evidence: /^dev\/mem is a device that nobody declared \(1:1\)$/,
  },
  { check: "mount-options", how: "nodev", ...mounted(jailPath, "nodev"), evidence: /mounted nodev$/ },
  { check: "mount-options", how: "noexec", ...mounted(jailPath, "noexec"), evidence: /mounted noexec$/ },
  {
    check: "mount-options",
    how: "safeexec's folder nosuid",
    ...mounted("/usr/local/bin", "nosuid"),
    evidence: /safeexec is on a file system mounted nosuid/,
  },
  {
    check: "mount-options",
    how: "something mounted inside",
    breaks: `mount -t tmpfs tmpfs ${at("scratch")}`,
    mends: `umount ${at("scratch")}`,
    result: "warn",
    evidence: /scratch is mounted inside the jail/,
  },
  {
    check: "elf-resolves",
    how: "a library that is not there",
    breaks: `mv ${library} /srv/aside`,
    mends: `mv /srv/aside ${library}`,
    evidence: /^libz\.so\.1 is needed by .*lib-dynload\/.*, and is not inside/,
  },
  {
    check: "elf-resolves",
    how: "no loader",
    breaks: `mv ${at("lib64/ld-linux-x86-64.so.2")} /srv/aside`,
    mends: `mv /srv/aside ${at("lib64/ld-linux-x86-64.so.2")}`,
    evidence: /ld-linux-x86-64\.so\.2 is needed by lib\/python3\.13\/\.program\/bin\/python3\.13, and is not inside/,
  },
  {
    check: "elf-resolves",
    how: "a module of the site's that needs more",
    evidence: /^libnothing\.so is needed by static\/x\.so, and is not inside/,
    mends: `rm ${at("static/x.so")}`,
    breaks: `cd /srv; echo 'int a;' | gcc -shared -x c - -o libnothing.so; echo 'int b;' | gcc -shared -Wl,--no-as-needed -x c - -x none ./libnothing.so -o ${at("static/x.so")}; sed -i 's|\\./libnothing.so|libnothing.so\\x00\\x00|' ${at("static/x.so")}; rm libnothing.so`,
  },
  {
    check: "library-hashes",
    how: "a library that was altered",
    breaks: `printf x >>${library}`,
    mends: `truncate -s -1 ${library}`,
    evidence: /libz\.so\.1 is not the present \S+ of the host$/,
  },
  {
    check: "library-hashes",
    how: "a stale library",
    breaks: "printf x >>/lib/x86_64-linux-gnu/libz.so.1",
    mends: "truncate -s -1 /lib/x86_64-linux-gnu/libz.so.1",
    evidence: /libz\.so\.1 is not the present \S+ of the host$/,
  },
  {
    check: "special-files",
    how: "a FIFO",
    breaks: `mkfifo ${at("static/x")}`,
    mends: `rm ${at("static/x")}`,
    evidence: /^static\/x is a FIFO$/,
  },
  {
    check: "special-files",
    how: "a socket",
    breaks: `perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "${at("static/x")}", Listen => 1) or die'`,
    mends: `rm ${at("static/x")}`,
    evidence: /^static\/x is a socket$/,
  },
  {
    check: "special-files",
    how: "a hard link to a file of the host",
    breaks: `touch /srv/outside; ln /srv/outside ${at("static/x")}`,
    mends: `rm /srv/outside ${at("static/x")}`,
    evidence: /^static\/x has 2 names \(hard links\), 1 outside the jail$/,
  },
  {
    check: "special-files",
    how: "an absolute link",
    ...link("/etc"),
    evidence: /^static\/link leads out of the jail, to \/etc$/,
  },
  {
    check: "special-files",
    how: "a link that climbs",
    ...link("../../../etc/passwd"),
    evidence: /^static\/link leads out/,
  },
  {
    check: "special-files",
    how: "a link that climbs to what is not there",
    ...link("../nowhere/../../../none/x"),
    evidence: /^static\/link leads out/,
  },
  {
    check: "special-files",
    how: "a link that climbs through another",
    evidence: /^static\/b leads out/,
    breaks: `mkdir -p ${at("static/deep/er")}; ln -s ../../../scratch ${at("static/deep/er/a")}; ln -s deep/er/a/../../../srv ${at("static/b")}`,
    mends: `rm -r ${at("static/deep")} ${at("static/b")}`,
  },
  {
    check: "safeexec-install",
    how: "safeexec without its setuid bit",
    breaks: `chmod 0755 ${safeexec}`,
    mends: `chmod 4755 ${safeexec}`,
    evidence: /safeexec is 0:0 755, should be 0:0 4755$/,
  },
  {
    check: "safeexec-install",
    how: "safeexec in a folder that others may write",
    breaks: "chmod o+w /usr/local/bin",
    mends: "chmod o-w /usr/local/bin",
    evidence: /^\/usr\/local\/bin can be written by everybody$/,
  },
  {
    check: "safeexec-install",
    how: "a person with one of its uids",
    breaks: "echo p:x:10005:5::/: >>/etc/passwd",
    mends: "sed -i '/^p:/d' /etc/passwd",
    result: "warn",
    evidence: /^p has the uid 10005, which safeexec uses$/,
  },
  {
    check: "safeexec-install",
    how: "a group with its gid",
    breaks: "echo p:x:1000: >>/etc/group",
    mends: "sed -i '/^p:/d' /etc/group",
    result: "warn",
    evidence: /^p has the gid 1000, as which programs run$/,
  },
  {
    check: "safeexec-install",
    how: "containers with its uids",
    breaks: "echo p:20000:100 >>/etc/subuid",
    mends: ": >/etc/subuid",
    result: "warn",
    evidence: /^p has 20000 to 20099 in \/etc\/subuid/,
  },
  {
    check: "host-kernel",
    how: "swap",
    breaks: "printf 'Filename Type\\n/swapfile file\\n' >/srv/swaps; mount --bind /srv/swaps /proc/swaps",
    mends: "umount /proc/swaps; rm /srv/swaps",
    result: "warn",
    evidence: /^\/swapfile is in use for swapping/,
  },
  {
    check: "host-kernel",
    how: "a program that takes core dumps",
    breaks: "echo '|/bin/apport' >/srv/core; mount --bind /srv/core /proc/sys/kernel/core_pattern",
    mends: "umount /proc/sys/kernel/core_pattern; rm /srv/core",
    result: "warn",
    evidence: /^core dumps are piped .*\|\/bin\/apport$/,
  },
];

describe("from outside, a jail with one fault fails the check for it:", () => {
  test.each(fromOutside.map((one) => [`${one.check}: ${one.how}`, one] as const))(
    "%s",
    async (_, { check, breaks, mends, result = "fail", evidence }) => {
      await host.run(breaks);
      try {
        const finding = (await readOutside(jail, settings))!.findings.find((one) => one.check === check)!;
        expect(finding).toMatchObject({ result, evidence: expect.stringMatching(evidence) as unknown });
      } finally {
        await host.run(mends);
      }
    },
  );

  test("every check was tried, and the repaired jail passes again", async () => {
    expect(checkNames.filter((name) => !isDynamic(name) && !fromOutside.some(({ check }) => check === name))).toEqual(
      [],
    );
    expect(notPassed((await readOutside(jail, settings))!.findings)).toEqual({});
  });
});

/** What a broken sandbox, or a broken jail, makes of the trials: exactly these do not pass. */
const fromInside: {
  how: string;
  changes?: Change[];
  breaks?: string;
  mends?: string;
  settings?: Partial<AuditSettings>;
  fails: Partial<Record<CheckName, RegExp>>;
  perhaps?: CheckName;
}[] = [
  {
    how: "a safeexec that limits nothing",
    changes: [
      closing,
      [/\tlimit\(RLIMIT_(AS|DATA|FSIZE|CPU|NPROC)[^;]*;/g, ";"],
      ["alarm(clock_limit);", ""],
      ["now > mem", "0"],
      ["WNOHANG | WUNTRACED", "WNOHANG"],
    ],
    fails: {
      "fork-bomb": /^fail: 36 processes were started$/,
      "memory-bomb": /^fail: 1088 MB could be used$/,
      "file-size": /^fail: a file of 1 GiB can be made in memory$/,
      "time-limits":
        /^fail: a program could spin for 3 s of processor time; a program could sleep for 6 s; stop: ended after \S+ s only$/,
    },
  },
  {
    how: "a safeexec that stays root",
    // In the end it kills all that is its user's: as root that would be everything.
    changes: [closing, ["\tif (setgid(gid) < 0", "\treturn;\n\tif (setgid(gid) < 0"], ["kill(-1, SIGKILL);", ";"]],
    fails: {
      "fork-bomb": /^fail: 36 processes were started$/,
      "system-folders": /^fail: \/ can be written; /,
      identity: /^fail: uid is root's; .*capabilities: 0/,
      "privileged-calls": /^fail: mknod is not refused in \/.*; mount is not refused|^fail: mknod is not refused/,
      "other-sandboxes": /^fail: another program can be signalled$/,
      "no-leftovers": /^fail: a file in \/, a file in \/scratch/,
      "time-limits": /^fail: stop: ended after \S+ s only$/,
    },
    // Where root itself may raise limits.
    perhaps: "own-limits",
  },
  {
    how: "a safeexec that parts nothing: network, environment, memory, users",
    changes: [
      closing,
      ["share_newnet ? 0 : CLONE_NEWNET", "0"],
      ["CLONE_NEWIPC |", ""],
      ["if (!env_vars) return inherited;", "return inherited;"],
      ["uidplus + (uid_t)getpid()", "uidplus"],
      ["kill(-1, SIGKILL);", ";"],
    ],
    fails: {
      "no-network":
        /^fail: something could be sent to a name server; .*127\.0\.0\.1 port 22 could be connected to; .*port 9 answered/,
      "no-smtp": /^fail: .* port 25 answered/,
      "clean-environment": /^fail: a variable of the caller's is visible$/,
      "other-sandboxes": /^fail: another program can be signalled$/,
      "no-leftovers": /^fail: shared memory \(System V\), a process of the run before$/,
      "time-limits": /^fail: stop: ended after \S+ s only$/,
    },
  },
  {
    how: "a safeexec that hands on open files, and groups",
    changes: [
      [
        "if (setgroups(0, NULL) < 0 || getgroups(0, NULL) != 0)",
        "gid_t some[] = {4, 5};\n\tif (setgroups(2, some) < 0)",
      ],
    ],
    fails: { descriptors: /^warn: 9 is open \(secret\)$/, identity: /^fail: supplementary groups: 4 5$/ },
  },
  {
    how: "a safeexec whose limits can be raised, and which says nothing of a program's signal",
    changes: [
      closing,
      ["both = {most, most}", "both = {most, most * 2 + 1}"],
      [/else if \(WIFSIGNALED\(status\)\) fprintf\([^;]*;/, ""],
    ],
    fails: {
      "own-limits": /^fail: the limit CPU could be raised; the limit AS could be raised; /,
      "text-and-signals": /^fail: a crash is told as/,
    },
  },
  {
    how: "a safeexec behind a script that takes all output, and not as it is",
    breaks: `mv ${safeexec} /usr/local/bin/real; printf '#!/bin/sh\\nout=$(mktemp)\\n/usr/local/bin/real --fsize 100000 "$@" >$out\\ncode=$?\\ntr -d "\\\\200-\\\\377" <$out\\nrm $out\\nexit $code\\n' >${safeexec}; chmod 4755 ${safeexec}`,
    mends: `mv /usr/local/bin/real ${safeexec}`,
    fails: { "output-flood": /^fail: 8 MB were taken$/, "text-and-signals": /^fail: UTF-8 came back as/ },
  },
  {
    how: "a jail with folders to write, dead nodes, the host's people, and a module too few",
    breaks: `chmod 1777 ${at("scratch")} ${at("lib")}; chmod 0600 ${at("dev/null")}; cp -a ${at("etc")} /srv/etc.kept; cp /etc/passwd /etc/shadow ${at("etc")}; chmod 0644 ${at("etc/shadow")}; mv ${at("lib/python3.13/json")} /srv/aside`,
    mends: `chmod 0770 ${at("scratch")}; chmod 0751 ${at("lib")}; chmod 0666 ${at("dev/null")}; rm -r ${at("etc")}; mv /srv/etc.kept ${at("etc")}; mv /srv/aside ${at("lib/python3.13/json")}`,
    fails: {
      "no-leftovers": /^fail: a file in \/scratch, a file in \/lib of the run before$/,
      "system-folders": /^fail: \/lib can be written$/,
      "devices-work": /^fail: \/dev\/null: Permission denied$/,
      "host-accounts":
        /^fail: \/etc\/shadow can be read; etc\/passwd has \d+ of the host's own lines; etc\/shadow is in the jail$/,
      "threads-and-modules": /^fail: json: No module named 'json'/,
      "writable-paths": /^fail: lib is 1777$/,
      "device-nodes": /^fail: dev\/null is 1:3 0600/,
    },
  },
  {
    how: "a limit under which threads do not start: not the jail's fault",
    settings: { limits: { ...defaultLimits, processes: 0 } },
    fails: { "threads-and-modules": /^not-applicable: threads: the limit of processes \(0\) leaves none$/ },
  },
  {
    how: "a safeexec that others may change: it is not run",
    breaks: `chmod o+w ${safeexec}`,
    mends: `chmod o-w ${safeexec}`,
    fails: {
      "safeexec-install": /^fail: /,
      ...Object.fromEntries(
        checkNames
          .filter(isDynamic)
          .map((name) => [name, /^not-applicable: nothing was run: \/usr\/local\/bin\/safeexec is not root's alone/]),
      ),
    },
  },
];

describe("from inside, a jail with a fault fails exactly the checks for it:", () => {
  test.each(fromInside.map((one) => [one.how, one] as const))(
    "%s",
    async (_, { changes, breaks, mends, settings: how, fails, perhaps }) => {
      const before = await host.listing({ paths: [jailPath] });
      if (changes) await installSafeexec(host, safeexec, ...changes);
      if (breaks !== undefined) await host.run(breaks);
      try {
        const found = Object.entries(notPassed((await audited(how)).findings));
        expect(Object.fromEntries(found.filter(([check]) => check !== perhaps))).toEqual(
          Object.fromEntries(
            Object.entries(fails).map(([check, evidence]) => [check, expect.stringMatching(evidence)]),
          ),
        );
      } finally {
        if (mends !== undefined) await host.run(mends);
        if (changes) await installSafeexec(host, safeexec, closing);
      }
      // Whatever was let through: nothing of it is left.
      expect(changedPaths(before, await host.listing({ paths: [jailPath] }))).toEqual([]);
      expect(await running()).toBe("");
    },
  );

  test("a python that does not start fails every check that needs it", async () => {
    await host.run(`mv ${at("lib/python3.13/encodings")} /srv/aside`);
    const found = notPassed((await audited()).findings);
    await host.run(`mv /srv/aside ${at("lib/python3.13/encodings")}`);
    expect(Object.keys(found)).toEqual(checkNames.filter((name) => isDynamic(name)));
    expect(found.hello).toMatch(/^fail: printed nothing, exit code 1: Command exited with non-zero status \(1\)/);
  });
});

test("every check from inside was tried", () => {
  const shown = new Set(
    fromInside.flatMap(({ fails, how }) => (how.includes("it is not run") ? [] : Object.keys(fails))),
  );
  expect(checkNames.filter((name) => isDynamic(name) && !shown.has(name))).toEqual(["hello"]);
});

describe("an audit without safeexec", () => {
  beforeAll(() => host.run(`mv ${safeexec} /srv/aside`).then(() => undefined));
  afterAll(() => host.run(`mv /srv/aside ${safeexec}`).then(() => undefined));

  test("reports what chroot cannot confine, and nothing more", async () => {
    const { via, findings } = await audited();
    expect([via, notPassed(findings)]).toEqual([
      "chroot",
      {
        "safeexec-install": "not-applicable: the host has no safeexec: programs run through chroot",
        "no-leftovers": expect.stringMatching(/^warn: a process of the run before; through chroot: nothing ends what/),
        "other-sandboxes": expect.stringMatching(
          /^warn: another program can be signalled; through chroot: all programs run as one user/,
        ),
        descriptors: expect.stringMatching(/^warn: 9 is open \(secret\); through chroot/),
      },
    ]);
    expect(await running()).toBe("");
  });

  test("reports too that programs have the host's network without unshare", async () => {
    await host.run("chmod -x /usr/bin/unshare");
    const { findings } = await audited();
    await host.run("chmod +x /usr/bin/unshare");
    const found = notPassed(findings);
    expect(found["no-network"]).toMatch(
      /^warn: .*port 22 could be connected to.*; through chroot: it has the host's network/,
    );
    expect(found["no-smtp"]).toMatch(/^warn: .*port 25 answered.*; through chroot: /);
    expect(found["time-limits"]).toBeUndefined();
    const deadline = Date.now() + 15_000;
    while ((await running()) !== "" && Date.now() < deadline) await sleep(250);
    expect(await running()).toBe("");
  });
});

test("a connection that is cut during an audit leaves no process and no file", async () => {
  const before = await host.listing({ paths: [jailPath, "/tmp"] });
  const cut = audited().catch((error: unknown) => error);
  const deadline = Date.now() + 60_000;
  while ((await running()) === "" && Date.now() < deadline) await sleep(50);
  await host.dropConnections();
  expect(await cut).toBeInstanceOf(Error);
  let left = "?";
  for (let tries = 0; tries < 60 && left !== ""; tries += 1) {
    await sleep(500);
    left = (await running()) + changedPaths(before, await host.listing({ paths: [jailPath, "/tmp"] })).join(" ");
  }
  expect(left).toBe("");
});

describe("the command `audit`", () => {
  const run = async (...args: string[]) => {
    const sshConfig = join(folder, "ssh_config");
    writeFileSync(
      sshConfig,
      `Host judge-1 down\n  User root\n  IdentityFile ${host.privateKeyFile}\n  UserKnownHostsFile ${host.knownHostsFile}\n  HostName ${host.address}\nHost down\n  Port 1\n`,
    );
    return execa(
      process.execPath,
      [join(repositoryRoot, "build/src/cli/main.js"), "audit", "--ssh-config", sshConfig, ...args],
      { reject: false, env: { NODE_OPTIONS: "" } },
    );
  };

  test("ends with exit code 0 for a good jail, with one line that says so and no colour", async () => {
    const { stdout, stderr, exitCode } = await run("--fail-on", "static,confinement,function", "judge-1");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")[0]).toBe("✓ judge-1:/srv/python3jail  30 passed, 0 failed");
    expect(stdout).toContain("through safeexec");
    expect(stdout).not.toContain("\u001b");
  });

  test("ends with exit code 1 for a broken jail, and 2 if a host is down too, with both in the JSON", async () => {
    await host.run(`mkfifo ${at("static/x")}`);
    const withDown = await run("--json", "judge-1", "down");
    const words = await run("judge-1");
    await host.run(`rm ${at("static/x")}`);
    expect([withDown.exitCode, words.exitCode]).toEqual([2, 1]);
    const [first, second] = JSON.parse(withDown.stdout) as {
      host: string;
      failed?: string[];
      checks?: object[];
      error?: string;
    }[];
    expect(first).toMatchObject({ host: "judge-1", failed: ["special-files"], via: "safeexec" });
    expect(first!.checks).toHaveLength(30);
    expect(first!.checks).toContainEqual(
      expect.objectContaining({
        check: "special-files",
        result: "fail",
        evidence: "static/x is a FIFO",
        kind: "static",
        remedy: expect.any(String),
      }),
    );
    expect(second).toMatchObject({ host: "down", error: expect.stringContaining("nothing listens on its SSH port") });
    expect(words.stdout).toMatch(
      /^✗ judge-1:[^\n]* 29 passed, 1 failed\n[^]*\n {2}FAIL {2}special-files {2}no socket[^]*\n {8}static\/x is a FIFO\n {8}→ remove what is named/,
    );
  });

  test.each<[string[], RegExp]>([
    [[], /name at least one host/],
    [["--path", "srv", "judge-1"], /--path must be an absolute path/],
    [["--fail-on", "setuid", "judge-1"], /--fail-on/],
    [["--colour", "judge-1"], /there is no option --colour/],
    [["-oProxyCommand=x", "judge-1"], /there is no option -o/],
  ])("refuses a call with %j: exit code 2, the reason, and a pointer to the help", async (args, why) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(why);
    expect(stderr).toContain("See `python3jail audit --help`");
  });
});

describe("the resource JailAudit", () => {
  test("shows a new finding as drift in a refresh, and fails an up with the finding and its remedy", async () => {
    await host.run(`mkfifo ${at("static/x")}`);
    const { stdout } = await project.preview({ refresh: true, flags: ["--diff"] });
    expect(stdout).toMatch(/drift[^]*special-files[^]*static\/x is a FIFO/);
    const { all } = await project.up({ refresh: true, expectFailure: true });
    expect(all).toMatch(/judge-1: audit the jail: special-files failed \(29 passed, 1 failed\)/);
    expect(all).toContain("special-files: static/x is a FIFO");
    expect(all).toContain("remove what is named");
  });

  test("does not fail for a finding that is accepted with a reason, but still shows it", async () => {
    project.setConfig(config({ accept: { "special-files": "the site's own FIFO" } }));
    await project.up({ refresh: true });
    const resource = (await resourcesOf(project)).find(({ type }) => type.endsWith("JailAudit"))!;
    expect(resource.outputs).toMatchObject({
      summary: "29 passed, 1 failed, 1 accepted",
      findings: [{ check: "special-files", result: "fail", evidence: "static/x is a FIFO" }],
    });
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await host.run(`rm ${at("static/x")}`);
  });

  test("is not in a stack without an audit", async () => {
    project.setConfig(config({}));
    await project.up();
    expect((await resourcesOf(project)).some(({ type }) => type.endsWith("JailAudit"))).toBe(false);
  });
});
