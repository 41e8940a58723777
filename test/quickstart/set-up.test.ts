import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";

// A clone in which nothing was installed or compiled.
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "python3jail-clone-"));
  chmodSync(clone, 0o755);
  mkdirSync(join(clone, "quickstart"));
  cpSync(join(repositoryRoot, "setup"), join(clone, "setup"), { recursive: true });
  cpSync(join(repositoryRoot, "quickstart", "usage.txt"), join(clone, "quickstart", "usage.txt"));
  cpSync(join(repositoryRoot, "package.json"), join(clone, "package.json"));
});
afterAll(() => rmSync(clone, { recursive: true }));

const listing = (): string[] => readdirSync(clone, { recursive: true }).map(String).sort();

test.each([["--help"], ["-h"], ["--port=2300", "--help"]])(
  "the quickstart's help needs nothing installed: %s",
  async (...words) => {
    const before = listing();
    const { stdout } = await execa("npm", ["run", "--silent", "quickstart", "--", ...words], { cwd: clone });
    expect(stdout).toMatch(/^npm run quickstart -- \[OPTION…\] \[COMMAND\]\n/);
    expect(listing()).toEqual(before);
  },
);

/** Somebody without rights; only root can become him. */
const nobody = 65534;
(process.getuid?.() === 0 ? test : test.skip)(
  "an ordinary user without sudo is told so at once, and nothing is installed",
  async () => {
    const before = listing();
    const { stdout, stderr, exitCode } = await execa("sh", [join(clone, "setup", "quickstart.sh")], {
      cwd: "/",
      uid: nobody,
      gid: nobody,
      env: { HOME: "/nonexistent", NO_COLOR: "1" },
      reject: false,
    });
    expect([stdout, stderr.split("\n"), exitCode]).toEqual([
      "",
      [
        "error: the SSH host and its jail need root's rights: you are not root, and sudo is not there or asks for a password",
        "       run this as root, or type `sudo -v` first",
      ],
      1,
    ]);
    expect(listing()).toEqual(before);
  },
);
