import { defaultLimits, sandboxArguments } from "../../../src/jail/sandbox-limits.js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { basename, join } from "node:path";
import { HostError } from "../../../src/base/errors.js";
import type { Target } from "../../../src/remote/target.js";
import { checkStep, jailCheck } from "../../../src/kinds/JailCheck.js";
import { judgeRun, readRun } from "../../../src/jail/sandbox-run.js";
import { librarySteps } from "../../../src/kinds/JailLibraries.js";
import type { StepSurroundings } from "../run-step.js";
import { ScratchJail } from "../scratch-jail.js";
import type { ValuesOf } from "../../../src/remote/arguments.js";
import { closureValues } from "../step-values.js";
import { writeManifest } from "../manifest.js";

/** A fake Python that misbehaves in the way that its program names. */
const standIn = `
  #define _GNU_SOURCE
  #include <dirent.h>
  #include <fcntl.h>
  #include <grp.h>
  #include <net/if.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/resource.h>
  #include <unistd.h>
  extern char **environ;
  int main(int count, char **words) {
    const char *program = words[count - 1];
    if (!strcmp(program, "print(1+1)")) puts("2");
    else if (strstr(program, "version")) puts("3.13.5");
    else if (!strcmp(program, "who")) {
      uid_t r, e, s; gid_t rg, eg, sg;
      getresuid(&r, &e, &s); getresgid(&rg, &eg, &sg);
      printf("%d %d %d %d %d %d %d\\n", r, e, s, rg, eg, sg, getgroups(0, NULL));
    } else if (!strcmp(program, "holds")) {
      for (int i = 0; i < 64; i++) if (fcntl(i, F_GETFD) != -1) printf("%d ", i);
      struct if_nameindex *names = if_nameindex(); int up = 0;
      for (struct if_nameindex *n = names; n && n->if_index; n++) up++;
      printf("%d\\n", up);
      for (char **e = environ; *e; e++) puts(*e);
    } else if (!strcmp(program, "limits")) {
      int of[] = {RLIMIT_CPU, RLIMIT_AS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE};
      for (int i = 0; i < 6; i++) { struct rlimit l; getrlimit(of[i], &l); printf("%ld %ld\\n", (long)l.rlim_cur, (long)l.rlim_max); }
    } else if (!strcmp(program, "write")) { FILE *file = fopen("/scratch/file", "w"); fputs("x", file); return fclose(file) != 0; }
    else if (!strcmp(program, "spin")) for (;;) ;
    else if (!strcmp(program, "sleep")) sleep(60);
    else if (!strcmp(program, "flood")) for (;;) puts("0123456789");
    else if (!strcmp(program, "crash")) abort();
    else if (!strcmp(program, "odd")) { puts("one\\ttwo\\033[31m"); fputs("no line's end", stdout); }
    return 0;
  }`;

/** A fake safeexec, with the options that are used, its verdict and its report. */
const safeexec = `#!/bin/sh
echo "$@" >>"$(dirname "$0")/calls"
while [ "$1" != --exec ]; do
	case $1 in --chroot_dir) jail=$2 ;; esac
	shift 2
done
shift
chroot --userspec=+10001:+1000 --groups= "$jail" "$@" && echo OK >&2 || echo "Command exited with non-zero status ($?)" >&2
printf 'elapsed time: 0 seconds\\nmemory usage: 8460 kbytes\\ncpu usage: 0.005 seconds\\n' >&2
`;

let jail: ScratchJail;
let made: string;
beforeAll(async () => {
  made = makeHostDirectory();
  writeFileSync(join(made, "safeexec"), safeexec, { mode: 0o755 });
  jail = await ScratchJail.make();
  mkdirSync(jail.at("bin"));
  await execa("gcc", ["-x", "c", "-", "-o", jail.at("bin/python3")], { input: standIn });
  chmodSync(jail.folder, 0o755);
  await jail.complete(librarySteps.apply, closureValues);
});
afterAll(() => {
  jail.remove();
  rmSync(made, { recursive: true });
});

type Limits = Partial<ValuesOf<typeof sandboxArguments>>;
interface Options {
  safeexec?: string;
  limits?: Limits;
  surroundings?: StepSurroundings;
  user?: number;
}
/** Users of these tests alone, as the kernel counts all processes of a user against its limit, zombies as well. */
let lastUser = 20077 + (process.pid % 1000) * 20;
const newUser = (): number => lastUser++;
const noLimits = {
  cpu: undefined,
  clock: undefined,
  memory: undefined,
  processes: undefined,
  files: undefined,
  fileKb: undefined,
  environment: [],
};
const check = ({ safeexec: program, limits, surroundings, user: uid = newUser() }: Options, ...programs: string[]) =>
  jail.complete(checkStep, { safeexec: program, uid, gid: 1000, ...noLimits, ...limits, programs }, surroundings);

test("the removal of a check together with its jail first asks whether JailRoot's removal would be refused, and otherwise asks nothing", async () => {
  const inputs = {
    host: "judge-1",
    connection: { host: "h" },
    path: jail.path,
    uid: 20001,
    gid: 1000,
    limits: defaultLimits,
    triggers: [],
  };
  const facts = { jailId: "an-id" } as Parameters<NonNullable<typeof jailCheck.remove>>[2];
  const asked = (deleteContents: boolean | undefined, known = facts): Promise<string> =>
    jailCheck.remove(jail.asJail(), { ...inputs, deleteContents }, known).then(
      () => "fine",
      (error: unknown) => (error instanceof HostError ? error.code : String(error)),
    );
  writeFileSync(jail.at("static/mine.py"), "");
  try {
    expect([await asked(undefined), await asked(false), await asked(true)]).toEqual(["fine", "not-empty", "fine"]);
    expect([await asked(true, { ...facts, jailId: "another" }), await asked(true, {})]).toEqual([
      "other-machine",
      "fine",
    ]);
  } finally {
    rmSync(jail.at("static/mine.py"));
  }
  expect((await check({}, "print(1+1)")).maybe("id")).toBe("an-id");
});

const runOf = async (program: string, options: Options = {}) => readRun(await check(options, program), 1);

/** The jail as a target on this machine, for the kind's functions. */
const here = (scratch: ScratchJail): Target =>
  ({
    host: { name: "here" },
    path: scratch.path,
    run: (step: typeof checkStep, values: ValuesOf<NonNullable<typeof checkStep.args>>) =>
      scratch.complete(step, values),
  }) as unknown as Target;
const inputs = {
  host: "here",
  connection: {},
  path: "/srv/jail",
  uid: 10000,
  gid: 1000,
  limits: defaultLimits,
  triggers: [],
} as unknown as Parameters<typeof jailCheck.apply>[1];

describe.each(["dash", "bash"] as const)("through chroot, under %s", (shell) => {
  const surroundings: StepSurroundings = { shell };

  test("the basic test prints 2, and the second program's output is separate", async () => {
    const answer = await check({ surroundings }, "print(1+1)", "version");
    expect(answer.one("via")).toEqual(["chroot"]);
    expect(judgeRun(readRun(answer, 1), "2")).toBeUndefined();
    expect(readRun(answer, 2).printed).toEqual(["3.13.5"]);
  });

  test("a program is an unprivileged user without groups, network, or variables and descriptors of ours", async () => {
    const user = newUser();
    expect((await runOf("who", { surroundings, user })).printed).toEqual([`${user} ${user} ${user} 1000 1000 1000 0`]);
    const { printed } = await runOf("holds", { surroundings });
    expect(printed[0]).toBe("0 1 2 1");
    expect(printed.slice(1).map((line) => line.split("=")[0])).toEqual([
      "PATH",
      "PYTHONIOENCODING",
      "PYTHONHOME",
      "PYTHONPATH",
    ]);
  });

  test("a program has the default limits, or the given ones", async () => {
    expect((await runOf("limits", { surroundings })).printed).toEqual([
      "10 10",
      "536870912 536870912",
      "16 16",
      "512 512",
      "0 0",
      "0 0",
    ]);
    expect(
      (
        await runOf("limits", {
          surroundings,
          limits: { cpu: 2, clock: 50, memory: 65536, processes: 4, files: 32, fileKb: 96 },
        })
      ).printed,
    ).toEqual(["2 2", "67108864 67108864", "4 4", "32 32", "98304 98304", "0 0"]);
  });

  test("a limit of no further processes still allows the program itself", async () => {
    expect((await runOf("limits", { surroundings, limits: { processes: 0 } })).printed[2]).toBe("1 1");
  });

  test("other processes of the user on the host do not count against the limit", async () => {
    const user = newUser();
    const others = execa(
      "chroot",
      [
        `--userspec=+${user}:+1000`,
        "/",
        "sh",
        "-c",
        "for one in 1 2 3 4 5 6 7 8; do sleep 50 & done; echo there; wait",
      ],
      { detached: true, reject: false },
    );
    await new Promise((there) => others.stdout.once("data", there));
    try {
      expect((await runOf("limits", { surroundings, user, limits: { processes: 4 } })).printed[2]).toBe("13 13");
    } finally {
      process.kill(-others.pid!, "SIGKILL");
      await others;
    }
  });

  test("a program that does not end is killed, too much output is cut, and a crash is reported", async () => {
    const limits = { cpu: 1, clock: 1 };
    expect(judgeRun(await runOf("sleep", { surroundings, limits }), "2")).toBe("printed nothing, ended by signal 9");
    expect(judgeRun(await runOf("spin", { surroundings, limits }), "2")).toBe("printed nothing, ended by signal 9");
    const flood = await runOf("flood", { surroundings });
    expect(flood.printed.length).toBeLessThanOrEqual(20);
    expect(flood.exitCode).toBe(141);
    expect(judgeRun(await runOf("crash", { surroundings }), "2")).toMatch(/ended by signal 6/);
    expect((await runOf("odd", { surroundings })).printed).toEqual(["one?two?[31m", "no line's end"]);
  });

  test("a program cannot write anything", async () => {
    chmodSync(jail.at("scratch"), 0o777);
    expect((await runOf("write", { surroundings })).exitCode).not.toBe(0);
    expect(existsSync(jail.at("scratch/file")) ? statSync(jail.at("scratch/file")).size : 0).toBe(0);
  });

  test("the recorded command line repeats the run", async () => {
    const user = newUser();
    const { command } = await runOf("who", { surroundings, user });
    expect((await execa("sh", ["-c", `${command} -u -S -c who`])).stdout).toBe(
      `${user} ${user} ${user} 1000 1000 1000 0`,
    );
  });

  test("the recorded command line has the check's limits, wall-clock time included", async () => {
    const limits = { cpu: 2, clock: 1, memory: 65536, processes: 4, files: 32, fileKb: 96 };
    const { command, printed } = await runOf("limits", { surroundings, limits });
    expect(command).not.toMatch(/[\n\t]/);
    expect((await execa("sh", ["-c", `${command} -u -S -c limits`])).stdout.split("\n")).toEqual(printed);
    expect((await execa("sh", ["-c", `${command} -u -S -c sleep; echo "code $?"`], { reject: false })).stdout).toBe(
      "code 137",
    );
  });

  test("a program may write files of 64 MB if JailSystem made a writable directory", async () => {
    writeManifest(jail.records, "system", [], ["./tmp type=dir mode=1777"]);
    try {
      expect((await runOf("limits", { surroundings })).printed[4]).toBe("67108864 67108864");
      expect((await runOf("limits", { surroundings, limits: { fileKb: 0 } })).printed[4]).toBe("0 0");
    } finally {
      rmSync(`${jail.records}/manifest`, { recursive: true });
    }
  });
});

test("a host whose chroot cannot give up root's rights, as busybox's, is an error", async () => {
  const { answer } = await jail.run(
    checkStep,
    { safeexec: undefined, uid: 10000, gid: 1000, ...noLimits, programs: ["print(1+1)"] },
    { shell: "busybox" },
  );
  expect(answer.failure).toMatchObject({ code: "no-userspec" });
});

describe("a run through safeexec", () => {
  const calls = join("calls");
  /** The commands that install the fake safeexec where only root can write. */
  const program = "/usr/local/bin/safeexec";
  const there = (): StepSurroundings => ({ before: `mount --bind ${made} /usr/local/bin` });

  test("uses the given program", async () => {
    const answer = await check({ safeexec: program, surroundings: there() }, "print(1+1)");
    expect(answer.one("via")).toEqual(["safeexec"]);
    expect(judgeRun(readRun(answer, 1), "2")).toBeUndefined();
    const { stdout } = await execa("cat", [join(made, calls)]);
    expect(stdout).toBe(`--chroot_dir ${jail.path} --env_vars PY --exec_dir / --exec /bin/python3 -u -S -c print(1+1)`);
  });

  test("uses the host's program, with the given limits", async () => {
    rmSync(join(made, calls));
    const answer = await check(
      { limits: { cpu: 1, clock: 2, memory: 3, processes: 0, files: 5, fileKb: 6 }, surroundings: there() },
      "print(1+1)",
    );
    expect(answer.one("via")).toEqual(["safeexec"]);
    expect(readRun(answer, 1).command).toBe(
      `/usr/local/bin/safeexec --cpu 1 --clock 2 --mem 3 --nproc 0 --nfile 5 --fsize 6 --chroot_dir ${jail.path} --env_vars PY --exec_dir / --exec /bin/python3`,
    );
  });

  test("fails by safeexec's verdict", async () => {
    expect(judgeRun(await runOf("crash", { safeexec: program, surroundings: there() }), "2")).toBe(
      "printed nothing, exit code 0: Command exited with non-zero status (134)",
    );
  });

  const others: [string, string, string, string][] = [
    ["itself", "", "chmod o+w /usr/local/bin/safeexec", program],
    ["its folder", "", "chown 1234 /usr/local/bin", "/usr/local/bin"],
    [
      "a directory that a group may write to",
      "",
      "chgrp 1234 /usr/local/bin; chmod g+w /usr/local/bin",
      "/usr/local/bin",
    ],
    [
      "a folder on the way",
      "/usr/local/bin/deep/er/safeexec",
      "mkdir -p /usr/local/bin/deep/er; cp /usr/local/bin/safeexec /usr/local/bin/deep/er/; chmod o+w /usr/local/bin/deep",
      "/usr/local/bin/deep",
    ],
    [
      "a directory that only a symlink leads to",
      "/usr/local/sbin/link",
      "cp /usr/local/bin/safeexec /tmp/at; chmod o+w /tmp/at; ln -s /tmp/at/safeexec /usr/local/sbin/link",
      "/tmp/at",
    ],
  ];
  test.each(others)("refuses a program that others can change: %s", async (_what, path, change, changeable) => {
    const before = `mount -t tmpfs -o mode=755 tmpfs /usr/local/sbin; mount -t tmpfs -o mode=755 tmpfs /usr/local/bin; mkdir -p ${made}/at; cp ${made}/safeexec /usr/local/bin/; ${change.replaceAll("/tmp/at", `${made}/at`)}`;
    const { answer } = await jail.run(
      checkStep,
      { safeexec: path || program, uid: newUser(), gid: 1000, ...noLimits, programs: ["print(1+1)"] },
      {
        before,
      },
    );
    expect(answer.failure).toMatchObject({
      code: "unsafe-safeexec",
      reason: expect.stringContaining(
        `is not root's alone: others can change ${changeable.replace("/tmp/at", `${made}/at`)}`,
      ),
    });
    expect(answer.all("run")).toEqual([]);
  });

  test("accepts root's program in root's directory with the sticky bit", async () => {
    const deep = "/usr/local/bin/deep/er";
    const before = `${there().before}; mkdir -p ${deep}; cp ${program} ${deep}/; chmod 1777 /usr/local/bin/deep`;
    const answer = await check({ safeexec: `${deep}/safeexec`, surroundings: { before } }, "print(1+1)");
    expect(judgeRun(readRun(answer, 1), "2")).toBeUndefined();
  });

  test("runs the program that a symlink leads to, whatever happens to the symlink", async () => {
    const before = `${there().before}; mount -t tmpfs -o mode=755 tmpfs /usr/local/sbin; ln -s ../bin/safeexec /usr/local/sbin/link`;
    const answer = await check({ safeexec: "/usr/local/sbin/link", surroundings: { before } }, "print(1+1)");
    expect([judgeRun(readRun(answer, 1), "2"), readRun(answer, 1).command.split(" ")[0]]).toEqual([undefined, program]);
  });

  test("fails if the given program does not exist", async () => {
    const { answer } = await jail.run(checkStep, {
      safeexec: "/usr/local/bin/no-such-safeexec",
      uid: 10000,
      gid: 1000,
      ...noLimits,
      programs: ["print(1+1)"],
    });
    expect(answer.failure).toMatchObject({
      code: "no-safeexec",
      reason: "there is no program at /usr/local/bin/no-such-safeexec",
    });
  });
});

describe("JailCheck", () => {
  test("passes with facts that a refresh does not change", async () => {
    const facts = await jailCheck.apply(here(jail), inputs, undefined);
    expect(facts).toMatchObject({
      passed: true,
      printed: "2",
      via: "chroot",
      python: "3.13.5",
      report: "exit code 0; no network, no new privileges",
    });
    expect(await jailCheck.read(here(jail), inputs, facts)).toEqual({ drift: {}, facts });
  });

  test("has drift in a refresh if the jail fails, and is an error when it is created", async () => {
    const broken = await ScratchJail.make();
    try {
      expect((await jailCheck.read(here(broken), inputs, {}))!.drift).toEqual({
        "print(1+1)": expect.stringMatching(/^printed nothing, exit code 127: .*No such file/) as unknown as string,
      });
      const error = await jailCheck
        .apply(here(broken), inputs, undefined)
        .catch((thrown: unknown) => thrown as HostError);
      expect(error).toBeInstanceOf(HostError);
      expect((error as HostError).code).toBe("check-failed");
      expect((error as HostError).message).toMatch(
        /here: run the basic test in the jail: print\(1\+1\) printed nothing, exit code 127[^]*No such file/,
      );
      rmSync(broken.path, { recursive: true });
      expect(await jailCheck.read(here(broken), inputs, {})).toBeUndefined();
    } finally {
      broken.remove();
    }
  });
});

// The e2e tests run the CPython that was built on a host; this test takes the machine's own.
const python = execaSync("sh", ["-c", "readlink -f /usr/bin/python3"], { reject: false }).stdout;
(existsSync(python) ? test : test.skip)("this machine's own Python runs in a jail", async () => {
  const { stdout: library } = await execa(python, ["-c", "import os; print(os.path.dirname(os.__file__))"]);
  const scratch = await ScratchJail.make();
  try {
    chmodSync(scratch.folder, 0o755);
    scratch.put("bin/python3", { copyOf: python });
    const into = join("lib", basename(library));
    for (const name of readdirSync(library)) {
      if (/\.py$/.test(name) || ["encodings", "collections", "lib-dynload"].includes(name))
        cpSync(join(library, name), scratch.at(join(into, name)), { recursive: true });
    }
    await scratch.complete(librarySteps.apply, closureValues);
    const programs = [
      "print(1+1)",
      "import math, zlib, _ssl, _sqlite3, _ctypes, _lzma; print(zlib.crc32(b'x') + math.gcd(4, 6))",
    ];
    const answer = await scratch.complete(checkStep, {
      safeexec: undefined,
      uid: newUser(),
      gid: 1000,
      ...noLimits,
      programs,
    });
    expect(readRun(answer, 1)).toMatchObject({ printed: ["2"], errors: [] });
    expect(readRun(answer, 2).printed.concat(readRun(answer, 2).errors)).toEqual(["2363233925"]);
  } finally {
    scratch.remove();
  }
});
