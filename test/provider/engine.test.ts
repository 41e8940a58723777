import { afterEach, describe, expect, test } from "@jest/globals";
import { execa, type ResultPromise } from "execa";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repositoryRoot } from "../hosts/repository.js";

/**
 * A fake provider, which runs until its engine ends. With `late` it begins to watch the engine only when the file `go`
 * exists.
 */
const providerProgram = `
  const { endWithEngine } = require(${JSON.stringify(join(repositoryRoot, "build", "src", "provider", "engine.js"))});
  const { writeFileSync } = require("node:fs");
  const [, folder, closing] = process.argv;
  const { existsSync } = require("node:fs");
  // With "late": a provider that is still loading when its engine dies.
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
    // A zombie counts as ended. (kill(0) would succeed for one that no parent has reaped yet.)
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until `find` returns a value. Returns undefined after the time limit. */
async function eventually<T>(find: () => T | undefined | false, seconds: number): Promise<T | undefined> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = find();
    if (value) return value;
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
  /** Starts an engine, which starts a shell, which starts the provider, as Pulumi does. */
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

  test("is killed closes its connections and ends, but runs as long as the engine does", async () => {
    await start("");
    expect(pid).toBeGreaterThan(0);
    await sleep(1500);
    expect(isAlive(pid)).toBe(true);
    engine.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid), 3)).toBe(true);
    expect(existsSync(join(folder, "closed"))).toBe(true);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("sends %s closes its connections and ends at once", async (signal) => {
    await start("stuck");
    process.kill(pid, signal);
    expect(await eventually(() => !isAlive(pid), 1)).toBe(true);
    expect(existsSync(join(folder, "closed-now"))).toBe(true);
  });

  test("is killed before the provider watches it ends as well", async () => {
    await start("late");
    engine.kill("SIGKILL");
    await engine;
    writeFileSync(join(folder, "go"), "");
    expect(await eventually(() => !isAlive(pid), 10)).toBe(true);
    expect(existsSync(join(folder, "closed"))).toBe(true);
  });

  test("is killed ends even if its connections cannot be closed", async () => {
    await start("stuck");
    engine.kill("SIGKILL");
    expect(await eventually(() => !isAlive(pid), 6)).toBe(true);
    // At last it closes them synchronously, so that no work stays in flight.
    expect(existsSync(join(folder, "closed-now"))).toBe(true);
  });
});
