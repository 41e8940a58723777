import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareFiles, filesSteps } from "../../src/kinds/JailFiles.js";
import { pythonSteps } from "../../src/kinds/PythonBuild.js";
import { manifestPath, writeManifest } from "./manifest.js";
import { shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
});
afterEach(() => jail.remove());

const sha256 = "ab".repeat(32);

describe.each(shells)("under %s", (shell) => {
  test("a symlink's target with line breaks is not taken for entries of other paths", async () => {
    writeManifest(
      jail.records,
      "python",
      ["key a-key", "version 3.13.5"],
      ["./bin type=dir", "./bin/python3 type=link link=python3.13", `./os.py type=file sha256digest=${sha256}`],
    );
    jail.put("os.py", "altered");
    mkdirSync(jail.at("bin"), { recursive: true });
    symlinkSync(`evil\n${sha256}\tos.py\npython3.13`, jail.at("bin/python3"));
    const answer = await jail.complete(pythonSteps.read, {}, { shell });
    expect(answer.all("differs", 2)).toEqual([
      ["bin/python3", "altered"],
      ["os.py", "altered"],
    ]);
  });

  const earlier = (): void => {
    const records = join(jail.records, "files/a-key");
    mkdirSync(records, { recursive: true });
    for (const name of ["one.py", "two.py"]) jail.put(`static/${name}`, name);
    writeFileSync(join(records, "owned"), "static/one.py\nstatic/two.py\n");
    writeFileSync(join(records, "index"), `${sha256}\tfile\t1 1 1\tstatic/one.py\n`);
    writeFileSync(join(records, "digest"), "a-digest\n");
  };
  const remove = () => jail.complete(filesSteps.remove, { key: "a-key" }, { shell });
  const left = (): boolean[] =>
    [
      jail.at("static/one.py"),
      jail.at("static/two.py"),
      join(jail.records, "files"),
      join(jail.records, "manifest"),
    ].map((path) => existsSync(path));

  test("the records of the previous release are read, and a removal removes them and the paths that they record", async () => {
    earlier();
    const answer = await jail.complete(
      filesSteps.read,
      { key: "a-key", target: "static", digest: "a-digest" },
      { shell },
    );
    expect(compareFiles({ target: "static", removeUnmanaged: false }, answer)).toMatchObject({
      static: "was not filled yet, or not wholly",
      "static/one.py": "was altered",
    });
    await remove();
    expect(left()).toEqual([false, false, false, false]);
  });

  test("the records of the previous release do not count if a kill left them beside new ones", async () => {
    earlier();
    writeManifest(
      jail.records,
      "files-a-key",
      ["digest a-digest"],
      ["one.py", "two.py"].map((name) => `./static/${name} type=file sha256digest=${sha256} mode=0644`),
    );
    await remove();
    expect(left()).toEqual([false, false, false, false]);
  });

  test("a part with only an intent, which a kill left, owns all paths that the intent names", async () => {
    writeManifest(jail.records, "files-a-key", [], ["./static/one.py type=file", "./static/two.py type=file"]);
    jail.cutOff("files-a-key");
    for (const name of ["one.py", "two.py"]) jail.put(`static/${name}`, name);
    await remove();
    expect(left()).toEqual([false, false, false, false]);
    expect(existsSync(manifestPath(jail.records, "files-a-key"))).toBe(false);
  });

  test("a step fails on a host with a full /tmp, and does not read half of a part", async () => {
    writeManifest(
      jail.records,
      "files-a-key",
      ["digest a-digest"],
      Array.from({ length: 500 }, (_, index) => `./static/${index}.py type=file sha256digest=${sha256} mode=0644`),
    );
    rmSync(jail.at("static"), { recursive: true, force: true });
    const { answer } = await jail.run(
      filesSteps.read,
      { key: "a-key", target: "static", digest: "a-digest" },
      { shell, before: "mount -t tmpfs -o size=16k none /tmp" },
    );
    expect(answer.complete).toBe(false);
  });
});
