import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { environmentOf, haveEnded, lives, processes } from "../../quickstart/processes.js";

test("a process is found by its command and its environment, and known to have ended", async () => {
  const child = spawn("sleep", ["60.125"], { env: { ...process.env, PYTHON3JAIL_TEST: "marked" } });
  try {
    await new Promise((resolve) => child.once("spawn", resolve));
    const found = processes().find(({ pid }) => pid === child.pid)!;
    expect(found).toMatchObject({ command: "sleep 60.125", parent: process.pid });
    expect(environmentOf(found)).toContain("PYTHON3JAIL_TEST=marked");
    expect(await haveEnded([found], 50)).toBe(false);
    child.kill();
    expect(await haveEnded([found], 5000)).toBe(true);
    expect(lives({ ...processes().find(({ pid }) => pid === process.pid)!, startTime: "1" })).toBe(false);
  } finally {
    child.kill("SIGKILL");
  }
});
