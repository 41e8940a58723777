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
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { checked } from "../../src/base/validation.js";
import { filesSteps, jailFiles } from "../../src/kinds/JailFiles.js";
import { removeJail, rootSteps } from "../../src/kinds/JailRoot.js";
import { differsInSyntaxAlone, shells, standIn, type Shell } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

jest.spyOn(console, "log").mockImplementation(() => undefined);
jest.spyOn(console, "warn").mockImplementation(() => undefined);

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  mkdirSync(at("source"));
});
afterEach(() => jail.remove());

const at = (...names: string[]): string => join(jail.folder, ...names);
const write = (path: string, content: string, mode = 0o644): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
};
/** A path of the source. */
const put = (path: string, content: string, mode?: number): void => write(at("source", path), content, mode);
const read = (path: string): string => readFileSync(jail.at(path), "utf8");
const mode = (path: string): string => (lstatSync(jail.at(path)).mode & 0o7777).toString(8);

interface Settings {
  ignore?: string[];
  target?: string;
  removeUnmanaged?: boolean;
  from?: string;
}
function declared({ from = "source", ...settings }: Settings = {}) {
  const given = checked(jailFiles.schema, {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    source: at(from),
    ...settings,
  });
  const { value, reasons } = given.value ? jailFiles.complete!(given.value) : given;
  if (reasons) throw new Error(reasons.join("; "));
  return value;
}

/** The number of files in each upload. */
const uploads: number[] = [];
function here(shell: Shell) {
  const own = jail.asJail({ shell });
  const upload = own.host.upload.bind(own.host);
  own.host.upload = async (does, path, content, seconds) => {
    await upload(does, path, content, seconds);
    const { stdout } = await execa("tar", ["-tf", path]);
    uploads.push(stdout.split("\n").length);
  };
  return own;
}

describe.each(shells)("under %s", (shell) => {
  const up = (settings?: Settings) => jailFiles.apply(here(shell), declared(settings), undefined);
  const look = async (settings?: Settings) =>
    (await jailFiles.read(here(shell), declared(settings), { count: 0, unmanaged: [] }))!;
  const destroy = (settings?: Settings) =>
    jailFiles.remove(here(shell), declared(settings), { count: 0, unmanaged: [] });
  const codeOf = (running: Promise<unknown>): Promise<string> =>
    running.then(
      () => "fine",
      (error: unknown) => (error instanceof HostError ? error.code : String(error)),
    );
  const sent = async (settings?: Settings): Promise<number> => {
    uploads.length = 0;
    await up(settings);
    return uploads.reduce((sum, count) => sum + count, 0);
  };
  beforeEach(() => {
    put("judge.py", "print('judge')\n");
    put("rules/__init__.py", "");
    put("rules/deep/er.py", "deep");
    put("run", "#!/bin/sh\n", 0o750);
  });

  test("installs a folder's files, finds nothing to do afterwards, and removes exactly those", async () => {
    const before = await jail.paths();
    expect(await up()).toEqual({ count: 4, unmanaged: [] });
    expect([
      read("static/judge.py"),
      read("static/rules/__init__.py"),
      read("static/rules/deep/er.py"),
      mode("static/judge.py"),
      mode("static/run"),
      mode("static/rules/deep"),
    ]).toEqual(["print('judge')\n", "", "deep", "644", "755", "755"]);
    expect(await look()).toEqual({ drift: {}, facts: { count: 0, unmanaged: [] } });
    const records = async () => (await execa("find", [jail.records, "-printf", "%p %C@\n"])).stdout;
    const [listing, recorded] = [await jail.listing(), await records()];
    expect(await sent()).toBe(0);
    await look();
    expect([await jail.listing(), await records()]).toEqual([listing, recorded]);
    await destroy();
    expect(await jail.paths()).toEqual(before);
    expect(existsSync(join(jail.records, "files"))).toBe(false);
    await destroy();
  });

  test("uploads the contents that the jail lacks, each once, and no others", async () => {
    put("same.py", "print('judge')\n");
    expect(await sent()).toBe(4);
    const untouched = lstatSync(jail.at("static/rules/deep/er.py")).ctimeMs;
    put("judge.py", "print('another')\n");
    put("new/one.py", "new");
    rmSync(at("source/same.py"));
    expect(await sent()).toBe(2);
    expect([read("static/judge.py"), read("static/new/one.py"), existsSync(jail.at("static/same.py"))]).toEqual([
      "print('another')\n",
      "new",
      false,
    ]);
    expect(lstatSync(jail.at("static/rules/deep/er.py")).ctimeMs).toBe(untouched);
    expect((await look()).drift).toEqual({});
  });

  test("replaces a file by a directory, a directory by a file, and removes empty directories", async () => {
    await up();
    rmSync(at("source/rules"), { recursive: true });
    put("rules", "a file now");
    rmSync(at("source/judge.py"));
    put("judge.py/inside", "a folder now");
    await up();
    expect([read("static/rules"), read("static/judge.py/inside")]).toEqual(["a file now", "a folder now"]);
    rmSync(at("source/judge.py"), { recursive: true });
    await up();
    expect(readdirSync(jail.at("static")).sort()).toEqual(["rules", "run"]);
    expect((await look()).drift).toEqual({});
  });

  test("installs a file again that becomes executable, and finds one that lost its execute permission", async () => {
    await up();
    chmodSync(at("source/judge.py"), 0o755);
    await up();
    expect(mode("static/judge.py")).toBe("755");
    // As JailPermissions does if its `modes` say so.
    chmodSync(jail.at("static/rules/deep/er.py"), 0o755);
    expect((await look()).drift).toEqual({});
    chmodSync(jail.at("static/run"), 0o644);
    expect((await look()).drift).toEqual({ "static/run": "cannot be run any more" });
    await up();
    expect([mode("static/run"), (await look()).drift]).toEqual(["755", {}]);
  });

  test("reports damage as drift, and repairs exactly that", async () => {
    await up();
    rmSync(jail.at("static/rules/__init__.py"));
    writeFileSync(jail.at("static/judge.py"), "print('jedge')\n");
    rmSync(jail.at("static/run"));
    mkdirSync(jail.at("static/run"));
    expect((await look()).drift).toEqual({
      "static/judge.py": "was altered",
      "static/rules/__init__.py": "is missing",
      "static/run": "is a directory, should be a file",
    });
    const untouched = lstatSync(jail.at("static/rules/deep/er.py")).ctimeMs;
    await up();
    expect([read("static/judge.py"), mode("static/run"), (await look()).drift]).toEqual([
      "print('judge')\n",
      "755",
      {},
    ]);
    expect(lstatSync(jail.at("static/rules/deep/er.py")).ctimeMs).toBe(untouched);
  });

  if (differsInSyntaxAlone(shell)) return;

  test("adopts files that are right already, and replaces others at declared paths", async () => {
    write(jail.at("static/judge.py"), "print('judge')\n");
    write(jail.at("static/run"), "by hand");
    const adopted = lstatSync(jail.at("static/judge.py")).ctimeMs;
    await up();
    expect([lstatSync(jail.at("static/judge.py")).ctimeMs, read("static/run")]).toEqual([adopted, "#!/bin/sh\n"]);
    await destroy();
    expect(readdirSync(jail.at("static"))).toEqual([]);
  });

  test("installs files with unusual names", async () => {
    const names = [
      " leading",
      "trailing ",
      "two  words",
      "-dash",
      "*",
      "[x]",
      "quote'\"",
      "$(id)",
      "\u00fc",
      "#",
      ".hidden",
      "a b/c d/ e ",
    ];
    for (const name of names) put(`odd/${name}`, name);
    await up();
    expect(names.map((name) => read(`static/odd/${name}`))).toEqual(names);
    writeFileSync(jail.at("static/odd/ leading"), "x");
    expect((await look()).drift).toEqual({ "static/odd/ leading": "was altered" });
    await up();
    expect((await look()).drift).toEqual({});
    await destroy();
    expect(readdirSync(jail.at("static"))).toEqual([]);
  });

  test("reports unmanaged files, and removes them only if asked to", async () => {
    await up();
    for (const name of ["a stray", "rules/stray.py", "lone/folder/x", "n1", "n2"]) write(jail.at(`static/${name}`), "");
    await execa("mkfifo", [jail.at("static/fifo")]);
    symlinkSync("/etc", jail.at("static/link"));
    write(jail.at("static/two\nlines"), "");
    expect(await look()).toEqual({
      drift: {},
      facts: {
        count: 0,
        unmanaged: ["static/a stray", "static/fifo", "static/link", "static/lone/folder/x", "static/n1", "and 2 more"],
      },
    });
    expect((await up()).unmanaged).toHaveLength(6);
    expect(existsSync(jail.at("static/a stray"))).toBe(true);

    const asked = { removeUnmanaged: true };
    expect((await look(asked)).drift).toMatchObject({
      "static/fifo": "is not of the declared files",
      "and 2 more": "is not of the declared files",
    });
    expect((await up(asked)).unmanaged).toEqual([]);
    expect(readdirSync(jail.at("static")).sort()).toEqual(["judge.py", "rules", "run", "two\nlines"]);
    expect([(await look(asked)).drift, existsSync("/etc/passwd")]).toEqual([{}, true]);
  });

  test("leaves the files of another JailFiles in the jail alone, and refuses a file that both declare", async () => {
    write(at("other/x.py"), "x");
    const other = { from: "other", target: "static/rules", removeUnmanaged: true };
    await up();
    await up(other);
    expect((await up({ removeUnmanaged: true })).unmanaged).toEqual([]);
    expect([read("static/rules/x.py"), read("static/rules/__init__.py")]).toEqual(["x", ""]);
    write(at("other/__init__.py"), "mine");
    expect(await codeOf(up(other))).toBe("declared-twice");
    rmSync(at("other/__init__.py"));
    await destroy();
    expect([read("static/rules/x.py"), (await look(other)).drift]).toEqual(["x", {}]);
    await destroy(other);
    expect(readdirSync(jail.at("static"))).toEqual(["rules"]);
  });

  describe("a path that somebody else exchanged does not lead outside:", () => {
    let outside: string;
    beforeEach(async () => {
      outside = at("outside");
      write(join(outside, "er.py"), "of the host");
      await up();
    });
    const untouched = (): void =>
      expect([readdirSync(outside), readFileSync(join(outside, "er.py"), "utf8")]).toEqual([["er.py"], "of the host"]);

    test("a symlink in place of a directory is refused by every step", async () => {
      rmSync(jail.at("static/rules/deep"), { recursive: true });
      symlinkSync(outside, jail.at("static/rules/deep"));
      expect((await look()).drift).toEqual({ "static/rules/deep/er.py": "has a parent that is no directory" });
      expect(await codeOf(up())).toBe("in-the-way");
      put("judge.py", "unchanged");
      expect(await codeOf(up())).toBe("in-the-way");
      expect(read("static/judge.py")).toBe("print('judge')\n");
      rmSync(at("source/rules/deep"), { recursive: true });
      expect(await codeOf(up())).toBe("symlink");
      expect(await codeOf(destroy())).toBe("symlink");
      untouched();
    });

    test("a symlink in place of the target directory is refused", async () => {
      rmSync(jail.at("static"), { recursive: true });
      symlinkSync(outside, jail.at("static"));
      expect((await look()).facts.unmanaged).toEqual([]);
      expect(await codeOf(up({ removeUnmanaged: true }))).toBe("in-the-way");
      untouched();
    });

    test("a symlink, FIFO or device node in place of a file is replaced without reading it", async () => {
      for (const path of ["static/rules/deep/er.py", "static/judge.py", "static/run"]) rmSync(jail.at(path));
      symlinkSync(join(outside, "er.py"), jail.at("static/rules/deep/er.py"));
      await execa("mkfifo", [jail.at("static/judge.py")]);
      symlinkSync(outside, jail.at("static/run"));
      expect((await look()).drift).toEqual({
        "static/judge.py": "is no regular file",
        "static/rules/deep/er.py": "is no regular file",
        "static/run": "is no regular file",
      });
      await up();
      expect([read("static/judge.py"), read("static/rules/deep/er.py"), read("static/run")]).toEqual([
        "print('judge')\n",
        "deep",
        "#!/bin/sh\n",
      ]);
      untouched();
    });

    test("a directory with unmanaged files in place of a file is refused before anything is written", async () => {
      rmSync(jail.at("static/run"));
      write(jail.at("static/run/of others"), "");
      put("judge.py", "new");
      const before = await jail.listing();
      expect(await codeOf(up())).toBe("in-the-way");
      expect(await jail.listing()).toEqual(before);
    });

    test("unmanaged files whose names are no text are reported by their printable part", async () => {
      await execa("sh", [
        "-c",
        "cd \"$1\" && : >\"$(printf 'latin-\\374')\" && : >\"$(printf 'tab\\there')\" && : >'back\\slash' && : >\"$(printf '\\303\\274 [x] \\033[2J')\"",
        "sh",
        jail.at("static"),
      ]);
      expect((await look()).facts.unmanaged!.sort()).toEqual([
        "static/back\\slash",
        "static/latin-\ufffd",
        "static/tab here",
        "static/ü [x]",
      ]);
      expect((await up({ removeUnmanaged: true })).unmanaged).toEqual([]);
      expect(readdirSync(jail.at("static")).sort()).toEqual(["judge.py", "rules", "run"]);
    });
  });

  describe("a killed run", () => {
    test("is finished by the next, even if some files are not declared any more", async () => {
      await up();
      jail.cutOff(readdirSync(join(jail.records, "manifest")).find((name) => /^files-[^.]*$/.test(name))!);
      rmSync(at("source/rules"), { recursive: true });
      expect((await look()).drift).toMatchObject({ static: "was not filled yet, or not wholly" });
      await up();
      expect(readdirSync(jail.at("static")).sort()).toEqual(["judge.py", "run"]);
      expect((await look()).drift).toEqual({});
    });

    test("leaves files that the jail's removal knows as ours", async () => {
      await up();
      await removeJail(jail.asJail({ shell }), "an-id", { keepCache: true });
      expect(existsSync(jail.path)).toBe(false);
    });

    test("does not install files that were uploaded in part", async () => {
      await up();
      put("judge.py", "a new one");
      const own = here(shell);
      const upload = own.host.upload.bind(own.host);
      own.host.upload = async (...args) => {
        await upload(...args);
        const content = readFileSync(args[1], "latin1");
        writeFileSync(args[1], content.replace("a new one", "a bad one"), "latin1");
      };
      expect(await codeOf(jailFiles.apply(own, declared(), undefined))).toBe("copy");
      expect(read("static/judge.py")).toBe("print('judge')\n");
      await up();
      expect(read("static/judge.py")).toBe("a new one");
    });

    test("does not install files that were not uploaded", async () => {
      const inputs = declared();
      expect(
        (
          await jail.run(
            filesSteps.apply,
            {
              key: "key",
              target: "static",
              digest: inputs.digest!,
              list: `${"0".repeat(64)}\t0644\tstatic/x`,
              removeUnmanaged: false,
            },
            { shell },
          )
        ).answer.failure?.code,
      ).toBe("cache-lost");
      expect(readdirSync(jail.at("static"))).toEqual([]);
    });
  });

  test("names with a line break in a directory to replace do not lead to other files", async () => {
    await up();
    rmSync(at("source/rules"), { recursive: true });
    put("rules", "a file");
    jail.put("static/rules/a\nstatic/judge.py", "somebody's");
    expect(await codeOf(up())).toBe("in-the-way");
    expect(read("static/judge.py")).toBe("print('judge')\n");
  });

  describe("beside a jail repository", () => {
    const git = async (...args: string[]): Promise<string> =>
      (await execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: at("repository") })).stdout;
    const commit = async (): Promise<string> => {
      await git("add", "-A");
      await git("commit", "-qm", "x");
      return git("rev-parse", "HEAD");
    };
    const layOut = (at_: string) =>
      jail.complete(
        rootSteps.apply,
        {
          id: "an-id",
          owner: "root",
          group: "root",
          url: at_ && `file://${at("repository")}`,
          commit: at_,
          folders: ["dev", "lib64", "static", "scratch"],
        },
        { shell },
      );
    let first: string;
    beforeEach(async () => {
      for (const [path, content] of Object.entries({
        "static/judge.py": "git's",
        "static/only-git.py": "git's",
        "static/rules": "git's file",
        "static/run/inside.py": "git's",
      }))
        write(at("repository", path), content);
      await git("init", "-q");
      first = await commit();
      await layOut(first);
    });

    test("declared files override the repository's, which come back when the files are not declared any more", async () => {
      await up();
      const ours = () => [
        read("static/judge.py"),
        read("static/rules/deep/er.py"),
        read("static/run"),
        read("static/only-git.py"),
      ];
      expect(ours()).toEqual(["print('judge')\n", "deep", "#!/bin/sh\n", "git's"]);
      expect((await up({ removeUnmanaged: true })).unmanaged).toEqual([]);

      write(at("repository/static/judge.py"), "git's second");
      write(at("repository/static/only-git.py"), "git's second");
      const second = await commit();
      await layOut(second);
      expect(ours()).toEqual(["print('judge')\n", "deep", "#!/bin/sh\n", "git's second"]);
      expect((await look()).drift).toEqual({});

      rmSync(at("source/judge.py"));
      rmSync(at("source/run"));
      await up();
      expect([read("static/judge.py"), read("static/run/inside.py"), read("static/rules/deep/er.py")]).toEqual([
        "git's second",
        "git's",
        "deep",
      ]);
      // JailPermissions has run before, and does not run again.
      chownSync(jail.at("REM_this_is_jail"), 1234, 4321);
      await destroy();
      expect([read("static/rules"), read("static/only-git.py")]).toEqual(["git's file", "git's second"]);
      expect([
        statSync(jail.at("static/rules")).uid,
        statSync(jail.at("static/rules")).gid,
        statSync(jail.at("static/rules")).mode & 0o7777,
      ]).toEqual([1234, 4321, 0o644]);
    });

    test("files that are not declared any more are removed even if git has a file in place of a parent, and users' files stay", async () => {
      write(at("repository/scratch/data"), "git's");
      const second = await commit();
      await layOut(second);
      await up();
      writeFileSync(jail.at("scratch/data"), "its user's");
      rmSync(at("source/rules/deep"), { recursive: true });
      rmSync(at("source/judge.py"));
      await up();
      expect([existsSync(jail.at("static/rules/deep")), read("static/judge.py"), read("scratch/data")]).toEqual([
        false,
        "git's",
        "its user's",
      ]);
    });

    test("a repository that is not declared any more removes no declared file", async () => {
      await up();
      await layOut("");
      expect([read("static/judge.py"), existsSync(jail.at("static/only-git.py")), (await look()).drift]).toEqual([
        "print('judge')\n",
        false,
        {},
      ]);
      await destroy();
      expect(statSync(jail.at("static")).isDirectory()).toBe(true);
      expect(existsSync(jail.at("static/judge.py"))).toBe(false);
    });
  });
});

test("a source that changes during the upload is refused, and nothing is installed", async () => {
  put("judge.py", "one");
  const inputs = declared();
  put("judge.py", "two");
  await expect(jailFiles.apply(here("dash"), inputs, undefined)).rejects.toMatchObject({ code: "source-changed" });
  expect(readdirSync(jail.at("static"))).toEqual([]);
});

test("a file that vanishes during a read is missing if declared, and is otherwise ignored", async () => {
  put("judge.py", "one");
  await jailFiles.apply(here("dash"), declared(), undefined);
  jail.put("static/theirs", "");
  const before = standIn(
    "stat",
    'for word; do case $word in */static/theirs | static/judge.py) rm -f "$word" ;; esac; done',
    'exec /usr/bin/stat "$@"',
  );
  expect((await jailFiles.read(jail.asJail({ before }), declared(), { count: 0, unmanaged: [] }))!.drift).toEqual({
    "static/judge.py": "is missing",
  });
});
