import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { hostDirectoryFor } from "../../quickstart/places.js";
import { processes } from "../../quickstart/processes.js";
import { abandonedDirectories, makeOwnedDirectory } from "../hosts/owned-directory.js";
import { repositoryRoot } from "../hosts/repository.js";
import { buildTimeout, sharedBuilds } from "./jail-stack.js";

// The command that a newcomer runs, but for its set-up, which has been done where this runs. It has a folder of its own, so
// that a quickstart in this checkout is not touched, and shares its builds with the tests' hosts.
const prefix = "python3jail-quickstart";
let temporary: string;
let directory: string;
let hadSshdFolder: boolean;

beforeAll(async () => {
  for (const abandoned of abandonedDirectories(prefix)) await clear(abandoned);
  mkdirSync(sharedBuilds, { recursive: true, mode: 0o700 });
  hadSshdFolder = existsSync("/run/sshd");
  temporary = makeOwnedDirectory(prefix);
  directory = join(temporary, "quickstart");
});

afterAll(() => clear(temporary));

test(
  "the next run finishes what a killed run began",
  async () => {
    const killed = start(["--cache", sharedBuilds]);
    for await (const line of killed.iterable()) {
      if (!/JailRoot \S+ created/.test(line)) continue;
      const engine = processes().find(
        ({ parent, command }) => parent === killed.pid && command.includes("/pulumi up "),
      );
      for (const pid of [killed.pid, engine?.pid]) process.kill(pid!, "SIGKILL");
    }
    await killed;

    const { stdout, exitCode } = await start(["--cache", sharedBuilds]);
    expect(stdout).toContain("a run before was killed: its lock on the stack is taken off");
    expect(stdout).toContain("Python 3.13.15 runs in the jail: print(1+1) -> 2");
    expect(stdout).toContain(`jail         ${hostDirectoryFor(directory)}/jail`);
    expect(exitCode).toBe(0);
  },
  buildTimeout,
);

test("a second run changes nothing, and the commands that it prints work", async () => {
  const before = await listing();
  const { stdout } = await start(["--cache", sharedBuilds]);
  expect(stdout).toMatch(/11 unchanged/);
  expect(await listing()).toEqual(before);

  const [preview, python, destroy, ...more] = stdout
    .split("\n")
    .filter((line) => line.startsWith("  npm run quickstart -- "));
  expect(more).toEqual([]);
  expect(destroy).toBe(`  npm run quickstart -- --directory ${directory} --destroy`);
  rmSync(join(hostDirectoryFor(directory), "jail/dev/null"));
  expect((await typed(preview)).stdout).toMatch(/dev\/null: "is missing"[^]*3 to update/);
  expect((await typed(python)).stdout).toBe("10000 False");
});

test("a run starts a dead host again, on another port if its own is taken, and repairs damage", async () => {
  const before = portInUse();
  process.kill(server()!.pid, "SIGTERM");
  while (server()) await new Promise((resolve) => setTimeout(resolve, 20));
  const stranger = createServer();
  await new Promise<void>((resolve) => stranger.listen(before, "127.0.0.1", resolve));
  try {
    const fixed = await start(["--cache", sharedBuilds, "--port", String(before)]);
    expect(fixed).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        new RegExp(`^error: port ${before} is taken by another program\n +give another one`),
      ),
    });
    expect(server()).toBeUndefined();

    const { stdout } = await start(["--cache", sharedBuilds]);
    expect(portInUse()).not.toBe(before);
    expect(stdout).toContain(`port ${portInUse()}: ${before} is taken`);
    expect(stdout).toMatch(/3 updated\n +8 unchanged/);
  } finally {
    stranger.close();
  }
});

test("--destroy leaves nothing except a shared cache", async () => {
  const destroyed = await start(["--destroy"]);
  expect(destroyed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("11 deleted") });
  expect([existsSync(directory), existsSync(hostDirectoryFor(directory))]).toEqual([false, false]);
  // What held its place notices the end a moment later.
  const left = () => processes().filter(({ command }) => command.includes(directory));
  for (let tries = 0; tries < 100 && left().length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(left()).toEqual([]);
  expect(existsSync("/run/sshd")).toBe(hadSshdFolder);
  expect(existsSync(join(sharedBuilds, "builds"))).toBe(true);

  expect(await start(["--destroy"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("nothing is there"),
  });
});

test("a failure is one line with the reason and one with the remedy", async () => {
  expect(await start(["pulumi", "preview"])).toMatchObject({
    exitCode: 1,
    stderr: "error: the quickstart has made nothing here yet\n       make it: npm run quickstart",
  });
  const elsewhere = await execa("node", [main, "--directory", "/usr"], { reject: false, env: environment });
  expect(elsewhere).toMatchObject({
    exitCode: 1,
    stderr: "error: /usr holds files that are not the quickstart's\n       let --directory name a new or empty folder",
  });
});

const main = join(repositoryRoot, "build", "quickstart", "main.js");
/** jest's own settings for Node are not for what it starts. */
const environment = { NODE_OPTIONS: "", NO_COLOR: "1" };

function start(args: readonly string[]) {
  return execa("node", [main, "--directory", directory, ...args], { reject: false, stdin: "ignore", env: environment });
}

/** Runs a command as it was printed, through a shell as a person would, but without the set-up. */
function typed(line = "") {
  return execa("sh", ["-c", line.replace("npm run quickstart --", `node ${main}`)], {
    stdin: "ignore",
    env: environment,
  });
}

function server() {
  return processes().find(
    ({ command }) => command.startsWith("sshd: ") && command.includes(`${directory}/sshd_config`),
  );
}

function portInUse(): number {
  return Number(/^Port (\d+)$/m.exec(readFileSync(join(directory, "sshd_config"), "utf8"))?.[1]);
}

/** Everything in the jail, with when it was last touched. */
async function listing(): Promise<string[]> {
  const { stdout } = await execa("find", [join(hostDirectoryFor(directory), "jail"), "-printf", "%p %C@ %M %U %G\n"]);
  return stdout.split("\n").sort();
}

/** Whatever became of a test, nothing of it goes on running. */
async function clear(folder: string): Promise<void> {
  await execa("node", [main, "--directory", join(folder, "quickstart"), "--destroy"], {
    reject: false,
    env: environment,
  });
  rmSync(folder, { recursive: true, force: true });
}
