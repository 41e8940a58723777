import { expect, test } from "@jest/globals";
import { execa } from "execa";
import { repositoryRoot } from "./hosts/repository.js";

test("every shell script of the project passes shellcheck", async () => {
  const { stdout: listed } = await execa("git", ["ls-files", "-z", "*.sh", ".ci/run"], { cwd: repositoryRoot });
  const scripts = listed.split("\0").filter((file) => file !== "");
  expect(scripts.length).toBeGreaterThan(20);
  const { stdout } = await execa("shellcheck", ["--external-sources", ...scripts], {
    cwd: repositoryRoot,
    reject: false,
  });
  expect(stdout).toBe("");
}, 240_000);
