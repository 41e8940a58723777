import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearTemporaryFolders, makeTemporaryFolder } from "../../src/base/temporary.js";

describe("clearing what killed processes left", () => {
  // Not in the system's directory: another test checks all directories there while this one runs.
  let temporary: string;
  beforeEach(() => void (temporary = mkdtempSync(join(tmpdir(), "python3jail-remains-"))));
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));
  function remains(owner: number | string): string {
    const path = join(temporary, `pj-${owner}-abcdef`);
    mkdirSync(path);
    writeFileSync(join(path, "host.key"), "k");
    return path;
  }
  const deadPid = async (): Promise<number> => {
    const dead = execa("true");
    const { pid } = dead;
    await dead;
    return pid!;
  };

  test("removes a dead process's directory, and keeps those of a running process and of other programs", async () => {
    const dead = remains(await deadPid());
    const living = remains(process.pid);
    const foreign = remains("elsewhere");
    clearTemporaryFolders("pj", temporary);
    expect([dead, living, foreign].map(existsSync)).toEqual([false, true, true]);
  });

  test("keeps directories of other uses, even one whose name begins with this use", async () => {
    const other = join(temporary, `pj-plan-${await deadPid()}-abcdef`);
    mkdirSync(other);
    clearTemporaryFolders("pj", temporary);
    expect(existsSync(other)).toBe(true);
    clearTemporaryFolders("pj-plan", temporary);
    expect(existsSync(other)).toBe(false);
  });

  test("removes the directory that a killed process created", async () => {
    const program = `const { makeTemporaryFolder } = require(${JSON.stringify(require.resolve("../../src/base/temporary.js"))}); console.log(makeTemporaryFolder("left-by-test")); process.kill(process.pid, "SIGKILL");`;
    const { stdout: left } = await execa(process.execPath, ["-e", program], {
      reject: false,
      env: { NODE_OPTIONS: "", TMPDIR: temporary },
    });
    expect([statSync(left).mode & 0o777, existsSync(left)]).toEqual([0o700, true]);
    clearTemporaryFolders("left-by-test", temporary);
    expect(existsSync(left)).toBe(false);
    const own = makeTemporaryFolder("left-by-test");
    clearTemporaryFolders("left-by-test");
    expect(existsSync(own)).toBe(true);
    rmSync(own, { recursive: true });
  });

  test("removes a symlink with such a name, not its target", async () => {
    const kept = remains(process.pid);
    const link = join(temporary, `pj-${await deadPid()}-link`);
    symlinkSync(kept, link);
    clearTemporaryFolders("pj", temporary);
    expect([existsSync(link), existsSync(join(kept, "host.key"))]).toEqual([false, true]);
  });
});
