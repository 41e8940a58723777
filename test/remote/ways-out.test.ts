import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
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
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { pythonSteps } from "../../src/kinds/PythonBuild.js";
import { differsInSyntaxAlone, shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { rootValues, nullNode } from "./step-values.js";

// Paths that the jail's own user, or a repository's author, may make to lead root outside the jail.
const { apply: layOut, remove: removeJail } = rootSteps;
const { apply: makeNode, remove: removeNode } = nodeSteps;
const { apply: setPermissions, remove: giveBack } = permissionSteps;
const { install } = pythonSteps;

const policy = { emptyScratch: false, owner: "root", group: "root", scratchGroup: "root", modes: [] };

let jail: ScratchJail;
let outside: string;

beforeEach(async () => {
  jail = await ScratchJail.make();
  outside = join(jail.folder, "outside");
  mkdirSync(outside);
});
afterEach(() => jail.remove());

describe.each(shells)("under %s", (shell) => {
  test("a symlink to a directory in place of a node is replaced, and nothing is made in that directory", async () => {
    symlinkSync(outside, jail.at("dev/null"));
    await jail.complete(makeNode, nullNode, { shell });
    expect(lstatSync(jail.at("dev/null")).isCharacterDevice()).toBe(true);
    expect(readdirSync(outside)).toEqual([]);
  });

  test("a symlink in place of the marker is replaced, and not followed", async () => {
    rmSync(jail.at("REM_this_is_jail"));
    symlinkSync(outside, jail.at("REM_this_is_jail"));
    await jail.complete(layOut, rootValues(), { shell });
    expect(lstatSync(jail.at("REM_this_is_jail")).isFile()).toBe(true);
    expect(readdirSync(outside)).toEqual([]);
  });

  test("a symlink in place of a directory is refused before anything is written through it", async () => {
    rmSync(jail.at("dev"), { recursive: true });
    symlinkSync(outside, jail.at("dev"));
    expect((await jail.run(makeNode, nullNode, { shell })).answer.failure?.code).toBe("symlink");
    expect(readdirSync(outside)).toEqual([]);
  });

  if (differsInSyntaxAlone(shell)) return;

  test("a removal does not restore a file's setuid bit", async () => {
    jail.put("bin/helper", "somebody's");
    chmodSync(jail.at("bin/helper"), 0o4755);
    await jail.complete(setPermissions, policy, { shell });
    expect(statSync(jail.at("bin/helper")).mode & 0o7777).toBe(0o755);
    await jail.complete(giveBack, {}, { shell });
    expect(statSync(jail.at("bin/helper")).mode & 0o7777).toBe(0o755);
  });

  test("a directory's setgid bit is removed at once", async () => {
    mkdirSync(jail.at("static/shared"));
    chmodSync(jail.at("static/shared"), 0o2755);
    await jail.complete(setPermissions, policy, { shell });
    expect(statSync(jail.at("static/shared")).mode & 0o7777).toBe(0o755);
  });

  test("a name that ends in white space is not taken for another name", async () => {
    jail.put("static/x", "one");
    jail.put("static/x ", "other");
    chmodSync(jail.at("static/x "), 0o666);
    // Another user may write to the directory, so every path is changed with care.
    chmodSync(jail.at("static"), 0o777);
    await jail.complete(setPermissions, policy, { shell });
    expect([statSync(jail.at("static/x")).mode & 0o777, statSync(jail.at("static/x ")).mode & 0o777]).toEqual([
      0o755, 0o644,
    ]);
  });

  test("scratch is not emptied through a mount", async () => {
    writeFileSync(join(outside, "kept"), "");
    mkdirSync(jail.at("scratch/m"));
    const mounted = `mount --bind ${outside} ${jail.at("scratch/m")}`;
    const { answer } = await jail.run(setPermissions, { ...policy, emptyScratch: true }, { shell, before: mounted });
    expect(answer.failure?.code).toBe("mounted");
    expect(existsSync(join(outside, "kept"))).toBe(true);
  });

  test("a removal leaves a jail alone that another logical host has adopted", async () => {
    await jail.complete(makeNode, nullNode, { shell });
    writeFileSync(join(jail.records, "host"), "judge-new\n");
    await jail.complete(removeNode, { node: "dev/null" }, { shell });
    await jail.complete(removeJail, { id: "an-id", deleteContents: false, kept: false }, { shell });
    expect(existsSync(jail.at("dev/null"))).toBe(true);
    expect(existsSync(jail.at("REM_this_is_jail"))).toBe(true);
  });

  test("packages with misleading names are kept as they are, and nothing moves out of the jail", async () => {
    const build = await fakeBuild();
    await jail.complete(install, { key: "key", modules: [] }, { shell });
    const packages = jail.at("lib/python3.13/site-packages");
    for (const name of ["a", "a\n-tX", "numpy"]) mkdirSync(join(packages, name));
    symlinkSync(outside, jail.at("lib/X"));
    jail.cutOff("python");
    await jail.complete(install, { key: "key", modules: [] }, { shell });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(packages).sort()).toEqual(["README.txt", "a", "a\n-tX", "numpy"]);
    expect(readFileSync(jail.at("lib/python3.13/os.py"), "utf8")).toBe(
      readFileSync(join(build, "root/lib/python3.13/os.py"), "utf8"),
    );
  });

  test("a killed install loses no packages", async () => {
    await fakeBuild();
    await jail.complete(install, { key: "key", modules: [] }, { shell });
    mkdirSync(jail.at("lib/python3.13/site-packages/numpy"));
    jail.cutOff("python");
    // The state after the old library was moved away, and before the new one is in place.
    mkdirSync(jail.at(".python3jail.swap.python/old/lib"), { recursive: true });
    chmodSync(jail.at(".python3jail.swap.python"), 0o700);
    await execa("mv", [jail.at("lib/python3.13"), jail.at(".python3jail.swap.python/old/lib/python3.13")]);
    await jail.complete(install, { key: "key", modules: [] }, { shell });
    expect(readdirSync(jail.at("lib/python3.13/site-packages")).sort()).toEqual(["README.txt", "numpy"]);
    // The state after the packages were moved into the new library, before that is in place.
    jail.cutOff("python");
    for (const folder of ["old/lib", "new/lib/python3.13"])
      mkdirSync(jail.at(`.python3jail.swap.python/${folder}`), { recursive: true });
    chmodSync(jail.at(".python3jail.swap.python"), 0o700);
    await execa("mv", [
      jail.at("lib/python3.13/site-packages"),
      jail.at(".python3jail.swap.python/new/lib/python3.13"),
    ]);
    await execa("mv", [jail.at("lib/python3.13"), jail.at(".python3jail.swap.python/old/lib")]);
    await jail.complete(install, { key: "key", modules: [] }, { shell });
    expect(readdirSync(jail.at("lib/python3.13/site-packages")).sort()).toEqual(["README.txt", "numpy"]);
  });
});

test("a jail repository with a line break in a name is refused, and removes no file of the host", async () => {
  const victim = join(outside, "victim");
  writeFileSync(victim, "");
  const repository = join(jail.folder, "repository");
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: repository });
  mkdirSync(repository);
  await git("init", "-q");
  writeFileSync(join(repository, "one"), "");
  await git("add", "-A");
  await git("commit", "-qm", "one");
  const { stdout: good } = await git("rev-parse", "HEAD");
  const misleading = join(repository, "a\n", victim);
  mkdirSync(dirname(misleading), { recursive: true });
  writeFileSync(misleading, "");
  await git("add", "-A");
  await git("commit", "-qm", "two");
  const { stdout: bad } = await git("rev-parse", "HEAD");

  await jail.complete(layOut, rootValues({ url: `file://${repository}`, commit: good }));
  expect((await jail.run(layOut, rootValues({ url: `file://${repository}`, commit: bad }))).answer.failure?.code).toBe(
    "strange-file",
  );
  await jail.complete(layOut, rootValues({ url: `file://${repository}`, commit: good }));
  expect(existsSync(victim)).toBe(true);
});

/** Makes a finished build in the cache, with what install.sh reads of one. */
async function fakeBuild(): Promise<string> {
  const { stdout: machine } = await execa("uname", ["-m"]);
  const { stdout: libc } = await execa("getconf", ["GNU_LIBC_VERSION"]);
  const build = join(jail.folder, "cache", "builds", `key-${machine}-${libc.replace(" ", "-")}`);
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(build, path)), { recursive: true });
    writeFileSync(join(build, path), content, { mode: 0o755 });
  };
  put("root/bin/python3", "#!/bin/sh\nexit 0\n");
  put("root/lib/python3.13/os.py", "import nothing\n");
  put("root/lib/python3.13/site-packages/README.txt", "");
  for (const file of ["missing", "unrecognized"]) put(file, "");
  put("version", "3.13.5\n");
  const { stdout: files } = await execa(
    "sh",
    [
      "-c",
      "cd root && find . -type f -exec sha256sum {} + | sed 's|^\\([0-9a-f]*\\)  \\./|f \\1 |'; find . -mindepth 1 -type d | sed 's|^\\./|d - |'",
    ],
    { cwd: build },
  );
  put("manifest", `${files.split("\n").sort().join("\n")}\n`);
  return build;
}
