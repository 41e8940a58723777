import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { shellCommand } from "../../src/remote/program.js";
import { libraryText } from "./library.js";
import { quote } from "../../src/ssh/openssh.js";
import { makeHostDirectory } from "./host-temporary.js";
import { runTextHere, shells, standIn, type StepRun, type StepSurroundings } from "./run-step.js";

let place: string;
beforeEach(() => {
  place = makeHostDirectory();
  for (const name of ["srv/jail/static", "state/jails", "cache", "outside"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("outside/secret"), "secret", { mode: 0o600 });
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const at = (...names: string[]): string => join(place, ...names);

/** The program of a step that runs these commands in the jail. */
function program(commands: string): string {
  const places = `jail=${quote(at("srv/jail"))} records=${quote(at("state/jails/one"))} cache=${quote(at("cache"))}`;
  return `logical_host=judge-1\n${libraryText()}\nanswer started\n${places}\nstep() {\ncd "$jail"\nchange_jail\n${commands}\n}\n{\nstep\nanswer done\n}\n`;
}
/** Runs commands in a confined step. */
const confined = (commands: string, surroundings?: StepSurroundings): Promise<StepRun> =>
  runTextHere(program(commands), surroundings, shellCommand(true));

/** Runs commands, and returns the texts of their `answer said …`. Throws if they do not run to their end. */
async function said(commands: string, surroundings?: StepSurroundings): Promise<string[]> {
  const { answer, stderr, stdout } = await confined(commands, surroundings);
  if (!answer.complete) throw new Error(`ended early:\n${stdout}\n${stderr}`);
  return answer.all("said").map((fields) => fields.join("|"));
}

/** Answers `yes` or `no` for each command, by whether it succeeds. */
const tries = (...commands: string[]): string =>
  commands.map((command) => `if ${command} 2>/dev/null; then answer said yes; else answer said no; fi`).join("\n");

describe.each(shells)("a confined step under %s", (shell) => {
  test("can write to the jail, its records and the cache only", async () => {
    const inside = [at("srv/jail/static/x"), at("state/jails/one/x"), at("cache/x"), `/tmp/${basename(place)}`];
    const outside = [
      at("outside/x"),
      at("state/jails/x"),
      at("state/x"),
      "/etc/python3jail-test",
      "/usr/local/x",
      "/var/tmp/x",
      "/dev/shm/x",
      "/run/x",
      "/x",
    ];
    const touch = (paths: string[]): string => tries(...paths.map((path) => `true >${quote(path)}`));
    expect(await said(`${touch(inside)}\n${touch(outside)}`, { shell })).toEqual([
      ...inside.map(() => "yes"),
      ...outside.map(() => "no"),
    ]);
    expect([existsSync(at("srv/jail/static/x")), existsSync(`/tmp/${basename(place)}`)]).toEqual([true, false]);
  });

  test("can reach no other writable mount", async () => {
    const before = `mount -t tmpfs tmpfs ${at("outside")}; mkdir ${at("outside/under")}; mount -t tmpfs tmpfs ${at("outside/under")}; mount -t tmpfs tmpfs ${at("outside")}`;
    expect(await said('answer said "$(writable_mounts)"', { shell, before })).toEqual([""]);
  });

  test("changes nothing through a symlink that leads out of the jail", async () => {
    symlinkSync(at("outside"), at("srv/jail/static/d"));
    symlinkSync(at("outside/secret"), at("srv/jail/static/f"));
    const commands = [
      "chmod 666 static/f",
      "chmod 666 static/d/secret",
      "chown 1234 static/f",
      "rm static/d/secret",
      "true >static/f",
      "mv static/d/secret static/s",
      "true >/dev/null",
    ];
    expect(await said(tries(...commands), { shell })).toEqual([...commands.slice(1).map(() => "no"), "yes"]);
    expect(readFileSync(at("outside/secret"), "utf8")).toBe("secret");
  });

  test("cannot reach what is mounted in the jail", async () => {
    mkdirSync(at("srv/jail/static/mnt"));
    const before = `mount --bind ${at("outside")} ${at("srv/jail/static/mnt")}`;
    const { after } = await confined("ls -A static/mnt >&3; find -P . -name secret >&3; rm -rf static/mnt/*", {
      shell,
      before,
      after: `ls ${at("srv/jail/static/mnt")}`,
    });
    expect(after).toBe("secret\n");
  });

  test("is refused if a path of its own is a mount point in the jail, or below or above one", async () => {
    mkdirSync(at("srv/jail/static/a/m m/b"), { recursive: true });
    const before = `mount --bind ${at("outside")} "${at("srv/jail/static/a/m m")}"`;
    for (const path of ["static", "static/a", "static/a/m m", "static/a/m m/b"]) {
      const { answer } = await confined(`printf '%s\\n' other ${quote(path)} | refuse_mounted`, { shell, before });
      expect(answer.failure).toMatchObject({
        code: "mounted",
        reason: expect.stringContaining(`${at("srv/jail/static/a/m m")} is mounted in the jail`),
      });
    }
    expect(
      await said("printf '%s\\n' static/a/m static/b stati | refuse_mounted; answer said on", { shell, before }),
    ).toEqual(["on"]);
  });

  test("leaves the host's mounts as they are", async () => {
    const listing = "awk '{ print $5, $6 }' /proc/self/mountinfo";
    const { after } = await confined(":", {
      shell,
      before: `mount -t tmpfs tmpfs ${at("outside")}; ${listing} >${at("before")}`,
      after: `${listing} >${at("after")}; grep -Fvxf ${at("after")} ${at("before")}; grep -F ${at("")} ${at("after")}`,
    });
    expect(after).toBe(`${at("outside")} rw,relatime\n`);
  });

  test("is refused if the jail is mounted read-only, though its file system is not", async () => {
    const before = `mount --bind ${at("srv/jail")} ${at("srv/jail")}; mount -o remount,bind,ro ${at("srv/jail")}`;
    const { answer } = await confined("true >static/x", { shell, before });
    expect(answer.failure).toMatchObject({ code: "read-only", reason: `${at("srv/jail")} is mounted read-only` });
    expect(readdirSync(at("srv/jail/static"))).toEqual([]);
  });

  test("keeps the mount option nodev of a jail's file system, and finds it", async () => {
    const before = `mount --bind ${at("srv/jail")} ${at("srv/jail")}; mount -o remount,bind,nodev ${at("srv/jail")}`;
    expect(
      await said("if has_option . nodev; then answer said nodev; fi; : >static/x && answer said written", {
        shell,
        before,
      }),
    ).toEqual(["nodev", "written"]);
  });

  describe("on a host that allows no namespace", () => {
    const namespaces = false;

    test("runs if only root can change the directories", async () => {
      mkdirSync(at("srv/jail/scratch"));
      chmodSync(at("srv/jail/scratch"), 0o777);
      expect(await said(": >static/x && answer said written", { shell, namespaces })).toEqual(["written"]);
    });

    const loose: [string, () => void, string][] = [
      ["another user", () => chownSync(at("srv/jail/static"), 1234, 0), "srv/jail/static"],
      [
        "a group",
        () => {
          chownSync(at("srv/jail/static"), 0, 1234);
          chmodSync(at("srv/jail/static"), 0o775);
        },
        "srv/jail/static",
      ],
      ["everybody", () => chmodSync(at("srv/jail"), 0o777), "srv/jail"],
      ["another user on the way", () => chownSync(at("srv"), 1234, 0), "srv"],
    ];
    test.each(loose)("is refused if a directory can be changed by %s", async (_name, loosen, path) => {
      loosen();
      const { answer } = await confined(": >static/x", { shell, namespaces });
      expect(answer.failure).toMatchObject({
        code: "no-namespace",
        reason: expect.stringContaining(`${join(place, path)} can be changed by others than root`),
      });
      expect(readdirSync(at("srv/jail/static"))).toEqual([]);
    });

    test("removes nothing that is mounted in the jail", async () => {
      mkdirSync(at("srv/jail/static/mnt"));
      const before = `mount --bind ${at("outside")} ${at("srv/jail/static/mnt")}`;
      const { answer, after } = await confined("remove_trees -name static", {
        shell,
        namespaces,
        before,
        after: `ls ${at("srv/jail/static/mnt")}`,
      });
      expect([answer.failure?.code, after]).toEqual(["mounted", "secret\n"]);
    });
  });
});

test("a confined step in a chroot whose root is no mount point runs only if only root can change the directories", async () => {
  const root = at("root");
  const before = [
    `mkdir -p ${root}/tmp ${root}${place}; cp -a ${at("srv")} ${at("state")} ${at("cache")} ${root}${place}`,
    `for name in bin sbin lib lib64; do ln -s usr/$name ${root}/$name; done`,
    ...["usr", "etc", "proc", "dev"].map((name) => `mkdir ${root}/${name}; mount --rbind /${name} ${root}/${name}`),
  ].join("\n");
  const command = shellCommand(true).replace(/^exec /, `exec chroot ${root} `);
  const run = (commands: string): Promise<StepRun> =>
    runTextHere(
      program("touch static/x"),
      { before: `${before}\n${commands}`, after: `cd ${root}; find .${at("srv")} -name x` },
      command,
    );
  const rootsOwn = await run(":");
  expect([rootsOwn.answer.failure, rootsOwn.after]).toEqual([undefined, `.${at("srv/jail/static/x")}\n`]);
  rmSync(root, { recursive: true });
  const judges = await run(`chown 1234 ${root}${at("srv/jail/static")}`);
  expect([judges.answer.failure?.code, judges.after]).toEqual(["no-namespace", ""]);
});

test("a confined step fails if another directory is in place of the jail", async () => {
  const exchange = `if [ "$1" = --version ] && [ ! -d ${at("away")} ]; then mv ${at("srv/jail")} ${at("away")}; mkdir ${at("srv/jail")}; fi`;
  const { answer } = await confined(":", { before: standIn("mount", exchange, 'exec /bin/mount "$@"') });
  expect(answer.failure?.code).toBe("changed");
});
