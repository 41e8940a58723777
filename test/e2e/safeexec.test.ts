import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Host } from "../hosts/host.js";
import { freePort } from "../hosts/free-port.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { safeExecSource } from "../remote/scratch-program.js";
import { Project, type PulumiResult } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionsDuring,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  nameOf,
  resourcesOf,
  runInJail,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";
import type { StateResource } from "./stack-state.js";

// safeexec on a host without sudo, from a git repository that this machine serves, and two jails that are tried through it.
const program = "/usr/local/bin/safeexec";

let fleet: HostFleet;
let host: Host;
let project: Project;
let untouched: string[];
let repositories: string | undefined;
let server: ChildProcess | undefined;
let git: { url: string; commit: string };
let first: PulumiResult;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  // A firewall rule is refused where gid 1000 is somebody's.
  await host.run("rm -f /usr/bin/sudo; sed -i '/:1000:/d' /etc/passwd /etc/group");
  untouched = await host.listing();
  git = await serveSafeExec();
  project = await Project.create({ program: "repository", config: config({ firewall: true }) });
});

afterAll(async () => {
  server?.kill();
  if (repositories) rmSync(repositories, { recursive: true, force: true });
  await endAll(fleet, project);
});

const config = (settings: object) =>
  stackConfig([entryFor(host), entryFor(host, { path: "/srv/second" })], { safeexec: { git, ...settings } });
const resource = async (name: string): Promise<StateResource> =>
  (await resourcesOf(project)).find((one) => nameOf(one) === name)!;
const rule = async (): Promise<string> =>
  (await host.run("nft list table inet python3jail 2>&1", { reject: false })).stdout;
const installed = async (): Promise<string> =>
  (await host.run(`stat -c '%a %U:%G' ${program}; sha256sum <${program}`)).stdout;

test(
  "an up installs safeexec, and checks both jails of the host through it",
  async () => {
    expect(await connectionsDuring(host, async () => (first = await project.up()))).toBe(1);
    expect(
      (await resourcesOf(project))
        .map(nameOf)
        .filter((name) => /^(SafeExec|JailCheck)/.test(name))
        .sort(),
    ).toEqual(["JailCheck judge-1", "JailCheck judge-1:/srv/second", "SafeExec judge-1"]);
    const { outputs } = await resource("SafeExec judge-1");
    expect(outputs).toMatchObject({ path: program, builtFrom: `commit ${git.commit}`, firewallTool: "nft" });
    expect(await installed()).toBe(`4755 root:root\n${String(outputs!.digest)}  -`);
    for (const name of ["JailCheck judge-1", "JailCheck judge-1:/srv/second"]) {
      expect((await resource(name)).outputs).toMatchObject({
        passed: true,
        printed: "2",
        via: "safeexec",
        safeexec: program,
        report: expect.stringMatching(
          /^OK; elapsed time: \d+ seconds; memory usage: \d+ kbytes; cpu usage: [0-9.]+ seconds$/,
        ),
      });
    }
  },
  buildTimeout,
);

test("an unmet requirement of safeexec's README is a warning, during an up and in the outputs", async () => {
  await host.run("echo 'somebody:x:20000:20000::/:/bin/false' >>/etc/passwd");
  await project.up({ refresh: true });
  const { warnings } = (await resource("SafeExec judge-1")).outputs as { warnings: string[] };
  expect(warnings).toContainEqual(
    expect.stringMatching(/^uids from 10000 to 42768 are in use \(somebody\): .*: give these users other numbers$/),
  );
});

test("the jail's `command` output runs programs through safeexec, as a separate user and without a network", async () => {
  const jail = (await jailsOf(project))["judge-1"];
  if (jail === undefined || jail === "failed") throw new Error("the jail failed");
  const printed = await runInJail(
    host,
    jail.command,
    "import os, socket\nprint(os.getuid() > 10000, os.getgid(), os.listdir('/static'))\ntry: socket.create_connection(('127.0.0.1', 22), 1)\nexcept OSError as error: print(error.strerror)",
  );
  expect(printed).toMatch(/^True 1000 \[\]\nNetwork is unreachable\nOK\n/);
});

test("a second up finds no changes, and writes nothing", async () => {
  await project.preview({ flags: ["--expect-no-changes"] });
  const before = await host.listing({ changeTimes: true });
  await project.up({ refresh: true, flags: ["--expect-no-changes"] });
  expect(await host.listing({ changeTimes: true })).toEqual(before);
});

const damages: [string, string, string][] = [
  [
    "its content, mode and owner",
    `echo x >>${program}; chown 2001:2001 ${program}; chmod 0755 ${program}`,
    `${program} *: "was altered; mode is 0755, should be 4755; owner is .*, should be root; group is .*, should be root"`,
  ],
  [
    "that it is there, and its rule",
    `rm ${program}; nft delete table inet python3jail`,
    `${program} *: "is missing"[^]*firewall rule *: "is missing"|firewall rule *: "is missing"[^]*${program} *: "is missing"`,
  ],
];
test.each(damages)(
  "a change of %s is described by a preview with refresh, and repaired by up --refresh",
  async (_name, command, words) => {
    const [whole, ruleBefore] = [await installed(), await rule()];
    await host.run(command);
    expect((await project.preview({ refresh: true, flags: ["--diff"] })).stdout).toMatch(new RegExp(words));
    await project.up({ refresh: true });
    expect([await installed(), await rule()]).toEqual([whole, ruleBefore]);
    expect(ruleBefore).toMatch(/meta skgid 1000 drop/);
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
  },
);

test("the firewall's rule is removed when it is no longer declared, and added again", async () => {
  project.setConfig(config({}));
  await project.up();
  expect(await rule()).toMatch(/No such file or directory/);
  project.setConfig(config({ firewall: true }));
  await project.up();
  expect((await rule()).match(/skgid 1000/g)).toHaveLength(1);
});

test("a program at the path that is not ours is neither changed nor removed", async () => {
  await host.run("echo theirs >/usr/local/bin/theirs");
  project.setConfig(config({ firewall: true, path: "/usr/local/bin/theirs" }));
  const { all } = await project.up({ expectFailure: true });
  expect(all).toMatch(
    /judge-1: install safeexec: \/usr\/local\/bin\/theirs is there already, and was not put there by us \[foreign\]\n +what to do: remove it, or give another `path`; nothing was changed/,
  );
  expect((await host.run("cat /usr/local/bin/theirs; rm /usr/local/bin/theirs")).stdout).toBe("theirs");
  project.setConfig(config({ firewall: true }));
  await project.up();
});

test("destroy leaves the host as it was", async () => {
  await project.destroy();
  const changed = changedPaths(untouched, await host.listing());
  expect(changed.filter((path) => path !== "/etc/passwd")).toEqual([]);
  expect(await rule()).toMatch(/No such file or directory/);
  expect(await resourcesOf(project)).toEqual([]);
  expect((await host.run(`ls -d ${jailPath} 2>&1`, { reject: false })).stdout).toMatch(/No such file/);
});

test("a pinned Python that is not the newest of its line gave one warning for both jails", () => {
  // The engine prints it when it comes, and again at the end.
  const [, diagnostics] = first.stdout.split("Diagnostics:");
  expect(diagnostics!.match(/warning: .*python 3\.13\.5: 3\.13\.\d+ is out/g)).toHaveLength(1);
});

/** A git server for the hosts, with the tests' safeexec. */
async function serveSafeExec(): Promise<{ url: string; commit: string }> {
  repositories = mkdtempSync(join(tmpdir(), "safeexec-git-"));
  const source = join(repositories, "safeexec");
  cpSync(safeExecSource, source, { recursive: true });
  const run = async (...words: string[]): Promise<string> =>
    (await execa("git", ["-C", source, "-c", "user.name=x", "-c", "user.email=x", ...words])).stdout;
  await run("init", "--quiet");
  await run("add", ".");
  await run("commit", "--quiet", "-m", "safeexec");
  const port = await freePort(fleet.machineAddress);
  server = spawn(
    "git",
    [
      "daemon",
      "--export-all",
      `--base-path=${repositories}`,
      `--listen=${fleet.machineAddress}`,
      `--port=${port}`,
      "--verbose",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  await once(server.stderr!, "data");
  return { url: `git://${fleet.machineAddress}:${port}/safeexec`, commit: await run("rev-parse", "HEAD") };
}
