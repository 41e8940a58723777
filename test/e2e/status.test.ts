import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fleet, JailStatus } from "../../src/status/fleet.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  connectionTo,
  connectionsDuring,
  endAll,
  entryFor,
  jailPath,
  recordsPath,
  resourcesOf,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// Two hosts, one of them down at first; what `status` tells of them from the state alone, and by looking.
let fleet: HostFleet;
let project: Project;
let first: Host;
let second: Host;

beforeAll(async () => {
  fleet = await HostFleet.create();
  first = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  second = await fleet.addHost({ name: "judge-2", cacheDirectory: sharedBuilds });
  await second.takeDown();
  // The key comes as a secret of the stack, so that looking has to ask for it.
  const { identityFile: _, ...connection } = connectionTo(first);
  project = await Project.create({
    program: "repository",
    config: stackConfig([{ name: "judge-1", connection }, entryFor(second)]),
  });
  await project.setSecret('python3jail:credentials["judge-1"].privateKey', readFileSync(first.privateKeyFile, "utf8"));
  await project.up({ expectFailure: true });
}, buildTimeout);

afterAll(() => endAll(fleet, project));

/** Runs the command as a person in the project's folder would. */
async function python3jail(args: string[], env: Record<string, string> = {}) {
  const program = join(repositoryRoot, "build/src/cli/main.js");
  const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], {
    ...project.surroundings(env),
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

async function status(
  ...flags: string[]
): Promise<{ exitCode: number | undefined; jails: Record<string, JailStatus>; fleet: Fleet }> {
  const { exitCode, stdout, stderr } = await python3jail(["status", "--json", "--stack", project.stack, ...flags]);
  if (exitCode === 2) throw new Error(stderr);
  const told = JSON.parse(stdout) as Fleet;
  return { exitCode, fleet: told, jails: Object.fromEntries(told.jails.map((jail) => [jail.host, jail])) };
}

test("status from the state reads no host, needs no passphrase, and names the host that failed", async () => {
  let result: Awaited<ReturnType<typeof python3jail>> | undefined;
  expect(
    await connectionsDuring(
      first,
      async () => (result = await python3jail(["status", "--stack", project.stack], { PULUMI_CONFIG_PASSPHRASE: "" })),
    ),
  ).toBe(0);
  expect(result).toMatchObject({ exitCode: 1, stderr: "" });
  expect(result!.stdout).toMatch(
    /^✗ {2}judge-2 +– +– +– +– +– +unfinished\n✓ {2}judge-1 +3\.13\.5 +2, chroot +– +– +\S.* +well$/m,
  );
  expect(result!.stdout).toMatch(/^test: 2 jails; 1 unfinished, 1 well; python 3\.13\.5 on 1; as known /m);
});

test("the stack's outputs summarize the fleet, and stay the same if nothing changes", async () => {
  const { stdout } = await project.pulumi(["stack", "output", "fleet", "--json", "--stack", project.stack]);
  expect(JSON.parse(stdout)).toEqual({
    "judge-1": { host: "judge-1", path: jailPath, python: "3.13.5", check: "2, chroot", audit: "none" },
    "judge-2": "failed",
  });
});

test(
  "a live read writes only the host's remembered answers, uses one connection, and gives facts that no state records",
  async () => {
    await second.bringUp();
    await project.up();
    expect(await status()).toMatchObject({
      exitCode: 0,
      jails: { "judge-1": { state: "well" }, "judge-2": { state: "well" } },
    });

    const before = await first.listing({ paths: [jailPath, recordsPath], changeTimes: true });
    let seen: Awaited<ReturnType<typeof status>> | undefined;
    expect(await connectionsDuring(first, async () => (seen = await status("--live")))).toBe(1);
    const changed = changedPaths(before, await first.listing({ paths: [jailPath, recordsPath], changeTimes: true }));
    // The directory with our records got one for what the host remembers of this read.
    expect(changed.filter((path) => !/^\/var\/lib\/python3jail\/jails\/[^/]+$/.test(path))).toEqual([]);
    expect(seen).toMatchObject({
      exitCode: 0,
      fleet: { readAt: expect.any(String) },
      jails: { "judge-1": { state: "well" }, "judge-2": { state: "well" } },
    });
    const { live } = seen!.jails["judge-1"]!;
    expect(live!.jailKb).toBeGreaterThan(10_000);
    expect(live!.freeKb).toBeGreaterThan(1000);
    expect(Object.keys(live!.libraries)).toContainEqual(expect.stringMatching(/libc\.so\.6$/));
    expect(live!.log.length).toBeGreaterThan(5);
    // Nothing that the look decrypted is in what it tells.
    expect(JSON.stringify(seen)).not.toContain("PRIVATE KEY");
  },
  buildTimeout,
);

test("a live read shows drift and a host that does not answer, which the state does not show", async () => {
  await first.run(`rm ${jailPath}/dev/null`);
  await second.takeDown();
  const state = await resourcesOf(project);
  const { exitCode, jails } = await status("--live");
  await second.bringUp();
  expect(exitCode).toBe(1);
  expect(jails["judge-1"]).toMatchObject({
    state: "drifted",
    drift: { "DeviceNode judge-1-null": { "dev/null": "is missing" } },
    check: { printed: "2" },
  });
  expect(jails["judge-2"]).toMatchObject({
    state: "unreachable",
    python: { version: "3.13.5" },
    problems: [{ text: "it does not answer", remedy: expect.stringMatching(/host is up/) }],
  });
  expect(await resourcesOf(project)).toEqual(state);
  expect(await status()).toMatchObject({ exitCode: 0 });
});

test("the report shows the same as a page", async () => {
  const { exitCode, stdout } = await python3jail(["report", "--stack", project.stack, "--output", "fleet.html"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "fleet.html: 2 jails, all well" });
  const page = readFileSync(join(project.directory, "fleet.html"), "utf8");
  expect(page).toMatch(/<title>Python jails · test<\/title>[^]*data-state="well" data-python="3\.13\.5"/);
  expect(page).not.toContain("PRIVATE KEY");
  expect(await python3jail(["report", "--stack", project.stack, "--output", "no/such/folder.html"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("no/such/folder.html"),
  });
});

test("the state shows the drift after a refresh", async () => {
  await project.refresh();
  expect(await status()).toMatchObject({
    exitCode: 1,
    jails: { "judge-1": { state: "drifted" }, "judge-2": { state: "well" } },
  });
});

test("a jail that is gone does not count as well", async () => {
  await first.run(`rm -r ${jailPath}`);
  const { jails } = await status("--live");
  expect(jails["judge-1"]).toMatchObject({
    state: "failed",
    problems: [{ text: `${jailPath}: is not there any more` }, { state: "drifted" }],
  });
});

test.each([
  [
    "a stack that is not there",
    ["status", "--stack", "nobody"],
    /there is no stack nobody\n +what to do: `pulumi stack ls` names those that there are/,
  ],
  [
    "a folder that is not there",
    ["status", "--cwd", "/nowhere"],
    /there is no `pulumi` on the PATH, or no folder \/nowhere/,
  ],
  [
    "an option that is not there",
    ["status", "--lively"],
    /there is no option --lively; did you mean --live\?\nSee `python3jail status --help`/,
  ],
])("%s is refused with the reason, and exit code 2", async (_, args, words) => {
  const { exitCode, stdout, stderr } = await python3jail(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(words);
});
