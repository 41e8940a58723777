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
import { makeHostDirectory } from "./host-temporary.js";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { scriptText } from "../../src/remote/scripts.js";
import { quote } from "../../src/ssh/openssh.js";
import { libraryText } from "./library.js";
import { runTextHere, shells, type StepRun, type StepSurroundings } from "./run-step.js";

jest.setTimeout(30_000);

let folder: string;
beforeEach(() => {
  folder = makeHostDirectory();
  mkdirSync(join(folder, "jail"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** A program with the libraries and these commands, which works in the scratch jail. */
function program(commands: string): string {
  const places = `jail=${quote(at("jail"))} records=${quote(at("records"))} jail_mounts=`;
  return `logical_host=judge-1\n${libraryText()}\nanswer started\n${places}\n${commands}\nanswer done\n`;
}
const run = (commands: string, surroundings?: StepSurroundings): Promise<StepRun> =>
  runTextHere(program(commands), surroundings);

/** Runs commands, and returns the texts of their `answer said …`. Throws if they do not run to their end. */
async function said(commands: string, surroundings?: StepSurroundings): Promise<string[]> {
  const { answer, stderr, stdout } = await run(commands, surroundings);
  if (!answer.complete) throw new Error(`ended early:\n${stdout}\n${stderr}`);
  return answer.all("said").map((fields) => fields.join("|"));
}

describe.each(shells)("under %s", (shell) => {
  describe("changing to a directory", () => {
    beforeEach(() => {
      mkdirSync(at("jail", "a b", "-x", "*"), { recursive: true });
      mkdirSync(at("outside", "inner"), { recursive: true });
      writeFileSync(at("jail", "file"), "");
      symlinkSync(at("outside"), at("jail", "link"));
      symlinkSync("a b", at("jail", "inner-link"));
      symlinkSync("/not/there", at("jail", "dangling"));
    });
    const cases: [string, string, string][] = [
      ["to the current one", ".", "0|/jail|"],
      ["to nothing", "", "0|/jail|"],
      ["down, with any names", "a b/-x/*", "0|/jail/a b/-x/*|"],
      ["with needless slashes", "a b//-x/", "0|/jail/a b/-x|"],
      ["that does not exist", "nowhere", "1|/jail|"],
      ["whose parent does not exist", "a b/nowhere/x", "1|/jail/a b|"],
      ["through a symlink that leads out", "link/inner", "2|/jail|/jail/link"],
      ["through a symlink that stays within", "inner-link/-x", "2|/jail|/jail/inner-link"],
      ["to a dangling symlink", "dangling", "2|/jail|/jail/dangling"],
      ["through a file", "file/x", "2|/jail|/jail/file"],
    ];
    test.each(cases)("%s", async (_name, path, outcome) => {
      const [seen] = await said(
        `cd "$jail"; status=0; go_to ${quote(path)} || status=$?; answer said "$status" "$(pwd -P)" "$refused_component"`,
        { shell },
      );
      expect(seen!.replaceAll(folder, "")).toBe(outcome);
    });

    test("works with absolute paths, from anywhere, and through no symlink", async () => {
      symlinkSync(at("jail"), at("other-name"));
      const commands = [at("jail", "a b"), at("other-name", "a b")].map(
        (path) =>
          `cd /; status=0; go_to ${quote(path)} || status=$?; answer said "$status" "$(pwd -P)" "$refused_component"`,
      );
      const seen = await said(commands.join("\n"), { shell });
      expect(seen.map((line) => line.replaceAll(folder, ""))).toEqual(["0|/jail/a b|", "2||/other-name"]);
    });

    test.each([
      ["link", "symlink"],
      ["/etc", "defect"],
    ])("of the jail by %s ends the step", async (path, code) => {
      const { answer } = await run(`go_in_jail ${path}; answer said never`, { shell });
      expect([answer.failure?.code, answer.all("said"), answer.complete]).toEqual([code, [], false]);
    });
  });

  test("directories are made one by one, none through a symlink or in place of a file", async () => {
    mkdirSync(at("outside"));
    symlinkSync(at("outside"), at("jail", "link"));
    writeFileSync(at("jail", "file"), "");
    expect(
      await said(
        `cd "$jail"; make_directories "a b/c"; answer said "$(pwd -P)"; cd "$jail"; make_directories .; answer said "$(pwd -P)"`,
        { shell },
      ),
    ).toEqual([at("jail", "a b", "c"), at("jail")]);
    // The same from the root directory.
    expect(
      await said(`cd /; make_directories ${at("jail/from/root").slice(1)}; answer said "$(pwd -P)"`, { shell }),
    ).toEqual([at("jail/from/root")]);
    for (const path of ["link/new", "file/new"]) {
      const { answer } = await run(`cd "$jail"; make_directories ${path}`, { shell });
      expect(answer.failure).toMatchObject({
        code: "symlink",
        reason: `${at("jail", path.split("/")[0]!)} is a symbolic link or no directory: nothing is written through it`,
      });
    }
    expect(readdirSync(at("outside"))).toEqual([]);
  });

  describe("mounts", () => {
    const names = ["plain", "with space", "two  spaces", "back\\net", "50% full"];
    test("have their options read at any depth, with any name of the mount point", async () => {
      const before = names
        .map(
          (name) =>
            `mkdir -p ${quote(at(name))}; mount -t tmpfs -o nodev,noexec,nosuid tmpfs ${quote(at(name))}; mkdir ${quote(at(name, "deep"))}`,
        )
        .join("\n");
      const look = names
        .map(
          (name) =>
            `for option in nodev noexec nosuid no ro; do ! has_option ${quote(at(name, "deep"))} $option || answer said ${quote(name)} $option; done`,
        )
        .join("\n");
      expect(await said(look, { shell, before })).toEqual(
        names.flatMap((name) => ["nodev", "noexec", "nosuid"].map((option) => `${name}|${option}`)),
      );
    });

    test("on the same mount point count from the topmost", async () => {
      const before = `mkdir -p ${at("m")}; mount -t tmpfs -o nodev tmpfs ${at("m")}; mount -t tmpfs -o noexec tmpfs ${at("m")}`;
      expect(
        await said(`for option in nodev noexec; do ! has_option ${at("m")} $option || answer said $option; done`, {
          shell,
          before,
        }),
      ).toEqual(["noexec"]);
    });

    test("that a later mount hides do not count", async () => {
      const before = `mkdir -p ${at("m/deep")}; mount -t tmpfs -o nodev tmpfs ${at("m/deep")}; mount -t tmpfs -o noexec tmpfs ${at("m")}; mkdir ${at("m/deep")}`;
      expect(
        await said(`for option in nodev noexec; do ! has_option ${at("m/deep")} $option || answer said $option; done`, {
          shell,
          before,
        }),
      ).toEqual(["noexec"]);
    });

    test("have their free space read in megabytes, with any name of the mount point", async () => {
      const before = names
        .map((name) => `mkdir -p ${quote(at(name))}; mount -t tmpfs -o size=7m tmpfs ${quote(at(name))}`)
        .join("\n");
      expect(
        await said(names.map((name) => `answer said "$(free_mb ${quote(at(name))})"`).join("\n"), { shell, before }),
      ).toEqual(names.map(() => "7"));
    });

    test("below a directory are named, but not the directory itself, nor its neighbours", async () => {
      const points = ["jail", "jail/in side", "jail/static/back\\slash", "jailer", "other"];
      const before = points
        .map((name) => `mkdir -p ${quote(at(name))}; mount -t tmpfs tmpfs ${quote(at(name))}`)
        .join("\n");
      expect(
        await said(`mounts_below "$jail" | while IFS= read -r mount; do answer said "$mount"; done`, { shell, before }),
      ).toEqual([at("jail/in side"), at("jail/static/back\\slash")]);
    });
  });

  describe("the directory of a jail", () => {
    const id = "an-id";
    const ours = (): void => {
      mkdirSync(at("records"));
      writeFileSync(at("records", "id"), `${id}\n`);
      writeFileSync(at("records", "inode"), `${lstatSync(at("jail")).dev}:${lstatSync(at("jail")).ino}\n`);
      writeFileSync(at("jail", "REM_this_is_jail"), "");
      writeFileSync(at("jail", ".python3jail"), `${id}\n`);
    };
    const cases: [string, string, () => void][] = [
      ["none", "not there", () => rmSync(at("jail"), { recursive: true })],
      ["empty", "new", () => undefined],
      ["ours", "made by us", ours],
      ["marked", "made by hand", () => writeFileSync(at("jail", "REM_this_is_jail"), "")],
      ["foreign", "of something else", () => writeFileSync(at("jail", "index.html"), "")],
      ["foreign", "of something else, hidden", () => writeFileSync(at("jail", ".git"), "")],
      ["foreign", "marked by a link", () => symlinkSync("/etc/passwd", at("jail", "REM_this_is_jail"))],
      [
        "lost",
        "ours by its record, without its marker",
        () => {
          ours();
          rmSync(at("jail", "REM_this_is_jail"));
        },
      ],
      [
        "lost",
        "ours by its record, without its id",
        () => {
          ours();
          rmSync(at("jail", ".python3jail"));
        },
      ],
      [
        "lost",
        "ours by its record, emptied",
        () => {
          ours();
          rmSync(at("jail", ".python3jail"));
          rmSync(at("jail", "REM_this_is_jail"));
        },
      ],
      [
        "lost",
        "ours by its record, with a symlink for an id",
        () => {
          ours();
          rmSync(at("jail", ".python3jail"));
          symlinkSync(at("records", "id"), at("jail", ".python3jail"));
        },
      ],
      [
        "lost",
        "ours by its record, with another id",
        () => {
          ours();
          writeFileSync(at("jail", ".python3jail"), "other\n");
        },
      ],
      [
        "marked",
        "another jail in place of ours",
        () => {
          ours();
          writeFileSync(at("jail", ".python3jail"), "other\n");
          writeFileSync(at("records", "inode"), "1:1\n");
        },
      ],
      [
        "empty",
        "a new jail in place of ours",
        () => {
          ours();
          rmSync(at("jail"), { recursive: true });
          writeFileSync(at("records", "inode"), "1:1\n");
          mkdirSync(at("jail"));
        },
      ],
    ];
    test.each(cases)("is %s: %s", async (kind, _name, make) => {
      make();
      expect(await said(`jail_kind; answer said "$jail_is"`, { shell })).toEqual([kind]);
    });

    test("is refused if a symlink leads to it", async () => {
      rmSync(at("jail"), { recursive: true });
      mkdirSync(at("real"));
      symlinkSync(at("real"), at("jail"));
      expect((await run("jail_kind", { shell })).answer.failure).toMatchObject({
        code: "symlink",
        reason: `${at("jail")} is a symbolic link or no directory`,
      });
    });

    test("that is not ours is refused by every step but the one that lays it out", async () => {
      expect((await run("open_jail", { shell })).answer.failure).toMatchObject({ code: "not-a-jail" });
      rmSync(at("jail"), { recursive: true });
      expect((await run("open_jail", { shell })).answer.failure).toMatchObject({ code: "gone" });
      mkdirSync(at("jail"));
      ours();
      expect(await said("open_jail; answer said open", { shell })).toEqual(["open"]);
    });
  });

  describe("a directory of our own outside the jail", () => {
    test("is made with its parents, owned by root and closed to others under any umask", async () => {
      await said(`umask 0; private_directory ${quote(at("state dir", "jails", "one"))}`, { shell });
      expect(mode(at("state dir", "jails", "one"))).toBe("700");
    });

    test("is closed again if somebody has opened it", async () => {
      mkdirSync(at("records"), { mode: 0o777 });
      await said(`private_directory "$records"`, { shell });
      expect(mode(at("records"))).toBe("700");
    });

    test("is refused if it is somebody else's, or a symlink leads to it", async () => {
      mkdirSync(at("theirs"), { mode: 0o755 });
      chownSync(at("theirs"), 1234, 1234);
      expect((await run(`private_directory ${at("theirs")}`, { shell })).answer.failure?.code).toBe("record-directory");
      expect(statSync(at("theirs")).uid).toBe(1234);
      mkdirSync(at("elsewhere"), { mode: 0o755 });
      symlinkSync(at("elsewhere"), at("records"));
      expect((await run(`private_directory "$records"`, { shell })).answer.failure?.code).toBe("symlink");
      expect(mode(at("elsewhere"))).toBe("755");
    });

    const ways: [string, () => void, string, string][] = [
      ["a user", () => chownSync(at("way"), 1234, 1234), "way/mine", "(its owner)"],
      [
        "a group",
        () => {
          chownSync(at("way"), 0, 1234);
          chmodSync(at("way"), 0o775);
        },
        "way/deep/mine",
        "(its group)",
      ],
      ["everybody", () => chmodSync(at("way"), 0o777), "way/deep/mine", "others than root can change"],
      ["a user, further up", () => chownSync(at(), 1234, 1234), "way/mine", "(its owner)"],
    ];
    test.each(ways)("is refused if a parent directory belongs to %s", async (_who, loosen, path, why) => {
      mkdirSync(at("way"));
      loosen();
      expect((await run(`private_directory ${at(path)}`, { shell })).answer.failure).toMatchObject({
        code: "record-directory",
        reason: expect.stringContaining(why),
      });
      expect(readdirSync(at("way"))).toEqual([]);
    });

    test("is not made through a user's symlink", async () => {
      mkdirSync(at("elsewhere"));
      symlinkSync(at("elsewhere"), at("link"));
      expect((await run(`private_directory ${at("link/mine")}`, { shell })).answer.failure?.code).toBe("symlink");
      expect(readdirSync(at("elsewhere"))).toEqual([]);
    });

    test("is made in a directory with the sticky bit", async () => {
      mkdirSync(at("way"));
      chmodSync(at("way"), 0o1777);
      await said(`private_directory ${at("way/mine")}`, { shell });
      expect(mode(at("way/mine"))).toBe("700");
    });
  });

  describe("a directory to remove", () => {
    /**
     * Makes rm seem one that does not keep directories open while it empties them, so that the step removes level by
     * level.
     */
    const byPath = `rm() { case $1 in --help) ;; *) command rm "$@" ;; esac; }`;
    const fill = (...folder: string[]): void => {
      mkdirSync(at(...folder), { recursive: true, mode: 0o700 });
      writeFileSync(at(...folder, "kept"), "");
    };

    test.each([
      ["by rm alone", ":"],
      ["level by level", byPath],
    ])("is removed with its contents, and nothing else is: %s", async (_how, before) => {
      fill("jail", "x", "deep er", "-rf");
      fill("jail", "stays");
      fill("jail", ".python3jail.gone.old");
      fill("outside");
      symlinkSync(at("outside"), at("jail", "x", "link"));
      await said(`to_jail; ${before}; remove_trees -name x`, { shell });
      expect([readdirSync(at("jail")), readdirSync(at("jail", "stays")), readdirSync(at("outside"))]).toEqual([
        ["stays"],
        ["kept"],
        ["kept"],
      ]);
    });

    test("does not lead to root's own files, whatever somebody puts in its place", async () => {
      fill("jail", "x");
      fill("outside");
      for (const target of [at("outside"), at("jail")]) {
        const exchanged = `mktemp() { pen=$(command mktemp "$@"); rmdir "$pen"; ln -s ${target} "$pen"; echo "$pen"; }`;
        expect(
          (await run(`to_jail; ${byPath}; ${exchanged}; remove_trees -name x`, { shell })).answer.failure?.code,
        ).toBe("changed");
      }
      expect([readdirSync(at("outside")), readdirSync(at("jail", "x"))]).toEqual([["kept"], ["kept"]]);
    });

    test("is kept with what is mounted in it", async () => {
      fill("jail", "x", "mounted");
      const before = `mount -t tmpfs here ${at("jail/x/mounted")}; echo theirs >${at("jail/x/mounted/theirs")}`;
      const { answer, after } = await run("to_jail; remove_trees -name x", {
        shell,
        before,
        after: `cat ${at("jail/x/mounted/theirs")}`,
      });
      expect([answer.failure?.code, after]).toEqual(["mounted", "theirs\n"]);
      // A mount elsewhere in the parent directory does not matter.
      fill("jail", "y");
      await said(`to_jail; ${byPath}; remove_trees -name y`, { shell, before });
      expect(readdirSync(at("jail"))).toEqual(["x"]);
    });
  });

  test("many paths of one directory are removed in batches", async () => {
    mkdirSync(at("jail/many"));
    for (let number = 0; number < 1234; number += 1) writeFileSync(at("jail/many", `a file ${number}`), "");
    const counted = `rm() { echo $# >>"$jail/counts"; command rm "$@"; }`;
    await said(
      `${scriptText("remove-paths.sh")}\n${counted}\ncd "$jail"; find many | sort -r >list; remove_paths <list`,
      { shell },
    );
    expect([
      readdirSync(at("jail")).sort(),
      readFileSync(at("jail/counts"), "utf8").trim().split("\n").map(Number),
    ]).toEqual([
      ["counts", "list"],
      [502, 502, 236],
    ]);
  });

  describe("a staging directory in the jail", () => {
    test("is closed to all but root, and its files get into the jail by a rename", async () => {
      await said(
        `make_staging; echo new >"$staging/file"; answer said "$(stat -L -c '%u %a' "$staging")"; to_jail; put "$staging/file" "a name"; remove_staging`,
        { shell },
      );
      expect([readdirSync(at("jail")), readFileSync(at("jail", "a name"), "utf8")]).toEqual([["a name"], "new\n"]);
    });

    test("is made again whatever has its name, also in a setgid directory", async () => {
      mkdirSync(at("outside"));
      writeFileSync(at("outside", "kept"), "");
      symlinkSync(at("outside"), at("jail", ".python3jail.swap"));
      chmodSync(at("jail"), 0o2755);
      await said(`make_staging; echo new >"$staging/file"; remove_staging`, { shell });
      expect([readdirSync(at("jail")), readdirSync(at("outside"))]).toEqual([[], ["kept"]]);
    });

    const places: [string, () => void, boolean][] = [
      ["nothing", () => undefined, true],
      ["a file", () => writeFileSync(at("jail", "name"), "old"), true],
      ["a symlink to a file", () => symlinkSync(at("outside", "kept"), at("jail", "name")), true],
      ["a symlink to a directory", () => symlinkSync(at("outside"), at("jail", "name")), true],
      ["a dangling symlink", () => symlinkSync("/not/there", at("jail", "name")), true],
      ["a folder", () => mkdirSync(at("jail", "name")), false],
    ];
    test.each(places)(
      "`put` in place of %s replaces a file or a symlink, and keeps a directory",
      async (_name, make, replaced) => {
        mkdirSync(at("outside"));
        writeFileSync(at("outside", "kept"), "kept");
        make();
        const { answer } = await run(`make_staging; echo new >"$staging/file"; to_jail; put "$staging/file" name`, {
          shell,
        });
        expect(answer.complete).toBe(replaced);
        if (replaced)
          expect([lstatSync(at("jail", "name")).isFile(), readFileSync(at("jail", "name"), "utf8")]).toEqual([
            true,
            "new\n",
          ]);
        else expect(readdirSync(at("jail", "name"))).toEqual([]);
        expect([readdirSync(at("outside")), readFileSync(at("outside", "kept"), "utf8")]).toEqual([["kept"], "kept"]);
      },
    );
  });

  test("`unless_gone` ignores errors about vanished files, and no others", async () => {
    writeFileSync(at("jail", "here"), "");
    mkdirSync(at("jail", "folder"));
    const missing = `unless_gone stat -c %n ./here ./gone ./gone-too`;
    expect(
      await said(
        `to_jail; answer said "$(${missing})"; find . -name here | unless_gone xargs stat -c %n ./gone -- >"$jail/list"; answer said "$(cat "$jail/list")"`,
        { shell },
      ),
    ).toEqual(["./here", "./here"]);
    for (const other of [
      "unless_gone sh -c 'ls ./gone; echo broken >&2; exit 2'",
      "unless_gone sh -c 'exit 3'",
      `unless_gone sh -c 'echo "a: No such file or directory: broken" >&2; exit 4'`,
    ]) {
      const { answer, stderr } = await run(`to_jail; ${other}; answer said never`, { shell });
      expect([answer.complete, answer.all("said"), stderr.includes("broken")]).toEqual([
        false,
        [],
        other.includes("broken"),
      ]);
    }
  });

  test("text from others is cleaned for one field of one line", async () => {
    const { answer } = await run(
      `warn "$(printf 'a\\tb\\nc\\033[1m\\177')"; fail gone "$(printf '%0500d' 0)" "$(printf 'x\\ty')"`,
      { shell },
    );
    expect(answer.all("warn")).toEqual([["a?b?c?[1m?"]]);
    expect(answer.failure).toEqual({ code: "gone", reason: "0".repeat(400), remedy: "x?y" });
  });

  test.each(["PIPE", "HUP", "INT", "TERM"])(
    "cleanup at the end runs if the signal %s ends the step",
    async (signal) => {
      const { answer, stderr } = await run(
        `made=$(mktemp -d ${at("made.XXXXXX")}); trap 'rm -rf "$made"' EXIT; kill -s ${signal} $$; sleep 0.1; answer said never`,
        { shell },
      );
      expect([stderr, answer.all("said"), answer.complete, readdirSync(folder)]).toEqual(["", [], false, ["jail"]]);
    },
  );

  test("output of tools is not part of the answer", async () => {
    const { answer, stderr } = await run("echo 'said\tforged'; ls /not/there || :", { shell });
    expect([answer.all("said"), answer.complete]).toEqual([[], true]);
    expect(stderr).toContain("forged");
  });

  describe("a jail's lock", () => {
    /** A program that takes the lock, makes a file to tell so, and holds the lock. */
    async function holder(
      seconds: string,
    ): Promise<{ pid: number; kill(): Promise<void>; ended: Promise<number | undefined> }> {
      const [command, ...rest] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];
      const held = execa(command, rest, {
        input: program(`lock_jail\ntouch ${quote(at("held"))}\nexec sleep ${seconds}`),
        reject: false,
      });
      while (!existsSync(at("held"))) await sleep(10);
      return {
        pid: held.pid!,
        kill: async () => {
          held.kill("SIGKILL");
          await held;
        },
        ended: held.then(({ exitCode }) => exitCode),
      };
    }

    test("is waited for", async () => {
      const first = await holder("0.5");
      expect(await said("lock_timeout=5; lock_jail; answer said locked", { shell })).toEqual(["locked"]);
      expect(await first.ended).toBe(0);
    });

    test("that is held too long is an error that names its holder", async () => {
      const first = await holder("20");
      const started = Date.now();
      const { answer } = await run("lock_timeout=1; lock_jail; answer said never", { shell });
      expect(answer.failure).toMatchObject({
        code: "locked",
        reason: expect.stringMatching(
          new RegExp(
            `at work on ${at("jail")} \\(process ${first.pid} since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\)$`,
          ),
        ),
      });
      expect(Date.now() - started).toBeGreaterThan(900);
      await first.kill();
    });

    test("is free after its holder was killed", async () => {
      const first = await holder("20");
      const waiting = said("lock_timeout=10; lock_jail; answer said locked", { shell });
      await sleep(100);
      await first.kill();
      expect(await waiting).toEqual(["locked"]);
    });

    test("works with a flock that cannot wait, as busybox's", async () => {
      const before = `mount -t tmpfs tools /usr/local/sbin; printf '%s\\n' '#!/bin/sh' 'case $1 in -n) ;; *) echo "Usage: flock [-sxun] FD" >&2; exit 1;; esac' 'exec /usr/bin/flock "$@"' >/usr/local/sbin/flock; chmod 755 /usr/local/sbin/flock`;
      expect(await said("lock_timeout=1; lock_jail; answer said locked", { before })).toEqual(["locked"]);
      const first = await holder("20");
      expect((await run("lock_timeout=1; lock_jail", { before })).answer.failure?.code).toBe("locked");
      await first.kill();
    });
  });

  test("a jail that another logical host has adopted is not the first one's any more", async () => {
    mkdirSync(at("records"));
    const look = "if still_mine; then answer said mine; else answer said theirs; fi";
    expect(await said(look, { shell })).toEqual(["mine"]);
    writeFileSync(at("records", "host"), "judge-1\n");
    expect(await said(look, { shell })).toEqual(["mine"]);
    writeFileSync(at("records", "host"), "judge-2\n");
    const { answer } = await run(look, { shell });
    expect([answer.maybe("said"), answer.all("warn")]).toEqual([
      "theirs",
      [[`${at("jail")} belongs to judge-2 now: left alone`]],
    ]);
  });
});
