import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { checked } from "../../src/base/validation.js";
import { jailSystem, systemSteps } from "../../src/kinds/JailSystem.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { systemValues } from "./step-values.js";
import { differsInSyntaxAlone, shells, standIn } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

const warnings: string[] = [];
jest.spyOn(console, "warn").mockImplementation((text: unknown) => void warnings.push(String(text)));

let jail: ScratchJail;
let zones: string;
let locales: string;
beforeEach(async () => {
  warnings.length = 0;
  jail = await ScratchJail.make();
  zones = join(jail.folder, "zoneinfo");
  locales = join(jail.folder, "locale");
  for (const name of ["UTC", "Europe/Berlin", "posix/Europe/Berlin", "right/UTC"])
    host(join(zones, name), `TZif2 of ${name}`);
  host(join(zones, "tzdata.zi"), "# no zone");
  symlinkSync("UTC", join(zones, "Zulu"));
  symlinkSync("/etc/localtime", join(zones, "localtime"));
  host(join(locales, "C.utf8/LC_CTYPE"), "characters");
  host(join(locales, "C.utf8/LC_MESSAGES/SYS_LC_MESSAGES"), "yes");
});
afterEach(() => jail.remove());

/** A file of the host. */
function host(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
const read = (path: string): string => readFileSync(jail.at(path), "utf8");
/** What a jail gets of the host besides zones and the locale, of which this machine has its own. */
const switches = { hostname: false, services: false, certificates: false, terminfo: false, shebangs: false };
const declared = (settings: object = {}) => {
  const { value, reasons } = checked(jailSystem.schema, {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    ...switches,
    ...settings,
  });
  if (reasons) throw new Error(reasons.join("; "));
  return value;
};
const facts = { fileCount: 0, zoneCount: 0 };
const small = { timezones: "none", locale: "none", localhost: false };

describe.each(shells)("under %s", (shell) => {
  const here = () =>
    jail.asJail({
      shell,
      before: `mount --bind ${zones} /usr/share/zoneinfo; mount --bind ${locales} /usr/lib/locale`,
    });
  const up = (settings?: object) => jailSystem.apply(here(), declared(settings), undefined);
  const drift = async (settings?: object) => (await jailSystem.read(here(), declared(settings), facts))!.drift;
  const destroy = () => jailSystem.remove(here(), declared(), facts);
  const failure = (running: Promise<unknown>) =>
    running.then(
      () => undefined,
      (error: unknown) => (error instanceof HostError ? error.failure : error),
    );

  test("installs the files that programs expect, finds nothing to do afterwards, and removes exactly those", async () => {
    const before = await jail.paths();
    expect(await up()).toEqual({ fileCount: 10, zoneCount: 3 });
    expect((await jail.paths()).filter((line) => !before.includes(line))).toEqual([
      "etc 751",
      "etc/group 644",
      "etc/hosts 644",
      "etc/localtime 644",
      "etc/nsswitch.conf 644",
      "etc/passwd 644",
      "usr 751",
      "usr/lib 755",
      "usr/lib/locale 755",
      "usr/lib/locale/C.utf8 755",
      "usr/lib/locale/C.utf8/LC_CTYPE 644",
      "usr/lib/locale/C.utf8/LC_MESSAGES 755",
      "usr/lib/locale/C.utf8/LC_MESSAGES/SYS_LC_MESSAGES 644",
      "usr/share 755",
      "usr/share/zoneinfo 755",
      "usr/share/zoneinfo/Europe 755",
      "usr/share/zoneinfo/Europe/Berlin 644",
      "usr/share/zoneinfo/UTC 644",
      "usr/share/zoneinfo/Zulu 644",
    ]);
    expect([
      read("etc/passwd"),
      read("etc/group"),
      read("etc/hosts"),
      read("etc/nsswitch.conf"),
      read("etc/localtime"),
      read("usr/share/zoneinfo/Zulu"),
    ]).toEqual([
      "root:*:0:0:root:/:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nsandbox:*:10000:1000::/:/usr/sbin/nologin\n",
      "root:*:0:\nnogroup:*:65534:\nsandbox:*:1000:\n",
      "127.0.0.1\tlocalhost\n::1\tlocalhost\n",
      "passwd: files\ngroup: files\nhosts: files\n",
      "TZif2 of UTC",
      "TZif2 of UTC",
    ]);
    expect(lstatSync(jail.at("usr/share/zoneinfo/Zulu")).isFile()).toBe(true);
    expect(await drift()).toEqual({});
    const listing = await jail.listing();
    await up();
    expect(await jail.listing()).toEqual(listing);
    await destroy();
    expect([await jail.paths(), existsSync(join(jail.records, "manifest/system"))]).toEqual([before, false]);
    await destroy();
  });

  test("reads the host's files again only if they were touched", async () => {
    await up();
    const record = join(jail.records, "manifest/system.sources");
    const recorded = readFileSync(record, "utf8");
    expect(
      recorded
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t")[1])
        .sort(),
    ).toEqual([
      "/usr/lib/locale/C.utf8/LC_CTYPE",
      "/usr/lib/locale/C.utf8/LC_MESSAGES/SYS_LC_MESSAGES",
      "/usr/share/zoneinfo/Europe/Berlin",
      "/usr/share/zoneinfo/UTC",
      "/usr/share/zoneinfo/UTC",
      "/usr/share/zoneinfo/Zulu",
    ]);
    // A falsified record is believed as long as the file's stat is unchanged.
    writeFileSync(record, recorded.replace(/[0-9a-f]{64}(?=\t.*Berlin)/, "0".repeat(64)));
    expect(await drift()).toEqual({ "usr/share/zoneinfo/Europe/Berlin": expect.stringContaining("is out of date") });
    host(join(zones, "Europe/Berlin"), "TZif2 of Europe/Berlin");
    expect(await drift()).toEqual({});
  });

  if (differsInSyntaxAlone(shell)) return;

  test("adds the operator's users, each by itself or as a range of uids", async () => {
    const users = [
      { name: "judge", uid: 2000, gid: 2000, home: "/static", shell: "/bin/python3" },
      { name: "run", uid: 10000, lastUid: 10002, gid: 1000 },
    ];
    await up({ ...small, users });
    expect(read("etc/passwd").split("\n").slice(2, -1)).toEqual([
      "judge:*:2000:2000::/static:/bin/python3",
      ...["run", "run10001", "run10002"].map((name, index) => `${name}:*:${10000 + index}:1000::/:/usr/sbin/nologin`),
    ]);
    expect(read("etc/group").split("\n").slice(2, -1)).toEqual(["judge:*:2000:", "run:*:1000:"]);
    expect(await drift({ ...small, users })).toEqual({});
    // Large numbers, which no awk may round, up to the highest valid one.
    const large = [
      { name: "far", uid: 2147483647, lastUid: 2147483649, gid: 4294967290 },
      { name: "last", uid: 4294967294, gid: 4294967294 },
    ];
    await up({ ...small, users: large });
    expect(
      read("etc/passwd")
        .split("\n")
        .slice(2, -1)
        .map((entry) => entry.split(":").slice(0, 4).join(":")),
    ).toEqual([
      "far:*:2147483647:4294967290",
      "far2147483648:*:2147483648:4294967290",
      "far2147483649:*:2147483649:4294967290",
      "last:*:4294967294:4294967294",
    ]);
    await up({ ...small, users });
    expect(await drift(small)).toEqual({
      "etc/group": expect.stringContaining("is out of date"),
      "etc/passwd": expect.stringContaining("is out of date"),
    });
  });

  test("has an entry for each uid of safeexec if kernel.pid_max is small, and refuses a host where it is large", async () => {
    const users = [{ name: "sandbox", uid: 10000, lastUid: "pid_max", gid: 1000 }];
    const host = (most: number) =>
      jail.asJail({
        shell,
        before: `echo ${most} >${jail.folder}/pid_max; mount --bind ${jail.folder}/pid_max /proc/sys/kernel/pid_max`,
      });
    const wanted = declared({ ...small, users });
    await jailSystem.apply(host(32768), wanted, undefined);
    const entries = read("etc/passwd").split("\n").slice(2, -1);
    expect([entries.length, entries[0], entries.at(-1)]).toEqual([
      32769,
      "sandbox:*:10000:1000::/:/usr/sbin/nologin",
      "sandbox42768:*:42768:1000::/:/usr/sbin/nologin",
    ]);
    expect((await jailSystem.read(host(32768), wanted, facts))!.drift).toEqual({});
    // The host's setting changes later.
    const changed = (await jailSystem.read(host(4194304), wanted, facts))!.drift;
    expect(changed).toMatchObject({
      host: "kernel.pid_max is 4194304: an entry in etc/passwd for each uid would be too many",
    });
    expect(await failure(jailSystem.apply(host(4194304), wanted, undefined))).toMatchObject({
      code: "pid-max",
      remedy: expect.stringMatching(/set kernel\.pid_max = 32768 .*HOME, USER and LOGNAME/),
    });
    expect(read("etc/passwd").split("\n").slice(2, -1)).toHaveLength(32769);
  });

  test("installs time zones by name, and changes the local time and back", async () => {
    const settings = { timezones: ["Europe/Berlin"], timezone: "Europe/Berlin" };
    expect(await up(settings)).toMatchObject({ zoneCount: 1 });
    expect([readdirSync(jail.at("usr/share/zoneinfo")), read("etc/localtime")]).toEqual([
      ["Europe"],
      "TZif2 of Europe/Berlin",
    ]);
    await up(small);
    expect([existsSync(jail.at("usr")), readdirSync(jail.at("etc")).sort(), read("etc/localtime")]).toEqual([
      false,
      ["group", "localtime", "nsswitch.conf", "passwd"],
      "TZif2 of UTC",
    ]);
  });

  test("distinguishes files that the host updated from altered ones, and repairs exactly both", async () => {
    await up();
    host(join(zones, "Europe/Berlin"), "TZif2 with a new rule");
    rmSync(join(zones, "Zulu"));
    writeFileSync(jail.at("etc/passwd"), "sandbox::0:0::/:\n");
    rmSync(jail.at("usr/lib/locale/C.utf8/LC_CTYPE"));
    const untouched = lstatSync(jail.at("etc/hosts")).ctimeMs;
    expect(await drift()).toEqual({
      "etc/passwd": "was altered",
      "usr/lib/locale/C.utf8/LC_CTYPE": "is missing",
      "usr/share/zoneinfo/Europe/Berlin": "is out of date: the host's own was updated, or another is declared",
      "usr/share/zoneinfo/Zulu": "is not wanted any more",
    });
    await up();
    expect([
      await drift(),
      read("usr/share/zoneinfo/Europe/Berlin"),
      existsSync(jail.at("usr/share/zoneinfo/Zulu")),
      lstatSync(jail.at("etc/hosts")).ctimeMs,
    ]).toEqual([{}, "TZif2 with a new rule", false, untouched]);
  });

  test("names what the host lacks with a remedy, and writes nothing", async () => {
    const before = await jail.paths();
    expect(await failure(up({ timezones: ["Mars/Phobos"] }))).toMatchObject({
      code: "no-timezone",
      reason: "the host has no time zone Mars/Phobos in /usr/share/zoneinfo",
      remedy: expect.stringContaining("install tzdata"),
    });
    expect(await failure(up({ timezone: "tzdata.zi".replace(".", "-") }))).toMatchObject({ code: "no-timezone" });
    rmSync(join(locales, "C.utf8"), { recursive: true });
    expect(await failure(up())).toMatchObject({ code: "no-locale", remedy: expect.stringContaining("`locale: none`") });
    expect(await jail.paths()).toEqual(before);
    for (const name of readdirSync(zones)) rmSync(join(zones, name), { recursive: true });
    expect(await up({ locale: "none" })).toEqual({ fileCount: 4, zoneCount: 0 });
    expect(warnings).toEqual([expect.stringContaining("the host has no time zones")]);
    expect(await drift({ locale: "none" })).toEqual({});
  });

  test("each copy is of the first of its sources that everybody may read, and what the host lacks is told", async () => {
    const at = (name: string): string => join(jail.folder, "host", name);
    host(at("secret"), "secret");
    chmodSync(at("secret"), 0o640);
    host(at("services"), "http 80/tcp");
    symlinkSync("services", at("link"));
    host(at("large"), "");
    truncateSync(at("large"), 16 * 1024 * 1024 + 1);
    mkdirSync(at("directory"));
    const values = {
      ...systemValues,
      copies: [
        `etc/services:${at("nowhere")}:${at("secret")}:${at("directory")}:${at("link")}:${at("services")}`,
        `etc/protocols:${at("large")}:${at("secret")}`,
      ],
      links: ["usr/lib/ssl/cert.pem:../../../etc/ssl/cert.pem"],
    };
    const answer = await jail.complete(systemSteps.apply, values, { shell });
    expect(answer.all("lacking")).toEqual([["etc/protocols"]]);
    expect([read("etc/services"), lstatSync(jail.at("etc/services")).isFile()]).toEqual(["http 80/tcp", true]);
    expect(existsSync(jail.at("etc/protocols"))).toBe(false);
    expect(readlinkSync(jail.at("usr/lib/ssl/cert.pem"))).toBe("../../../etc/ssl/cert.pem");
    const seen = async () => (await jail.complete(systemSteps.read, values, { shell })).all("differs");
    expect(await seen()).toEqual([]);
    // The host's own comes, or another, or none at all.
    host(at("nowhere"), "https 443/tcp");
    expect(await seen()).toEqual([["etc/services", "stale"]]);
    for (const name of ["nowhere", "services"]) rmSync(at(name));
    expect(await seen()).toEqual([["etc/services", "unneeded"]]);
  });

  test("scripts find python3 where they look for it, but not where usr/bin is somebody's link to bin", async () => {
    const settings = { ...small, shebangs: true };
    await up(settings);
    expect([readlinkSync(jail.at("usr/bin/python3")), lstatSync(jail.at("usr/bin/env")).mode & 0o777]).toEqual([
      "../../bin/python3",
      0o755,
    ]);
    expect(read("usr/bin/env").split("\n")[0]).toBe("#!/bin/python3 -S");
    expect(await drift(settings)).toEqual({});
    await up(small);
    expect(existsSync(jail.at("usr"))).toBe(false);
    mkdirSync(jail.at("usr"));
    symlinkSync("../bin", jail.at("usr/bin"));
    await up(settings);
    expect([readlinkSync(jail.at("usr/bin")), await drift(settings)]).toEqual(["../bin", {}]);
  });

  test("the host's own name is in etc/hosts, also where localhost is not", async () => {
    const named = (name: string) =>
      jail.asJail({
        shell,
        before: `echo '${name}' >${jail.folder}/name; mount --bind ${jail.folder}/name /proc/sys/kernel/hostname`,
      });
    const settings = declared({ ...small, hostname: true });
    await jailSystem.apply(named("judge-1.example.org"), settings, undefined);
    expect(read("etc/hosts")).toBe("127.0.1.1\tjudge-1.example.org\n");
    expect((await jailSystem.read(named("judge-2"), settings, facts))!.drift).toEqual({
      "etc/hosts": expect.stringContaining("is out of date"),
    });
    // What is no name could be a line of its own.
    await jailSystem.apply(named("a b"), declared({ ...small, hostname: true, localhost: true }), undefined);
    expect(read("etc/hosts")).toBe("127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  });

  test("other locales are copied from the host's directories, and through its links", async () => {
    host(join(locales, "de_DE.utf8/LC_COLLATE"), "order");
    symlinkSync("../C.utf8/LC_CTYPE", join(locales, "de_DE.utf8/LC_CTYPE"));
    const settings = { ...small, locales: ["de_DE.UTF-8"] };
    await up(settings);
    expect([read("usr/lib/locale/de_DE.utf8/LC_COLLATE"), read("usr/lib/locale/de_DE.utf8/LC_CTYPE")]).toEqual([
      "order",
      "characters",
    ]);
    expect(lstatSync(jail.at("usr/lib/locale/de_DE.utf8/LC_CTYPE")).isFile()).toBe(true);
    expect(await drift(settings)).toEqual({});
    expect(await failure(up({ ...small, locales: ["fr_FR.UTF-8"] }))).toMatchObject({
      code: "no-locale",
      reason: "the host has no locale fr_FR.UTF-8 in /usr/lib/locale",
      remedy:
        "install it (Debian: package locales, then `localedef -i fr_FR -f UTF-8 fr_FR.UTF-8`; Red Hat kinds: glibc-langpack-fr; SUSE: glibc-locale), or leave it out of `locales`",
    });
    expect(await drift({ ...small, locales: ["fr_FR.UTF-8"] })).toMatchObject({
      host: "the host has no locale fr_FR.UTF-8 in /usr/lib/locale",
    });
  });

  test("other locales are taken out of the host's archive, with exactly the files that localedef made", async () => {
    const made = join(jail.folder, "made");
    await execa("cp", ["-r", "/usr/lib/locale/C.utf8", join(jail.folder, "de_DE.utf8")]);
    mkdirSync(join(made, "usr/lib/locale"), { recursive: true });
    await execa("localedef", ["--prefix", made, "--add-to-archive", join(jail.folder, "de_DE.utf8")]);
    cpSync(join(made, "usr/lib/locale/locale-archive"), join(locales, "locale-archive"));
    const settings = { ...small, locales: ["de_DE.UTF-8"] };
    await up(settings);
    const { stdout } = await execa("diff", ["-r", "/usr/lib/locale/C.utf8", jail.at("usr/lib/locale/de_DE.utf8")], {
      reject: false,
    });
    expect([stdout, await drift(settings)]).toEqual(["", {}]);
    expect(await failure(up({ ...small, locales: ["fr_FR.UTF-8"] }))).toMatchObject({ code: "no-locale" });
    truncateSync(join(locales, "locale-archive"), 10);
    expect(await failure(up(settings))).toMatchObject({ code: "no-locale" });
  });

  test("keeps an older name of the locale's directory", async () => {
    await execa("mv", [join(locales, "C.utf8"), join(locales, "C.UTF-8")]);
    await up();
    expect(readdirSync(jail.at("usr/lib/locale"))).toEqual(["C.UTF-8"]);
  });

  test("makes directories that everybody may write to, and removes them if they are empty", async () => {
    const spaces = { ...small, tmp: "directory", shm: "directory" };
    await up(small);
    expect(await drift(spaces)).toEqual({ tmp: "is missing", "dev/shm": "is missing" });
    await up(spaces);
    expect([
      lstatSync(jail.at("tmp")).mode & 0o7777,
      lstatSync(jail.at("dev/shm")).mode & 0o7777,
      await drift(spaces),
    ]).toEqual([0o1777, 0o1777, {}]);
    writeFileSync(jail.at("tmp/left"), "");
    expect(await drift(small)).toEqual({ "dev/shm": "is not wanted any more" });
    await up(small);
    expect([existsSync(jail.at("tmp/left")), existsSync(jail.at("dev/shm")), await drift(small)]).toEqual([
      true,
      false,
      {},
    ]);
    expect(warnings).toEqual([expect.stringContaining("tmp in the jail is not empty: left there")]);
    rmSync(jail.at("tmp/left"));
    await destroy();
    expect([existsSync(jail.at("tmp")), existsSync(jail.at("dev"))]).toEqual([false, true]);
  });

  test("uses an existing writable directory, and does not remove it", async () => {
    mkdirSync(jail.at("tmp"));
    await up({ ...small, tmp: "directory" });
    await destroy();
    expect(existsSync(jail.at("tmp"))).toBe(true);
  });

  test("writes nothing through a symlink", async () => {
    const outside = join(jail.folder, "outside");
    mkdirSync(outside);
    for (const [link, settings] of [
      ["etc", small],
      ["usr", {}],
      ["tmp", { ...small, tmp: "directory" }],
    ] as const) {
      symlinkSync(outside, jail.at(link));
      expect(await failure(up(settings))).toMatchObject({ code: "in-the-way", reason: expect.stringContaining(link) });
      rmSync(jail.at(link));
    }
    mkdirSync(jail.at("etc"));
    symlinkSync(outside, jail.at("etc/passwd"));
    await up(small);
    expect([lstatSync(jail.at("etc/passwd")).isFile(), readdirSync(outside)]).toEqual([true, []]);
    rmSync(jail.at("etc"), { recursive: true });
    symlinkSync(outside, jail.at("etc"));
    for (const name of ["passwd", "group"]) writeFileSync(join(outside, name), "of the host");
    expect(await drift(small)).toMatchObject({ "etc/passwd": "has a parent that is no directory" });
    expect(await failure(destroy())).toMatchObject({ code: "symlink" });
    expect(readdirSync(outside).sort()).toEqual(["group", "passwd"]);
  });

  test("replaces a jail repository's etc, which comes back after a removal", async () => {
    const repository = join(jail.folder, "repository");
    host(join(repository, "etc/passwd"), "git's");
    const git = async (...args: string[]) =>
      (await execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: repository })).stdout;
    await git("init", "-q");
    await git("add", "-A");
    await git("commit", "-qm", "x");
    await jail.complete(
      rootSteps.apply,
      {
        id: "an-id",
        owner: "root",
        group: "root",
        url: `file://${repository}`,
        commit: await git("rev-parse", "HEAD"),
        folders: ["dev", "lib64", "static", "scratch"],
      },
      { shell },
    );
    expect(read("etc/passwd")).toBe("git's");
    await up(small);
    expect(read("etc/passwd")).toContain("sandbox");
    await destroy();
    expect([read("etc/passwd"), readdirSync(jail.at("etc"))]).toEqual(["git's", ["passwd"]]);
  });
});

test("a file of the host that cannot be read fails the step, and nothing is changed", async () => {
  const before = await jail.listing();
  const unreadable = jail.asJail({
    before: `mount --bind ${zones} /usr/share/zoneinfo; mount --bind ${locales} /usr/lib/locale
${standIn("sha256sum", 'case "$*" in */zoneinfo/*) exit 1 ;; esac', 'exec /usr/bin/sha256sum "$@"')}`,
  });
  await expect(jailSystem.apply(unreadable, declared(), undefined)).rejects.toMatchObject({
    code: "copy",
    message: expect.stringMatching(/ \/.* cannot be read/),
  });
  expect(await jail.listing()).toEqual(before);
});
