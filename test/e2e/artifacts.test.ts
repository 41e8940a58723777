import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  connectionTo,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// One CPython for several hosts: made on a host that has no jail, and brought to hosts that have nothing of it.
let fleet: HostFleet;
let project: Project;
let builder: Host;
let judges: Host[];

beforeAll(async () => {
  fleet = await HostFleet.create();
  builder = await fleet.addHost({ name: "builder", cacheDirectory: sharedBuilds });
  judges = [
    await fleet.addHost({ name: "judge-1" }),
    await fleet.addHost({ name: "judge-2", user: "deploy", sudo: "without-password" }),
    await fleet.addHost({ name: "judge-3" }),
  ];
  project = await Project.create({ program: "repository", config: config(judges.slice(0, 2)) });
});
afterAll(() => endAll(fleet, project));

const config = (hosts: Host[], own: Record<string, object> = {}) =>
  stackConfig(
    hosts.map((host) =>
      entryFor(host, {
        ...(host.user === "root" ? {} : { connection: { sudo: true } }),
        ...(own[host.name] && { python: own[host.name] }),
      }),
    ),
    {
      python: { version: "3.13.5", builder: { host: "builder", connection: connectionTo(builder) } },
    },
  );
const printedBy = async () =>
  Object.entries(await jailsOf(project)).map(
    ([name, jail]) => `${name} ${jail === "failed" ? jail : `${jail.python} ${jail.printed}`}`,
  );

test(
  "hosts install the builder's build, and compile nothing",
  async () => {
    const untouched = await builder.listing();
    const { stdout } = await project.up();
    expect(await printedBy()).toEqual(["judge-1 3.13.5 2", "judge-2 3.13.5 2"]);
    for (const { name } of judges.slice(0, 2))
      expect(stdout).toMatch(new RegExp(`${name}: python: the build is sent there \\(\\d+\\.\\d MB\\)`));
    expect(stdout).not.toMatch(/judge-\d: python: (the build has begun|make|python's source)/);
    for (const host of judges.slice(0, 2)) {
      const { stdout: origin } = await host.run(
        "cat /var/cache/python3jail/builds/*/origin; ls /var/cache/python3jail/sources /var/cache/python3jail/work",
      );
      expect(origin).toMatch(/^host\t.+\nat\t20.+\nplatform\t.+-glibc-.+\nsystem\t.+\nsource\t[0-9a-f]{64}\nflags\t/);
      expect(origin).not.toContain(".tar.xz");
    }
    expect(await builder.listing()).toEqual(untouched);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
  },
  buildTimeout,
);

test("a transfer that is cut off resumes where it ended, and the next host gets the build from this machine's cache", async () => {
  const late = judges[2]!;
  await builder.takeDown();
  // What is received comes to a stop in its midst.
  await late.run(`cat >/usr/local/bin/cat && chmod 755 /usr/local/bin/cat`, {
    input:
      '#!/bin/sh\ncase $(readlink /proc/$$/fd/1) in\n*.part) head -c 1000000; : >/run/stopped; exec sleep 60 ;;\nesac\nexec /bin/cat "$@"\n',
  });
  project.setConfig(config(judges));
  const running = project.startOperation("up");
  const deadline = Date.now() + 90_000;
  while ((await late.run("test -e /run/stopped", { reject: false })).exitCode !== 0) {
    if (Date.now() > deadline) throw new Error(`nothing was received:\n${running.output}`);
    await sleep(50);
  }
  // All else that happens there at the same time has happened.
  for (const name of [
    "JailSystem judge-3",
    "DeviceNode judge-3-null",
    "DeviceNode judge-3-random",
    "DeviceNode judge-3-urandom",
  ])
    await running.waitFor(new RegExp(`${name} created`), 90_000);
  await late.run("rm /usr/local/bin/cat");
  await late.dropConnections();
  const { stdout, exitCode } = await running.result;
  await builder.bringUp();
  expect([stdout, exitCode]).toEqual([
    expect.stringMatching(/judge-3: python: the rest of the build is sent there \(\d+\.\d MB\)/),
    0,
  ]);
  expect(await printedBy()).toContain("judge-3 3.13.5 2");
  expect((await late.run("ls /var/cache/python3jail/received")).stdout).toBe("");
});

test("a file of the cache serves as a declared artifact, as does one in the form of python-build-standalone", async () => {
  const env = { ...process.env, PYTHON3JAIL_CACHE_DIR: join(project.directory, "../cache") };
  const cli = async (...args: string[]) =>
    (await execa(process.execPath, [join(repositoryRoot, "build/src/cli/main.js"), "cache", ...args], { env })).stdout;
  const [artifact, ...others] = (
    JSON.parse(await cli("--json")) as { kind: string; name: string; sha256: string; path: string }[]
  ).filter(({ kind }) => kind === "artifacts");
  expect([artifact!.name, others]).toEqual([expect.stringMatching(/^[0-9a-f]{16}-.*-glibc-.*\.tar\.gz$/), []]);

  const folder = join(project.directory, "standalone");
  mkdirSync(folder);
  await execa("tar", ["-xzf", artifact!.path, "-C", folder]);
  renameSync(join(folder, "root"), join(folder, "python"));
  await execa("tar", ["-czf", join(judges[1]!.rootDirectory, "srv/standalone.tar.gz"), "-C", folder, "python"]);
  await execa("cp", [artifact!.path, join(judges[0]!.rootDirectory, "srv/ours.tar.gz")]);
  const sha256 = createHash("sha256")
    .update(readFileSync(join(judges[1]!.rootDirectory, "srv/standalone.tar.gz")))
    .digest("hex");
  rmSync(dirname(artifact!.path), { recursive: true });

  project.setConfig(
    config(judges.slice(0, 2), {
      "judge-1": { artifact: { url: "file:///srv/ours.tar.gz", sha256: artifact!.sha256 } },
      "judge-2": { artifact: { url: "file:///srv/standalone.tar.gz", sha256 } },
    }),
  );
  await project.up();
  expect(await printedBy()).toEqual(["judge-1 3.13.5 2", "judge-2 3.13.5 2"]);
  expect(
    (
      await judges[1]!.run(
        `grep -c . /var/cache/python3jail/builds/*/missing; chroot --userspec=10000:1000 ${jailPath} /bin/python3 -c 'import ssl, sqlite3, ctypes, lzma'`,
        { reject: false },
      )
    ).exitCode,
  ).toBe(0);
});
