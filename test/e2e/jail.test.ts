import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { dirname } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionsDuring,
  endAll,
  entryFor,
  expectSettled,
  jailPath,
  jailsOf,
  nameOf,
  recordsPath,
  resourcesOf,
  runInJail,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// One jail's life, from test to test: made, found unchanged, upgraded, broken, repaired, destroyed.
let fleet: HostFleet;
let project: Project;
let host: Host;
let untouched: string[];

const ofOneJail = [
  "DeviceNode judge-1-null",
  "DeviceNode judge-1-random",
  "DeviceNode judge-1-urandom",
  "JailCheck judge-1",
  "JailLibraries judge-1",
  "JailPermissions judge-1",
  "JailRoot judge-1",
  "JailSystem judge-1",
  "PythonBuild judge-1",
  "PythonJail judge-1",
];

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  untouched = await host.listing();
  project = await Project.create({
    program: "repository",
    config: stackConfig([entryFor(host)], { python: { version: "3.11.2" } }),
  });
});

afterAll(() => endAll(fleet, project));

test("a preview before the first up needs no host, and shows every resource", async () => {
  await host.takeDown();
  const { stdout } = await project.preview();
  await host.bringUp();
  for (const resource of ofOneJail) {
    const [type, name] = resource.split(" ");
    expect(stdout).toMatch(new RegExp(`\\+ +\\S*:${type} ${name} create`));
  }
  // Ours, the stack itself, and nothing else.
  expect(stdout).toMatch(new RegExp(`\\+ ${ofOneJail.length + 1} to create`));
});

test(
  "an up creates a jail in which Python prints 2, over one connection",
  async () => {
    expect(await connectionsDuring(host, () => project.up())).toBe(1);
    expect((await resourcesOf(project)).map(nameOf).sort()).toEqual(ofOneJail);
    const jail = (await jailsOf(project))["judge-1"];
    expect(jail).toMatchObject({ path: jailPath, python: "3.11.2", printed: "2" });
    // Whatever CPython's own installation does: nothing of the host is touched but the jail and our records.
    expect(
      changedPaths(untouched, await host.listing()).filter(
        (path) => !path.startsWith(jailPath) && !path.startsWith(recordsPath),
      ),
    ).toEqual([]);
  },
  buildTimeout,
);

test("the jail's `command` output runs programs in it, as a user without rights", async () => {
  const program = `
import os, subprocess, sys, ssl, zlib, bz2, lzma, sqlite3, ctypes, hashlib
print(sys.version_info[:3], os.getuid(), os.getgid())
open("/dev/null", "w").write("x")
len(open("/dev/urandom", "rb").read(4)) == 4 or print("no random bytes")
for path in "/scratch/x", "/static/x", "/x":
    try: open(path, "w")
    except OSError as error: print(path, error.strerror)
try: os.listdir("/")
except OSError as error: print("/", error.strerror)
`;
  expect(await runInJail(host, commandOf(await jailsOf(project)), program)).toBe(
    "(3, 11, 2) 10000 1000\n/scratch/x Permission denied\n/static/x Permission denied\n/x Permission denied\n/ Permission denied",
  );
});

/** Imports the whole standard library in the jail: a line of what cannot be imported, but for what is not for Linux or for old ones; then what else is wrong. */
const importAll = `
import contextlib, importlib, importlib.util, io, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
elsewhere = {"_android_support", "_apple_support", "_ios_support", "_msi", "_overlapped", "_scproxy", "_winapi", "_wmi", "msilib", "msvcrt", "nis", "nt", "ossaudiodev", "winreg", "winsound"}
broken = []
for name in sorted(sys.stdlib_module_names - elsewhere):
    try:
        with contextlib.redirect_stdout(io.StringIO()): importlib.import_module(name)
    except ImportError: broken.append(name)
print(*broken)
for name in "prefix", "srcdir", "CONFIG_ARGS", "EXT_SUFFIX":
    if not sysconfig.get_config_vars().get(name): print("no", name)
for folder, folders, files in os.walk(os.path.dirname(os.__file__)):
    for file in files:
        if file.endswith(".py") and not os.path.exists(importlib.util.cache_from_source(os.path.join(folder, file))): print(os.path.join(folder, file), "is not compiled")
`;

/** The modules that are left out, or that this machine has no headers for. */
async function mayBeMissing(): Promise<string[]> {
  const build = (await resourcesOf(project)).find((resource) => nameOf(resource) === "PythonBuild judge-1")!;
  const needs: Record<string, string[]> = {
    bz2: ["_bz2"],
    crypt: ["_crypt"],
    curses: ["_curses"],
    "curses.panel": ["_curses_panel"],
    "dbm.gnu": ["_gdbm"],
    "dbm.ndbm": ["_dbm"],
    readline: [],
    uuid: ["_uuid"],
  };
  const missing = (build.outputs!.missingModules as string[]).flatMap((name) => [name, ...(needs[name] ?? [])]);
  return ["_tkinter", "ensurepip", "idlelib", "pydoc_data", "tkinter", "turtle", "turtledemo", ...missing];
}

test("the jail has the whole standard library except the excluded parts, compiled ahead", async () => {
  const [broken, ...problems] = (await runInJail(host, commandOf(await jailsOf(project)), importAll)).split("\n");
  const allowed = new Set(await mayBeMissing());
  expect([broken!.split(" ").filter((name) => name !== "" && !allowed.has(name)), problems]).toEqual([[], []]);
});

test("a preview after an up finds no changes, both by the state and by reading the host over one connection", async () => {
  expect(await connectionsDuring(host, () => project.preview({ flags: ["--expect-no-changes"] }))).toBe(0);
  expect(await connectionsDuring(host, () => project.preview({ refresh: true, flags: ["--expect-no-changes"] }))).toBe(
    1,
  );
});

test("a second up writes nothing on the host, nor does a refresh", async () => {
  const before = await host.listing({ changeTimes: true });
  expect(before).toContainEqual(expect.stringMatching(`^${jailPath}/bin/python3 `));
  expect(before).toContainEqual(expect.stringMatching(`^${recordsPath}/jails/`));
  const { stdout } = await project.up({ refresh: true, flags: ["--expect-no-changes"] });
  expect(stdout).toMatch(/\d+ unchanged/);
  expect(await host.listing({ changeTimes: true })).toEqual(before);
});

test("no resource takes more than 6 kB of state", async () => {
  for (const resource of await resourcesOf(project)) {
    expect([nameOf(resource), JSON.stringify(resource).length <= 6 * 1024]).toEqual([nameOf(resource), true]);
  }
});

test(
  "an upgrade from 3.11.2 to 3.13.5 happens in place and leaves nothing of the old one",
  async () => {
    await host.run(`echo 'print("site module")' >${jailPath}/static/judge.py; cp ${jailPath}/.python3jail /tmp/id`);
    project.setConfig(stackConfig([entryFor(host)]));
    const { stdout } = await whileProgramsStart(commandOf(await jailsOf(project)), () => project.up());
    expect(stdout).toMatch(/\b4 updated\b/);
    expect(stdout).not.toMatch(/replaced|deleted|created/);

    expect((await jailsOf(project))["judge-1"]).toMatchObject({ python: "3.13.5", printed: "2" });
    expect((await host.listing({ paths: [jailPath] })).filter((line) => line.includes("3.11"))).toEqual([]);
    expect((await host.run(`grep -rlF python3.11 ${recordsPath} || :`)).stdout).toBe("");
    // Still the same jail, with what the site had put into it.
    await host.run(`cmp ${jailPath}/.python3jail /tmp/id`);
    expect(await runInJail(host, commandOf(await jailsOf(project)), "import judge")).toBe("site module");
    await host.run(`rm ${jailPath}/static/judge.py`);
    await expectSettled(project);
  },
  buildTimeout,
);

/** What somebody does to a jail: the shell command, what of the jail is then wrong, and how a refresh puts it. */
const damages: { name: string; command: string; paths: string[]; words: RegExp }[] = [
  { name: "a node removed", command: "rm dev/null", paths: ["dev/null"], words: /dev\/null *: "is missing"/ },
  {
    name: "a node's mode",
    command: "chmod 0655 dev/random",
    paths: ["dev/random"],
    words: /dev\/random *: "mode is 0655, should be 0666"/,
  },
  {
    name: "a node made another device",
    command: "rm dev/urandom; mknod -m 0444 dev/urandom c 1 5",
    paths: ["dev/urandom"],
    words: /dev\/urandom *: "is device c 1:5, should be c 1:9"/,
  },
  {
    name: "a file's mode",
    command: "chmod 0666 lib/python3.13/os.py",
    paths: ["lib/python3.13/os.py"],
    words: /lib\/python3\.13\/os\.py *: "is 0666 0:0, should be 0644 0:0"/,
  },
  {
    name: "a program's right to run",
    command: "chmod 0600 bin/python3.13",
    paths: ["lib/python3.13/.program/bin/python3.13"],
    words: /lib\/python3\.13\/\.program\/bin\/python3\.13 *: "is 0600 0:0, should be 0755 0:0"/,
  },
  {
    name: "the loader's right to run",
    command: "chmod 0644 lib64/ld-linux-x86-64.so.2",
    paths: [".libraries/SET/lib64/ld-linux-x86-64.so.2"],
    words: /\.libraries\/[0-9a-f]+\/lib64\/ld-linux-x86-64\.so\.2 *: "is 0644 0:0, should be 0755 0:0"/,
  },
  {
    name: "a file's content",
    command: "echo '# x' >>lib/python3.13/ast.py",
    paths: ["lib/python3.13/ast.py"],
    words: /lib\/python3\.13\/ast\.py *: "was altered"/,
  },
  {
    name: "a library replaced",
    command: "cp lib/x86_64-linux-gnu/libm.so.6 lib/x86_64-linux-gnu/libz.so.1",
    paths: [".libraries/SET/lib/x86_64-linux-gnu/libz.so.1"],
    words: /libz\.so\.1 *: "was altered"/,
  },
  {
    name: "a library removed",
    command: "rm lib/x86_64-linux-gnu/libbz2.so.1.0",
    paths: ["lib/x86_64-linux-gnu/libbz2.so.1.0"],
    words: /libbz2\.so\.1\.0 *: "is missing"/,
  },
  {
    name: "the interpreter removed",
    command: "rm bin/python3",
    paths: ["bin/python3"],
    words: /bin\/python3 *: "is missing"/,
  },
  {
    name: "the marker removed",
    command: "rm REM_this_is_jail",
    paths: ["REM_this_is_jail"],
    words: /marker *: "REM_this_is_jail or the jail's id is missing"/,
  },
  { name: "a folder removed", command: "rmdir scratch", paths: ["scratch"], words: /scratch *: "is missing"/ },
  {
    name: "Python not running any more",
    command: ":",
    paths: [],
    words: /print\(1\+1\) *: "printed nothing, exit code 127: .*No such file or directory"/,
  },
];

test("damage of every kind is described by a preview with refresh, and only that is repaired by up --refresh", async () => {
  const whole = await host.listing({ paths: [jailPath] });
  await host.run(`cd ${jailPath}\n${damages.map(({ command }) => command).join("\n")}`);
  const damaged = await host.listing({ paths: [jailPath], changeTimes: true });

  const { stdout } = await project.preview({ refresh: true, flags: ["--diff"] });
  // A preview touches nothing.
  expect(await host.listing({ paths: [jailPath], changeTimes: true })).toEqual(damaged);
  for (const { words } of damages) expect(stdout).toMatch(words);

  await project.up({ refresh: true });
  const repaired = await host.listing({ paths: [jailPath], changeTimes: true });
  // In place, in the very set of libraries that is in use.
  const set = (await host.run(`readlink ${jailPath}/.libraries/current`)).stdout;
  const paths = damages.flatMap((damage) => damage.paths).map((path) => `${jailPath}/${path.replace("SET", set)}`);
  const folders = new Set(paths.map(dirname));
  const changed = changedPaths(damaged, repaired);
  expect(changed.filter((path) => !folders.has(path))).toEqual([...paths].sort());
  // Apart from when it happened, all is as before.
  const modes = (lines: string[]): string[] => lines.map((line) => line.replace(/ (modified|changed)=\d+/g, ""));
  expect(modes(await host.listing({ paths: [jailPath] }))).toEqual(modes(whole));

  await expectSettled(project);
});

test("a second jail on the same host uses the finished build, and leaves the first jail as it is", async () => {
  const before = await host.listing({ paths: [jailPath], changeTimes: true });
  const builds = (await host.run("ls /var/cache/python3jail/builds")).stdout;
  const start = Date.now();
  project.setConfig(stackConfig([entryFor(host), entryFor(host, { path: "/srv/second" })]));
  expect(await connectionsDuring(host, () => project.up())).toBe(1);
  expect(Date.now() - start).toBeLessThan(40_000);

  const jails = await jailsOf(project);
  expect(Object.values(jails)).toEqual([
    expect.objectContaining({ path: jailPath, printed: "2" }),
    expect.objectContaining({ path: "/srv/second", python: "3.13.5", printed: "2" }),
  ]);
  expect((await host.run("ls /var/cache/python3jail/builds")).stdout).toBe(builds);
  expect(await host.listing({ paths: [jailPath], changeTimes: true })).toEqual(before);
  await project.preview({ flags: ["--expect-no-changes"] });
});

test("removing one of two jails from the config removes only that jail", async () => {
  const before = await host.listing({ paths: [jailPath], changeTimes: true });
  project.setConfig(stackConfig([entryFor(host)]));
  await project.up();
  expect(await host.listing({ paths: ["/srv/second"] })).toEqual([]);
  expect(await host.listing({ paths: [jailPath], changeTimes: true })).toEqual(before);
});

test("a refresh reports updates of the host's libraries, and an up copies them all at once while programs start in the jail", async () => {
  const names = ["libz.so.1", "libssl.so.3", "libcrypto.so.3", "libffi.so.8"];
  const places = names.map((name) => `lib/x86_64-linux-gnu/${name}`);
  const real = (await host.run(places.map((place) => `readlink -f /${place}`).join("\n"))).stdout.split("\n");
  const set = (await host.run(`readlink ${jailPath}/.libraries/current`)).stdout;
  const command = commandOf(await jailsOf(project));
  await host.run(
    real
      .map(
        (library, number) =>
          `cp ${library} /tmp/${number}; printf updated >>/tmp/${number}; mount --bind /tmp/${number} ${library}`,
      )
      .join("\n"),
  );

  const { stdout } = await project.preview({ refresh: true, flags: ["--diff"] });
  for (const place of places)
    expect(stdout).toMatch(
      new RegExp(`${place.replaceAll(".", "\\.")} *: "is out of date: the host's own was updated"`),
    );

  const before = await host.listing({ paths: [jailPath], changeTimes: true });
  await whileProgramsStart(command, () => project.up({ refresh: true }));

  await host.run(places.map((place) => `cmp /${place} ${jailPath}/${place}`).join("\n"));
  const renewed = (await host.run(`readlink ${jailPath}/.libraries/current`)).stdout;
  expect(renewed).not.toBe(set);
  // One link, and what it leads to: nothing else in the jail was written.
  const own = [jailPath, `${jailPath}/.libraries`, `${jailPath}/.libraries/current`];
  const changed = changedPaths(before, await host.listing({ paths: [jailPath], changeTimes: true }));
  expect(
    changed.filter(
      (path) =>
        !own.includes(path) &&
        !path.startsWith(`${jailPath}/.libraries/${set}`) &&
        !path.startsWith(`${jailPath}/.libraries/${renewed}`),
    ),
  ).toEqual([]);
  expect((await host.run(`ls ${jailPath}/.libraries`)).stdout.split("\n").sort()).toEqual([renewed, "current"].sort());
  await expectSettled(project);
  await host.run(`umount ${real.join(" ")}; rm /tmp/[0-9]`);
});

test("a library that only a traced command opens is copied into the jail, and is reported", async () => {
  const load = "import ctypes; print(ctypes.CDLL('libstdc++.so.6') is not None)";
  project.setConfig(stackConfig([entryFor(host)], { libraries: { trace: [["/bin/python3", "-c", load]] } }));
  const { all } = await project.up();
  expect(all).toMatch(
    /judge-1: libraries: added \/lib\/x86_64-linux-gnu\/libstdc\+\+\.so\.6, which a traced command looked for/,
  );
  const libraries = (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailLibraries judge-1");
  expect(libraries?.outputs).toMatchObject({ traced: ["/lib/x86_64-linux-gnu/libstdc++.so.6"] });
  expect(await runInJail(host, commandOf(await jailsOf(project)), load)).toBe("True");
  await expectSettled(project);
});

test("one up --refresh restores deleted records and files of the jail, with the policy's modes", async () => {
  const modes = (): Promise<string> =>
    host
      .run(
        `cd ${jailPath}; stat -c '%n %a %U' .python3jail REM_this_is_jail dev lib64 .libraries static scratch; cat .python3jail`,
      )
      .then(({ stdout }) => stdout);
  const before = await modes();
  await host.run(`rm -r ${recordsPath}`);
  await project.up({ refresh: true });
  await expectSettled(project);
  await host.run(`cd ${jailPath}; rm -r .python3jail dev .libraries`);
  await project.up({ refresh: true });
  expect(await modes()).toBe(before);
  await expectSettled(project);
});

test("destroy leaves the host as it was before the first up, even if our records were deleted", async () => {
  await host.run(`rm -r ${recordsPath}`);
  expect(await connectionsDuring(host, () => project.destroy())).toBe(1);
  expect(await host.listing()).toEqual(untouched);
  expect(await resourcesOf(project)).toEqual([]);
});

/** Starts programs in the jail, one after another, while something is done: all of them must run. */
async function whileProgramsStart<Done>(command: string, work: () => Promise<Done>): Promise<Done> {
  const starts = host.run(
    `n=0; until [ -e /tmp/stop ]; do ${command} -S -c 'import ssl, zlib, math, json, decimal; print(2)' 2>&1 | grep -vx 2 && exit 1; n=$((n + 1)); done; echo $n`,
    { reject: false },
  );
  const done = await work();
  await host.run("touch /tmp/stop");
  const { stdout, exitCode } = await starts;
  await host.run("rm /tmp/stop");
  expect([exitCode, stdout, Number(stdout) > 3]).toEqual([0, stdout, true]);
  return done;
}

function commandOf(jails: Awaited<ReturnType<typeof jailsOf>>): string {
  const jail = jails["judge-1"];
  if (jail === undefined || jail === "failed") throw new Error("judge-1 has no jail");
  return jail.command;
}
