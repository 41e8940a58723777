import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execa } from "execa";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "compile-cache-"))));
afterEach(() => rmSync(folder, { recursive: true }));

async function help(env: Record<string, string>): Promise<string> {
  return (
    await execa(process.execPath, [join(repositoryRoot, "build/src/cli/main.js"), "--help"], {
      env: { NODE_OPTIONS: "", ...env },
    })
  ).stdout;
}

test("Node's compile cache is kept in this machine's cache, or where the user sets it", async () => {
  await help({ PYTHON3JAIL_CACHE_DIR: folder });
  expect(readdirSync(join(folder, "node"))).toHaveLength(1);
  await help({ PYTHON3JAIL_CACHE_DIR: join(folder, "other"), NODE_COMPILE_CACHE: join(folder, "theirs") });
  expect(readdirSync(folder).sort()).toEqual(["node", "theirs"]);
});

test("the compile cache is private to this user, whatever the caller's umask, even if an older release left it open", async () => {
  mkdirSync(join(folder, "cache", "node"), { recursive: true });
  for (const open of ["cache", "cache/node"]) chmodSync(join(folder, open), 0o777);
  const command = [process.execPath, join(repositoryRoot, "build/src/cli/main.js"), "--help"];
  await execa("sh", ["-c", 'umask 000; exec "$@"', "sh", ...command], {
    env: { NODE_OPTIONS: "", PYTHON3JAIL_CACHE_DIR: join(folder, "cache") },
  });
  const open = await execa("find", [join(folder, "cache"), "-perm", "/077"]);
  expect([readdirSync(join(folder, "cache", "node")).length, open.stdout]).toEqual([1, ""]);
});

test("the command line works if the compile cache's folder cannot be made", async () => {
  writeFileSync(join(folder, "file"), "");
  expect(await help({ PYTHON3JAIL_CACHE_DIR: join(folder, "file") })).toMatch(/^usage: python3jail COMMAND/);
});
