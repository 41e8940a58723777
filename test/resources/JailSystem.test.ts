import { describe, expect, test } from "@jest/globals";
import { posix } from "node:path";
import { checked, checkedRecord } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { hostCopyValues, lackingWords } from "../../src/kinds/host-copies.js";
import { compareSystem, jailSystem, localeNames, writableSpaces } from "../../src/kinds/JailSystem.js";

const base = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
const reasons = (change: object): string[] => checked(jailSystem.schema, { ...base, ...change }).reasons ?? [];
const user = { name: "judge", uid: 2000, gid: 2000 };

describe("the inputs of a jail's system", () => {
  test("have defaults", () => {
    expect(checked(jailSystem.schema, base).value).toEqual({
      ...base,
      users: [{ name: "sandbox", uid: 10000, gid: 1000, home: "/", shell: "/usr/sbin/nologin" }],
      localhost: true,
      hostname: true,
      services: true,
      certificates: true,
      terminfo: true,
      shebangs: true,
      locale: "C.UTF-8",
      locales: [],
      timezones: "all",
      timezone: "UTC",
      tmp: "none",
      shm: "none",
    });
    expect(checked(jailSystem.schema, { ...base, users: [user] }).value).toMatchObject({
      users: [{ ...user, home: "/", shell: "/usr/sbin/nologin" }],
    });
  });

  test("may be unknown", () => {
    expect(reasons({ timezone: unknownValue, users: [{ ...user, uid: unknownValue }] })).toEqual([]);
  });

  const refused: [string, object, string][] = [
    [
      "a name of two fields",
      { users: [{ ...user, name: "a:b" }] },
      "users[0].name: must be a user's name: small letters, digits, '_' and '-'",
    ],
    ["another root", { users: [{ ...user, uid: 0 }] }, "users[0].uid: must be at least 1 (root is there already)"],
    ["root's name", { users: [{ ...user, name: "root" }] }, "users[0].name: is another entry's name"],
    ["nobody's uid", { users: [{ ...user, uid: 60000, lastUid: 70000 }] }, "users[0].uid: is another entry's uid"],
    ["two of a name", { users: [user, { ...user, uid: 3000 }] }, "users[1].name: is another entry's name"],
    [
      "two of a uid",
      {
        users: [
          { ...user, lastUid: 2010 },
          { ...user, name: "b", uid: 2010 },
        ],
      },
      "users[1].uid: is another entry's uid",
    ],
    [
      "uids that end before they begin",
      { users: [{ ...user, lastUid: 1999 }] },
      "users[0].lastUid: must be `uid` or more, and at most 100000 entries",
    ],
    [
      "too many uids",
      { users: [{ ...user, uid: 70000, lastUid: 1_000_000 }] },
      "users[0].lastUid: must be `uid` or more, and at most 100000 entries",
    ],
    ["a last uid in other words", { users: [{ ...user, lastUid: "all" }] }, "users[0].lastUid: must be a number"],
    [
      "a uid that kernel.pid_max may reach",
      {
        users: [
          { ...user, lastUid: "pid_max" },
          { ...user, name: "b", uid: 34768 },
        ],
      },
      "users[1].uid: is another entry's uid",
    ],
    ["a home of two fields", { users: [{ ...user, home: "/a:b" }] }, "users[0].home: must not contain ':'"],
    [
      "a shell of two lines",
      { users: [{ ...user, shell: "/bin/sh\nroot::0:0::/:" }] },
      "users[0].shell: must not contain a line break, a NUL or another control character",
    ],
    [
      "a zone elsewhere",
      { timezones: ["../../etc/shadow"] },
      'timezones[0]: must be a time zone, such as "Europe/Berlin"',
    ],
    ["a local time elsewhere", { timezone: "/etc/shadow" }, 'timezone: must be a time zone, such as "Europe/Berlin"'],
    ["another locale", { locale: "de_DE.UTF-8" }, 'locale: must be one of "C.UTF-8"|"none"'],
    [
      "a locale elsewhere",
      { locales: ["../../../etc"] },
      'locales[0]: must be a locale with its country, such as "de_DE.UTF-8"',
    ],
    ["too many locales", { locales: Array(21).fill("de_DE.UTF-8") }, "locales: must be at most 20 locales"],
    ["a space of another kind", { tmp: "tmpfs" }, 'tmp: must be one of "none"|"directory"'],
    [
      "an unknown key",
      { hosts: true },
      'unknown property "hosts": did you mean "host"? (known: certificates, connection, directories, host, hostname, locale, locales, localhost, path, services, shebangs, shm, terminfo, timeouts, timezone, timezones, tmp, users)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toContain(reason));
});

test.each([
  ["C.UTF-8", "C.utf8:C.UTF-8"],
  ["de_DE.UTF-8", "de_DE.utf8:de_DE.UTF-8"],
  ["ca_ES.UTF-8@valencia", "ca_ES.utf8@valencia:ca_ES.UTF-8@valencia"],
  ["de_DE.ISO-8859-1", "de_DE.iso88591:de_DE.ISO-8859-1"],
  ["de_DE.8859", "de_DE.iso8859:de_DE.8859"],
  ["de_DE@euro", "de_DE@euro"],
])("glibc knows the locale %s under the names %s", (locale, names) => expect(localeNames(locale)).toBe(names));

describe("what is copied of the host", () => {
  test("is a list of paths with their sources, and of symlinks that stay in the jail", () => {
    const { copies, links } = hostCopyValues({ services: true, certificates: true, terminfo: true });
    expect(copies).toContain("etc/services:/etc/services:/usr/etc/services");
    expect(copies).toContain(
      "usr/share/terminfo/x/xterm:/etc/terminfo/x/xterm:/lib/terminfo/x/xterm:/usr/share/terminfo/x/xterm:/usr/lib/terminfo/x/xterm",
    );
    for (const link of links) {
      const [path = "", target = ""] = link.split(":");
      expect([link, posix.join("/", posix.dirname(path), target)]).toEqual([link, "/etc/ssl/cert.pem"]);
    }
    expect(hostCopyValues({ services: false })).toEqual({ copies: [], links: [] });
  });

  test("is told of, with what to install, only where the host has none of it", () => {
    const switches = { services: true, certificates: false, terminfo: true };
    expect(lackingWords(switches, ["etc/services", "usr/share/terminfo/d/dumb", "etc/ssl/cert.pem"])).toEqual([]);
    expect(lackingWords(switches, ["etc/services", "etc/protocols"])).toEqual([
      "the host has no names of services and protocols (etc/services, etc/protocols), and so has the jail: install netbase (Red Hat kinds: setup, SUSE: netcfg) there, or set `services: false`",
    ]);
  });
});

describe("what an earlier release did not know", () => {
  const now = checked(jailSystem.schema, base).value!;
  const { services: _, ...then } = now;

  test("is announced where an update adds it", () => {
    expect(jailSystem.announce!(then, now)).toBe(
      "the jail also gets names of services and protocols (etc/services, etc/protocols); `system: {services: false}` leaves such a thing out",
    );
    expect(jailSystem.announce!(now, now)).toBeUndefined();
    expect(jailSystem.announce!(now, { ...now, services: false })).toBeUndefined();
  });

  test("is what a state without it says that the jail has not", () => {
    const record = checkedRecord(jailSystem.schema, { ...jailSystem.earlier, ...base }).value!;
    expect(record).toMatchObject({
      services: false,
      certificates: false,
      terminfo: false,
      hostname: false,
      locales: [],
    });
    expect(record).toMatchObject({ locale: "C.UTF-8", localhost: true });
  });
});

test("writable folders are told to the permissions", () => {
  expect([
    writableSpaces({}),
    writableSpaces({ tmp: "none", shm: "directory" }),
    writableSpaces({ tmp: "directory" }),
  ]).toEqual([{}, { "dev/shm": "1777" }, { tmp: "1777" }]);
});

describe("what is seen of the system, in words", () => {
  const cases: [string, string, object][] = [
    ["all right", "made\tyes\ndiffering\t0", {}],
    ["not made", "made\tno", { system: "was not put there yet, or not wholly" }],
    [
      "all that may differ",
      "made\tyes\nlacks\tthe host has no locale\ndiffers\ttmp\tmissing\ndiffers\tdev/shm\tno-directory\ndiffers\tetc/passwd\taltered\ndiffers\tusr/share/zoneinfo/UTC\tstale\ndiffering\t4",
      {
        host: "the host has no locale",
        tmp: "is missing",
        "dev/shm": "is no directory",
        "etc/passwd": "was altered",
        "usr/share/zoneinfo/UTC": "is out of date: the host's own was updated, or another is declared",
      },
    ],
  ];
  test.each(cases)("%s", (_name, lines, drift) =>
    expect(compareSystem(parseAnswer(`started\n${lines}\ndone\n`))).toEqual(drift),
  );
});
