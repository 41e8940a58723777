import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ProviderProcess } from "../../src/provider/process.js";
import { Session } from "../../src/remote/session.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { jailRoot } from "../../src/kinds/JailRoot.js";
import { safeExec } from "../../src/kinds/SafeExec.js";
import { accountName, octalMode } from "../../src/remote/ownership.js";
import { hostFields, jailFields, overlapOf } from "../../src/remote/target-inputs.js";
import { jailTarget } from "../../src/remote/target.js";
import { ownDirectory, pathInJail } from "../../src/remote/host-paths.js";

const reasons = (schema: z.ZodType, value: unknown): string[] =>
  checked(z.strictObject({ it: schema }), { it: value }).reasons ?? [];
const systemPath = "it: is a system path; give a folder of its own, such as /srv/python3jail";
const plainPath = "it: must be a plain path: no '.', no '//', no '/' at its end";

test("builds that one host makes for others have records of their own", () => {
  const jail = jailTarget({ host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail" }, new Session());
  const [one, same, other] = ["a", "a", "b"].map(
    (key) => jail.builderAt("builder", { host: "192.0.2.2" }, key).records,
  );
  expect(one).toMatch(/^\/var\/lib\/python3jail\/builders\/python3jail-[0-9a-f]{12}-a-[0-9a-f]{8}$/);
  expect([same === one, other === one]).toEqual([true, false]);
});

describe("the path of a jail", () => {
  test.each([
    "/srv/python3jail",
    "/srv/a b/it's",
    "/home/judge/jail",
    "/var/lib/jails/1",
    "/opt/x",
    "/usr/local/jail",
    "/var/www/jail",
    "/binary",
    "/srv/..jail",
    "/srv/100%",
    "/srv/jäil",
  ])("may be %s", (path) => expect(reasons(jailFields.path, path)).toEqual([]));

  const refused: [string, unknown, string][] = [
    ["relative", "srv/jail", "it: must be an absolute path (begin with /)"],
    ["relative to a home", "~/jail", "it: must be an absolute path (begin with /)"],
    ["climbing", "/srv/../etc/jail", "it: must not contain '..'"],
    ["of two lines", "/srv/a\nb", "it: must not contain a line break, a NUL or another control character"],
    ["with a NUL", "/srv/a\0b", "it: must not contain a line break, a NUL or another control character"],
    ["with a tab", "/srv/a\tb", "it: must not contain a line break, a NUL or another control character"],
    ["with '.'", "/srv/./jail", plainPath],
    ["with '//'", "/srv//jail", plainPath],
    ["ending in '/'", "/srv/jail/", plainPath],
    ["a number", 5, "it: must be a text: put it in quotation marks"],
  ];
  test.each(refused)("may not be %s", (_name, path, reason) =>
    expect(reasons(jailFields.path, path)).toContain(reason),
  );

  test("may not be empty", () => {
    expect(reasons(jailFields.path, "")).not.toEqual([]);
  });

  test.each([
    "/",
    "/usr",
    "/usr/bin",
    "/usr/local",
    "/usr/lib",
    "/usr/share",
    "/etc",
    "/etc/jail",
    "/home",
    "/var",
    "/var/lib",
    "/var/tmp",
    "/var/www",
    "/bin",
    "/bin/jail",
    "/sbin",
    "/lib",
    "/lib/x",
    "/lib64",
    "/dev",
    "/dev/shm/jail",
    "/proc",
    "/proc/1",
    "/sys/x",
    "/run",
    "/run/jail",
    "/boot",
    "/boot/jail",
    "/root",
    "/srv",
    "/opt",
    "/tmp",
    "/mnt",
    "/media",
  ])("may not be the system's %s", (path) => {
    expect(reasons(jailFields.path, path)).toEqual([systemPath]);
    expect(reasons(ownDirectory, path)).toEqual([systemPath]);
  });
});

test.each(["/tmp/jail", "/tmp/a/b", "/var/tmp/jail"])("a jail may not be in %s, which the system cleans", (path) => {
  expect(reasons(ownDirectory, path)).toEqual([
    expect.stringContaining("is in a directory that the system cleans by itself"),
  ]);
  expect(reasons(ownDirectory, "/tmpfs/jail")).toEqual([]);
});

describe("the directory for caches, in which programs are built", () => {
  const directories = (cache: string): string[] =>
    checked(z.strictObject({ directories: hostFields.directories }), { directories: { cache } }).reasons ?? [];
  test.each(["/var/cache/python3jail", "/srv/Cache_1/a.b-c+d@e~f", unknownValue])("may be %s", (cache) =>
    expect(directories(cache)).toEqual([]),
  );
  test.each(Array.from(" '\"`$#&;|<>*?[](){}!\\:,=%^ä"))(
    "is refused with %j in its path, which configure or make cannot take",
    (sign) => {
      expect(directories(`/srv/ca${sign}che`)).toEqual([
        "directories.cache: must have only letters, digits and . _ + @ ~ - in its names: programs are built there, and make cannot quote others",
      ]);
    },
  );
});

describe("a jail and the folders that all jails of a host share", () => {
  const apart = (name: "state" | "cache") =>
    expect.stringMatching(
      new RegExp(`^path: must be apart from directories\\.${name} \\(by default /var/`),
    ) as unknown as string;
  test.each<[string, object | undefined, "state" | "cache"]>([
    ["/var/lib/python3jail", undefined, "state"],
    ["/var/lib/python3jail/one", undefined, "state"],
    ["/var/cache/python3jail/one", {}, "cache"],
    ["/data", { state: "/data/records" }, "state"],
    ["/data/jail", { cache: "/data" }, "cache"],
    ["/var/cache/python3jail", { state: "/data" }, "cache"],
  ])("may not overlap: %s beside %p", (path, directories, name) =>
    expect(overlapOf({ path, directories: directories })).toEqual(apart(name)),
  );

  test.each<[string, object | string | undefined]>([
    ["/var/lib/python3jail-1", undefined],
    ["/srv/jail", { state: "/srv/jail-state", cache: "/srv/jails" }],
    ["/var/lib/python3jail", { state: "/data" }],
    ["/var/lib/python3jail", unknownValue],
    ["/var/lib/python3jail", { state: unknownValue }],
    [unknownValue, undefined],
  ])("are fine apart, or where that is not known yet: %s beside %p", (path, directories) =>
    expect(overlapOf({ path, directories: directories as { state?: string } })).toBeUndefined(),
  );

  test("are what a JailRoot is refused for, and no SafeExec", () => {
    const given = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/var/lib/python3jail/one" };
    expect(lifecycle(jailRoot, new ProviderProcess()).check({}, given).failures).toEqual([
      { property: "", reason: apart("state") },
    ]);
    expect(
      lifecycle(safeExec, new ProviderProcess())
        .check({}, { ...given, source: { folder: "/nowhere" } })
        .failures?.map(({ reason }) => reason),
    ).not.toContainEqual(apart("state"));
  });
});

test("a limit of time is at most a week", () => {
  expect(reasons(hostFields.timeouts, { build: 604_800 })).toEqual([]);
  expect(reasons(hostFields.timeouts, { build: 604_801 })).toEqual([
    "it.build: must be at most 604800 seconds, a week",
  ]);
});

describe("a path in the jail", () => {
  test.each(["dev/null", "null", "static/a b", "..hidden", "a/..b", "-x"])("may be %s", (path) =>
    expect(reasons(pathInJail, path)).toEqual([]),
  );

  const refused: [string, string, string][] = [
    ["empty", "", "it: must not be empty"],
    ["absolute", "/dev/null", "it: must be relative to the jail (no / at its beginning)"],
    ["above the jail", "..", "it: must stay inside the jail (no '..')"],
    ["climbing out", "../etc/passwd", "it: must stay inside the jail (no '..')"],
    ["climbing out at last", "dev/../../etc", "it: must stay inside the jail (no '..')"],
    ["climbing within", "dev/../null", "it: must stay inside the jail (no '..')"],
    ["the jail itself", ".", plainPath],
    ["with '.'", "./dev", plainPath],
    ["with '//'", "dev//null", plainPath],
    ["ending in '/'", "dev/", plainPath],
    ["of two lines", "dev/a\nb", "it: must not contain a line break, a NUL or another control character"],
    ["with a NUL", "dev/a\0b", "it: must not contain a line break, a NUL or another control character"],
  ];
  test.each(refused)("may not be %s", (_name, path, reason) => expect(reasons(pathInJail, path)).toContain(reason));
});

describe("a mode", () => {
  test.each([
    ["0666", "0666"],
    ["644", "0644"],
    ["1777", "1777"],
    ["000", "0000"],
  ])("%j is understood as %j", (mode, understood) => {
    expect(checked(octalMode, mode).value).toBe(understood);
  });
  test.each([
    ["rw-r--r--"],
    ["u+x"],
    ["0o644"],
    ["888"],
    ["0668"],
    ["66"],
    ["00666"],
    [""],
    ["-644"],
    [" 644"],
    ["644\n"],
  ])("%j is none", (mode) => {
    expect(reasons(octalMode, mode)).toEqual(['it: must be an octal mode in quotation marks, such as "0666"']);
  });
  test("a number is none: YAML would have turned 0666 into another", () => {
    expect(reasons(octalMode, 438)).toEqual(["it: must be a text: put it in quotation marks"]);
  });
});

describe("an account", () => {
  test.each([
    "root",
    "www-data",
    "_apt",
    "user.name",
    "machine$",
    "1000",
    "0",
    "4294967294",
    "judge@ad.example.org",
    "CORP\\judge",
    "domain users@ad.example.org",
    "Grüße",
    "1a",
    "$(id)",
    "a/b",
  ])("may be %s", (name) => expect(reasons(accountName, name)).toEqual([]));
  test.each([
    "",
    "-x",
    "--help",
    "a:b",
    "root\n",
    "a\nb",
    "+5",
    " a",
    "a ",
    "007",
    "4294967295",
    "99999999999",
    "a\u009bb",
    "a\u202eb",
  ])("may not be %j", (name) => {
    expect(reasons(accountName, name)).toEqual(["it: must be a user's or group's name, or its number"]);
  });
});

describe("the other inputs of every resource", () => {
  const schema = z.strictObject(jailFields);
  const good = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail" };
  const refused: [string, object, string][] = [
    ["no host name", { host: undefined }, "host: is missing: a text"],
    ["a host name of two words", { host: "judge 1" }, "host: must be a name: letters, digits, '.', '_' and '-'"],
    [
      "a host name with a colon, which parts an id",
      { host: "a:b" },
      "host: must be a name: letters, digits, '.', '_' and '-'",
    ],
    ["a host name like an option", { host: "-x" }, "host: must be a name: letters, digits, '.', '_' and '-'"],
    ["no connection", { connection: undefined }, "connection: is missing: a map (`name: value`)"],
    ["no path", { path: undefined }, "path: is missing: a text"],
    [
      "records among the system's own",
      { directories: { state: "/etc/python3jail" } },
      "directories.state: is a system path; give a folder of its own, such as /srv/python3jail",
    ],
    [
      "a relative cache",
      { directories: { cache: "cache" } },
      "directories.cache: must be an absolute path (begin with /)",
    ],
    [
      "an unknown directory",
      { directories: { log: "/x" } },
      'directories: unknown property "log" (known: cache, state)',
    ],
    ["a time limit of nothing", { timeouts: { step: 0 } }, "timeouts.step: must be at least 1 second"],
    ["a time limit in half seconds", { timeouts: { build: 1.5 } }, "timeouts.build: must be whole seconds"],
    [
      "an unknown key",
      { paht: "/srv/jail" },
      'unknown property "paht": did you mean "path"? (known: connection, directories, host, path, timeouts)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) =>
    expect(checked(schema, { ...good, ...change }).reasons).toContain(reason),
  );
  test("may be left at their defaults", () => expect(checked(schema, good).reasons).toBeUndefined());
});

describe("a jail", () => {
  const at = (path: string, directories?: { state?: string; cache?: string }) =>
    jailTarget({ host: "judge-1", connection: { host: "h" }, path, directories }, new Session());

  // Jails that older releases made have their records there: whoever changes it must go on finding them.
  test("has its records in a folder of its own, whatever other jails are called", () => {
    expect(at("/srv/python3jail").records).toBe("/var/lib/python3jail/jails/python3jail-d0ea441888a4");
    expect(at("/opt/python3jail").records).not.toBe(at("/srv/python3jail").records);
    expect(at("/srv/j", { state: "/srv/state" }).records).toMatch(/^\/srv\/state\/jails\/j-[0-9a-f]{12}$/);
  });

  test("has the host's cache, or the one that is given", () => {
    expect([at("/srv/a").cache, at("/srv/a", { cache: "/big/cache" }).cache]).toEqual([
      "/var/cache/python3jail",
      "/big/cache",
    ]);
  });
});
