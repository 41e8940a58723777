import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { compareWithPolicy, jailPermissions, leftAlone, permissionSteps } from "../../src/kinds/JailPermissions.js";
import { differsInSyntaxAlone, shells, standIn, type StepSurroundings } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { rootPolicy } from "./step-values.js";

let jail: ScratchJail;
let outside: string;
beforeEach(async () => {
  jail = await ScratchJail.make();
  outside = join(jail.folder, "outside");
  mkdirSync(outside);
});
afterEach(() => jail.remove());

interface Policy {
  owner?: string;
  group?: string;
  scratchGroup?: string;
  modes?: Record<string, string>;
  emptyScratch?: boolean;
}
const valuesOf = ({ modes = {}, emptyScratch: _, ...accounts }: Policy): typeof rootPolicy => ({
  ...rootPolicy,
  ...accounts,
  modes: Object.entries(modes).map(([path, mode]) => `${mode} ${path}`),
});
const set = (policy: Policy = {}, surroundings?: StepSurroundings) =>
  jail.complete(
    permissionSteps.apply,
    { emptyScratch: policy.emptyScratch ?? false, ...valuesOf(policy) },
    surroundings,
  );
const look = (policy: Policy = {}, surroundings?: StepSurroundings) =>
  jail.complete(permissionSteps.read, valuesOf(policy), surroundings);
const giveBack = (surroundings?: StepSurroundings) => jail.complete(permissionSteps.remove, {}, surroundings);

/** Makes a file in the jail, or with a final / a directory, with a mode and owner. */
function make(path: string, mode: number, uid = 0, gid = 0): void {
  if (path.endsWith("/")) mkdirSync(jail.at(path), { recursive: true });
  else {
    mkdirSync(dirname(jail.at(path)), { recursive: true });
    writeFileSync(jail.at(path), "");
  }
  chownSync(jail.at(path), uid, gid);
  chmodSync(jail.at(path), mode);
}
const seen = (path: string): string => {
  const { mode, uid, gid } = lstatSync(path);
  return `${(mode & 0o7777).toString(8).padStart(4, "0")} ${uid}:${gid}`;
};
const inJail = (path: string): string => seen(jail.at(path));
const times = async (folder: string): Promise<string> =>
  (await execa("find", [folder, "-printf", "%p %C@\\n"])).stdout.split("\n").sort().join("\n");
let webGroup: string;
beforeAll(async () => {
  webGroup = (await execa("getent", ["group", "www-data"])).stdout.split(":")[2]!;
});

describe.each(shells)("under %s", (shell) => {
  test("sets every path to the policy, and finds nothing to change afterwards", async () => {
    const cases: [string, number, string][] = [
      ["bin/", 0o700, "0755"],
      ["bin/python3", 0o700, "0755"],
      ["bin/data", 0o600, "0755"],
      ["lib/", 0o777, "0751"],
      ["lib/python3/", 0o700, "0755"],
      ["lib/python3/os.py", 0o600, "0644"],
      ["lib/python3/open.py", 0o666, "0644"],
      ["lib/python3/run", 0o711, "0755"],
      ["lib64/ld-linux-x86-64.so.2", 0o644, "0755"],
      ["lib64/libc.so.6", 0o600, "0644"],
      [".libraries/", 0o755, "0751"],
      [".libraries/0a/", 0o700, "0755"],
      [".libraries/0a/lib/ld-linux.so.2", 0o644, "0755"],
      [".libraries/0a/lib/libc.so.6", 0o755, "0755"],
      ["static/", 0o700, "0755"],
      ["static/site.py", 0o640, "0644"],
      ["static/suid", 0o6755, "0755"],
      ["static/group/", 0o2775, "0755"],
      ["static/sticky/", 0o1777, "0755"],
      ["notes", 0o644, "0640"],
      ["maintenance", 0o777, "0755"],
      ["dev/", 0o777, "0751"],
      ["include/", 0o755, "0751"],
      ["none", 0o000, "0640"],
    ];
    for (const [path, mode] of cases) make(path, mode, 1234, 4321);
    await set({ owner: "nobody", group: "6" }, { shell });
    expect(Object.fromEntries(cases.map(([path]) => [path, inJail(path)]))).toEqual(
      Object.fromEntries(cases.map(([path, , mode]) => [path, `${mode} 65534:6`])),
    );
    expect([inJail("scratch"), inJail("."), inJail("REM_this_is_jail")]).toEqual([
      `0770 65534:${webGroup}`,
      "0751 0:0",
      "0640 65534:6",
    ]);

    const before = await times(jail.path);
    expect(compareWithPolicy(await look({ owner: "nobody", group: "6" }, { shell }))).toEqual({});
    await set({ owner: "nobody", group: "6" }, { shell });
    expect(await times(jail.path)).toBe(before);
  });

  test("modes of single paths override the policy", async () => {
    make("static/upload/", 0o755);
    make("static/run me.sh", 0o644);
    make("notes", 0o640);
    const policy = { modes: { "static/upload": "1770", "static/run me.sh": "0750", notes: "0444", scratch: "0700" } };
    await set(policy, { shell });
    expect(["static/upload", "static/run me.sh", "notes"].map(inJail)).toEqual(["1770 0:0", "0750 0:0", "0444 0:0"]);
    expect(inJail("scratch")).toBe(`0700 0:${webGroup}`);
    expect(compareWithPolicy(await look(policy, { shell }))).toEqual({});
  });

  describe("a removal", () => {
    test("restores the owners and modes from before the first change, and only those", async () => {
      const paths: [string, number, number, number][] = [
        ["static/", 0o700, 1234, 4321],
        ["static/mine ", 0o600, 1234, 4321],
        ["static/deep/", 0o2770, 77, 88],
        ["static/deep/er", 0o640, 99, 88],
        ["maintenance", 0o744, 1000, 1000],
        ["scratch/", 0o1777, 5, 5],
      ];
      for (const [path, mode, uid, gid] of paths) make(path, mode, uid, gid);
      symlinkSync("/etc/passwd", jail.at("static/link"));
      await execa("chown", ["-h", "1234:4321", jail.at("static/link")]);
      const modes = (): Record<string, string> =>
        Object.fromEntries(
          [...paths.map(([path]) => path), "static/link", "REM_this_is_jail", "."].map((path) => [path, inJail(path)]),
        );
      const before = modes();
      await set({ owner: "nobody" }, { shell });
      expect(modes()).not.toEqual(before);
      await set({ owner: "1000", modes: { maintenance: "0700" } }, { shell });
      make("static/new", 0o600);
      await set({ owner: "1000" }, { shell });
      const passwd = statSync("/etc/passwd").ctimeMs;
      await giveBack({ shell });
      expect(modes()).toEqual(before);
      expect([inJail("static/new"), statSync("/etc/passwd").ctimeMs]).toEqual(["0600 0:0", passwd]);
      const after = await times(jail.path);
      await giveBack({ shell });
      expect(await times(jail.path)).toBe(after);
    });

    if (differsInSyntaxAlone(shell)) return;

    // What the jail's own user puts in place of a recorded path, while the jail is his.
    const exchanges: [string, (victim: string, folder: string) => unknown][] = [
      [
        "symbolic links",
        (victim, folder) => {
          symlinkSync(victim, jail.at("static/x"));
          symlinkSync(folder, jail.at("static/d"));
        },
      ],
      [
        "a symlink to a directory with a file of the same name",
        (_victim, folder) => symlinkSync(folder, jail.at("static/d")),
      ],
      ["a hard link", (victim) => linkSync(victim, jail.at("static/x"))],
      ["FIFOs", () => execa("mkfifo", [jail.at("static/x"), jail.at("static/d")])],
      [
        "a directory for the file, and a file for the directory",
        () => {
          make("static/x/", 0o700);
          make("static/d", 0o600);
        },
      ],
    ];
    test.each(exchanges)("changes nothing outside, and nothing whose type has changed: %s", async (_name, exchange) => {
      for (const [path, mode] of [
        ["static/", 0o777],
        ["static/x", 0o666],
        ["static/d/", 0o777],
        ["static/d/y", 0o666],
      ] as const)
        make(path, mode, 1234, 1234);
      await set({ owner: "1234", group: "1234" }, { shell });
      rmSync(jail.at("static/x"));
      rmSync(jail.at("static/d"), { recursive: true });
      const folder = join(outside, "folder");
      mkdirSync(folder, { mode: 0o700 });
      for (const victim of [join(outside, "victim"), join(folder, "y")])
        writeFileSync(victim, "root's own", { mode: 0o600 });
      await exchange(join(outside, "victim"), folder);
      await set({}, { shell });
      const [before, inside] = [
        await times(outside),
        ["static/x", "static/d"].filter((path) => lstatSync(jail.at(path), { throwIfNoEntry: false })).map(inJail),
      ];
      await giveBack({ shell, timeout: 10_000 });
      expect(await times(outside)).toBe(before);
      expect(
        ["static/x", "static/d"].filter((path) => lstatSync(jail.at(path), { throwIfNoEntry: false })).map(inJail),
      ).toEqual(inside);
      expect(inJail("static")).toBe("0777 1234:1234");
    });

    test("ignores paths that are gone", async () => {
      make("static/gone", 0o600);
      make("static/stays", 0o600);
      await set({}, { shell });
      rmSync(jail.at("static/gone"));
      await giveBack({ shell });
      expect(inJail("static/stays")).toBe("0600 0:0");
    });

    test("does nothing if nothing was changed, and if the jail is gone", async () => {
      await giveBack({ shell });
      rmSync(jail.path, { recursive: true });
      await giveBack({ shell });
      expect((await look({}, { shell })).maybe("jail")).toBe("none");
    });
  });

  if (differsInSyntaxAlone(shell)) return;

  test("reports the paths that differ, the first few by name", async () => {
    await set({}, { shell });
    for (const name of ["a", "b c", "d\te", "f", "g", "h", "i"]) make(`static/${name}`, 0o600, 0, 0);
    chownSync(jail.at("static/f"), 1234, 0);
    const drift = compareWithPolicy(await look({}, { shell }));
    expect(Object.keys(drift)).toHaveLength(6);
    expect(drift["and more"]).toBe("2 more paths");
    expect(
      new Set(
        Object.entries(drift)
          .filter(([path]) => !["and more", "static/f"].includes(path))
          .map(([, words]) => words),
      ),
    ).toEqual(new Set(["is 0600 0:0, should be 0644 0:0"]));
  });

  test("paths with white space and special characters are set right", async () => {
    const names = [
      "two words",
      " leading",
      "trailing ",
      "tab\tin it",
      "star*",
      "[x]",
      "back\\slash",
      "-dash",
      "quote'\"",
      "$(id)",
      "\u00fc",
      "two  spaces",
      "#",
    ];
    for (const name of names) make(`static/${name}`, 0o600, 1234, 1234);
    make("static/ folder /in it ", 0o600, 1234, 1234);
    await set({}, { shell });
    expect(Object.fromEntries(names.map((name) => [name, inJail(`static/${name}`)]))).toEqual(
      Object.fromEntries(names.map((name) => [name, "0644 0:0"])),
    );
    expect([inJail("static/ folder "), inJail("static/ folder /in it ")]).toEqual(["0755 0:0", "0644 0:0"]);
    expect(compareWithPolicy(await look({}, { shell }))).toEqual({});
  });

  test("paths with unprintable names are reported by the printable part of their names", async () => {
    await set({}, { shell });
    for (const name of ["ü [x]*", "tab\tin it", "\u001b[2Jclear", "back\\slash"]) make(`static/${name}`, 0o600);
    await execa("sh", ["-c", ': >"$1/$(printf "latin-\\374")"; chmod 0600 "$1"/latin*', "sh", jail.at("static")]);
    const is = "is 0600 0:0, should be 0644 0:0";
    expect(compareWithPolicy(await look({}, { shell }))).toMatchObject({
      "static/ü [x]*": is,
      "static/tab in it": is,
      "static/clear": is,
      "static/back\\slash": is,
      "static/latin-\ufffd": is,
    });
  });

  test("a path with a line break is left alone and reported", async () => {
    make("static/two\nlines", 0o600, 1234, 1234);
    make("static/x", 0o600);
    const answer = await set({}, { shell });
    expect([inJail("static/two\nlines"), inJail("static/x")]).toEqual(["0600 1234:1234", "0644 0:0"]);
    expect(leftAlone(answer)).toEqual([
      `inode ${lstatSync(jail.at("static/two\nlines")).ino}: is a name with a line break`,
    ]);
    expect(compareWithPolicy(answer)).not.toHaveProperty("static/two");
  });

  test("nothing outside the jail is changed through symlinks, hard links or mounts, or above it", async () => {
    const shadow = join(outside, "shadow");
    const linked = join(outside, "linked");
    for (const path of [shadow, linked]) writeFileSync(path, "", { mode: 0o600 });
    mkdirSync(join(outside, "folder"), { mode: 0o700 });
    writeFileSync(join(outside, "folder", "file"), "", { mode: 0o600 });
    symlinkSync(shadow, jail.at("static/shadow"));
    symlinkSync(join(outside, "folder"), jail.at("static/folder"));
    symlinkSync("..", jail.at("up"));
    linkSync(linked, jail.at("static/hard"));
    for (const name of ["static/m m", "static/odd[1]*"]) mkdirSync(jail.at(name));
    chmodSync(jail.folder, 0o700);
    const before = `mount --bind ${outside} "${jail.at("static/m m")}"; mount -t tmpfs -o mode=711,uid=1234 tmpfs "${jail.at("static/odd[1]*")}"`;
    const outsideBefore = await times(outside);
    const aboveBefore = lstatSync(jail.folder).ctimeMs;
    const { answer, after, stderr } = await jail.run(
      permissionSteps.apply,
      { emptyScratch: false, ...valuesOf({ owner: "nobody", group: "6" }) },
      { shell, before, after: `stat -c '%a %u' "${jail.at("static/odd[1]*")}"` },
    );
    expect([stderr, answer.complete, after]).toEqual(["", true, "711 1234\n"]);
    expect([await times(outside), lstatSync(jail.folder).ctimeMs]).toEqual([outsideBefore, aboveBefore]);
    expect(inJail("static/shadow")).toBe("0777 65534:6");
    expect(leftAlone(answer).sort()).toEqual([
      "static/hard: has a second name (hard link)",
      "static/m m: is a mount point",
      "static/odd[1]*: is a mount point",
    ]);
  });

  test("device nodes, sockets and FIFOs are left alone", async () => {
    await execa("sh", [
      "-c",
      `mknod -m 666 ${jail.at("dev/null")} c 1 3 && chown 1234:4321 ${jail.at("dev/null")} && mkfifo -m 600 ${jail.at("static/fifo")}`,
    ]);
    const answer = await set({ owner: "nobody" }, { shell });
    expect([inJail("dev/null"), inJail("static/fifo")]).toEqual(["0666 1234:4321", "0600 0:0"]);
    expect(leftAlone(answer)).toEqual(["static/fifo: is a fifo"]);
  });

  test("files in a directory that everybody may write to are left to their owners", async () => {
    for (const path of ["tmp/", "dev/shm/", "tmp [1]/"]) make(path, 0o1777);
    for (const path of ["tmp/theirs", "tmp/folder/deep", "dev/shm/sem", "tmp [1]/x"]) make(path, 0o666, 1234, 1234);
    make("tmp2", 0o600);
    const policy = { modes: { tmp: "1777", "dev/shm": "1777", "tmp [1]": "1777" } };
    await set(policy, { shell });
    expect(["tmp", "dev/shm", "tmp/theirs", "tmp/folder/deep", "dev/shm/sem", "tmp [1]/x", "tmp2"].map(inJail)).toEqual(
      ["1777 0:0", "1777 0:0", "0666 1234:1234", "0666 1234:1234", "0666 1234:1234", "0666 1234:1234", "0640 0:0"],
    );
    expect(compareWithPolicy(await look(policy, { shell }))).toEqual({});
  });

  test("files in scratch are left to their owners, unless scratch is to be emptied", async () => {
    make("scratch/deep/", 0o700, 1234);
    make("scratch/deep/file", 0o600, 1234);
    make("scratch/.hidden", 0o600, 1234);
    symlinkSync(outside, jail.at("scratch/link"));
    writeFileSync(join(outside, "kept"), "");
    await set({}, { shell });
    expect(["scratch/deep", "scratch/deep/file"].map(inJail)).toEqual(["0700 1234:0", "0600 1234:0"]);
    await set({ emptyScratch: true }, { shell });
    expect([readdirSync(jail.at("scratch")), readdirSync(outside), inJail("scratch")]).toEqual([
      [],
      ["kept"],
      `0770 0:${webGroup}`,
    ]);
  });

  test("emptying scratch touches nothing outside, whatever happens to its directories meanwhile", async () => {
    const many = Array.from({ length: 4000 }, (_, number) => `f${number}`);
    make("scratch/", 0o777);
    for (const folder of [jail.at("scratch/d/sub"), outside]) {
      mkdirSync(folder, { recursive: true });
      for (const name of many) writeFileSync(join(folder, name), "");
    }
    await execa("chown", ["-R", "65534:65534", jail.at("scratch/d")]);
    chmodSync(jail.folder, 0o755);
    // After the first removal, the directory is exchanged for a symlink to one outside the jail.
    const exchange = `cd d && while [ "$(find sub -type f | wc -l)" -ge ${many.length} ]; do :; done; mv sub away; ln -s ${outside} sub`;
    const before = `cd ${jail.at("scratch")}; setpriv --reuid 65534 --regid 65534 --clear-groups timeout 20 sh -c '${exchange}' 2>/dev/null & echo $! >${jail.folder}/exchanger; sleep 0.3`;
    await set(
      { emptyScratch: true },
      { shell, before, after: `kill "$(cat ${jail.folder}/exchanger)" 2>/dev/null || :` },
    );
    expect([readdirSync(outside).length, readdirSync(jail.at("scratch"))]).toEqual([many.length, []]);
  });

  test("an unknown account is an error before anything is changed", async () => {
    make("static/x", 0o600);
    const before = await times(jail.path);
    for (const policy of [{ owner: "no-such-user" }, { group: "no-such-group" }, { scratchGroup: "no-such-group" }]) {
      expect(
        (await jail.run(permissionSteps.apply, { emptyScratch: false, ...valuesOf(policy) }, { shell })).answer.failure
          ?.code,
      ).toBe("no-account");
    }
    expect(await times(jail.path)).toBe(before);
  });

  describe("in a jail whose directories belong to another user", () => {
    beforeEach(() => {
      make("static/", 0o777, 1234, 1234);
      make("static/x", 0o600, 1234, 1234);
      make("static/deep/", 0o777, 1234, 1234);
      make("static/deep/ y ", 0o600, 1234, 1234);
      make("static/set/", 0o2700, 1234, 1234);
    });

    test("the owners and modes are set in the same way", async () => {
      symlinkSync("/etc/passwd", jail.at("static/link"));
      await set({ owner: "nobody", group: "6" }, { shell });
      expect(["static", "static/x", "static/deep", "static/deep/ y ", "static/set", "static/link"].map(inJail)).toEqual(
        ["0755", "0644", "0755", "0644", "0755", "0777"].map((mode) => `${mode} 65534:6`),
      );
      expect(compareWithPolicy(await look({ owner: "nobody", group: "6" }, { shell }))).toEqual({});
      expect(statSync("/etc/passwd").uid).toBe(0);
      await giveBack({ shell });
      expect(["static", "static/x", "static/deep", "static/deep/ y ", "static/set"].map(inJail)).toEqual(
        ["0777", "0600", "0777", "0600", "2700"].map((mode) => `${mode} 1234:1234`),
      );
    });

    test("symlinks keep their targets, whatever those are", async () => {
      const texts: Record<string, string> = {
        "static/ a link ": "deep",
        "static/l2": " two  words ",
        "static/-l3": "-dash",
        "static/deep/l4": "line\nbreaks\n\n",
        "static/l5": "x$(id)'\"\\x",
        "static/l6": "\u00fc*",
      };
      for (const [path, text] of Object.entries(texts)) symlinkSync(text, jail.at(path));
      expect((await set({ owner: "nobody", group: "6" }, { shell })).all("warn")).toEqual([]);
      expect(Object.fromEntries(Object.keys(texts).map((path) => [path, readlinkSync(jail.at(path))]))).toEqual(texts);
      expect(new Set(Object.keys(texts).map(inJail))).toEqual(new Set(["0777 65534:6"]));
      expect(readdirSync(jail.path).filter((name) => name.includes("swap"))).toEqual([]);
    });

    // Busybox's programs cannot be replaced by scripts; they do the same.
    const ourChown = shell === "busybox" ? test.skip : test;
    ourChown("a link that becomes a file of outside, just as it is to be changed, gives that to nobody", async () => {
      const victim = join(outside, "victim");
      writeFileSync(victim, "", { mode: 0o600 });
      symlinkSync("x", jail.at("static/link"));
      const before = standIn(
        "chown",
        `case " $* " in *" -h "*) [ ! -L ${jail.at("static/link")} ] || { rm ${jail.at("static/link")}; ln ${victim} ${jail.at("static/link")}; } ;; esac`,
        'exec /usr/bin/chown "$@"',
      );
      const answer = await set({ owner: "nobody" }, { shell, before });
      expect([seen(victim), answer.all("warn")]).toEqual([
        "0600 0:0",
        [["static/link was changed while we read it: left alone"]],
      ]);
    });

    test("a user who exchanges paths meanwhile does not lead the step outside", async () => {
      chmodSync(outside, 0o700);
      const victims = ["victim", ...Array.from({ length: 60 }, (_, index) => `f${index}`)].map((name) =>
        join(outside, name),
      );
      for (const victim of victims) writeFileSync(victim, "", { mode: 0o600 });
      for (let index = 0; index < 60; index += 1) make(`static/deep/er/f${index}`, 0o600, 1234, 1234);
      // As the jail's user, exchange a file and a directory with symlinks that lead out, as fast as possible.
      const attack = `
        const fs = require("node:fs");
        process.chdir(${JSON.stringify(jail.at("static/deep"))});
        fs.symlinkSync(${JSON.stringify(join(outside, "victim"))}, "evil");
        fs.symlinkSync(${JSON.stringify(outside)}, "out");
        require("node:child_process").execFileSync("mkfifo", ["pipe"]);
        process.setgid(1234);
        process.setuid(1234);
        console.log("ready");
        for (;;) {
          for (const [one, other] of [["er/f5", "evil"], ["er/f0", "pipe"], ["er", "out"]]) {
            try {
              for (const [from, to] of [[one, "aside"], [other, one], [one, other], ["aside", one]]) fs.renameSync(from, to);
            } catch {}
          }
        }
      `;
      const attacker = execa(process.execPath, ["-e", attack], { reject: false, env: { NODE_OPTIONS: "" } });
      await new Promise((resolve) => attacker.stdout.once("data", resolve));
      try {
        for (let round = 0; round < 5; round += 1) {
          // The step may fail because it refuses a symlink.
          const { exitCode } = await jail.run(
            permissionSteps.apply,
            { emptyScratch: false, ...valuesOf({ owner: "1234", group: round % 2 ? "1234" : "6" }) },
            { shell, timeout: 15_000 },
          );
          // The step must not wait at a FIFO either.
          expect(exitCode).toBeDefined();
        }
      } finally {
        attacker.kill("SIGKILL");
        await attacker;
      }
      expect(new Set(victims.map(seen))).toEqual(new Set(["0600 0:0"]));
      expect(seen(outside)).toBe("0700 0:0");
    });
  });
});

describe("the permissions' lifecycle", () => {
  const inputs = {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    owner: "root",
    group: "root",
    modes: {},
    emptyScratch: false,
    triggers: [],
  };

  test("repairs changed paths, and reports those that it leaves alone", async () => {
    const here = jail.asJail();
    make("static/x", 0o600);
    await execa("mkfifo", [jail.at("static/fifo")]);
    const facts = { leftAlone: ["static/fifo: is a fifo"] };
    expect(await jailPermissions.apply(here, inputs, undefined)).toEqual(facts);
    expect(await jailPermissions.read(here, inputs, facts)).toEqual({ drift: {}, facts });
    chmodSync(jail.at("static/x"), 0o666);
    utimesSync(jail.at("static/x"), 1, 1);
    expect((await jailPermissions.read(here, inputs, facts))!.drift).toEqual({
      "static/x": "is 0666 0:0, should be 0644 0:0",
    });
    await jailPermissions.apply(here, inputs, undefined);
    expect([inJail("static/x"), inJail("scratch")]).toEqual(["0644 0:0", "0770 0:0"]);
    await jailPermissions.remove(here, inputs, facts);
    expect(inJail("static/x")).toBe("0600 0:0");
  });
});
