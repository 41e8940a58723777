import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pythonInputs, type PythonInputs } from "./python-inputs.js";
import { execa } from "execa";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { makeHostDirectory } from "../host-temporary.js";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../../../src/base/errors.js";
import { buildKey } from "../../../src/python/build.js";
import { buildSteps } from "../../../src/python/building.js";
import type { Target } from "../../../src/remote/target.js";
import { nodeSteps } from "../../../src/kinds/DeviceNode.js";
import { pythonBuild, pythonSteps } from "../../../src/kinds/PythonBuild.js";
import { differsInSyntaxAlone, shells, standIn, type StepSurroundings } from "../run-step.js";
import { replacing } from "../replacing.js";
import { ScratchJail } from "../scratch-jail.js";
import { fakeCpython, pack, sha256Of, type Archive } from "./fake-cpython.js";
import { nullNode } from "../step-values.js";

let archives: string;
let newer: Archive;
let older: Archive;
/** A host's cache with both builds, for tests of what follows a build. */
let finished: ScratchJail;
beforeAll(async () => {
  archives = makeHostDirectory();
  newer = await fakeCpython(archives, "3.13.5");
  older = await fakeCpython(archives, "3.11.2");
  finished = await ScratchJail.make();
  const quiet = jest.spyOn(console, "log").mockImplementation(() => undefined);
  for (const source of [older, newer]) await pythonBuild.apply(finished.asJail(), inputs({ source }), undefined);
  quiet.mockRestore();
});
afterAll(() => {
  rmSync(archives, { recursive: true });
  finished.remove();
});
const takeFinished = async (): Promise<void> => {
  await execa("cp", ["-a", join(finished.folder, "cache"), join(jail.folder, "cache")]);
};

let jails: ScratchJail[];
let jail: ScratchJail;
let printed: string[];
let warned: string[];
beforeEach(async () => {
  jail = await ScratchJail.make();
  jails = [jail];
  printed = [];
  warned = [];
  jest.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text.replace(/^: python: /, "")));
  jest.spyOn(console, "warn").mockImplementation((text: string) => void warned.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const { folder } of jails) {
    const work = join(folder, "cache", "work");
    for (const name of existsSync(work) ? readdirSync(work) : []) endGroup(join(work, name, "pid"));
  }
  for (const one of jails) one.remove();
});

/** Ends a build that a test left running. */
function endGroup(pidFile: string): void {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  try {
    if (pid > 1) process.kill(-pid, "SIGKILL");
  } catch {
    // The build has ended already.
  }
}

const inputs = (change: Partial<PythonInputs> = {}): PythonInputs => pythonInputs(newer, change);
/** The jail as the lifecycle's target. `cache`: another jail's, to share it. */
const here = (surroundings?: StepSurroundings, of = jail, cache = join(jail.folder, "cache")): Target =>
  replacing(of.asJail(surroundings), { cache });
const apply = (change: Partial<PythonInputs> = {}, at = here()) => pythonBuild.apply(at, inputs(change), undefined);
const drift = async (change: Partial<PythonInputs> = {}, surroundings?: StepSurroundings) => {
  const wanted = inputs(change);
  return (await pythonBuild.read(here(surroundings), wanted, {
    pythonVersion: "",
    buildKey: buildKey(wanted),
    digest: "",
    missingModules: [],
  }))!.drift;
};
const failing = async (running: Promise<unknown>): Promise<HostError> => {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};
const inJail = async (...words: string[]): Promise<string> =>
  (await execa(jail.at(words[0]!), words.slice(1), { env: { PYTHONHOME: jail.path } })).stdout;
const version = (): Promise<string> => inJail("bin/python3", "-S", "-c", "version_info");
const cached = (...names: string[]): string => join(jail.folder, "cache", ...names);
const buildsRun = (): number => printed.filter((text) => text === "the build has begun").length;
const only = (folder: string): string => join(folder, readdirSync(folder).filter((name) => !name.endsWith("lock"))[0]!);

/** All paths that the newer version installs. */
const tree = [
  "bin",
  "bin/python3",
  "bin/python3.13",
  "lib",
  "lib/python3.13",
  "lib/python3.13/.program",
  "lib/python3.13/.program/bin",
  "lib/python3.13/.program/bin/python3.13",
  "lib/python3.13/__pycache__",
  "lib/python3.13/__pycache__/_sysconfigdata_.compiled.pyc",
  "lib/python3.13/__pycache__/io.compiled.pyc",
  "lib/python3.13/__pycache__/os.compiled.pyc",
  "lib/python3.13/_sysconfigdata_.py",
  "lib/python3.13/built-in",
  "lib/python3.13/empty",
  "lib/python3.13/flags",
  "lib/python3.13/io.py",
  "lib/python3.13/json",
  "lib/python3.13/json/__pycache__",
  "lib/python3.13/json/__pycache__/decoder.compiled.pyc",
  "lib/python3.13/json/decoder.py",
  "lib/python3.13/missing",
  "lib/python3.13/os.py",
  "lib/python3.13/site-packages",
  "lib/python3.13/site-packages/README.txt",
];
const bare = [".python3jail", "REM_this_is_jail", "dev", "lib64", "scratch", "static"];
const names = async (): Promise<string[]> =>
  (await jail.paths())
    .map((line) => line.replace(/ \d+$/, ""))
    .filter((name) => name !== "")
    .sort();

describe.each(shells)("under %s", (shell) => {
  test("builds and installs python, writes nothing if all is as declared, and removes exactly what it installed", async () => {
    expect(await drift({}, { shell })).toEqual({ python: "is not installed, or not wholly" });
    const facts = await apply({ configureFlags: ["--with-judge-if=/not/there", "--with-nonsense"] }, here({ shell }));
    expect(facts).toEqual({
      pythonVersion: "3.13.5",
      buildKey: buildKey(inputs({ configureFlags: ["--with-judge-if=/not/there", "--with-nonsense"] })),
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      missingModules: ["judge"],
    });
    expect(await names()).toEqual([...bare, ...tree].sort());
    expect(await version()).toBe("3.13.5");
    expect(readlinkSync(jail.at("bin/python3"))).toBe("python3.13");
    expect((lstatSync(jail.at("lib/python3.13/os.py")).mode & 0o777).toString(8)).toBe("644");
    expect(readFileSync(jail.at("lib/python3.13/flags"), "utf8").split("\n")).toEqual(
      expect.arrayContaining(["--prefix=/", "--without-ensurepip", "--with-nonsense"]),
    );
    expect(warned).toEqual(["warning: : configure does not know: --with-nonsense"]);
    expect(printed.slice(0, 2)).toEqual(["python's source is sent there", "the build has begun"]);

    const same = { configureFlags: ["--with-judge-if=/not/there", "--with-nonsense"] };
    expect(await drift(same, { shell })).toEqual({});
    const before = await jail.listing();
    expect(await apply(same, here({ shell }))).toEqual(facts);
    expect(await jail.listing()).toEqual(before);

    jail.put("lib/python3.13/site-packages/numpy/__init__.py", "foreign");
    jail.put("bin/foreign", "foreign");
    // As `python3 -O`, run by root in the jail, writes it.
    jail.put("lib/python3.13/__pycache__/os.compiled.opt-1.pyc", "");
    await pythonBuild.remove(here({ shell }), inputs(same), facts);
    expect(await names()).toEqual(
      [
        ...bare,
        "bin",
        "bin/foreign",
        "lib",
        "lib/python3.13",
        "lib/python3.13/site-packages",
        "lib/python3.13/site-packages/numpy",
        "lib/python3.13/site-packages/numpy/__init__.py",
      ].sort(),
    );
    await pythonBuild.remove(here({ shell }), inputs(same), facts);
    expect(await drift(same, { shell })).toEqual({ python: "is not installed, or not wholly" });
    // The finished build is still in the cache, so the next install needs no build.
    await apply(same, here({ shell }));
    expect([buildsRun(), await version()]).toEqual([1, "3.13.5"]);
  });

  test("finds missing and altered files, reads only touched ones, and restores exactly those", async () => {
    await takeFinished();
    await apply({}, here({ shell }));
    const altered = jail.at("lib/python3.13/os.py");
    const { atime, mtime, size } = statSync(altered);
    writeFileSync(altered, "x".repeat(size));
    utimesSync(altered, atime, mtime);
    rmSync(jail.at("bin/python3"));
    rmSync(jail.at("lib/python3.13/empty"), { recursive: true });
    rmSync(jail.at("lib/python3.13/json/__pycache__"), { recursive: true });
    jail.put("lib/python3.13/foreign.py", "foreign");
    writeFileSync(jail.at("lib/python3.13/io.py"), readFileSync(jail.at("lib/python3.13/io.py")));

    const words = {
      "bin/python3": "is missing",
      "lib/python3.13/empty": "is missing",
      "lib/python3.13/json/__pycache__": "is missing",
      "lib/python3.13/json/__pycache__/decoder.compiled.pyc": "is missing",
      "lib/python3.13/os.py": "was altered",
    };
    expect(await drift({}, { shell })).toEqual(words);
    // The fake sha256sum records the files that are read (busybox's xargs runs its own). io.py was rewritten with the
    // same content, so it is read.
    if (shell !== "busybox") {
      const spy = `mount -t tmpfs tools /usr/local/sbin; printf '#!/bin/sh\\nprintf "%%s\\\\n" "$@" >>${jail.folder}/hashed\\nexec /usr/bin/sha256sum "$@"\\n' >/usr/local/sbin/sha256sum; chmod 755 /usr/local/sbin/sha256sum`;
      expect(await drift({}, { shell, before: spy })).toEqual(words);
      expect(
        readFileSync(join(jail.folder, "hashed"), "utf8")
          .split("\n")
          .filter((word) => word.includes("/"))
          .sort(),
      ).toEqual(["lib/python3.13/io.py", "lib/python3.13/os.py"]);
    }

    const untouched = tree.filter(
      (name) => existsSync(jail.at(name)) && lstatSync(jail.at(name)).isFile() && !name.endsWith("os.py"),
    );
    const times = (): number[] => untouched.map((name) => lstatSync(jail.at(name)).ctimeMs);
    const before = times();
    await apply({}, here({ shell }));
    expect(times()).toEqual(before);
    expect([await drift({}, { shell }), await version(), readFileSync(altered, "utf8")]).toEqual([
      {},
      "3.13.5",
      "import nothing\n",
    ]);
    expect(await names()).toEqual([...bare, ...tree, "lib/python3.13/foreign.py"].sort());
    expect(buildsRun()).toBe(0);
  });

  if (differsInSyntaxAlone(shell)) return;

  const replacements: [string, () => void, object][] = [
    [
      "a library that is a symlink to a copy of it",
      () => {
        renameSync(jail.at("lib/python3.13"), jail.at("lib/copy"));
        symlinkSync("copy", jail.at("lib/python3.13"));
      },
      { "lib/python3.13": "is no directory" },
    ],
    [
      "a file that is a link",
      () => {
        renameSync(jail.at("lib/python3.13/os.py"), jail.at("os.py"));
        symlinkSync("/os.py", jail.at("lib/python3.13/os.py"));
      },
      { "lib/python3.13/os.py": "is no regular file" },
    ],
    [
      "a symlink that leads elsewhere",
      () => {
        rmSync(jail.at("bin/python3"));
        symlinkSync("/etc/passwd", jail.at("bin/python3"));
      },
      { "bin/python3": "was altered" },
    ],
    [
      "a link that is a file",
      () => {
        rmSync(jail.at("bin/python3"));
        writeFileSync(jail.at("bin/python3"), "x");
      },
      { "bin/python3": "is no symbolic link" },
    ],
    [
      "a folder that is a file",
      () => {
        rmSync(jail.at("lib/python3.13/empty"), { recursive: true });
        writeFileSync(jail.at("lib/python3.13/empty"), "x");
      },
      { "lib/python3.13/empty": "is no directory" },
    ],
  ];
  test.each(replacements)("repairs %s", async (_name, replace, words) => {
    await takeFinished();
    await apply({}, here({ shell }));
    replace();
    expect(await drift({}, { shell })).toMatchObject(words);
    await apply({}, here({ shell }));
    expect(await drift({}, { shell })).toEqual({});
    const kinds = ["lib/python3.13", "lib/python3.13/os.py", "lib/python3.13/empty"].map((name) =>
      lstatSync(jail.at(name)),
    );
    expect([
      kinds[0]!.isDirectory(),
      kinds[1]!.isFile(),
      kinds[2]!.isDirectory(),
      readlinkSync(jail.at("bin/python3")),
    ]).toEqual([true, true, true, "python3.13"]);
  });

  test("does not replace a directory in place of a file", async () => {
    await takeFinished();
    await apply({}, here({ shell }));
    rmSync(jail.at("lib/python3.13/os.py"));
    jail.put("lib/python3.13/os.py/kept", "kept");
    expect(await drift({}, { shell })).toEqual({
      "lib/python3.13/os.py": "is a directory, should be a file",
    });
    expect((await failing(apply({}, here({ shell })))).failure).toMatchObject({
      code: "in-the-way",
      reason: expect.stringMatching(/^lib\/python3\.13\/os\.py\/kept /),
    });
    expect(readFileSync(jail.at("lib/python3.13/os.py/kept"), "utf8")).toBe("kept");
  });

  test("does not take a killed install for a complete one, and finishes it", async () => {
    await takeFinished();
    await apply({}, here({ shell }));
    jail.cutOff("python");
    rmSync(jail.at("lib/python3.13"), { recursive: true });
    expect(await drift({}, { shell })).toEqual({ python: "is not installed, or not wholly" });
    await apply({}, here({ shell }));
    expect([await drift({}, { shell }), buildsRun(), await names()]).toEqual([{}, 0, [...bare, ...tree].sort()]);
  });

  test("replaces an older version, which works until then, and keeps unmanaged files", async () => {
    await takeFinished();
    await apply({ source: older }, here({ shell }));
    for (const name of [
      "lib/python3.11/site-packages/numpy.py",
      "lib/python3.11/json/foreign.py",
      "share/man/man1/foreign.1",
      "bin/foreign",
      "lib/x86_64-linux-gnu/libc.so.6",
    ])
      jail.put(name, "foreign");
    const go = join(jail.folder, "go");
    const change = { configureFlags: [`--with-wait=${go}`] };
    const building = apply(change, here({ shell }));
    while (!printed.includes("make, 30 %") && !printed.includes("make, 60 %")) await sleep(20);
    expect([await version(), await drift(change, { shell })]).toEqual([
      "3.11.2",
      { python: "is another build than the one that was declared" },
    ]);
    writeFileSync(go, "");
    expect((await building).pythonVersion).toBe("3.13.5");
    const foreign = [
      "lib/python3.11",
      "lib/python3.11/site-packages",
      "lib/python3.11/site-packages/numpy.py",
      "lib/python3.11/json",
      "lib/python3.11/json/foreign.py",
      "share",
      "share/man",
      "share/man/man1",
      "share/man/man1/foreign.1",
      "bin/foreign",
      "lib/x86_64-linux-gnu",
      "lib/x86_64-linux-gnu/libc.so.6",
    ];
    expect([await version(), await names()]).toEqual(["3.13.5", [...bare, ...tree, ...foreign].sort()]);
  });
});

describe("a failure", () => {
  const failures: [
    string,
    Partial<PythonInputs> | (() => Partial<PythonInputs> | Promise<Partial<PythonInputs>>),
    string,
    RegExp,
  ][] = [
    [
      "configure",
      { configureFlags: ["--with-fail=configure"] },
      "build",
      /configure failed.*\| configure: error: no acceptable C compiler found/s,
    ],
    ["make", { configureFlags: ["--with-fail=make"] }, "build", /make failed.*\| two\.c:1: error/s],
    [
      "make install",
      { configureFlags: ["--with-fail=install"] },
      "build",
      /make install failed.*\| install: No space/s,
    ],
    [
      "compiling the library with the new python",
      { configureFlags: ["--with-fail=check"] },
      "build",
      /the library could not be compiled/,
    ],
    [
      "an archive of something else",
      async () => {
        mkdirSync(join(archives, "something"));
        writeFileSync(join(archives, "something", "else"), "");
        return { source: await pack(archives, "something", "something.tgz") };
      },
      "archive",
      /holds no CPython/,
    ],
    [
      "a truncated archive that was declared as it is",
      () => {
        const path = join(archives, "truncated.tgz");
        writeFileSync(path, readFileSync(newer.path));
        truncateSync(path, statSync(path).size - 200);
        return { source: { path, sha256: sha256Of(path) } };
      },
      "archive",
      /damaged, or the disk is full/,
    ],
  ];
  test.each(failures)(
    "of %s is an error with the last lines and the path of the log; the older python stays in use, and the next run finishes",
    async (_name, given, code, message) => {
      await takeFinished();
      await apply({ source: older });
      const error = await failing(apply(typeof given === "function" ? await given() : given));
      expect([error.code, error.failure.step]).toEqual([code, "build python"]);
      expect(error.message).toMatch(message);
      const log = /the whole log is on the host: (\S+)\)/.exec(error.message)![1]!;
      expect(existsSync(log)).toBe(true);
      expect([await version(), readdirSync(cached("builds"))]).toEqual([
        "3.11.2",
        [buildKey(inputs({ source: older })), buildKey(inputs())].sort().map((key) => expect.stringContaining(key)),
      ]);
      expect((await apply({ configureFlags: ["--with-mended"] })).pythonVersion).toBe("3.13.5");
      // No jail waits for the failed build any more.
      expect(existsSync(log)).toBe(false);
    },
  );
});

describe("a build", () => {
  const until = async (condition: () => boolean): Promise<void> => {
    for (let tries = 0; !condition(); tries += 1) {
      if (tries > 400) throw new Error(`waited in vain: ${condition.toString()}`);
      await sleep(25);
    }
  };
  const waiting = (): { configureFlags: string[]; go: () => void } => {
    const go = join(jail.folder, "go");
    return { configureFlags: [`--with-wait=${go}`], go: () => writeFileSync(go, "") };
  };
  const alive = (pid: number): boolean =>
    existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

  test("that two jails want at once is made once, and both get it", async () => {
    const second = await ScratchJail.make();
    jails.push(second);
    const change = waiting();
    const both = [apply(change), apply(change, here(undefined, second))];
    await until(
      () =>
        printed.includes("waits for the build that is running there") &&
        printed.some((text) => text.startsWith("make")),
    );
    change.go();
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(buildsRun()).toBe(1);
    expect(existsSync(second.at("bin/python3"))).toBe(true);
    expect(readdirSync(cached("work")).filter((name) => !name.endsWith("lock"))).toEqual([]);
  });

  test("goes on after a lost connection, and the next run joins it", async () => {
    const change = waiting();
    const first = apply(change, replacing(here(), { buildTimeout: 1 }));
    expect((await failing(first)).failure).toMatchObject({
      code: "timeout",
      reason: expect.stringMatching(/^not done after 1 s \(phase make\)$/),
    });
    const again = apply(change);
    await until(() => printed.includes("waits for the build that is running there"));
    const pid = readFileSync(join(only(cached("work")), "pid"), "utf8").trim();
    expect((await execa("ps", ["-o", "ni=", "-p", pid])).stdout.trim()).toBe("10");
    // If the kernel groups processes by session (autogroup), the whole group is niced.
    if (existsSync("/proc/self/autogroup"))
      expect(readFileSync(`/proc/${pid}/autogroup`, "utf8")).toMatch(/ nice 10\n$/);
    change.go();
    expect((await again).pythonVersion).toBe("3.13.5");
    expect(buildsRun()).toBe(1);
  });

  test("that was killed is an error, and the next run begins it again", async () => {
    const change = waiting();
    const first = failing(apply(change));
    await until(() => printed.some((text) => text.startsWith("make")));
    endGroup(join(only(cached("work")), "pid"));
    expect((await first).failure).toMatchObject({ code: "killed", reason: expect.stringContaining("it was killed") });
    change.go();
    expect((await apply(change)).pythonVersion).toBe("3.13.5");
    expect(buildsRun()).toBe(2);
  });

  /** The processes whose working directory is that of the only build. */
  const workers = (): number[] => {
    const work = only(cached("work"));
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => {
        try {
          return pid > 0 && readlinkSync(`/proc/${pid}/cwd`).startsWith(work);
        } catch {
          return false;
        }
      });
  };

  test.each(shells)(
    "whose leader alone was killed is an error, and none of its processes runs on when the next begins, under %s",
    async (shell) => {
      const change = waiting();
      const first = failing(apply(change, here({ shell })));
      await until(() => printed.some((text) => text.startsWith("make")));
      const work = only(cached("work"));
      const leader = Number(readFileSync(join(work, "pid"), "utf8"));
      // Files that compilers leave there are removed with the build.
      expect(readFileSync(`/proc/${leader}/environ`, "utf8").split("\0")).toContain(`TMPDIR=${work}/tmp`);
      process.kill(leader, "SIGKILL");
      expect((await first).failure).toMatchObject({ code: "killed", reason: expect.stringContaining("it was killed") });
      const left = workers();
      expect(left.length).toBeGreaterThan(0);
      // A process that reads the log is none of the build's.
      const reader = execa("sleep", ["60"], { cwd: work, reject: false });
      const again = apply(change, here({ shell }));
      await until(() => buildsRun() === 2);
      expect(left.filter(alive)).toEqual([]);
      expect(alive(reader.pid!)).toBe(true);
      reader.kill();
      await reader;
      change.go();
      expect((await again).pythonVersion).toBe("3.13.5");
    },
  );

  test("whose leader alone was killed ends completely when no jail waits for it any more", async () => {
    const change = waiting();
    const first = failing(apply(change));
    await until(() => printed.some((text) => text.startsWith("make")));
    process.kill(Number(readFileSync(join(only(cached("work")), "pid"), "utf8")), "SIGKILL");
    await first;
    const left = workers();
    await pythonBuild.remove(here(), inputs(), { pythonVersion: "", buildKey: "", digest: "", missingModules: [] });
    expect([
      left.length > 0,
      left.filter(alive),
      readdirSync(cached("work")).filter((name) => !name.endsWith("lock")),
    ]).toEqual([true, [], []]);
  });

  test.each(shells)("of which a kill left only an empty directory is begun again, under %s", async (shell) => {
    const look = () => jail.complete(buildSteps.status, { key: buildKey(inputs()) }, { shell });
    const [name] = (await look()).one("build");
    mkdirSync(cached("work", name!));
    expect((await look()).one("state")).toEqual(["failed"]);
    expect((await apply({}, here({ shell }))).pythonVersion).toBe("3.13.5");
    expect(buildsRun()).toBe(1);
  });

  test("that was asked to end records its exit code", async () => {
    const change = waiting();
    const first = failing(apply(change));
    await until(() => printed.some((text) => text.startsWith("make")));
    process.kill(-Number(readFileSync(join(only(cached("work")), "pid"), "utf8")), "SIGTERM");
    expect((await first).failure).toMatchObject({ code: "build", reason: "it ended with exit code 143" });
  });

  test("is ended when no jail waits for it any more, and not before", async () => {
    const second = await ScratchJail.make();
    jails.push(second);
    const change = waiting();
    const other = here(undefined, second);
    const both = [failing(apply(change)), failing(apply(change, other))];
    await until(
      () =>
        printed.includes("waits for the build that is running there") &&
        printed.some((text) => text.startsWith("make")),
    );
    const pid = Number(readFileSync(join(only(cached("work")), "pid"), "utf8"));
    const facts = { pythonVersion: "", buildKey: "", digest: "", missingModules: [] };
    await pythonBuild.remove(here(), inputs(), facts);
    expect(alive(pid)).toBe(true);
    await pythonBuild.remove(other, inputs(), facts);
    expect([alive(pid), readdirSync(cached("work")).filter((name) => !name.endsWith("lock"))]).toEqual([false, []]);
    for (const error of await Promise.all(both)) expect(error.failure.step).toBe("build python");
  });

  test("is trimmed except for `include`, compiled at one level, has small modules built in, and does not contain the path where it was made", async () => {
    await apply({ include: ["tests", "headers"] });
    const kept = [
      "include",
      "include/python3.13",
      "include/python3.13/Python.h",
      "lib/pkgconfig",
      "lib/pkgconfig/python-3.13.pc",
      "lib/python3.13/test",
      "lib/python3.13/test/__pycache__",
      "lib/python3.13/test/__pycache__/test_os.compiled.pyc",
      "lib/python3.13/test/test_os.py",
    ];
    expect(await names()).toEqual([...bare, ...tree, ...kept].sort());
    const read = (name: string): string => readFileSync(jail.at(`lib/python3.13/${name}`), "utf8");
    expect(read("_sysconfigdata_.py")).toBe("srcdir = '/usr/src/python'\n");
    expect(read("__pycache__/_sysconfigdata_.compiled.pyc")).toBe(read("_sysconfigdata_.py"));
    expect(read("built-in")).toBe(
      "_json _json.c\nmath mathmodule.c _math.c -DPy_BUILD_CORE_MODULE # -lm # math library functions, e.g. sin()\n",
    );
  });

  test("keeps the source's pip in the cache, and not in the jail", async () => {
    await takeFinished();
    await apply();
    const build = readdirSync(cached("builds")).find((name) => name.startsWith(buildKey(inputs())))!;
    expect(readFileSync(cached("builds", build, "pip.whl"), "utf8")).toBe("pip of 3.13\n");
    expect((await names()).filter((name) => name.includes("pip"))).toEqual([]);
  });

  test("leaves the five newest builds in the cache", async () => {
    await takeFinished();
    const hour = 3600;
    for (let age = 1; age <= 7; age += 1) {
      mkdirSync(cached("builds", `old-${age}`));
      utimesSync(cached("builds", `old-${age}`), Date.now() / 1000 - age * hour, Date.now() / 1000 - age * hour);
    }
    await apply({ configureFlags: ["--with-another"] });
    expect(
      readdirSync(cached("builds"))
        .filter((name) => name.startsWith("old-"))
        .sort(),
    ).toEqual(["old-1", "old-2"]);
    expect(readdirSync(cached("builds"))).toHaveLength(5);
  });

  test("that is gone from the cache is made again for a repair", async () => {
    await takeFinished();
    await apply();
    rmSync(cached("builds"), { recursive: true });
    appendFileSync(jail.at("lib/python3.13/os.py"), "altered");
    await apply();
    expect([await drift(), buildsRun(), readFileSync(jail.at("lib/python3.13/os.py"), "utf8")]).toEqual([
      {},
      1,
      "import nothing\n",
    ]);
  });

  test("that was damaged in the host's cache is made again, for an install and for a repair", async () => {
    await takeFinished();
    await apply({ source: older });
    const lost = join(
      cached("builds"),
      readdirSync(cached("builds")).find((name) => existsSync(cached("builds", name, "root/lib/python3.13")))!,
      "root/lib/python3.13/json/decoder.py",
    );
    writeFileSync(lost, "");
    await apply();
    expect([await drift(), buildsRun(), readFileSync(jail.at("lib/python3.13/json/decoder.py"), "utf8")]).toEqual([
      {},
      1,
      "\n",
    ]);
    writeFileSync(lost, "");
    appendFileSync(jail.at("lib/python3.13/json/decoder.py"), "altered");
    await apply();
    expect([await drift(), buildsRun(), readFileSync(jail.at("lib/python3.13/json/decoder.py"), "utf8")]).toEqual([
      {},
      2,
      "\n",
    ]);
  });

  test("that another process removes from the cache during an install leaves nothing that hinders the next install", async () => {
    await takeFinished();
    const gone = standIn(
      "touch",
      'for word; do case $word in */cache/builds/*) rm -rf "$word" ;; esac; done',
      'exec /usr/bin/touch "$@"',
    );
    await apply({}, here({ before: gone }));
    expect(readdirSync(cached("builds")).filter((name) => name.startsWith(buildKey(inputs())))).toEqual([]);
    rmSync(jail.at("bin"), { recursive: true });
    await apply();
    expect([await drift(), buildsRun()]).toEqual([{}, 1]);
  });

  test("whose removal was killed is made again", async () => {
    await takeFinished();
    for (const name of readdirSync(cached("builds"))) rmSync(cached("builds", name, "unrecognized"));
    for (const name of readdirSync(cached("builds"))) rmSync(cached("builds", name, "root/lib"), { recursive: true });
    await apply();
    expect([await drift(), buildsRun()]).toEqual([{}, 1]);
  });

  test("is installed without running any program of the jail", async () => {
    await takeFinished();
    for (const name of ["ssl.py", "importlib.py"]) jail.put(name, `: >${jail.folder}/ran\n`);
    await apply({ requireModules: ["ssl"] });
    expect(existsSync(join(jail.folder, "ran"))).toBe(false);
  });

  test("leaves unmanaged packages if its install was killed, and another resource changes the jail", async () => {
    await takeFinished();
    await apply();
    jail.put("lib/python3.13/site-packages/theirs.py", "theirs");
    mkdirSync(jail.at(".python3jail.swap.python/old/lib"), { recursive: true });
    chmodSync(jail.at(".python3jail.swap.python"), 0o700);
    renameSync(jail.at("lib/python3.13"), jail.at(".python3jail.swap.python/old/lib/python3.13"));
    jail.cutOff("python");
    await jail.complete(nodeSteps.apply, nullNode);
    await apply();
    expect([
      readFileSync(jail.at("lib/python3.13/site-packages/theirs.py"), "utf8"),
      await drift(),
      buildsRun(),
    ]).toEqual(["theirs", {}, 0]);
  });

  test.each(shells)(
    "leaves unmanaged packages if its install was killed, and python is removed, under %s",
    async (shell) => {
      await takeFinished();
      const facts = await apply();
      jail.put("lib/python3.13/site-packages/theirs/of them.py", "theirs");
      // Kill the install before the old library's packages are in the new one, or after.
      for (const cutOff of [["old"], ["old", "new"]]) {
        mkdirSync(jail.at(".python3jail.swap.python/old/lib"), { recursive: true });
        chmodSync(jail.at(".python3jail.swap.python"), 0o700);
        renameSync(jail.at("lib/python3.13"), jail.at(".python3jail.swap.python/old/lib/python3.13"));
        if (cutOff.includes("new")) {
          mkdirSync(jail.at(".python3jail.swap.python/new/lib/python3.13"), { recursive: true });
          renameSync(
            jail.at(".python3jail.swap.python/old/lib/python3.13/site-packages"),
            jail.at(".python3jail.swap.python/new/lib/python3.13/site-packages"),
          );
        }
        jail.cutOff("python");
        await pythonBuild.remove(here({ shell }), inputs(), facts);
        const theirs = [
          "lib",
          "lib/python3.13",
          "lib/python3.13/site-packages",
          "lib/python3.13/site-packages/theirs",
          "lib/python3.13/site-packages/theirs/of them.py",
        ];
        expect(await names()).toEqual([...bare, ...theirs].sort());
        await apply();
      }
    },
  );

  test("keeps the packages in site-packages when its flags change", async () => {
    await takeFinished();
    await apply();
    jail.put("lib/python3.13/site-packages/numpy/__init__.py", "numpy");
    writeFileSync(jail.at("lib/python3.13/site-packages/README.txt"), "altered");
    await apply({ configureFlags: ["--disable-ipv6"] });
    const read = (name: string): string => readFileSync(jail.at(`lib/python3.13/${name}`), "utf8");
    expect([read("site-packages/numpy/__init__.py"), read("site-packages/README.txt"), read("flags")]).toEqual([
      "numpy",
      "ours\n",
      expect.stringContaining("--disable-ipv6"),
    ]);
    expect(existsSync(jail.at(".python3jail.swap.python"))).toBe(false);
  });
});

describe("required modules", () => {
  test("that could not be built are an error that names what to install; the older python stays in use", async () => {
    await takeFinished();
    await apply({ source: older });
    const change = { configureFlags: ["--with-judge-if=/not/there"], requireModules: ["judge"] };
    const error = await failing(apply(change));
    expect(error.failure).toMatchObject({
      code: "missing-modules",
      reason: "CPython was built without judge: the python that was there before stays in use",
      remedy: "take them out of `requireModules`",
    });
    expect(await version()).toBe("3.11.2");
  });

  test("are built once more if a build in the cache lacks them", async () => {
    const header = join(jail.folder, "judge.h");
    const configureFlags = [`--with-judge-if=${header}`];
    expect((await apply({ configureFlags })).missingModules).toEqual(["judge"]);
    writeFileSync(header, "");
    expect((await apply({ configureFlags, requireModules: ["judge"] })).missingModules).toEqual([]);
    expect(buildsRun()).toBe(2);
  });
});

describe("the source", () => {
  let server: Server;
  let address: string;
  let served: Record<string, Buffer>;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      const bytes = served[request.url!];
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    served = { "/right/P.tgz": readFileSync(newer.path), "/wrong/P.tgz": Buffer.from("another") };
    asked.length = 0;
    // The control machine's cache must be empty.
    process.env.PYTHON3JAIL_CACHE_DIR = join(jail.folder, "home");
  });
  afterEach(() => {
    delete process.env.PYTHON3JAIL_CACHE_DIR;
  });
  const from = (folder: string) => ({ source: { url: `${address}/${folder}/P.tgz`, sha256: newer.sha256 } });

  test("is downloaded by the host itself, if it can", async () => {
    expect((await apply(from("right"))).pythonVersion).toBe("3.13.5");
    expect([asked, printed.includes("python's source is sent there"), existsSync(join(jail.folder, "home"))]).toEqual([
      ["/right/P.tgz"],
      false,
      false,
    ]);
    expect(readdirSync(cached("sources"))).toEqual([newer.sha256]);
  });

  test("with another digest than the declared one is refused, and leaves nothing", async () => {
    const error = await failing(apply(from("wrong")));
    expect(error.failure).toMatchObject({ code: "wrong-sha256", remedy: expect.stringContaining("`sha256`") });
    expect(readdirSync(cached("sources"))).toEqual([]);
    expect(existsSync(join(only(cached("work")), "archive"))).toBe(false);
  });

  /** A host whose downloads all fail. */
  const cutOff =
    "mount -t tmpfs tools /usr/local/sbin; for tool in curl wget; do printf '#!/bin/sh\\nexit 7\\n' >/usr/local/sbin/$tool; chmod 755 /usr/local/sbin/$tool; done";

  test("is downloaded by the control machine and uploaded if the host cannot reach the internet", async () => {
    expect((await apply(from("right"), here({ before: cutOff }))).pythonVersion).toBe("3.13.5");
    expect(printed).toEqual(
      expect.arrayContaining([
        "the host cannot download the source: fetched here, to be sent there",
        "python's source is sent there",
      ]),
    );
    expect(asked).toEqual(["/right/P.tgz"]);
  });

  test("that neither the host nor the control machine can download is an error with each address's reason", async () => {
    const error = await failing(apply(from("nowhere"), here({ before: cutOff })));
    expect(error.failure).toMatchObject({
      code: "download",
      reason: "neither the host nor this machine can download python's source",
      output: `${address}/nowhere/P.tgz: HTTP status 404`,
      remedy: expect.stringContaining("mirror"),
    });
  });

  test("that was damaged in the host's cache is not built", async () => {
    mkdirSync(cached("sources"), { recursive: true, mode: 0o700 });
    writeFileSync(cached("sources", newer.sha256), "damaged");
    expect((await failing(apply())).code).toBe("wrong-sha256");
    expect(readdirSync(cached("sources"))).toEqual([]);
    expect((await apply()).pythonVersion).toBe("3.13.5");
  });

  test("that arrives damaged is refused and removed", async () => {
    const key = buildKey(inputs());
    const place = (await jail.complete(buildSteps.source, { key, sha256: newer.sha256, uploaded: undefined })).one(
      "source",
    )[0]!;
    expect(place.startsWith(`${cached("sources", newer.sha256)}.`)).toBe(true);
    writeFileSync(place, readFileSync(newer.path).subarray(0, 500));
    expect(
      (await jail.run(buildSteps.source, { key, sha256: newer.sha256, uploaded: place })).answer.failure,
    ).toMatchObject({
      code: "wrong-sha256",
      reason: expect.stringContaining(newer.sha256),
    });
    expect(readdirSync(cached("sources"))).toEqual([]);
    writeFileSync(place, readFileSync(newer.path));
    await jail.complete(buildSteps.source, { key, sha256: newer.sha256, uploaded: place });
    expect(readdirSync(cached("sources"))).toEqual([newer.sha256]);
    expect(
      (await jail.complete(buildSteps.source, { key, sha256: newer.sha256, uploaded: undefined })).one("source"),
    ).toEqual(["there"]);
  });

  test("that is not on the host is not built", async () => {
    const begun = await jail.complete(buildSteps.begin, {
      key: "a-key",
      sha256: newer.sha256,
      again: false,
      recipe: "recipe",
      making: "making",
      trim: "trim",
      modulesPy: "modules",
      jobs: 1,
      urls: [],
      include: [],
      flags: [],
    });
    expect(begun.one("state")).toEqual(["needs-source"]);
    expect(existsSync(join(jail.records, "build"))).toBe(false);
  });

  test("may be compressed by xz", async () => {
    const folder = mkdtempSync(join(archives, "xz-"));
    const { path } = await fakeCpython(folder, "3.13.5");
    await execa("tar", ["-xzf", basename(path)], { cwd: folder });
    expect((await apply({ source: await pack(folder, "Python-3.13.5", "Python-3.13.5.tar.xz") })).pythonVersion).toBe(
      "3.13.5",
    );
  });

  test.each(["not/there.tgz", "truncated"])(
    "on the control machine that is %s is refused before the host is changed",
    async (name) => {
      const path = join(jail.folder, name);
      if (name === "truncated") writeFileSync(path, readFileSync(newer.path).subarray(0, 100));
      expect((await failing(apply({ source: { path, sha256: newer.sha256 } }))).failure).toMatchObject({
        code: "wrong-source",
        remedy: "give the whole archive that was declared",
      });
      expect(existsSync(cached("builds")) ? readdirSync(cached("builds")) : []).toEqual([]);
    },
  );
});

describe.each(shells)("a host's missing needs for a build, under %s", (shell) => {
  const preflight = (needs: string[], surroundings: StepSurroundings = {}, [cacheMb, jailMb] = [1, 1]) =>
    jail.complete(buildSteps.preflight, { cacheMb, jailMb, needs }, { shell, ...surroundings });
  /** The same machine without a program. */
  const hide = (program: string): string =>
    `real=${jail.folder}/real; mkdir $real; mount --bind /usr/bin $real; mount -t tmpfs tmpfs /usr/bin; $real/ln -s $real/* /usr/bin/; rm /usr/bin/${program}`;

  test("are named all at once: commands, headers, disk", async () => {
    const answer = await preflight(
      ["command sh", "command no-such-tool", "command nor-this", "header stdio.h", "header no/such.h"],
      {},
      [99999999, 88888888],
    );
    expect(answer.all("lacks")).toEqual([["command no-such-tool"], ["command nor-this"], ["header no/such.h"]]);
    expect(answer.all("disk").map(([place, , wanted, what]) => [place, wanted, what])).toEqual([
      [jail.folder, "99999999", "build"],
      [jail.path, "88888888", "jail"],
    ]);
    expect(answer.all("disk").map(([, free]) => Number(free) > 0)).toEqual([true, true]);
    expect(answer.all("noexec")).toEqual([]);
    expect(answer.one("distribution")[0]).toMatch(/^[a-z]+$/);
  });

  test("are found without a compiler as well", async () => {
    const answer = await preflight(["command cc", "header stdio.h", "header no/such.h"], { before: hide("cc") });
    expect(answer.all("lacks")).toEqual([["command cc"], ["header no/such.h"]]);
  });

  test("include a cache in which no program can run", async () => {
    const answer = await preflight([], { before: `mkdir "${cached()}"; mount -t tmpfs -o noexec tmpfs "${cached()}"` });
    expect(answer.all("noexec")).toEqual([[cached()]]);
  });
});

describe("an error before a build", () => {
  test("names everything that is missing, and the distribution's packages", async () => {
    const hide = `touch ${jail.folder}/none; for name in make xz; do mount --bind ${jail.folder}/none "$(readlink -f /usr/bin/$name)"; done; printf 'ID=debian\\n' >${jail.folder}/os-release; mount --bind ${jail.folder}/os-release "$(readlink -f /etc/os-release)"`;
    const error = await failing(
      apply({ source: { path: newer.path.replace(/tgz$/, "tar.xz"), sha256: newer.sha256 } }, here({ before: hide })),
    );
    expect(error.failure).toMatchObject({
      code: "cannot-build",
      reason: "there is no make, no xz",
      remedy: "install what is missing: `apt-get install -y make xz-utils`, or set `installBuildDependencies: true`",
    });
    expect(readdirSync(cached("work")).filter((name) => name !== "lock")).toEqual([]);
  });

  test("is avoided by installing what is missing, with the distribution's tool, if `installBuildDependencies` is set", async () => {
    const fake = `mount -t tmpfs tools /usr/local/sbin; printf '#!/bin/sh\\nprintf "%%s\\\\n" "$*" >>${jail.folder}/installed\\n[ "$1" != install ] || umount "$(readlink -f /usr/bin/make)" 2>/dev/null || :\\n' >/usr/local/sbin/apt-get; chmod 755 /usr/local/sbin/apt-get`;
    const hide = `touch ${jail.folder}/none; [ -e ${jail.folder}/installed ] || mount --bind ${jail.folder}/none "$(readlink -f /usr/bin/make)"; printf 'ID=debian\\n' >${jail.folder}/os-release; mount --bind ${jail.folder}/os-release "$(readlink -f /etc/os-release)"`;
    expect((await apply({ installBuildDependencies: true }, here({ before: `${fake}\n${hide}` }))).pythonVersion).toBe(
      "3.13.5",
    );
    expect(readFileSync(join(jail.folder, "installed"), "utf8")).toBe("install -y --no-install-recommends -- make\n");
    expect(printed[0]).toBe("installs make");
  });

  test("names the jail's full disk, and changes nothing", async () => {
    await takeFinished();
    const small = `mkdir ${jail.folder}/small; mount -t tmpfs -o size=5m,mode=755 tmpfs ${jail.folder}/small; cp -a ${jail.path}/. ${jail.folder}/small/; mount --move ${jail.folder}/small ${jail.path}`;
    const { answer, after } = await jail.run(
      pythonSteps.install,
      { key: buildKey(inputs()), modules: [] },
      {
        before: small,
        after: `ls -A ${jail.path}`,
      },
    );
    expect(answer.failure).toMatchObject({
      code: "disk-full",
      reason: expect.stringMatching(/^the jail's disk has [45] MB free, python needs 1\d MB$/),
    });
    expect(after.split("\n").slice(0, -1)).toEqual(bare);
  });
});

test.each(shells)(
  "a read removes the temporary directories of killed steps, and no others, under %s",
  async (shell) => {
    await takeFinished();
    await apply();
    const [dead, living] = ["python3jail-99999999.abcdef", `python3jail-${process.pid}.abcdef`].map((name) =>
      join(tmpdir(), name),
    );
    for (const folder of [dead!, living!]) mkdirSync(folder);
    expect(await drift({}, { shell })).toEqual({});
    expect([existsSync(dead!), existsSync(living!)]).toEqual([false, true]);
    rmSync(living!, { recursive: true });
  },
);

test("a read finds that python is gone with the jail's directory", async () => {
  rmSync(jail.path, { recursive: true });
  const facts = { pythonVersion: "", buildKey: "", digest: "", missingModules: [] };
  expect(await pythonBuild.read(here(), inputs(), facts)).toBeUndefined();
  await pythonBuild.remove(here(), inputs(), facts);
});
