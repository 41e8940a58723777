import { afterEach, describe, expect, test } from "@jest/globals";
import { execa, type ResultPromise } from "execa";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repositoryRoot } from "../hosts/repository.js";

/** What stands for a provider: it watches its engine, and would live for ever. */
const providerProgram = `
  const { endWithEngine } = require(${JSON.stringify(join(repositoryRoot, "build", "src", "provider", "engine.js"))});
  const { writeFileSync } = require("node:fs");
  const [, folder, closing] = process.argv;
  const { existsSync } = require("node:fs");
  // As a provider that has not loaded all of it when its engine dies.
  writeFileSync(folder + "/started", String(process.pid));
  while (closing === "late" && !existsSync(folder + "/go")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  endWithEngine(async () => {
    writeFileSync(folder + "/closed", "");
    if (closing === "stuck") await new Promise(() => {});
  }, () => writeFileSync(folder + "/closed-now", ""));
  setInterval(() => {}, 1000);
  writeFileSync(folder + "/pid", String(process.pid));
`;

function isAlive(pid: number): boolean {
  try {
    // A zombie answers to kill(0): nobody here may be there to bury it.
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function eventually<T>(look: () => T | undefined | false, seconds: number): Promise<T | undefined> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const seen = look();
    if (seen) return seen;
    await sleep(25);
  }
  return undefined;
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8") || undefined;
  } catch {
    return undefined;
  }
};

describe("a provider whose engine", () => {
  let folder: string;
  let engine: Promise<unknown> & Pick<ResultPromise, "kill">;
  let pid = 0;
  /** An engine that starts a shell that starts the provider, as Pulumi's does. */
  async function start(closing: string): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), "engine-test-"));
    writeFileSync(join(folder, "provider.js"), providerProgram);
    const shell = `'${process.execPath}' -e "$(cat '${folder}/provider.js')" '${folder}' '${closing}' "$ADDRESS"; :`;
    const program = `const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
      require("node:child_process").spawn("sh", ["-c", ${JSON.stringify(shell)}], { stdio: "ignore", env: { ...process.env, ADDRESS: "127.0.0.1:" + server.address().port } });
    });`;
    engine = execa(process.execPath, ["-e", program], { reject: false, env: { NODE_OPTIONS: "" } });
    pid = Number(await eventually(() => read(join(folder, closing === "late" ? "started" : "pid")), 10));
  }
  afterEach(async () => {
    engine.kill("SIGKILL");
    await engine;
    if (pid > 0 && isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true });
  });

  test("lives, lives; when it is killed, ends by itself, having closed its connections", async () => {
    await start("");
    expect(pid).toBeGreaterThan(0);
    await sleep(1500);
    expect(isAlive(pid)).toBe(true);
    engine.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid), 3)).toBe(true);
    expect(existsSync(join(folder, "closed"))).toBe(true);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "asks it to end (%s) ends at once, having closed its connections",
    async (signal) => {
      await start("stuck");
      process.kill(pid, signal);
      expect(await eventually(() => !isAlive(pid), 1)).toBe(true);
      expect(existsSync(join(folder, "closed-now"))).toBe(true);
    },
  );

  test("is killed before it can watch it ends by itself", async () => {
    await start("late");
    engine.kill("SIGKILL");
    await engine;
    writeFileSync(join(folder, "go"), "");
    expect(await eventually(() => !isAlive(pid), 10)).toBe(true);
    expect(existsSync(join(folder, "closed"))).toBe(true);
  });

  test("is killed ends all the same where its connections cannot be closed", async () => {
    await start("stuck");
    engine.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid), 6)).toBe(true);
    // At once, at the last: of what was under way nothing may stay.
    expect(existsSync(join(folder, "closed-now"))).toBe(true);
  });
});
