import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { makeHostDirectory } from "./host-temporary.js";
import { dirname, join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { assemble, callOf, shellCommand } from "../../src/remote/program.js";
import type { Step } from "../../src/remote/step.js";
import { compareRoot, jailRoot, rootSteps } from "../../src/kinds/JailRoot.js";
import {
  differsInSyntaxAlone,
  runStepHere,
  shells,
  standIn,
  type Shell,
  type StepRun,
  type StepSurroundings,
} from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import type { Arguments, ValuesOf } from "../../src/remote/arguments.js";
import { rootValues } from "./step-values.js";
import { writeManifest } from "./manifest.js";

const folders = ["dev", "lib64", "static", "scratch"];
const layout = [".python3jail", "REM_this_is_jail", "dev", "lib64", "scratch", "static"];

let place: string;
beforeEach(() => {
  place = makeHostDirectory();
  mkdirSync(at("srv"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const at = (...names: string[]): string => join(place, ...names);
const put = (path: string, content = ""): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
};
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

interface Wanted {
  path: string;
  records: string;
  id: string;
  owner: string;
  group: string;
  url: string;
  commit: string;
  hostName: string;
}
const usual = (): Wanted => ({
  path: at("srv/jail"),
  records: at("state/jails/one"),
  id: "the-id",
  owner: "root",
  group: "root",
  url: "",
  commit: "",
  hostName: "judge-1",
});
const run = <Taken extends Arguments>(
  step: Step<Taken>,
  { path, records, hostName }: Wanted,
  values: NoInfer<ValuesOf<Taken>>,
  surroundings?: StepSurroundings,
): Promise<StepRun> =>
  runStepHere(step, { path, records, cache: at("cache") }, values, { ...surroundings, host: hostName });
const layOut = (change: Partial<Wanted> = {}, surroundings?: StepSurroundings): Promise<StepRun> => {
  const wanted = { ...usual(), ...change };
  return run(
    rootSteps.apply,
    wanted,
    { id: wanted.id, owner: wanted.owner, group: wanted.group, url: wanted.url, commit: wanted.commit, folders },
    surroundings,
  );
};
const drift = async (change: Partial<Wanted> = {}, surroundings?: StepSurroundings): Promise<object> => {
  const wanted = { ...usual(), ...change };
  const { answer } = await run(rootSteps.read, wanted, { folders }, surroundings);
  return answer.maybe("jail") === "none"
    ? { jail: "none" }
    : compareRoot({ ...wanted, git: wanted.commit === "" ? undefined : wanted }, wanted.id, answer);
};
const remove = async (
  change: Partial<Wanted> & { deleteContents?: boolean; keepCache?: boolean } = {},
  surroundings?: StepSurroundings,
): Promise<StepRun> => {
  const { deleteContents = false, keepCache = true, ...rest } = change;
  const wanted = { ...usual(), ...rest };
  const emptied = await run(rootSteps.remove, wanted, { id: wanted.id, deleteContents, kept: false }, surroundings);
  return emptied.answer.maybe("emptied") === undefined
    ? emptied
    : run(rootSteps.forget, wanted, { keepCache, kept: false }, surroundings);
};
const failure = async (running: Promise<StepRun>): Promise<string | undefined> => (await running).answer.failure?.code;

describe.each(shells)("under %s", (shell) => {
  test("lays out a new jail, and finds nothing to repair afterwards", async () => {
    expect(await drift({}, { shell })).toEqual({ jail: "none" });
    const { answer } = await layOut({}, { shell, before: "umask 077" });
    expect([answer.complete, answer.maybe("id")]).toEqual([true, "the-id"]);
    expect(readdirSync(at("srv/jail")).sort()).toEqual(layout);
    expect(Object.fromEntries(layout.map((name) => [name, mode(at("srv/jail", name))]))).toEqual({
      ".python3jail": "640",
      REM_this_is_jail: "640",
      dev: "751",
      lib64: "751",
      scratch: "770",
      static: "755",
    });
    expect([
      readFileSync(at("srv/jail/.python3jail"), "utf8"),
      mode(at("srv/jail")),
      mode(at("state/jails/one")),
    ]).toEqual(["the-id\n", "755", "700"]);
    expect(await drift({}, { shell })).toEqual({});
  });

  test("adopts an empty directory, and a jail made by hand with its contents", async () => {
    mkdirSync(at("srv/jail"));
    expect(await drift({}, { shell })).toMatchObject({ ".": "is not our jail", dev: "is missing" });
    expect((await layOut({}, { shell })).answer.complete).toBe(true);

    put(at("srv/hand/REM_this_is_jail"), "by hand");
    put(at("srv/hand/bin/python3"), "python");
    const hand = { path: at("srv/hand"), records: at("state/jails/two"), id: "another" };
    expect(await drift(hand, { shell })).toMatchObject({ marker: "REM_this_is_jail or the jail's id is missing" });
    expect((await layOut(hand, { shell })).answer.complete).toBe(true);
    expect([
      readFileSync(at("srv/hand/REM_this_is_jail"), "utf8"),
      readFileSync(at("srv/hand/bin/python3"), "utf8"),
    ]).toEqual(["by hand", "python"]);
    expect(await drift(hand, { shell })).toEqual({});
  });

  test("a removal removes the host's last jail with its records and the cache", async () => {
    await layOut({}, { shell });
    put(at("srv/jail/lib/python3/os.py"));
    symlinkSync("/etc", at("srv/jail/lib64/link"));
    for (const name of ["sources", "builds/one", "work"]) put(at("cache", name, "x"));
    expect((await remove({ keepCache: false }, { shell })).answer.complete).toBe(true);
    expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    expect(existsSync("/etc/passwd")).toBe(true);
    expect((await remove({ keepCache: false }, { shell })).answer.complete).toBe(true);
  });

  if (differsInSyntaxAlone(shell)) return;

  const refusals: [string, () => void, Partial<Wanted>, string | undefined, string][] = [
    ["in a directory with other files", () => put(at("srv/jail/index.html")), {}, undefined, "foreign"],
    [
      "through a link",
      () => {
        mkdirSync(at("real"));
        symlinkSync(at("real"), at("srv/jail"));
      },
      {},
      undefined,
      "symlink",
    ],
    [
      "below a link",
      () => {
        mkdirSync(at("real"));
        symlinkSync(at("real"), at("srv/link"));
      },
      { path: "srv/link/jail" },
      undefined,
      "symlink",
    ],
    ["below a file", () => put(at("srv/file")), { path: "srv/file/jail" }, undefined, "symlink"],
    ["in a directory that everybody may write to", () => chmodSync(at("srv"), 0o777), {}, undefined, "unsafe-parent"],
    ["for an unknown owner", () => undefined, { owner: "no-such-user" }, undefined, "no-account"],
    ["for an unknown group", () => undefined, { group: "no-such-group" }, undefined, "no-account"],
    ["on a file system mounted nodev", () => undefined, {}, "nodev", "nodev"],
    ["on a file system mounted noexec", () => undefined, {}, "noexec", "noexec"],
    ["on a file system mounted read-only", () => undefined, {}, "ro", "unwritable"],
    [
      "with a symlink in place of one of its directories",
      () => {
        put(at("srv/jail/REM_this_is_jail"));
        mkdirSync(at("real"));
        symlinkSync(at("real"), at("srv/jail/static"));
      },
      {},
      undefined,
      "in-the-way",
    ],
    [
      "with a file in place of one of its directories",
      () => {
        put(at("srv/jail/REM_this_is_jail"));
        put(at("srv/jail/dev"));
      },
      {},
      undefined,
      "in-the-way",
    ],
  ];
  test.each(refusals)(
    "refuses to lay out a jail %s, and changes nothing",
    async (_name, make, change, option, code) => {
      make();
      const listing = async (): Promise<string> =>
        (await execa("find", [place, "-printf", "%p %y %m %U %C@\\n"])).stdout;
      const before = await listing();
      const mounted = option === undefined ? undefined : `mount -t tmpfs -o ${option} tmpfs ${at("srv")}`;
      const { answer, after } = await layOut(
        { ...change, ...(change.path && { path: at(change.path) }) },
        { shell, before: mounted, after: `find ${at("srv")} -mindepth 1 -xdev` },
      );
      expect(answer.failure?.code).toBe(code);
      expect(await listing()).toBe(before);
      if (mounted) expect(after).toBe("");
    },
  );

  test("warns if another user can exchange the jail, and lays it out all the same", async () => {
    chownSync(at("srv"), 1234, 1234);
    const { answer } = await layOut({}, { shell });
    expect([answer.complete, answer.all("warn")]).toEqual([
      true,
      [
        [
          `others than root can change ${at("srv")} (its owner): they can put another directory in the place of ${at("srv/jail")}; give it to root alone (\`chown root:root\`, \`chmod go-w\`)`,
        ],
      ],
    ]);
  });

  test("accepts a directory with the sticky bit that everybody may write to", async () => {
    chmodSync(at("srv"), 0o1777);
    expect((await layOut({}, { shell })).answer.complete).toBe(true);
  });

  const damages: [string, () => void, object][] = [
    [
      "a lost marker",
      () => rmSync(at("srv/jail/REM_this_is_jail")),
      { marker: "REM_this_is_jail or the jail's id is missing" },
    ],
    [
      "a lost id",
      () => rmSync(at("srv/jail/.python3jail")),
      { marker: "REM_this_is_jail or the jail's id is missing" },
    ],
    [
      "another id",
      () => writeFileSync(at("srv/jail/.python3jail"), "forged\n"),
      { marker: "REM_this_is_jail or the jail's id is missing" },
    ],
    [
      "lost folders",
      () => {
        rmSync(at("srv/jail/dev"), { recursive: true });
        rmSync(at("srv/jail/scratch"), { recursive: true });
      },
      { dev: "is missing", scratch: "is missing" },
    ],
    ["another owner", () => chownSync(at("srv/jail"), 65534, 0), { owner: "is nobody, should be root" }],
  ];
  test.each(damages)("repairs %s", async (_name, damage, words) => {
    await layOut({}, { shell });
    put(at("srv/jail/static/site.py"), "site");
    damage();
    expect(await drift({}, { shell })).toEqual(words);
    // The recorded id counts, and not the one that this run would give a new jail.
    expect((await layOut({ id: "a-new-id" }, { shell })).answer.maybe("id")).toBe("the-id");
    expect(await drift({}, { shell })).toEqual({});
    expect(readFileSync(at("srv/jail/static/site.py"), "utf8")).toBe("site");
  });

  test("repairs with the modes and the owner that JailPermissions sets", async () => {
    await layOut({}, { shell });
    chownSync(at("srv/jail/REM_this_is_jail"), 1234, 4321);
    rmSync(at("srv/jail/.python3jail"));
    for (const name of ["dev", "scratch", "static"]) rmSync(at("srv/jail", name), { recursive: true });
    await layOut({}, { shell });
    expect([".python3jail", "dev", "scratch", "static"].map((name) => mode(at("srv/jail", name)))).toEqual([
      "640",
      "751",
      "770",
      "755",
    ]);
    expect([statSync(at("srv/jail/.python3jail")).uid, statSync(at("srv/jail/.python3jail")).gid]).toEqual([
      1234, 4321,
    ]);
  });

  test("gives the directory to its owner, by name or number", async () => {
    await layOut({ owner: "nobody", group: "4321" }, { shell });
    expect([statSync(at("srv/jail")).uid, statSync(at("srv/jail")).gid, statSync(at("srv/jail/dev")).uid]).toEqual([
      65534, 4321, 0,
    ]);
    expect(await drift({ owner: "65534", group: "4321" }, { shell })).toEqual({});
  });

  test("lays out one jail for two concurrent runs on one directory", async () => {
    const both = await Promise.all([layOut({}, { shell }), layOut({ id: "other" }, { shell })]);
    const ids = both.map(({ answer }) => answer.maybe("id"));
    expect([
      ["the-id", "the-id"],
      ["other", "other"],
    ]).toContainEqual(ids);
    expect(readFileSync(at("srv/jail/.python3jail"), "utf8")).toBe(`${ids[0]}\n`);
  });

  describe("a removal", () => {
    beforeEach(() => layOut({}, { shell }));

    test("leaves the cache if the host has another jail, and if the cache is to be kept", async () => {
      const second = { path: at("srv/second"), records: at("state/jails/two"), id: "two" };
      await layOut(second, { shell });
      put(at("cache/builds/one"));
      await remove({ keepCache: false }, { shell });
      expect(existsSync(at("cache/builds/one"))).toBe(true);
      await remove(second, { shell });
      expect([existsSync(at("cache/builds/one")), existsSync(at("state"))]).toEqual([true, false]);
    });

    test("leaves other files in the cache's directory", async () => {
      put(at("cache/builds/one"));
      put(at("cache/somebody's"));
      await remove({ keepCache: false }, { shell });
      expect(readdirSync(at("cache"))).toEqual(["somebody's"]);
    });

    test.each(["static/site.py", "scratch/.hidden", "static/deep/two\nlines", "scratch/link"])(
      "is refused while the unmanaged file %j exists",
      async (name) => {
        if (name.endsWith("link")) symlinkSync("/etc", at("srv/jail", name));
        else put(at("srv/jail", name));
        const { answer } = await remove({}, { shell });
        expect(answer.failure).toMatchObject({
          code: "not-empty",
          reason: expect.stringContaining(name.split("\n")[0]!),
          remedy: expect.stringContaining("deleteContents"),
        });
        expect(lstatSync(at("srv/jail", name))).toBeDefined();
        expect((await remove({ deleteContents: true }, { shell })).answer.complete).toBe(true);
        expect([readdirSync(at("srv")), existsSync("/etc/passwd")]).toEqual([[], true]);
      },
    );

    test("is refused while something is mounted in the jail, and loses none of its files", async () => {
      put(at("data/kept"));
      const before = `mkdir "${at("srv/jail/static/m m")}"; mount --bind ${at("data")} "${at("srv/jail/static/m m")}"`;
      const { answer, after } = await remove(
        { deleteContents: true },
        { shell, before, after: `ls ${at("srv/jail")}` },
      );
      expect(answer.failure).toMatchObject({
        code: "mounted",
        reason: `${at("srv/jail/static/m m")} is mounted inside the jail`,
      });
      expect([existsSync(at("data/kept")), after]).toEqual([true, "REM_this_is_jail\ndev\nlib64\nscratch\nstatic\n"]);
    });

    test.each(["jail", "my jail"])(
      "of a jail named %j that is a mount point itself empties it, and leaves the mount",
      async (name) => {
        const own = { path: at("srv", name), records: at("state/jails/mounted"), id: "mounted" };
        const before = `mkdir -p "${own.path}"; mount -t tmpfs tmpfs "${own.path}"`;
        const place = { ...own, cache: at("cache") };
        put(at("lay-out"), assemble(callOf(rootSteps.apply, place, rootValues({ id: own.id })), "judge-1"));
        put(
          at("remove"),
          assemble(callOf(rootSteps.remove, place, { id: own.id, deleteContents: false, kept: false }), "judge-1"),
        );
        const earlier = [
          before,
          ...["lay-out", "remove"].map((name) => `(${shellCommand(true)}) <${at(name)} >/dev/null`),
        ].join("; ");
        const { answer, after, stderr } = await runStepHere(
          rootSteps.forget,
          place,
          { keepCache: true, kept: false },
          {
            shell,
            host: "judge-1",
            before: earlier,
            after: `ls -A "${own.path}"; mountpoint -q "${own.path}" && echo mounted`,
          },
        );
        expect([stderr, answer.complete, after]).toEqual(["", true, "mounted\n"]);
        // The answer may have been lost, so the removal is asked for again.
        const again = await remove(own, { shell, before });
        expect([again.answer.failure, again.answer.complete, existsSync(own.records)]).toEqual([
          undefined,
          true,
          false,
        ]);
        // If a jail is recorded, an empty directory is another one than that.
        put(join(own.records, "id"), "mounted\n");
        expect(await failure(remove(own, { shell, before }))).toBe("not-a-jail");
      },
    );

    test("is refused for another jail, and for a directory that is none of ours", async () => {
      expect(await failure(remove({ id: "another" }, { shell }))).toBe("other-machine");
      renameSync(at("srv/jail"), at("srv/away"));
      put(at("srv/jail/REM_this_is_jail"));
      expect(await failure(remove({}, { shell }))).toBe("not-a-jail");
      expect(existsSync(at("srv/jail/REM_this_is_jail"))).toBe(true);
    });

    const ask = (change: Partial<Wanted> & { deleteContents?: boolean; kept?: boolean } = {}): Promise<StepRun> => {
      const { deleteContents = false, kept = false, ...rest } = change;
      const wanted = { ...usual(), ...rest };
      return run(rootSteps.ask, wanted, { id: wanted.id, deleteContents, kept }, { shell });
    };

    test("has a check that refuses what the removal refuses, and changes nothing", async () => {
      const listing = async (): Promise<string> =>
        (await execa("find", [place, "-printf", "%p %y %m %U %s %C@\\n"])).stdout;
      const both = async (change: Parameters<typeof ask>[0] = {}): Promise<(string | undefined)[]> => {
        const before = await listing();
        const asked = await failure(ask(change));
        expect(await listing()).toBe(before);
        const refused = asked === undefined ? undefined : await failure(remove(change, { shell }));
        // A refused removal changes nothing either.
        expect(await listing()).toBe(before);
        return [asked, refused];
      };
      expect(await both()).toEqual([undefined, undefined]);
      put(at("srv/jail/static/site.py"));
      expect(await both()).toEqual(["not-empty", "not-empty"]);
      expect(await both({ deleteContents: true })).toEqual([undefined, undefined]);
      expect(await both({ id: "another" })).toEqual(["other-machine", "other-machine"]);
      // A check that an older release recorded has no id, and no jail is removed without one.
      expect(await failure(ask({ id: "", deleteContents: true }))).toBeUndefined();
      expect(await failure(remove({ id: "", deleteContents: true }, { shell }))).toBe("other-machine");
      // No reason to refuse: files of JailFiles and JailRoot, a device node, and files in a jail that another host has
      // adopted.
      writeManifest(at("state/jails/one"), "files-a", [], ["./static/site.py type=file"]);
      await execa("mknod", [at("srv/jail/scratch/null"), "c", "1", "3"]);
      expect(await both()).toEqual([undefined, undefined]);
      put(at("srv/jail/static/other.py"));
      expect(await both({ hostName: "another-name" })).toEqual([undefined, undefined]);
      put(at("state/jails/one/kept"));
      expect([await failure(ask()), await failure(ask({ kept: true }))]).toEqual([undefined, "not-empty"]);
      renameSync(at("srv/jail"), at("srv/away"));
      expect(await failure(ask())).toBeUndefined();
      put(at("srv/jail/REM_this_is_jail"));
      expect(await both()).toEqual(["not-a-jail", "not-a-jail"]);
    });

    test("uses the id in the jail if our records were deleted", async () => {
      rmSync(at("state"), { recursive: true });
      expect([await failure(ask({ id: "another" })), await failure(remove({ id: "another" }, { shell }))]).toEqual([
        "other-machine",
        "other-machine",
      ]);
      put(at("srv/jail/static/site.py"));
      expect([await failure(ask()), await failure(remove({}, { shell }))]).toEqual(["not-empty", "not-empty"]);
      rmSync(at("srv/jail/static/site.py"));
      rmSync(at("state"), { recursive: true, force: true });
      expect(await failure(ask())).toBeUndefined();
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    });

    test("that was killed is finished by the next", async () => {
      for (const name of ["dev", "static", "scratch"]) rmSync(at("srv/jail", name), { recursive: true });
      rmSync(at("srv/jail/.python3jail"));
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    });

    test("of a jail that somebody else removed deletes its records", async () => {
      rmSync(at("srv/jail"), { recursive: true });
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect(readdirSync(place)).toEqual(["srv"]);
    });
  });

  test("a removal removes the parent directories that were made for the jail, and no others", async () => {
    const deep = { path: at("srv/a/b c/jail") };
    await layOut(deep, { shell });
    expect((await remove(deep, { shell })).answer.complete).toBe(true);
    expect(readdirSync(at("srv"))).toEqual([]);
    mkdirSync(at("srv/a"));
    await layOut(deep, { shell });
    put(at("srv/a/b c/somebody's"));
    expect((await remove(deep, { shell })).answer.complete).toBe(true);
    expect(readdirSync(at("srv/a/b c"))).toEqual(["somebody's"]);
  });

  test.each([
    ["the first of them", "./a"],
    ["all of them", "*jail"],
  ])(
    "a removal removes the parent directories made for the jail, even if the first run was killed after it made %s",
    async (_when, last) => {
      const deep = { path: at("srv/a/b c/jail") };
      await layOut(deep, {
        shell: shell === "busybox" ? "dash" : shell,
        before: standIn(
          "mkdir",
          `case $* in ${last}) /usr/bin/mkdir "$@"; kill -KILL $PPID; exit ;; esac`,
          'exec /usr/bin/mkdir "$@"',
        ),
      });
      expect(existsSync(at("srv/a"))).toBe(true);
      expect((await layOut(deep, { shell })).answer.complete).toBe(true);
      expect((await remove(deep, { shell })).answer.complete).toBe(true);
      expect(readdirSync(at("srv"))).toEqual([]);
    },
  );

  test("a host with musl is refused before anything is made", async () => {
    mkdirSync(at("upper"));
    mkdirSync(at("work"));
    put(at("upper/ld-musl-x86_64.so.1"));
    // The directories of an overlay cannot be on another overlay. /lib may be a symlink to /usr/lib.
    const before = `mount -t tmpfs overlay ${at("work")}; mkdir ${at("work")}/up ${at("work")}/tmp; cp ${at("upper")}/* ${at("work")}/up; mount -t overlay -o lowerdir=$(readlink -f /lib),upperdir=${at("work")}/up,workdir=${at("work")}/tmp overlay $(readlink -f /lib); mount --bind /dev/null /usr/bin/getconf`;
    expect((await layOut({}, { shell, before })).answer.failure).toMatchObject({
      code: "musl",
      reason: expect.stringContaining("musl"),
    });
    expect(readdirSync(at("srv"))).toEqual([]);
  });

  describe("a jail repository", () => {
    let commits: { first: string; second: string };
    const repository = (): string => at("repository");
    const git = async (...args: string[]): Promise<string> =>
      (
        await execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args], {
          cwd: repository(),
        })
      ).stdout;
    const commit = async (): Promise<string> => {
      await git("add", "-A");
      await git("commit", "-qm", "x");
      return git("rev-parse", "HEAD");
    };
    const source = (which: keyof typeof commits): Partial<Wanted> => ({
      url: `file://${repository()}`,
      commit: commits[which],
    });
    const read = (path: string): string => readFileSync(at("srv/jail", path), "utf8");
    beforeEach(async () => {
      mkdirSync(repository());
      await git("init", "-q");
      put(at("repository/REM_this_is_jail"), "of the repository");
      put(at("repository/static/site.py"), "first");
      put(at("repository/static/old/gone in the second.py"), "gone");
      put(at("repository/maintenance"), "#!/bin/sh\n");
      const first = await commit();
      put(at("repository/static/site.py"), "second");
      rmSync(at("repository/static/old"), { recursive: true });
      put(at("repository/static/-new one.py"), "new");
      chmodSync(at("repository/maintenance"), 0o755);
      commits = { first, second: await commit() };
    });

    test("is laid into the jail at a commit, then at another, and removed again", async () => {
      expect((await layOut(source("first"), { shell })).answer.complete).toBe(true);
      expect([
        read("REM_this_is_jail"),
        read("static/site.py"),
        read("static/old/gone in the second.py"),
        mode(at("srv/jail/maintenance")),
      ]).toEqual(["of the repository", "first", "gone", "640"]);
      expect(await drift(source("first"), { shell })).toEqual({});
      put(at("srv/jail/static/mine.py"), "mine");

      expect(await drift(source("second"), { shell })).toEqual({
        commit: `is ${commits.first}, should be ${commits.second}`,
      });
      expect((await layOut(source("second"), { shell })).answer.complete).toBe(true);
      expect([read("static/site.py"), read("static/-new one.py"), mode(at("srv/jail/maintenance"))]).toEqual([
        "second",
        "new",
        "755",
      ]);
      expect(existsSync(at("srv/jail/static/old/gone in the second.py"))).toBe(false);
      expect(await drift(source("second"), { shell })).toEqual({});

      expect((await layOut({}, { shell })).answer.complete).toBe(true);
      expect([
        readdirSync(at("srv/jail")).sort(),
        readdirSync(at("srv/jail/static")).filter((name) => name !== "old"),
        read("REM_this_is_jail"),
      ]).toEqual([layout, ["mine.py"], ""]);
      expect(await drift({}, { shell })).toEqual({});
    });

    test("may have files at its top whose names look like options", async () => {
      for (const name of ["-x", "--help"]) put(at("repository", name), "an odd one");
      const odd = { url: `file://${repository()}`, commit: await commit() };
      await layOut(odd, { shell });
      expect(await drift(odd, { shell })).toEqual({});
      rmSync(at("srv/jail/--help"));
      expect(await drift(odd, { shell })).toEqual({ "--help": "is missing" });
    });

    test("leaves unchanged files alone, and restores changed ones", async () => {
      await layOut(source("first"), { shell });
      const right = lstatSync(at("srv/jail/maintenance"));
      writeFileSync(at("srv/jail/static/site.py"), "changed by hand");
      rmSync(at("srv/jail/static/old/gone in the second.py"));
      expect(await drift(source("first"), { shell })).toEqual({
        "static/site.py": "was altered",
        "static/old/gone in the second.py": "is missing",
      });
      await layOut(source("first"), { shell });
      expect([
        read("static/site.py"),
        lstatSync(at("srv/jail/maintenance")).ctimeMs,
        await drift(source("first"), { shell }),
      ]).toEqual(["first", right.ctimeMs, {}]);
    });

    test("with a damaged record is drift, and the next `up` rebuilds the record", async () => {
      await layOut(source("first"), { shell });
      const path = at("state/jails/one/manifest/git");
      for (const damaged of ["", "what\tnobody wrote\n../../x\n"]) {
        writeFileSync(path, damaged);
        expect(await drift(source("first"), { shell })).toEqual({
          commit: expect.stringMatching(`, should be ${commits.first}$`),
        });
        expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
        expect(await drift(source("first"), { shell })).toEqual({});
      }
    });

    test("may replace a file by a directory, and a directory by a file", async () => {
      await layOut(source("first"), { shell });
      rmSync(at("repository/static"), { recursive: true });
      rmSync(at("repository/maintenance"));
      put(at("repository/static/site.py/deep"), "below");
      put(at("repository/static/old"), "a file");
      put(at("repository/maintenance/a/b"), "below");
      const turned = { url: `file://${repository()}`, commit: await commit() };
      expect((await layOut(turned, { shell })).answer.failure).toBeUndefined();
      expect([
        read("static/site.py/deep"),
        read("static/old"),
        read("maintenance/a/b"),
        await drift(turned, { shell }),
      ]).toEqual(["below", "a file", "below", {}]);
      expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
      expect([read("static/site.py"), read("maintenance"), await drift(source("first"), { shell })]).toEqual([
        "first",
        "#!/bin/sh\n",
        {},
      ]);
    });

    test("is fetched again if a fetch was killed in the middle and left a commit without its files", async () => {
      await layOut(source("first"), { shell });
      const objects = at("state/jails/one/git/objects");
      const blob = await git("rev-parse", `${commits.first}:static/site.py`);
      const loose = join(objects, blob.slice(0, 2), blob.slice(2));
      // Even so few objects may be in a pack.
      if (existsSync(loose)) rmSync(loose, { force: true });
      else {
        const pack = readdirSync(join(objects, "pack")).find((name) => name.endsWith(".pack"))!;
        renameSync(join(objects, "pack", pack), at("kept.pack"));
        rmSync(join(objects, "pack"), { recursive: true });
        mkdirSync(join(objects, "pack"));
        await execa("sh", ["-c", `git -C "${objects}/.." unpack-objects -q <"${at("kept.pack")}"`]);
        rmSync(loose);
      }
      rmSync(at("srv/jail/static/site.py"));
      expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
      expect(read("static/site.py")).toBe("first");
      // A commit with an empty object, as a power loss leaves it, does not count either.
      rmSync(join(objects, ".."), { recursive: true });
      await layOut({}, { shell });
      await layOut(source("first"), { shell });
      const { stdout: files } = await execa("find", [objects, "-type", "f", "-size", "-2000c"]);
      for (const file of files.split("\n").filter((name) => name.includes(blob.slice(2)) || name.endsWith(".pack"))) {
        chmodSync(file, 0o644);
        writeFileSync(file, "");
      }
      rmSync(at("srv/jail/static/site.py"));
      expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
      expect(read("static/site.py")).toBe("first");
    });

    test("ignores later changes of its files in scratch", async () => {
      put(at("repository/scratch/.keep"), "");
      const kept = { url: `file://${repository()}`, commit: await commit() };
      await layOut(kept, { shell });
      expect(existsSync(at("srv/jail/scratch/.keep"))).toBe(true);
      rmSync(at("srv/jail/scratch/.keep"));
      expect(await drift(kept, { shell })).toEqual({});
    });

    test("is fetched again if a fetch was killed at its beginning", async () => {
      await layOut({}, { shell });
      mkdirSync(at("state/jails/one/git"));
      expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
      expect(read("static/site.py")).toBe("first");
    });

    test("is fetched after git was killed: its locks and partial packs are removed, and the old objects stay", async () => {
      await layOut(source("first"), { shell });
      const left = [
        "shallow.lock",
        "config.lock",
        "index.lock",
        "objects/pack/tmp_pack_x1Y2z3",
        "objects/00/tmp_obj_x1Y2z3",
      ];
      for (const name of left) put(at("state/jails/one/git", name), "half");
      expect((await layOut(source("second"), { shell })).answer.failure).toBeUndefined();
      expect([read("static/site.py"), left.filter((name) => existsSync(at("state/jails/one/git", name)))]).toEqual([
        "second",
        [],
      ]);
      expect((await execa("git", ["-C", at("state/jails/one/git"), "cat-file", "-t", commits.first])).stdout).toBe(
        "commit",
      );
    });

    test("whose files are the only ones in static does not prevent a removal of the jail", async () => {
      await layOut(source("first"), { shell });
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect(readdirSync(at("srv"))).toEqual([]);
    });

    const bad: [string, () => Partial<Wanted>, string][] = [
      [
        "that cannot be reached",
        () => ({ url: `file://${at("nowhere")}`, commit: "0".repeat(40) }),
        "could not be fetched",
      ],
      ["without that commit", () => ({ ...source("first"), commit: "0123456789".repeat(4) }), "has no commit"],
    ];
    test.each(bad)("%s is an error, and the deployed commit stays in use", async (_name, wanted, reason) => {
      await layOut(source("first"), { shell });
      expect((await layOut(wanted(), { shell })).answer.failure).toMatchObject({
        code: "git",
        reason: expect.stringContaining(reason),
      });
      expect(read("static/site.py")).toBe("first");
      expect(await drift(source("first"), { shell })).toEqual({});
    });

    test("is not written through a symlink, nor over a directory", async () => {
      await layOut(source("first"), { shell });
      mkdirSync(at("outside"));
      rmSync(at("srv/jail/static/old"), { recursive: true });
      symlinkSync(at("outside"), at("srv/jail/static/old"));
      expect(await failure(layOut(source("first"), { shell }))).toBe("in-the-way");
      expect(await failure(layOut(source("second"), { shell }))).toBe("symlink");
      expect(readdirSync(at("outside"))).toEqual([]);
      rmSync(at("srv/jail/static/old"));
      rmSync(at("srv/jail/maintenance"));
      mkdirSync(at("srv/jail/maintenance"));
      put(at("srv/jail/maintenance/theirs"), "");
      expect(await failure(layOut(source("second"), { shell }))).toBe("in-the-way");
    });

    test("does not wait for a FIFO in place of one of its files", async () => {
      await layOut(source("first"), { shell });
      rmSync(at("srv/jail/static/site.py"));
      await execa("mkfifo", [at("srv/jail/static/site.py")]);
      expect((await layOut(source("first"), { shell, timeout: 10_000 })).answer.complete).toBe(true);
      expect(read("static/site.py")).toBe("first");
    });
  });
});

describe("a jail root's lifecycle", () => {
  const inputs = {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    owner: "root",
    group: "root",
    deleteContents: false,
    keepCache: false,
  };
  let jail: ScratchJail;
  beforeEach(async () => {
    jail = await ScratchJail.make();
  });
  afterEach(() => jail.remove());
  const here = (shell?: Shell) => jail.asJail(shell && { shell });
  const codeOf = (running: Promise<unknown>): Promise<string> =>
    running.then(
      () => "fine",
      (error: unknown) => (error instanceof HostError ? error.code : String(error)),
    );

  test("writes nothing if all is as declared, and keeps the id", async () => {
    const before = await jail.listing();
    expect(await jailRoot.apply(here(), inputs, undefined)).toEqual({
      jailId: "an-id",
      hostFacts: expect.objectContaining({ sudo: false }),
    });
    // The facts in a state that an older release recorded.
    expect((await jailRoot.read(here(), inputs, { jailId: "an-id" }))!.facts).toEqual({
      jailId: "an-id",
      hostFacts: expect.objectContaining({ cores: expect.any(Number) }),
    });
    expect(await jail.listing()).toEqual(before);
  });

  test("gives a new jail its own id", async () => {
    rmSync(jail.path, { recursive: true });
    rmSync(jail.records, { recursive: true });
    const { jailId } = await jailRoot.apply(here(), inputs, undefined);
    expect(jailId).toMatch(/^[0-9a-f-]{36}$/);
    expect(readFileSync(jail.at(".python3jail"), "utf8")).toBe(`${jailId}\n`);
  });

  test("makes deleted records again, and keeps the jail's id", async () => {
    rmSync(jail.records, { recursive: true });
    expect((await jailRoot.read(here(), inputs, { jailId: "an-id" }))!.drift).toEqual({
      marker: "REM_this_is_jail or the jail's id is missing",
    });
    expect(await codeOf(jailRoot.apply(here(), inputs, { ...inputs, jailId: "another" }))).toBe("other-machine");
    expect((await jailRoot.apply(here(), inputs, { ...inputs, jailId: "an-id" })).jailId).toBe("an-id");
    expect((await jailRoot.read(here(), inputs, { jailId: "an-id" }))!.drift).toEqual({});
    // A copy of another machine's jail counts as another jail.
    rmSync(jail.records, { recursive: true });
    const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
    const { jailId } = await jailRoot.apply(jail.asJail(undefined, "judge-1"), inputs, undefined);
    expect([jailId, log.mock.calls]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      [
        [
          expect.stringMatching(
            /^judge-1: adopted a jail that has no records here at \S+: keeps [^;]+; replaces Python, loader, libraries and device nodes for good/,
          ),
        ],
      ],
    ]);
    log.mockRestore();
  });

  test("announces in preview that a jail made by hand is adopted, except for a release, which nobody makes by hand", () => {
    expect(jailRoot.announceCreate!(inputs)).toBe(
      "where a jail made by hand is at a new path, `up` adopts it: its Python, loader, libraries and device nodes are replaced for good, and your files are kept. `npx python3jail adopt --plan HOST` tells what that is at a host",
    );
    expect(jailRoot.announceCreate!({ ...inputs, path: "/srv/jail/releases/0123456789ab" })).toBeUndefined();
  });

  test("accepts another address only if the jail there has the recorded id", async () => {
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "an-id" }))).toBe("fine");
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "another" }))).toBe("other-machine");
    expect(await codeOf(jailRoot.apply(here(), inputs, { ...inputs, jailId: "another" }))).toBe("other-machine");
    rmSync(jail.path, { recursive: true });
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "an-id" }))).toBe("other-machine");
  });

  test("reads that the jail is gone if its directory is", async () => {
    rmSync(jail.path, { recursive: true });
    expect(await jailRoot.read(here(), inputs, { jailId: "an-id" })).toBeUndefined();
    await jailRoot.remove(here(), inputs, { jailId: "an-id" });
    expect(existsSync(jail.records)).toBe(false);
  });
});
