import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import { audit, auditSteps, readOutside, type AuditSettings } from "../../src/audit/audit.js";
import { checkNames, isDynamic } from "../../src/audit/checks.js";
import type { Finding } from "../../src/audit/finding.js";
import { staticFindings } from "../../src/audit/findings.js";
import { defaultLimits } from "../../src/jail/sandbox-limits.js";
import { devicePresets } from "../../src/jail/device-presets.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { librarySteps } from "../../src/kinds/JailLibraries.js";
import { shells, standIn, type Shell } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { closureValues } from "./step-values.js";

// The static checks under every shell and both sets of tools. test/e2e/audit.test.ts has each check's findings on a
// whole host.
const settings: AuditSettings = {
  owner: "root",
  uid: 10000,
  gid: 54321,
  limits: defaultLimits,
  devices: ["null", "random", "urandom"],
};
const nodes = Object.values(devicePresets);
const given = {
  safeexec: undefined,
  owner: "root",
  uid: 10000,
  gid: 54321,
  devices: nodes.map(({ node, major, minor, mode }) => `${node} ${major} ${minor} ${mode}`),
};

let jail: ScratchJail;
beforeAll(async () => {
  jail = await ScratchJail.make();
  chmodSync(jail.folder, 0o755);
  jail.put("bin/python3", { copyOf: "/bin/true" });
  await jail.complete(librarySteps.apply, closureValues);
  for (const { node, major, minor, mode } of nodes)
    await jail.complete(nodeSteps.apply, { node, type: "c", major, minor, mode, owner: "root", group: "root" });
});
afterAll(() => jail.remove());

/**
 * The checks that did not pass, without those that this machine never passes: a directory with the sticky bit, and
 * perhaps swap.
 */
async function notPassed(shell: Shell): Promise<Record<string, string>> {
  const findings = staticFindings(await jail.complete(auditSteps.readOutside, given, { shell }));
  const ours = findings.filter(
    ({ check, result }) => result !== "pass" && !["owner-chain", "host-kernel"].includes(check),
  );
  return Object.fromEntries(ours.map(({ check, result, evidence }) => [check, `${result}: ${evidence}`]));
}

const without = { "safeexec-install": "not-applicable: the host has no safeexec: programs run through chroot" };

describe.each(shells)("under %s", (shell) => {
  test("a jail as it should be passes every check", async () => expect(await notPassed(shell)).toEqual(without));

  test("a jail with every defect fails every check, with evidence", async () => {
    await execa(
      "sh",
      [
        "-c",
        `
      cp bin/python3 bin/x && chmod 6755 bin/x
      chmod o+w static
      rm dev/null && mknod -m 0600 dev/null b 7 200
      mkfifo static/pipe; ln -s /etc static/out; touch ../outside; ln ../outside static/second
      cp -r lib64 ../lib64.kept; rm lib64/*; ln -s ../static/pipe lib64/libpipe.so
      find .libraries -name 'libc.so*' -exec sh -c 'printf x >>"$1"' - {} ';'
      mkdir etc; cp /etc/passwd /etc/shadow etc`,
      ],
      { cwd: jail.path },
    );
    try {
      expect(await notPassed(shell)).toEqual({
        ...without,
        "setuid-files": "fail: bin/x is setuid (6755, user 0); bin/x is setgid (6755, group 0)",
        "writable-paths": "fail: static is 0757",
        "device-nodes": "fail: dev/null is a block device (7:200)",
        "special-files": expect.stringMatching(
          /^fail: static\/pipe is a FIFO; static\/second has 2 names \(hard links\), 1 outside the jail; static\/out leads out of the jail, to \/etc$/,
        ),
        "elf-resolves": expect.stringMatching(/^fail: \S*ld-linux\S* is needed by bin\/python3, and is not inside/),
        "library-hashes": expect.stringMatching(
          /libc\.so\.6 is not the present \S+ of the host.*lib64\/libpipe\.so leads to what is no file/,
        ),
      });
    } finally {
      await execa(
        "sh",
        [
          "-c",
          `
        rm bin/x lib64/libpipe.so static/pipe static/out static/second ../outside dev/null; chmod 0755 static; rm -r etc
        cp -P ../lib64.kept/* lib64/; rm -r ../lib64.kept
        find .libraries -name 'libc.so*' -exec truncate -s -1 {} ';'
        mknod -m 0666 dev/null c 1 3`,
        ],
        { cwd: jail.path },
      );
    }
  });
});

test("the audit ignores files that vanish while it reads the jail, and any other failure ends it", async () => {
  const gone = (what: string): string =>
    [
      standIn("stat", `for word; do case $word in */static/gone) ${what} ;; esac; done`, 'exec /usr/bin/stat "$@"'),
      standIn(
        "find",
        `case $* in *"-type l !"*) echo "find: ./static/folder: No such file or directory" >&2; /usr/bin/find "$@"; exit 1 ;; esac`,
        'exec /usr/bin/find "$@"',
      ),
    ].join("\n");
  const run = (what: string) => {
    jail.put("static/gone", "");
    return jail.run(auditSteps.readOutside, given, { before: gone(what) });
  };
  const { answer } = await run('rm -f "$word"');
  expect(answer.complete).toBe(true);
  expect(staticFindings(answer).find(({ check }) => check === "setuid-files")!.result).toBe("pass");
  expect((await run(`echo "stat: $word: Input/output error" >&2; exit 1`)).answer.complete).toBe(false);
  rmSync(jail.at("static/gone"));
});

test("the audit compares the libraries of a jail made by hand with the host's of the same name", async () => {
  const hidden = `${jail.records}.hidden`;
  renameSync(jail.records, hidden);
  try {
    const found = await readOutside(jail.asJail(), settings);
    expect(found!.answer.one("jail")).toEqual(["marked"]);
    expect(found!.findings.filter(({ check, result }) => result !== "pass" && check.startsWith("library"))).toEqual([]);
    await execa("sh", ["-c", 'printf x >>"$(readlink -f lib64/ld-linux*)"'], { cwd: jail.path });
    const altered = (await readOutside(jail.asJail(), settings))!.findings.find(
      ({ check }) => check === "library-hashes",
    );
    await execa("sh", ["-c", 'truncate -s -1 "$(readlink -f lib64/ld-linux*)"'], { cwd: jail.path });
    expect(altered).toMatchObject({
      result: "fail",
      evidence: expect.stringMatching(/ld-linux\S* is not the present/) as unknown,
    });
  } finally {
    renameSync(hidden, jail.records);
  }
});

test("every trial reports if no program can run as an unprivileged user, and the static checks run all the same", async () => {
  const { findings, via } = (await audit(jail.asJail({ shell: "busybox" }), settings))!;
  expect(via).toBeUndefined();
  const trials = findings.filter(({ check }: Finding) => isDynamic(check));
  expect(trials).toHaveLength(checkNames.filter(isDynamic).length);
  for (const { result, evidence } of trials)
    expect([result, evidence]).toEqual([
      "not-applicable",
      expect.stringMatching(/^nothing was run: the host has no safeexec, and its chroot cannot give up root's rights/),
    ]);
});

test("the audit has no finding where there is no jail, and fails where a directory is no jail of ours", async () => {
  const other = await ScratchJail.make();
  try {
    rmSync(other.at("REM_this_is_jail"));
    rmSync(other.records, { recursive: true });
    writeFileSync(other.at("file"), "");
    expect((await other.run(auditSteps.readOutside, given)).answer.failure).toMatchObject({ code: "not-a-jail" });
    rmSync(other.path, { recursive: true });
    expect(await readOutside(other.asJail(), settings)).toBeUndefined();
    expect(await audit(other.asJail(), settings)).toBeUndefined();
    mkdirSync(`${other.folder}/elsewhere`);
    symlinkSync("elsewhere", other.path);
    expect((await other.run(auditSteps.readOutside, given)).answer.failure).toMatchObject({ code: "symlink" });
  } finally {
    other.remove();
  }
});
