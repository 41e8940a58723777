import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { dirname, join } from "node:path";
import { trims, type Trim } from "../../../src/python/trims.js";
import { scriptText } from "../../../src/remote/scripts.js";
import { runTextHere, shells, type Shell } from "../run-step.js";

/**
 * Paths that `make install` of various releases makes, by the word in `include` that keeps them; `none` for those of
 * every jail.
 */
const tree: Record<Trim | "none" | "nobody", string[]> = {
  none: [
    "bin/python3.9",
    "lib/python3.9/os.py",
    "lib/python3.9/_sysconfigdata__linux_x86_64-linux-gnu.py",
    "lib/python3.9/unittest/case.py",
    "lib/python3.9/pydoc.py",
    "lib/python3.9/lib2to3/main.py",
    "lib/python3.9/lib-dynload/_xxsubinterpreters.so",
    "lib/python3.9/lib-dynload/_sqlite3.so",
    "lib/python3.9/site-packages/foreign/tests/test_it.py",
    "lib/python3.9/site-packages/foreign/launcher.exe",
    "lib/python3.9/contest.py",
    "lib/python3.9/sqlite3/dbapi2.py",
    "lib/python3.9/distutils/command/build.py",
    "lib/python3.9/doctest.py",
    "share/doc/foreign",
  ],
  docs: ["share/man/man1/python3.9.1", "lib/python3.9/pydoc_data/topics.py"],
  ensurepip: ["lib/python3.9/ensurepip/_bundled/pip-20.2.3-py2.py3-none-any.whl"],
  headers: [
    "include/python3.9/Python.h",
    "lib/pkgconfig/python-3.9.pc",
    "bin/python3.9-config",
    "lib/python3.9/config-3.9-x86_64-linux-gnu/Makefile",
  ],
  static: [
    "lib/libpython3.9.a",
    "lib/python3.9/config-3.9-x86_64-linux-gnu/libpython3.9.a",
    "lib/python3.9/config-3.9-x86_64-linux-gnu/python.o",
    "lib/python3.9/config-3.9-x86_64-linux-gnu/Makefile",
  ],
  symbols: [],
  tests: [
    "lib/python3.9/test/support/__init__.py",
    "lib/python3.9/unittest/test/test_case.py",
    "lib/python3.9/lib2to3/tests/test_fixers.py",
    "lib/python3.9/sqlite3/test/dbapi.py",
    "lib/python3.9/lib-dynload/_testcapi.so",
    "lib/python3.9/lib-dynload/_ctypes_test.so",
    "lib/python3.9/lib-dynload/_xxtestfuzz.so",
    "lib/python3.9/lib-dynload/xxlimited.so",
  ],
  tkinter: [
    "lib/python3.9/tkinter/ttk.py",
    "lib/python3.9/turtle.py",
    "lib/python3.9/turtledemo/clock.py",
    "lib/python3.9/idlelib/idle.py",
    "lib/python3.9/lib-dynload/_tkinter.so",
  ],
  nobody: ["bin/2to3-3.9", "bin/idle3.9", "bin/pydoc3.9", "lib/python3.9/distutils/command/wininst-6.0.exe"],
};

let folder: string;
let program: string;
beforeAll(async () => {
  folder = makeHostDirectory();
  program = join(folder, "program");
  await execa("cc", ["-g", "-x", "c", "-o", program, "-"], {
    input: "int answer(void) { return 42; } int main(void) { return 0; }",
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

let trees = 0;
/** Makes the tree, with a real library in it, and trims it. Returns the paths that are left. */
async function trimmed(shell: Shell, include: readonly Trim[]): Promise<{ root: string; left: string[] }> {
  const root = join(folder, `tree ${trees++}`);
  for (const path of Object.values(tree).flat()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "text");
  }
  for (const path of ["bin/python3.9", "lib/python3.9/lib-dynload/_sqlite3.so"])
    copyFileSync(program, join(root, path));
  symlinkSync("python3.9", join(root, "bin/python3"));
  const text = `set -- '${root}' '${include.join(" ")}'\n${scriptText("python-build/trim.sh")}`;
  const { exitCode, stderr } = await runTextHere(text, { shell });
  expect([exitCode, stderr]).toEqual([0, ""]);
  return {
    root,
    left: (await execa("find", [".", "-type", "f", "-printf", "%P\n"], { cwd: root })).stdout.split("\n").sort(),
  };
}
const paths = (...words: (keyof typeof tree)[]): string[] => [...new Set(words.flatMap((word) => tree[word]))].sort();
const hasSymbols = async (file: string): Promise<boolean> => /\banswer\b/.test((await execa("nm", [file])).stdout);

describe.each(shells)("under %s", (shell) => {
  test("leaves what every jail has, and removes all parts that `include` can keep", async () => {
    const { root, left } = await trimmed(shell, []);
    expect(left).toEqual(paths("none"));
    expect((await execa("find", [".", "-type", "d", "-empty"], { cwd: root })).stdout).toBe("");
    for (const file of ["bin/python3.9", "lib/python3.9/lib-dynload/_sqlite3.so"]) {
      expect([file, await hasSymbols(join(root, file))]).toEqual([file, false]);
      await execa(join(root, file));
    }
  });

  test.each(trims)("keeps %s", async (word) => {
    const { root, left } = await trimmed(shell, [word]);
    expect(left).toEqual(paths("none", word));
    expect(await hasSymbols(join(root, "bin/python3"))).toBe(word === "symbols");
  });

  test("keeps all parts at once", async () =>
    expect((await trimmed(shell, trims)).left).toEqual(paths("none", ...trims)));
});
