import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chmodSync } from "node:fs";
import type { Answer } from "../../../src/remote/answer.js";
import { importStep } from "../../../src/kinds/JailCheck.js";
import { librarySteps } from "../../../src/kinds/JailLibraries.js";
import { defaultLimits, sandboxValues } from "../../../src/jail/sandbox-limits.js";
import { execa } from "execa";
import { ScratchJail } from "../scratch-jail.js";
import { closureValues } from "../step-values.js";
import { writeManifest } from "../manifest.js";

/** Stands for Python: it prints which module it is to import, and fails for those whose name begins with `bad`. */
const standIn = `
  #include <stdio.h>
  #include <string.h>
  int main(int count, char **words) {
    const char *module = words[count - 1];
    if (strstr(words[count - 2], "distributions")) return printf("package-of-%s 1.0\\n", module) < 0;
    if (!strncmp(module, "bad", 3)) { fprintf(stderr, "MemoryError\\n"); return 1; }
    if (!strcmp(module, "quits")) return 0;
    puts("hello");
    return puts("imported") < 0;
  }`;

const site = "lib/python3.13/site-packages";
let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/python3", "");
  await execa("gcc", ["-x", "c", "-", "-o", jail.at("bin/python3")], { input: standIn });
  chmodSync(jail.folder, 0o755);
  await jail.complete(librarySteps.apply, closureValues);
});
afterEach(() => jail.remove());

/** Lets the jail have packages with these files, by path in site-packages. */
function packagesWith(...files: string[]): void {
  const entries = files.map((file) => `./${site}/${file} type=file`);
  writeManifest(jail.records, "packages", ["key a-key"], [`./${site}/pkg type=dir`, ...entries]);
}
/** Of busybox's chroot it would be said that it is not enough. */
const shells = ["dash", "bash"] as const;
const importAll = (shell: (typeof shells)[number], ...skip: string[]): Promise<Answer> => {
  const values = sandboxValues({ uid: 20900 + (process.pid % 1000), gid: 1000, limits: defaultLimits });
  return jail.complete(
    importStep,
    { ...values, skip, packageOf: "from importlib.metadata import distributions" },
    { shell },
  );
};

test.each(shells)("each module of the packages is imported once, and no file that is none, under %s", async (shell) => {
  packagesWith(
    "pkg/__init__.py",
    "pkg/inner/__init__.py",
    "single.py",
    "fast.cpython-313-x86_64-linux-gnu.so",
    "stable.abi3.so",
    "compiled/__init__.cpython-313-x86_64-linux-gnu.so",
    "google/protobuf/__init__.py",
    "google/protobuf/internal/__init__.py",
    "pkg-1.0.dist-info/RECORD",
    "pkg.libs/libfoo.so.1",
    "distutils-precedence.pth",
    "81d243__mypyc.cpython-313-x86_64-linux-gnu.so",
    "tests/__init__.py",
    "share/data/x.txt",
    "pkg/__pycache__/__init__.cpython-313.pyc",
  );
  const answer = await importAll(shell);
  expect([answer.one("imported")[0], answer.one("failing")[0], answer.all("failed")]).toEqual(["6", "0", []]);
  expect((await importAll(shell, "pkg", "google", "single")).one("imported")[0]).toBe("3");
  expect((await importAll(shell, "google.protobuf")).one("imported")[0]).toBe("5");
});

test.each(shells)(
  "a module that fails is told with its package, and one that ends Python early has failed, under %s",
  async (shell) => {
    packagesWith("bad.py", "good.py", "quits.py");
    const answer = await importAll(shell);
    expect([answer.one("imported")[0], answer.one("failing")[0], answer.all("failed")]).toEqual([
      "1",
      "2",
      [
        ["bad", "package-of-bad 1.0"],
        ["quits", "package-of-quits 1.0"],
      ],
    ]);
    expect(answer.all("error")).toEqual([["bad", "MemoryError"]]);
  },
);

test("of many that fail ten are described, and all are counted", async () => {
  packagesWith(...Array.from({ length: 13 }, (_, number) => `bad${number}.py`));
  const answer = await importAll("dash");
  expect([answer.all("failed").length, answer.one("failing")[0]]).toEqual([10, "13"]);
});

test("a jail without packages has nothing to import", async () => {
  const answer = await importAll("dash");
  expect([answer.one("imported")[0], answer.one("failing")[0]]).toEqual(["0", "0"]);
});
