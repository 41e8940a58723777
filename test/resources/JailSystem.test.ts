import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareSystem, jailSystem, writableSpaces } from "../../src/kinds/JailSystem.js";

const base = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
const reasons = (change: object): string[] => checked(jailSystem.schema, { ...base, ...change }).reasons ?? [];
const user = { name: "judge", uid: 2000, gid: 2000 };

describe("the inputs of a jail's system", () => {
  test("have defaults", () => {
    expect(checked(jailSystem.schema, base).value).toEqual({
      ...base,
      users: [{ name: "sandbox", uid: 10000, gid: 1000, home: "/", shell: "/usr/sbin/nologin" }],
      localhost: true,
      locale: "C.UTF-8",
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
    ["a space of another kind", { tmp: "tmpfs" }, 'tmp: must be one of "none"|"directory"'],
    [
      "an unknown key",
      { hosts: true },
      'unknown property "hosts": did you mean "host"? (known: connection, directories, host, locale, localhost, path, shm, timeouts, timezone, timezones, tmp, users)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toContain(reason));
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
