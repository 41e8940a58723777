import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { LoginServer, secretsIn } from "../login-server.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  endAll,
  entryFor,
  expectSettled,
  jailPath,
  jailsOf,
  nameOf,
  recordsPath,
  resourcesOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";
import { makeWheel, type MadeWheel } from "./wheel.js";

// One jail's packages, from test to test: refused, installed from an index by the host, broken, repaired, exchanged, sent from
// this machine, sent from a folder, taken out.
const site = `${jailPath}/lib/python3.13/site-packages`;
const folder = mkdtempSync(join(tmpdir(), "python3jail-packages-"));
const requirements = join(folder, "requirements.txt");
const airGapped = join(folder, "wheels");

/** Real packages, where the set-up could get them. */
const realWheels = join(dirname(sharedBuilds), "test-wheels");
const haveReal = existsSync(join(realWheels, "requirements.txt"));

/**
 * An extension module that uses libstdc++, which nothing else in a jail needs. Of Python's stable ABI it declares what it uses,
 * so it needs no headers to be compiled.
 */
const demangler = `
#include <stdlib.h>
typedef struct object object;
typedef struct { const char *name; object *(*call)(object *, object *); int flags; const char *doc; } method;
typedef struct { struct { long references; void *type; } head; void *init; long index; void *copy; } base;
typedef struct { base base; const char *name, *doc; long size; method *methods; void *slots, *traverse, *clear, *free; } module;
extern object *PyModule_Create2(module *, int);
extern const char *PyUnicode_AsUTF8AndSize(object *, long *);
extern object *PyUnicode_FromString(const char *);
extern char *__cxa_demangle(const char *, char *, size_t *, int *);
static object *demangle(object *self, object *text) {
  int status;
  char *name = __cxa_demangle(PyUnicode_AsUTF8AndSize(text, 0), 0, 0, &status);
  object *result = PyUnicode_FromString(status == 0 ? name : "?");
  free(name);
  return result;
}
static method methods[] = {{"demangle", demangle, 8, 0}, {0, 0, 0, 0}};
static module definition = {{{1, 0}, 0, 0, 0}, "judgefast", 0, -1, methods, 0, 0, 0, 0};
object *PyInit_judgefast(void) { return PyModule_Create2(&definition, 3); }
`;

let fleet: HostFleet;
let project: Project;
let host: Host;
let untouched: string[];
let kit: MadeWheel;
let newerKit: MadeWheel;
let fast: MadeWheel;
let served: Map<string, Buffer>;
let asked: string[];
let command: string;
const servers: LoginServer[] = [];
const sha256Of = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** An index behind a login, in the form that every mirror has; what it holds is in `served`. */
async function startIndex(address: string): Promise<string> {
  const server = await new LoginServer((path) => {
    const [, kind, name] = path.split("/");
    asked.push(path);
    if (kind === "files") return served.get(name!);
    const of = [...served.keys()].filter((file) => file.split("-")[0] === name);
    return of.length === 0
      ? undefined
      : of.map((file) => `<a href="/files/${file}#sha256=${sha256Of(served.get(file)!)}">${file}</a>`).join("\n");
  }).start(address);
  servers.push(server);
  return server.at("simple/", "login");
}

/** Where the login of an index was seen: in command lines, in what was printed, in the state of our resources. */
const seenLogins = async (printed: string): Promise<string[]> => [
  ...servers.flatMap(({ exposed }) => exposed),
  ...secretsIn(printed),
  ...secretsIn(JSON.stringify(await resourcesOf(project))),
];

const packagesOf = async (): Promise<Record<string, string>> =>
  (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailPackages judge-1")!.outputs!
    .packages as Record<string, string>;
const configure = (lines: readonly string[], packages: object, settings: object = {}): void => {
  writeFileSync(requirements, `${lines.join("\n")}\n`);
  project.setConfig(stackConfig([entryFor(host)], { packages: { requirements, ...packages }, ...settings }));
};
/** Runs a program in the jail. Packages are found by `site`, which must not be left out. */
const inside = async (program: string): Promise<string> =>
  (await host.run(`${command} -c "$(cat)" 2>&1 | cat`, { input: program })).stdout;

beforeAll(async () => {
  // Another one in every run: the hosts' cache, which all runs share, has no set of it yet.
  const run = { "judgekit/run.txt": randomUUID() };
  kit = makeWheel(join(folder, "made"), "judgekit", "1.0", {
    files: {
      ...run,
      "judgekit/__init__.py": "version = 'one'\nfrom judgefast import demangle\n",
      "judgekit/old.py": "old = 1\n",
      "judgekit/data/with space.txt": "data\n",
    },
    requires: ["judgefast"],
  });
  newerKit = makeWheel(join(folder, "made"), "judgekit", "1.1", {
    files: { ...run, "judgekit/__init__.py": "version = 'two'\n" },
  });
  const library = join(folder, "judgefast.abi3.so");
  await execa("cc", ["-shared", "-fPIC", "-x", "c", "-", "-o", library, "-l:libstdc++.so.6"], { input: demangler });
  fast = makeWheel(join(folder, "made"), "judgefast", "2.0", {
    files: { "judgefast.abi3.so": readFileSync(library) },
    tag: "cp39-abi3-linux_x86_64",
  });
  served = new Map([kit, newerKit, fast].map(({ file, content }) => [file, content]));
  asked = [];

  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  untouched = await host.listing();
  project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
});

afterAll(async () => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
  await endAll(fleet, project);
});

test("a preview refuses a requirement that has no hash, is not pinned or has a token that pip cannot use, without a host", async () => {
  await host.takeDown();
  configure(["six==1.16.0", "--index-url https://user:geheim@index.example/", "flask"], {});
  const { all } = await project.preview({ expectFailure: true });
  expect(all).toContain("requirements: line 1: six has no --hash=sha256:…");
  expect(all).toContain("requirements: line 2: --index-url is not taken here: give `index`");
  expect(all).toContain("requirements: line 3: flask must be pinned to one version");
  configure([kit.line], { index: "https://index.example/simple?token=geheim" });
  const refused = await project.preview({ expectFailure: true });
  expect(refused.all).toContain("packages.index: must not hold a query");
  expect(all + refused.all).not.toContain("geheim");
  await host.bringUp();
});

test(
  "the host installs a pure and a compiled wheel from an index, and they run in the jail, with the library that one needs",
  async () => {
    const index = await startIndex(fleet.machineAddress);
    configure([kit.line, fast.line], { index });
    const { all } = await project.up();
    expect(await seenLogins(all)).toEqual([]);
    ({ command } = (await jailsOf(project))["judge-1"] as { command: string });
    expect(await packagesOf()).toEqual({ judgefast: "2.0", judgekit: "1.0" });
    expect(asked).toContain(`/files/${fast.file}`);
    expect(await inside("import judgekit; print(judgekit.version, judgekit.demangle('_ZN5judge3runEv'))")).toBe(
      "one judge::run()",
    );
    // Compiled ahead, and never checked against their source; the jail's own paths are in them.
    expect(
      await inside(
        "import judgekit; print(judgekit.__cached__, open(judgekit.__cached__, 'rb').read()[4], judgekit.demangle.__module__)",
      ),
    ).toBe("/lib/python3.13/site-packages/judgekit/__pycache__/__init__.cpython-313.pyc 1 judgefast");
    expect(await inside("import importlib.metadata; print(importlib.metadata.version('judgekit'))")).toBe("1.0");
    expect(
      (
        await host.run(
          `ls ${jailPath}/lib/x86_64-linux-gnu/libstdc++.so.6; find ${jailPath}/bin ${site} -name '*pip*' -o -name direct_url.json`,
        )
      ).stdout,
    ).toBe(`${jailPath}/lib/x86_64-linux-gnu/libstdc++.so.6`);
    expect(
      changedPaths(untouched, await host.listing()).filter(
        (path) => !path.startsWith(jailPath) && !path.startsWith(recordsPath),
      ),
    ).toEqual([]);
    for (const resource of await resourcesOf(project))
      expect([nameOf(resource), JSON.stringify(resource).length <= 6 * 1024]).toEqual([nameOf(resource), true]);
  },
  buildTimeout,
);

test("a second up writes nothing, and a refresh finds nothing", async () => {
  const before = await host.listing({ paths: [jailPath, recordsPath], changeTimes: true });
  asked.length = 0;
  await project.up({ refresh: true });
  await expectSettled(project);
  expect(await host.listing({ paths: [jailPath, `${recordsPath}/jails`], changeTimes: true })).toEqual(
    before.filter((line) => !line.startsWith(`${recordsPath} `)),
  );
  expect(asked).toEqual([]);
});

test("damage is described, and only that is repaired, from the host's cache", async () => {
  await host.run(
    `cd ${site} && echo bad >>judgekit/__init__.py && rm -r judgekit/data && rm judgefast.abi3.so && echo "theirs = 1" >judgekit/theirs.py && chmod 644 judgekit/theirs.py`,
  );
  const damaged = await host.listing({ paths: [jailPath], changeTimes: true });
  const { stdout } = await project.preview({ refresh: true, flags: ["--diff"] });
  expect(stdout).toMatch(/judgekit\/__init__\.py *: "was altered"/);
  expect(stdout).toMatch(/judgekit\/data *: "is missing"/);
  expect(stdout).toMatch(/judgefast\.abi3\.so *: "is missing"/);
  await project.up({ refresh: true });
  const repaired = [
    "",
    "/judgefast.abi3.so",
    "/judgekit",
    "/judgekit/__init__.py",
    "/judgekit/data",
    "/judgekit/data/with space.txt",
  ].map((path) => `${site}${path}`);
  expect(
    changedPaths(damaged, await host.listing({ paths: [jailPath], changeTimes: true })).filter((path) =>
      path.startsWith(site),
    ),
  ).toEqual(repaired);
  expect(await inside("import judgekit, judgekit.theirs; print(judgekit.version, judgekit.theirs.theirs)")).toBe(
    "one 1",
  );
  expect(asked).toEqual([]);
});

test("this machine sends packages to a host that cannot reach the index; a preview shows a changed file, and a removed package removes its library", async () => {
  configure([newerKit.line], { index: await startIndex("127.0.0.1") });
  const { stdout } = await project.preview({ flags: ["--diff"] });
  expect(stdout).toMatch(/judgekit *: "1\.0" => "1\.1"/);
  const up = await project.up();
  expect(up.all).toContain("packages: the host cannot download them: fetched here, to be sent there");
  expect(await seenLogins(up.all + stdout)).toEqual([]);
  expect(await packagesOf()).toEqual({ judgekit: "1.1" });
  expect(await inside("import judgekit; print(judgekit.version)")).toBe("two");
  const left = (
    await host.run(
      `cd ${site} && find judgekit judgefast* -type f ! -path '*/__pycache__/*' 2>/dev/null | sort; find ${jailPath} -name 'libstdc++*'`,
    )
  ).stdout;
  expect(left.split("\n")).toEqual(["judgekit/__init__.py", "judgekit/run.txt", "judgekit/theirs.py"]);
  await expectSettled(project);
});

test("a package with another hash, or with an undeclared dependency, is refused, and the old packages stay in use", async () => {
  const before = await host.listing({ paths: [jailPath], changeTimes: true });
  served.set(fast.file, Buffer.concat([fast.content, Buffer.from("x")]));
  configure([newerKit.line, fast.line], { index: await startIndex(fleet.machineAddress) });
  const wrong = await project.up({ expectFailure: true });
  expect(wrong.all).toMatch(/judge-1: download the packages: a package that arrived has none of the hashes/);
  served.set(fast.file, fast.content);

  configure([kit.line], { wheels: join(folder, "made") });
  const lacking = await project.up({ expectFailure: true });
  expect(lacking.all).toMatch(/judge-1: make the packages ready: the packages could not be installed together/);
  expect(lacking.all).toMatch(/judgefast/);

  configure(["judgekit==9.9 --hash=sha256:" + kit.sha256], { index: "http://127.0.0.1:8/simple" });
  const nowhere = await project.up({ expectFailure: true });
  expect(nowhere.all).toMatch(/neither the host nor this machine can get all the packages/);
  expect(nowhere.all).toMatch(/what to do: correct `requirements`, give an `index`/);

  // The site's own index is down: what the public one has of that name is not taken for it.
  const settings = "/root/.config/pip";
  await host.run(
    `mkdir -p ${settings} && printf '[global]\\nindex-url = http://127.0.0.1:8/simple\\n' >${settings}/pip.conf`,
  );
  configure(["judgekit==9.9"], { allowUnhashed: true });
  const elsewhere = await project.up({ expectFailure: true });
  expect(elsewhere.all).toContain(
    "from where its own settings of pip say (index-url), and no other index is asked for what has no hash: judgekit",
  );
  await host.run("rm -r /root/.config");
  expect(await host.listing({ paths: [jailPath], changeTimes: true })).toEqual(before);
  expect(await inside("import judgekit; print(judgekit.version)")).toBe("two");
});

test(
  "packages, real ones too, are installed from a folder of this machine without a network",
  async () => {
    const real = haveReal ? readFileSync(join(realWheels, "requirements.txt"), "utf8").split("\n") : [];
    mkdirSync(airGapped);
    await execa("cp", [kit.path, fast.path, airGapped]);
    if (haveReal) await execa("sh", ["-c", 'cp "$1"/*.whl "$2"', "sh", realWheels, airGapped]);
    configure([kit.line, fast.line, ...real], { wheels: airGapped });
    await project.up();
    expect(await inside("import judgekit; print(judgekit.version, judgekit.demangle('_ZN5judge3runEv'))")).toBe(
      "one judge::run()",
    );
    if (haveReal) {
      expect(await packagesOf()).toMatchObject({ greenlet: "3.2.3", jinja2: "3.1.6", markupsafe: "3.0.2" });
      // The default limits are enough to import numpy, pandas and scipy.
      expect(await packagesOf()).toMatchObject({ numpy: "2.5.5", pandas: "3.1.1", scipy: "1.18.1" });
      const checked = (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailCheck judge-1");
      expect(checked?.outputs).toMatchObject({ imported: 10, printed: "2" });
      const program = `
import greenlet, jinja2, markupsafe._speedups
print(jinja2.Template("{{ name }}").render(name="judge"), greenlet.greenlet(lambda: greenlet.getcurrent().parent.switch("switched")).switch())`;
      expect(await inside(program)).toBe("judge switched");
    }
    await expectSettled(project);
  },
  buildTimeout,
);

test("packages that cannot be imported under the check's limits fail the update, with a remedy that works", async () => {
  const packages = join(folder, "unfit");
  const made = [
    makeWheel(packages, "judgehungry", "1.0", { files: { "judgehungry.py": `data = bytearray(${1 << 30})\n` } }),
    makeWheel(packages, "judge_opener", "2.0", {
      files: { "judgeopener/__init__.py": "import ctypes\nctypes.CDLL('libnowhere-judge.so.1')\n" },
    }),
    makeWheel(packages, "judgewriter", "3.0", {
      files: {
        "judgewriter.py":
          "import os\nopen(os.path.join(os.environ.get('JUDGEWRITER', '/lib'), 'judgewriter.cache'), 'w').close()\n",
      },
    }),
  ].map(({ line }) => line);
  configure(made, { wheels: packages });
  const { all } = await project.up({ expectFailure: true });
  const message = all.replace(/\s+/g, " ");
  expect(message).toContain("judge-1: import the packages in the jail: 3 of 3 modules cannot be imported");
  for (const told of [
    "judgehungry of judgehungry 1.0: MemoryError",
    "judgeopener of judge_opener 2.0: OSError: libnowhere-judge.so.1: cannot open shared object file",
    "judgewriter of judgewriter 3.0: PermissionError: [Errno 13] Permission denied: '/lib/judgewriter.cache'",
    "judgehungry: it needs more memory than `limits.memoryKb`",
    'trace: [["/bin/python3", "-c", "import judgeopener"]]',
    "judgewriter: it wants a directory to write to: give `system: {tmp: directory}`",
    "imports: {skip: [judgehungry, judgeopener, judgewriter]}",
  ])
    expect(message).toContain(told);

  const check = {
    limits: { memoryKb: 2 << 20 },
    environment: { JUDGEWRITER: "/tmp" },
    imports: { skip: ["judgeopener"] },
  };
  configure(made, { wheels: packages }, { check, system: { tmp: "directory" } });
  await project.up();
  const checked = (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailCheck judge-1");
  expect(checked?.outputs).toMatchObject({ imported: 2, printed: "2" });
  await expectSettled(project);
  await host.run(`rm -f ${jailPath}/tmp/judgewriter.cache`);
});

test("packages that are no longer declared are removed, unmanaged files stay, and destroy leaves nothing", async () => {
  project.setConfig(stackConfig([entryFor(host)]));
  await project.up();
  // What only the packages needed is gone in the same run.
  await expectSettled(project);
  expect((await host.run(`cd ${site} && find . ! -type d ! -name README.txt`)).stdout).toBe("./judgekit/theirs.py");
  expect(await inside("print(1)")).toBe("1");
  await host.run(`rm -r ${site}/judgekit`);
  await project.destroy();
  expect(await host.listing()).toEqual(untouched);
});
