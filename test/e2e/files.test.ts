import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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
  loginWithSudo,
  stackConfig,
} from "./jail-stack.js";

// The site's modules, and what programs expect of a system, in one jail of a user who becomes root by sudo.
let fleet: HostFleet;
let project: Project;
let host: Host;
let untouched: string[];

const site = (): string => join(project.directory, "site");
const config = (settings: object = {}): Record<string, unknown> =>
  stackConfig([entryFor(host, { connection: { sudo: true } })], {
    files: { source: site(), ignore: ["*.md"] },
    system: {
      timezone: "Europe/Berlin",
      tmp: "directory",
      shm: "directory",
      users: [{ name: "sandbox", uid: 10000, gid: 1000, lastUid: 10999 }],
    },
    ...settings,
  });
/** A file of the site's modules, beside the project. */
function put(path: string, content: string, mode = 0o644): void {
  const file = join(site(), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
}
const inJail = async (program: string): Promise<string> => {
  const jail = (await jailsOf(project))["judge-1"];
  if (jail === undefined || jail === "failed") throw new Error("judge-1 has no jail");
  return runInJail(host, jail.command, program);
};
const everything = (): Promise<string[]> => host.listing({ paths: [jailPath, recordsPath], changeTimes: true });

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", ...loginWithSudo });
  untouched = await host.listing();
  project = await Project.create({ program: "repository" });
  project.setConfig(config());
  put("judge/__init__.py", "def grade(): return 'graded'\n");
  put("judge/odd name's \u00e4.txt", "text");
  put("tool", "#!/bin/python3\n", 0o755);
  put("README.md", "not for the jail");
  put("judge/__pycache__/x.pyc", "not for the jail");
});

afterAll(() => endAll(fleet, project));

test("a preview refuses files that cannot be sent, without reading a host", async () => {
  symlinkSync("/etc/passwd", join(site(), "link"));
  const { all } = await project.preview({ expectFailure: true });
  expect(all).toMatch(
    /source: link in \S+\/site is a symbolic link: only files are sent; put a file there, or name it in `ignore`/,
  );
  rmSync(join(site(), "link"));
  expect(await host.sshConnections()).toBe(0);
});

test(
  "an up copies the files over one connection, with the policy's owners and modes",
  async () => {
    expect(await connectionsDuring(host, () => project.up())).toBe(1);
    const listed = await host.listing({
      paths: [`${jailPath}/static`, `${jailPath}/tmp`, `${jailPath}/dev/shm`, `${jailPath}/etc`],
    });
    const what = listed.map((line) =>
      /^(\S*\/jail|\/srv\/python3jail)\/(.*?) (file|folder) ([0-7]+) (\d+:\d+)/.exec(line)?.slice(2).join(" "),
    );
    expect(what).toEqual(
      expect.arrayContaining([
        "static/judge/__init__.py file 0644 0:0",
        "static/judge/odd name's \u00e4.txt file 0644 0:0",
        "static/tool file 0755 0:0",
        "etc/passwd file 0644 0:0",
        "etc/localtime file 0644 0:0",
        "etc/services file 0644 0:0",
        "etc/ssl/cert.pem file 0644 0:0",
        "tmp folder 1777 0:0",
        "dev/shm folder 1777 0:0",
      ]),
    );
    expect(listed.filter((line) => /README|pycache/.test(line))).toEqual([]);
  },
  buildTimeout,
);

test("programs inside find the site's modules, their user, time zones, UTF-8, and room for their files and locks", async () => {
  const program = `
import curses, datetime, getpass, grp, locale, multiprocessing, os, pwd, socket, ssl, tempfile, time, zoneinfo
from judge import grade
print(grade(), getpass.getuser(), pwd.getpwuid(10000).pw_name, pwd.getpwuid(10999).pw_name, grp.getgrgid(1000).gr_name)
print(datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).isoformat(), time.localtime(0).tm_hour, "America/New_York" in zoneinfo.available_timezones())
print(socket.gethostbyname("localhost"), multiprocessing.Lock().acquire())
with tempfile.TemporaryFile() as file: print(file.tell(), tempfile.gettempdir())
for path in "/etc/passwd", "/static/judge/__init__.py", "/usr/share/zoneinfo/UTC":
    try: open(path, "a")
    except OSError as error: print(path, error.strerror)
print(os.path.exists("/etc/shadow"))
print(socket.getservbyname("http"), socket.getprotobyname("tcp"), socket.gethostbyname(socket.gethostname()))
print(len(ssl.create_default_context().get_ca_certs()) > 50, ssl.get_default_verify_paths().cafile is not None)
print(curses.setupterm("xterm-256color", 1), curses.tigetnum("colors"), flush=True)
environment = {"LANG": "C.UTF-8", "PYTHONHOME": "/", "PYTHONCOERCECLOCALE": "0"}
os.execve("/bin/python3", ["python3", "-S", "-c", "import locale, sys; print(chr(228), locale.setlocale(locale.LC_ALL, ''), sys.stdout.encoding, sys.flags.utf8_mode)"], environment)
`;
  expect((await inJail(program)).split("\n")).toEqual([
    "graded sandbox sandbox sandbox10999 sandbox",
    "2026-07-01T12:00:00+02:00 1 True",
    "127.0.0.1 True",
    "0 /tmp",
    "/etc/passwd Permission denied",
    "/static/judge/__init__.py Permission denied",
    "/usr/share/zoneinfo/UTC Permission denied",
    "False",
    "80 6 127.0.1.1",
    "True True",
    "None 256",
    "\u00e4 C.UTF-8 utf-8 0",
  ]);
});

test("a second up finds no changes and writes nothing, and the state is small", async () => {
  // What programs left in /tmp is theirs.
  await host.run(`touch ${jailPath}/tmp/left; chown 10000 ${jailPath}/tmp/left`);
  expect(await connectionsDuring(host, () => project.preview({ flags: ["--expect-no-changes"] }))).toBe(0);
  const before = await everything();
  await project.up({ refresh: true, flags: ["--expect-no-changes"] });
  expect(await everything()).toEqual(before);
  for (const resource of await resourcesOf(project)) {
    expect([nameOf(resource), JSON.stringify(resource).length <= 6 * 1024]).toEqual([nameOf(resource), true]);
  }
});

test("a preview shows added, changed and removed files; an up sends only new content and writes nothing else", async () => {
  const before = await everything();
  put("judge/__init__.py", "def grade(): return 'graded anew'\n");
  put("judge/added.py", "");
  rmSync(join(site(), "judge", "odd name's \u00e4.txt"));
  chmodSync(join(site(), "tool"), 0o644);
  const { stdout } = await project.preview({ flags: ["--diff"] });
  expect(stdout).toMatch(/~ judge\/__init__\.py *: "[0-9a-f]{8}" => "[0-9a-f]{8}"/);
  expect(stdout).toMatch(/\+ judge\/added\.py *: "[0-9a-f]{8}"/);
  expect(stdout).toMatch(/- judge\/odd name's \u00e4\.txt *: "[0-9a-f]{8}"/);
  expect(stdout).toMatch(/~ tool *: "[0-9a-f]{8} program" => "[0-9a-f]{8}"/);
  expect(await everything()).toEqual(before);

  const { all } = await project.up();
  expect(all).toMatch(/judge-1: files: sends judge\/__init__\.py, judge\/added\.py, tool\n/);
  const inside = changedPaths(before, await everything()).filter(
    (path) => path.startsWith(jailPath) && path !== jailPath,
  );
  expect(inside).toEqual(
    [
      "static",
      "static/judge",
      "static/judge/__init__.py",
      "static/judge/added.py",
      "static/judge/odd name's \u00e4.txt",
      "static/tool",
    ].map((path) => `${jailPath}/${path}`),
  );
  expect(await inJail("import judge; print(judge.grade())")).toBe("graded anew");
  await expectSettled(project);
});

test("damage is described and unmanaged files are named; only the damage is repaired, and nothing outside the jail changes", async () => {
  const victim = "/root/victim";
  await host.run(`mkdir ${victim}; echo kept >${victim}/__init__.py; echo kept >${victim}/Berlin`);
  await host.run(`cd ${jailPath}
    rm static/tool; mkfifo static/tool
    echo '# altered' >>static/judge/added.py
    rm static/judge/__init__.py; ln -s ${victim}/__init__.py static/judge/__init__.py
    rm etc/passwd; ln -s ${victim}/__init__.py etc/passwd
    rm usr/share/zoneinfo/Europe/Berlin
    rmdir dev/shm
    touch "static/a stray's \\"name\\"" "$(printf 'static/latin-\\374')"; ln -s ${victim} static/link; mkfifo static/pipe`);
  const { stdout } = await project.preview({ refresh: true, flags: ["--diff"] });
  for (const words of [
    /static\/tool *: "is no regular file"/,
    /static\/judge\/added\.py *: "was altered"/,
    /static\/judge\/__init__\.py *: "is no regular file"/,
    /etc\/passwd *: "is no regular file"/,
    /usr\/share\/zoneinfo\/Europe\/Berlin *: "is missing"/,
    /dev\/shm *: "is missing"/,
  ])
    expect(stdout).toMatch(words);
  const damaged = await everything();
  await project.up({ refresh: true });
  const folders = ["", "/static", "/static/judge", "/etc", "/usr/share/zoneinfo/Europe", "/dev"].map(
    (path) => jailPath + path,
  );
  const inside = changedPaths(damaged, await everything()).filter(
    (path) => path.startsWith(jailPath) && !folders.includes(path),
  );
  expect(inside.filter((path) => !/stray|latin|static\/link|static\/pipe/.test(path))).toEqual(
    [
      "dev/shm",
      "etc/passwd",
      "static/judge/__init__.py",
      "static/judge/added.py",
      "static/tool",
      "usr/share/zoneinfo/Europe/Berlin",
    ].map((path) => `${jailPath}/${path}`),
  );
  expect((await host.run(`cat ${victim}/*`)).stdout).toBe("kept\nkept");
  await expectSettled(project);

  const files = (await resourcesOf(project)).find((resource) => nameOf(resource) === "JailFiles judge-1");
  expect(files?.outputs?.unmanaged).toEqual([
    'static/a stray\'s "name"',
    expect.stringContaining("static/latin-"),
    "static/link",
    "static/pipe",
  ]);
});

test("unmanaged files are removed on request, and a symlink in place of a directory is refused", async () => {
  project.setConfig(config({ files: { source: site(), ignore: ["*.md"], removeUnmanaged: true } }));
  await project.up();
  expect((await host.run(`ls -A ${jailPath}/static`)).stdout).toBe("judge\ntool");
  expect((await host.run("cat /root/victim/*")).stdout).toBe("kept\nkept");
  await expectSettled(project);

  await host.run(`cd ${jailPath}/static; mv judge away; ln -s /root/victim judge`);
  const { all } = await project.up({ refresh: true, expectFailure: true });
  expect(all).toMatch(
    /\* judge-1: put the files into the jail: static\/judge is no directory in the jail: it is not ours to remove \[in-the-way\]\n +what to do: see what it is and remove it/,
  );
  expect((await host.run("cat /root/victim/*")).stdout).toBe("kept\nkept");
  await host.run(`cd ${jailPath}/static; rm judge; mv away judge; rm -r /root/victim`);
  await project.up({ refresh: true });
});

test("files that are declared in another way for the same place move there, and nothing else is created again", async () => {
  project.setConfig(config({ files: { source: join(site(), "judge"), target: "static/judge" } }));
  const { stdout } = await project.up();
  expect(stdout).toMatch(/JailFiles judge-1 (replaced|created replacement)|1 replaced/);
  expect(stdout).not.toMatch(/(JailRoot|PythonBuild|JailSystem|DeviceNode) \S+ (replac|delet|creat)/);
  expect((await host.run(`cd ${jailPath}/static; find . -type f -name '*.py' | sort`)).stdout).toBe(
    "./judge/__init__.py\n./judge/added.py",
  );
  await expectSettled(project);
  expect(await inJail("import judge; print(judge.grade())")).toBe("graded anew");
});

test("files and settings that are no longer declared are removed, and nothing else", async () => {
  await host.run(`rm ${jailPath}/tmp/left`);
  project.setConfig(
    stackConfig([entryFor(host, { connection: { sudo: true } })], {
      system: {
        timezones: ["UTC"],
        locale: "none",
        hostname: false,
        services: false,
        certificates: false,
        terminfo: false,
        shebangs: false,
      },
    }),
  );
  await project.up();
  expect(
    (await host.run(`cd ${jailPath}; find static tmp dev/shm etc usr -type f 2>/dev/null | sort`)).stdout.split("\n"),
  ).toEqual(["etc/group", "etc/hosts", "etc/localtime", "etc/nsswitch.conf", "etc/passwd", "usr/share/zoneinfo/UTC"]);
  expect((await host.run(`ls -d ${jailPath}/tmp ${jailPath}/dev/shm`, { reject: false })).stdout).toBe("");
  await expectSettled(project);
});

test("a destroy that is refused says why, and changes nothing on the host", async () => {
  await host.run(`touch ${jailPath}/static/mine.py`);
  const before = await everything();
  const resources = (await resourcesOf(project)).map(nameOf).sort();
  const { all } = await project.destroy({ expectFailure: true });
  expect(all).toMatch(
    /judge-1: remove the jail: \S+\/static holds files that were not put there by us, such as static\/mine\.py \[not-empty\]\n +what to do: save them, or set `deleteContents: true`/,
  );
  expect(await everything()).toEqual(before);
  expect((await resourcesOf(project)).map(nameOf).sort()).toEqual(resources);
  await host.run(`rm ${jailPath}/static/mine.py`);
});

test("destroy leaves the host as it was", async () => {
  await project.destroy();
  expect(await host.listing()).toEqual(untouched);
});
