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
import { runStepHere, shells, standIn, type Shell, type StepRun, type StepSurroundings } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import type { Arguments, ValuesOf } from "../../src/remote/arguments.js";
import { rootValues } from "./step-values.js";
import { writeManifest } from "./manifest.js";

jest.setTimeout(60_000);

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
    rootSteps.ensure,
    wanted,
    { id: wanted.id, owner: wanted.owner, group: wanted.group, url: wanted.url, commit: wanted.commit, folders },
    surroundings,
  );
};
const drift = async (change: Partial<Wanted> = {}, surroundings?: StepSurroundings): Promise<object> => {
  const wanted = { ...usual(), ...change };
  const { answer } = await run(rootSteps.observe, wanted, { folders }, surroundings);
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
  test("lays a jail out where nothing is, and finds nothing to mend afterwards", async () => {
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

  test("adopts an empty folder, and a jail made by hand with what is in it", async () => {
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

  const refusals: [string, () => void, Partial<Wanted>, string | undefined, string][] = [
    ["in a folder of something else", () => put(at("srv/jail/index.html")), {}, undefined, "foreign"],
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
    ["where everybody may write", () => chmodSync(at("srv"), 0o777), {}, undefined, "parent"],
    ["for an owner whom nobody knows", () => undefined, { owner: "no-such-user" }, undefined, "no-account"],
    ["for a group that nobody knows", () => undefined, { group: "no-such-group" }, undefined, "no-account"],
    ["where device nodes are dead", () => undefined, {}, "nodev", "nodev"],
    ["where no python could run", () => undefined, {}, "noexec", "noexec"],
    ["where nothing can be written", () => undefined, {}, "ro", "unwritable"],
    [
      "where a link stands for one of its folders",
      () => {
        put(at("srv/jail/REM_this_is_jail"));
        mkdirSync(at("real"));
        symlinkSync(at("real"), at("srv/jail/static"));
      },
      {},
      undefined,
      "not-a-folder",
    ],
    [
      "where a file stands for one of its folders",
      () => {
        put(at("srv/jail/REM_this_is_jail"));
        put(at("srv/jail/dev"));
      },
      {},
      undefined,
      "not-a-folder",
    ],
  ];
  test.each(refusals)(
    "refuses to lay a jail out %s, and has changed nothing",
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

  test("warns where another user can exchange the jail, and lays it out all the same", async () => {
    chownSync(at("srv"), 1234, 1234);
    const { answer } = await layOut({}, { shell });
    expect([answer.complete, answer.all("warn")]).toEqual([
      true,
      [
        [
          `others than root can change ${at("srv")} (its owner): they can put another directory in the place of ${at("srv/jail")}`,
        ],
      ],
    ]);
  });

  test("a folder that everybody may write to, but where nobody can take another's away, will do", async () => {
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
  test.each(damages)("mends %s", async (_name, damage, words) => {
    await layOut({}, { shell });
    put(at("srv/jail/static/site.py"), "site");
    damage();
    expect(await drift({}, { shell })).toEqual(words);
    // The record's id counts, whatever this run would give a new jail.
    expect((await layOut({ id: "a-new-id" }, { shell })).answer.maybe("id")).toBe("the-id");
    expect(await drift({}, { shell })).toEqual({});
    expect(readFileSync(at("srv/jail/static/site.py"), "utf8")).toBe("site");
  });

  test("puts what it mends there with the modes and the owner that JailPermissions gives it", async () => {
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

  test("gives the folder to its owner, by name or by number", async () => {
    await layOut({ owner: "nobody", group: "4321" }, { shell });
    expect([statSync(at("srv/jail")).uid, statSync(at("srv/jail")).gid, statSync(at("srv/jail/dev")).uid]).toEqual([
      65534, 4321, 0,
    ]);
    expect(await drift({ owner: "65534", group: "4321" }, { shell })).toEqual({});
  });

  test("does not lay out two jails in one folder at a time", async () => {
    const both = await Promise.all([layOut({}, { shell }), layOut({ id: "other" }, { shell })]);
    const ids = both.map(({ answer }) => answer.maybe("id"));
    expect([
      ["the-id", "the-id"],
      ["other", "other"],
    ]).toContainEqual(ids);
    expect(readFileSync(at("srv/jail/.python3jail"), "utf8")).toBe(`${ids[0]}\n`);
  });

  describe("removing", () => {
    beforeEach(() => layOut({}, { shell }));

    test("takes the jail away with its records and the cache, when it was the host's last", async () => {
      put(at("srv/jail/lib/python3/os.py"));
      symlinkSync("/etc", at("srv/jail/lib64/link"));
      for (const name of ["sources", "builds/one", "work"]) put(at("cache", name, "x"));
      expect((await remove({ keepCache: false }, { shell })).answer.complete).toBe(true);
      expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
      expect(existsSync("/etc/passwd")).toBe(true);
      expect((await remove({ keepCache: false }, { shell })).answer.complete).toBe(true);
    });

    test("leaves the cache while another jail is there, and where it is to be kept", async () => {
      const second = { path: at("srv/second"), records: at("state/jails/two"), id: "two" };
      await layOut(second, { shell });
      put(at("cache/builds/one"));
      await remove({ keepCache: false }, { shell });
      expect(existsSync(at("cache/builds/one"))).toBe(true);
      await remove(second, { shell });
      expect([existsSync(at("cache/builds/one")), existsSync(at("state"))]).toEqual([true, false]);
    });

    test("leaves in the cache's folder what is not of the cache", async () => {
      put(at("cache/builds/one"));
      put(at("cache/somebody's"));
      await remove({ keepCache: false }, { shell });
      expect(readdirSync(at("cache"))).toEqual(["somebody's"]);
    });

    test.each(["static/site.py", "scratch/.hidden", "static/deep/two\nlines", "scratch/link"])(
      "is refused while %j is there that others put there",
      async (name) => {
        if (name.endsWith("link")) symlinkSync("/etc", at("srv/jail", name));
        else put(at("srv/jail", name));
        const { answer } = await remove({}, { shell });
        expect(answer.failure).toMatchObject({
          code: "contents",
          reason: expect.stringContaining(name.split("\n")[0]!),
          remedy: expect.stringContaining("deleteContents"),
        });
        expect(lstatSync(at("srv/jail", name))).toBeDefined();
        expect((await remove({ deleteContents: true }, { shell })).answer.complete).toBe(true);
        expect([readdirSync(at("srv")), existsSync("/etc/passwd")]).toEqual([[], true]);
      },
    );

    test("is refused while something is mounted inside, of which nothing is lost", async () => {
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
        put(at("lay-out"), assemble(callOf(rootSteps.ensure, place, rootValues({ id: own.id })), "judge-1"));
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
        // Nobody may have heard that it was removed: it is asked for again.
        const again = await remove(own, { shell, before });
        expect([again.answer.failure, again.answer.complete, existsSync(own.records)]).toEqual([
          undefined,
          true,
          false,
        ]);
        // With a record of a jail there, an empty folder is another one than that.
        put(join(own.records, "id"), "mounted\n");
        expect(await failure(remove(own, { shell, before }))).toBe("not-a-jail");
      },
    );

    test("is refused where another jail is, or none of ours", async () => {
      expect(await failure(remove({ id: "another" }, { shell }))).toBe("other-jail");
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

    test("is asked for beforehand, which refuses what the removal refuses, and changes nothing", async () => {
      const listing = async (): Promise<string> =>
        (await execa("find", [place, "-printf", "%p %y %m %U %s %C@\\n"])).stdout;
      const both = async (change: Parameters<typeof ask>[0] = {}): Promise<(string | undefined)[]> => {
        const before = await listing();
        const asked = await failure(ask(change));
        expect(await listing()).toBe(before);
        const refused = asked === undefined ? undefined : await failure(remove(change, { shell }));
        // Nor does a removal that is refused.
        expect(await listing()).toBe(before);
        return [asked, refused];
      };
      expect(await both()).toEqual([undefined, undefined]);
      put(at("srv/jail/static/site.py"));
      expect(await both()).toEqual(["contents", "contents"]);
      expect(await both({ deleteContents: true })).toEqual([undefined, undefined]);
      expect(await both({ id: "another" })).toEqual(["other-jail", "other-jail"]);
      // Of an older release's check nobody knows the id; nobody removes a jail without one.
      expect(await failure(ask({ id: "", deleteContents: true }))).toBeUndefined();
      expect(await failure(remove({ id: "", deleteContents: true }, { shell }))).toBe("other-jail");
      // What JailFiles and JailRoot put there is no reason, nor is a device node, nor what lies in a jail that is another host's by now.
      writeManifest(at("state/jails/one"), "files-a", [], ["./static/site.py type=file"]);
      await execa("mknod", [at("srv/jail/scratch/null"), "c", "1", "3"]);
      expect(await both()).toEqual([undefined, undefined]);
      put(at("srv/jail/static/other.py"));
      expect(await both({ hostName: "another-name" })).toEqual([undefined, undefined]);
      put(at("state/jails/one/kept"));
      expect([await failure(ask()), await failure(ask({ kept: true }))]).toEqual([undefined, "contents"]);
      renameSync(at("srv/jail"), at("srv/away"));
      expect(await failure(ask())).toBeUndefined();
      put(at("srv/jail/REM_this_is_jail"));
      expect(await both()).toEqual(["not-a-jail", "not-a-jail"]);
    });

    test("goes by the id in the jail where our records were deleted", async () => {
      rmSync(at("state"), { recursive: true });
      expect([await failure(ask({ id: "another" })), await failure(remove({ id: "another" }, { shell }))]).toEqual([
        "other-jail",
        "other-jail",
      ]);
      put(at("srv/jail/static/site.py"));
      expect([await failure(ask()), await failure(remove({}, { shell }))]).toEqual(["contents", "contents"]);
      rmSync(at("srv/jail/static/site.py"));
      rmSync(at("state"), { recursive: true, force: true });
      expect(await failure(ask())).toBeUndefined();
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    });

    test("that was cut off is finished by the next", async () => {
      for (const name of ["dev", "static", "scratch"]) rmSync(at("srv/jail", name), { recursive: true });
      rmSync(at("srv/jail/.python3jail"));
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect([readdirSync(place), readdirSync(at("srv"))]).toEqual([["srv"], []]);
    });

    test("of a jail that somebody else removed forgets its records", async () => {
      rmSync(at("srv/jail"), { recursive: true });
      expect((await remove({}, { shell })).answer.complete).toBe(true);
      expect(readdirSync(place)).toEqual(["srv"]);
    });
  });

  test("removing takes away the folders that were made on the way to the jail, and no other", async () => {
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
    ["the first of them was", "./a"],
    ["all of them were", "*jail"],
  ])(
    "folders made on the way to the jail go with it, also where the first run was cut off when %s there",
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

  test("a host of musl is refused before anything is made", async () => {
    mkdirSync(at("upper"));
    mkdirSync(at("work"));
    put(at("upper/ld-musl-x86_64.so.1"));
    // The folders of an overlay cannot be on another one; /usr/lib is /lib here, or has it beside.
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

    test("is laid into the jail at its commit, then at another, then taken out again", async () => {
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

    test("leaves files alone that are right, and puts back those that were changed", async () => {
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

    test("shows where a record of it is damaged, and the next deployment rebuilds that", async () => {
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

    test("may make a folder of a file, and a file of a folder", async () => {
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

    test("is fetched anew where that was cut off in the middle: a commit without its files is none", async () => {
      await layOut(source("first"), { shell });
      const objects = at("state/jails/one/git/objects");
      const blob = await git("rev-parse", `${commits.first}:static/site.py`);
      const loose = join(objects, blob.slice(0, 2), blob.slice(2));
      // As few as they are they may be packed.
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
      // Nor is one with an empty file, as a host keeps that lost power.
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

    test("has nothing to say of what lies in scratch once it was laid", async () => {
      put(at("repository/scratch/.keep"), "");
      const kept = { url: `file://${repository()}`, commit: await commit() };
      await layOut(kept, { shell });
      expect(existsSync(at("srv/jail/scratch/.keep"))).toBe(true);
      rmSync(at("srv/jail/scratch/.keep"));
      expect(await drift(kept, { shell })).toEqual({});
    });

    test("is fetched anew where that was cut off at its beginning", async () => {
      await layOut({}, { shell });
      mkdirSync(at("state/jails/one/git"));
      expect((await layOut(source("first"), { shell })).answer.failure).toBeUndefined();
      expect(read("static/site.py")).toBe("first");
    });

    test("is fetched also where git was killed in the middle: its locks and half packs go, what was there stays", async () => {
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

    test("whose files alone are in static does not keep the jail from being removed", async () => {
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
    test.each(bad)("%s is an error, and what is there stays in use", async (_name, wanted, reason) => {
      await layOut(source("first"), { shell });
      expect((await layOut(wanted(), { shell })).answer.failure).toMatchObject({
        code: "git",
        reason: expect.stringContaining(reason),
      });
      expect(read("static/site.py")).toBe("first");
      expect(await drift(source("first"), { shell })).toEqual({});
    });

    test("is not laid through a link, nor over a folder", async () => {
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

    test("is not kept waiting by a FIFO in the place of one of its files", async () => {
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

  test("writes nothing where all is right, and keeps the id", async () => {
    const before = await jail.listing();
    expect(await jailRoot.ensure(here(), inputs, undefined)).toEqual({
      jailId: "an-id",
      hostFacts: expect.objectContaining({ sudo: false }),
    });
    // What a state has that an older release wrote.
    expect((await jailRoot.observe(here(), inputs, { jailId: "an-id" }))!.facts).toEqual({
      jailId: "an-id",
      hostFacts: expect.objectContaining({ cores: expect.any(Number) }),
    });
    expect(await jail.listing()).toEqual(before);
  });

  test("gives a new jail an id of its own", async () => {
    rmSync(jail.path, { recursive: true });
    rmSync(jail.records, { recursive: true });
    const { jailId } = await jailRoot.ensure(here(), inputs, undefined);
    expect(jailId).toMatch(/^[0-9a-f-]{36}$/);
    expect(readFileSync(jail.at(".python3jail"), "utf8")).toBe(`${jailId}\n`);
  });

  test("makes the records anew where they were deleted, and the jail keeps its id", async () => {
    rmSync(jail.records, { recursive: true });
    expect((await jailRoot.observe(here(), inputs, { jailId: "an-id" }))!.drift).toEqual({
      marker: "REM_this_is_jail or the jail's id is missing",
    });
    expect(await codeOf(jailRoot.ensure(here(), inputs, { ...inputs, jailId: "another" }))).toBe("other-machine");
    expect((await jailRoot.ensure(here(), inputs, { ...inputs, jailId: "an-id" })).jailId).toBe("an-id");
    expect((await jailRoot.observe(here(), inputs, { jailId: "an-id" }))!.drift).toEqual({});
    // A copy of another machine's jail is another jail.
    rmSync(jail.records, { recursive: true });
    const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
    const { jailId } = await jailRoot.ensure(jail.asJail(undefined, "judge-1"), inputs, undefined);
    expect([jailId, log.mock.calls]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      [
        [
          `judge-1: adopted the jail at ${jail.path}: its Python, loader, libraries and device nodes are replaced for good`,
        ],
      ],
    ]);
    log.mockRestore();
  });

  test("says in preview that a jail made by hand is adopted, but not of a release, which nobody makes by hand", () => {
    expect(jailRoot.announceCreate!(inputs)).toContain(
      "is adopted: its Python, loader, libraries and device nodes are replaced for good",
    );
    expect(jailRoot.announceCreate!({ ...inputs, path: "/srv/jail/releases/0123456789ab" })).toBeUndefined();
  });

  test("takes another address for the same machine only where the jail has the known id", async () => {
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "an-id" }))).toBe("fine");
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "another" }))).toBe("other-machine");
    expect(await codeOf(jailRoot.ensure(here(), inputs, { ...inputs, jailId: "another" }))).toBe("other-machine");
    rmSync(jail.path, { recursive: true });
    expect(await codeOf(jailRoot.relocate!(here(), inputs, { jailId: "an-id" }))).toBe("other-machine");
  });

  test("is over where the folder is gone", async () => {
    rmSync(jail.path, { recursive: true });
    expect(await jailRoot.observe(here(), inputs, { jailId: "an-id" })).toBeUndefined();
    await jailRoot.remove(here(), inputs, { jailId: "an-id" });
    expect(existsSync(jail.records)).toBe(false);
  });
});
