import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "../../src/status/fleet.js";
import { Project, type PulumiResult } from "./engine.js";

// What `python3jail up` makes of the engine: which resources a step touches, and what it leaves. Jails here are inert; those on real
// hosts are rollout.test.ts's.
/**
 * Jails that work, fail, or hold (they say so by the file `holding`, and wait until it is gone), as `fleet.json` says; all need `key`,
 * which is no host's, and `record` needs them.
 */
const program = `
const pulumi = require("@pulumi/pulumi");
const fleet = JSON.parse(require("fs").readFileSync(__dirname + "/fleet.json", "utf8"));
const work = "const fs = require('fs'); if (n.holds) { fs.writeFileSync('holding', ''); while (fs.existsSync('holding')) await new Promise((done) => setTimeout(done, 50)); } if (n.fails) throw new Error(n.host + ': try the jail: no\\\\n  what to do: mend it');";
const provider = "exports.handler = () => ({ check: async (o, n) => ({ inputs: n }), diff: async (i, o, n) => ({ changes: JSON.stringify({ ...o, __provider: 0 }) !== JSON.stringify({ ...n, __provider: 0 }) })," +
  "create: async (n) => { " + work + " return { id: 'x', outs: n }; }, update: async (i, o, n) => { " + work + " return { outs: n }; }, delete: async () => {} })";
class Inert extends pulumi.CustomResource {
  constructor(type, name, args, options) { super("pulumi-nodejs:dynamic/" + type, name, { ...args, __provider: provider }, options); }
}
class PythonJail extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("python3jail:index:PythonJail", name, {}, options);
    const { holds, fails, ...rest } = args;
    const python = new Inert("python3jail:PythonBuild", name, { ...rest, pythonVersion: args.version, holds }, { parent: this });
    this.check = new Inert("python3jail:JailCheck", name, { ...rest, fails }, { parent: this, dependsOn: python });
  }
}
const key = new Inert("other:Key", "key", { version: fleet.key });
const checks = Object.entries(fleet.hosts).map(([host, own]) => {
  const safeexec = new Inert("python3jail:SafeExec", host, { host, version: own.version });
  return new PythonJail(host, { host, key: key.id, safeexec: safeexec.id, ...own }).check;
});
new Inert("other:Record", "record", { version: fleet.key }, { dependsOn: checks });
`;

interface Own {
  version: string;
  holds?: boolean;
  fails?: boolean;
}

let project: Project;

beforeAll(async () => {
  project = await Project.create({ program });
});
afterAll(() => project.remove());

function declare(hosts: Record<string, Own>, key = "1"): void {
  writeFileSync(join(project.directory, "fleet.json"), JSON.stringify({ hosts, key }));
}

const up = (...flags: string[]): Promise<PulumiResult> =>
  project.python3jail(["up", "--stack", project.stack, "--yes", ...flags]).result;

/** "judge-1 2" for each whole jail in the state: its check's version, or both where it has half of another one. */
async function jails(): Promise<string[]> {
  const { resources = [] } = (await project.exportState()).deployment;
  const versions = new Map<string, Set<unknown>>();
  for (const { inputs = {} } of resources)
    if (typeof inputs.host === "string")
      versions.set(inputs.host, (versions.get(inputs.host) ?? new Set()).add(inputs.version));
  return [...versions].map(([host, own]) => `${host} ${[...own].sort().join("+")}`).sort();
}

async function others(): Promise<string[]> {
  const { resources = [] } = (await project.exportState()).deployment;
  return resources
    .filter(({ type }) => type.includes("/other:"))
    .map(({ type, inputs }) => `${type.split(":").at(-1)} ${String(inputs?.version)}`)
    .sort();
}

test("a plan alone changes nothing", async () => {
  declare({ "judge-1": { version: "1" }, "judge-10": { version: "1" }, "judge-2": { version: "1" } });
  const { stdout, exitCode } = await up("--dry-run", "--batch", "1");
  expect(stdout).toMatch(
    /test: 3 hosts to change, 0 as declared\n {2}canary +judge-1\n {2}batch 1 of 2 +judge-2\n {2}batch 2 of 2 +judge-10\n {2}the rest +1 resource of no host\n/,
  );
  expect([exitCode, await jails()]).toEqual([0, []]);
});

test("a canary that fails ends the rollout, and other hosts, even one whose name begins like the canary's, get nothing", async () => {
  declare({ "judge-1": { version: "1", fails: true }, "judge-10": { version: "1" }, "judge-2": { version: "1" } });
  const { stdout, exitCode } = await up();
  expect(stdout).toMatch(/✗ judge-1\n {2}judge-1: try the jail: no\n {4}what to do: mend it\n/);
  expect(stdout).toMatch(
    /✗ judge-1 +failed .*\n +- judge-2 +not reached\n +- judge-10 +not reached\n\n1 failed, 2 not reached; stopped: the canary failed\n/,
  );
  expect(exitCode).toBe(1);
  expect(await jails()).toEqual(["judge-1 1"]);
  expect(await others()).toEqual(["Key 1"]);
});

test("status then shows the canary's error, and the hosts that were not reached, existing and new", async () => {
  const { stdout, exitCode } = await project.python3jail(["status", "--json", "--stack", project.stack]).result;
  const { jails: told, stacks } = JSON.parse(stdout) as Fleet;
  expect(stacks).toEqual([expect.objectContaining({ stack: "test", stopped: "the canary failed" })]);
  expect(told.map(({ host, state, problems }) => [host, state, problems.map(({ text }) => text)])).toEqual([
    ["judge-1", "failed", ["try the jail: no"]],
    ["judge-2", "waiting", ["the rollout stopped before this host: the canary failed"]],
    ["judge-10", "waiting", ["the rollout stopped before this host: the canary failed"]],
  ]);
  expect(told[0]!.problems[0]!.remedy).toBe("mend it; then run `npx python3jail up` again: it goes on where it ended");
  expect(exitCode).toBe(1);
  const { stdout: page } = await project.python3jail(["report", "--stack", project.stack, "--output=-"]).result;
  expect(page).toContain("The last rollout of test stopped: the canary failed.");
  expect(page).toMatch(/<span class="badge waiting"[^>]*>.*not reached yet<\/span>/);
});

test("the next rollout continues where that one stopped, canary first", async () => {
  declare({ "judge-1": { version: "1" }, "judge-10": { version: "1" }, "judge-2": { version: "1" } });
  const { stdout, exitCode } = await up("--json", "--batch", "100%");
  const { hosts, ...end } = JSON.parse(stdout) as { hosts: unknown };
  expect(end).toMatchObject({
    stack: "test",
    result: "done",
    steps: [
      { name: "canary", hosts: ["judge-1"] },
      { name: "batch 1 of 1", hosts: ["judge-2", "judge-10"] },
      { name: "the rest", hosts: [] },
    ],
  });
  expect(hosts).toMatchObject([
    { host: "judge-1", result: "updated", python: "1" },
    { host: "judge-2", result: "created", python: "1" },
    { host: "judge-10", result: "created" },
  ]);
  expect([exitCode, await jails(), await others()]).toEqual([
    0,
    ["judge-1 1", "judge-10 1", "judge-2 1"],
    ["Key 1", "Record 1"],
  ]);
  // And the engine sees it as done.
  await project.preview({ flags: ["--expect-no-changes"] });
});

test("status then shows no stopped rollout", async () => {
  const { stdout } = await project.python3jail(["status", "--json", "--stack", project.stack]).result;
  const { jails: told, stacks } = JSON.parse(stdout) as Fleet;
  expect([stacks[0]!.stopped, told.filter(({ state }) => state === "waiting" || state === "failed")]).toEqual([
    undefined,
    [],
  ]);
});

test("a rollout without changes asks nothing and does nothing", async () => {
  const { stdout, exitCode } = await project.python3jail(["up", "--stack", project.stack, "--yes"]).result;
  expect([stdout, exitCode]).toEqual(["test: previewing\nnothing to do: 3 hosts are as declared\n", 0]);
});

test("a batch with too many failures ends the rollout before removals and resources of no host; a named canary goes first", async () => {
  declare({ "judge-1": { version: "2" }, "judge-10": { version: "2", fails: true }, "judge-3": { version: "2" } }, "2");
  // Looking at the hosts first changes none of it.
  const { stdout, exitCode } = await up("--canary", "judge-3", "--batch", "1", "--max-failures", "0", "--refresh");
  expect(stdout).toMatch(
    /canary +judge-3\n.*batch 1 of 2 +judge-1\n.*batch 2 of 2 +judge-10\n.*removal +judge-2, and 1 resource of no host\n/,
  );
  expect(stdout).toMatch(/✓ judge-1 +updated +1 → 2/);
  expect(stdout).toContain(
    "1 created, 1 updated, 1 failed, 1 not reached; stopped: 1 host failed, and maxFailures is 0",
  );
  expect([exitCode, await jails(), await others()]).toEqual([
    1,
    ["judge-1 2", "judge-10 1+2", "judge-2 1", "judge-3 2"],
    ["Key 2", "Record 1"],
  ]);

  declare({ "judge-1": { version: "2" }, "judge-10": { version: "2" }, "judge-3": { version: "2" } }, "2");
  const manifest = join(project.directory, "Pulumi.yaml");
  const before = readFileSync(manifest, "utf8");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(before), options: { refresh: "always" } }));
  const { stdout: resumed } = await up();
  writeFileSync(manifest, before);
  expect(resumed).toMatch(/^test: reading the hosts\n/);
  expect(resumed).toMatch(/canary +judge-10\n.*removal +judge-2, and 1 resource of no host\n/);
  expect(resumed).toMatch(/and 2 hosts as declared before\n\n1 updated, 1 removed\n/);
  expect([await jails(), await others()]).toEqual([
    ["judge-1 2", "judge-10 2", "judge-3 2"],
    ["Key 2", "Record 2"],
  ]);
});

test("a stack that another run has locked is reported with the owner of the lock, and nothing is changed", async () => {
  declare({ "judge-1": { version: "3", holds: true }, "judge-10": { version: "3" }, "judge-3": { version: "2" } }, "2");
  const first = project.startOperation("up");
  await untilHolding();
  declare({ "judge-1": { version: "2" }, "judge-10": { version: "3" }, "judge-3": { version: "3" } }, "2");
  const { stderr, exitCode } = await up();
  expect(stderr).toMatch(
    /another run has this stack: \S+@\S+, process \d+, since \S+\n +what to do: wait until it has ended, then run this again. Only where that process is gone for good: pulumi cancel\n/,
  );
  expect(exitCode).toBe(3);
  release();
  expect((await first.result).exitCode).toBe(0);
});

describe("a rollout that is asked to stop", () => {
  let version = 3;

  /** Starts a rollout of judge-1, which holds, and then of two more hosts, one after the other. */
  async function holdingRollout(program: "python3jail" | "npx" = "python3jail") {
    const before = String(version);
    const now = String((version += 1));
    declare({ "judge-1": { version: before }, "judge-10": { version: before }, "judge-3": { version: before } }, "2");
    await up("--canary", "0", "--batch", "100%");
    declare(
      { "judge-1": { version: now, holds: true }, "judge-10": { version: now }, "judge-3": { version: now } },
      "2",
    );
    const args = ["up", "--stack", project.stack, "--yes", "--batch", "1"];
    const run = program === "npx" ? project.npx(["python3jail", ...args]) : project.python3jail(args);
    await untilHolding();
    return { run, before, now };
  }

  test.each<[signal: "SIGINT" | "SIGTERM" | "SIGHUP", whom: string, program: "python3jail" | "npx"]>([
    ["SIGINT", "the process group, as a terminal does at Ctrl-C", "python3jail"],
    ["SIGINT", "the process group, with npx in it, which passes it on once more", "npx"],
    ["SIGTERM", "this process alone, as a supervisor does", "python3jail"],
    ["SIGTERM", "the process group", "python3jail"],
    ["SIGHUP", "the process group, as a terminal does that is closed", "python3jail"],
  ])("lets the step finish at %s to %s", async (signal, whom, program) => {
    const { run, before, now } = await holdingRollout(program);
    if (whom.includes("alone")) run.signal(signal);
    else run.signalGroup(signal);
    await run.waitFor(/stopping after the canary: it comes to its end, and no other step begins\n/);
    // What npx passes on has come by then.
    await sleep(1000);
    release();
    const { stdout, all, exitCode } = await run.result;
    expect(stdout).toMatch(
      /✓ judge-1 +updated .*\n +- judge-3 +not reached +\d+\n +- judge-10 +not reached +\d+\n\n1 updated, 2 not reached; stopped: interrupted after the canary\n/,
    );
    expect(stdout).toMatch(
      / {2}done: judge-1\n {2}not reached, and as before: judge-3 judge-10\nTo go on, run the same command again: /,
    );
    expect(all).not.toMatch(/orphaned|received|cancel(ling|ed)/);
    // npx ends by the signal that it passed on.
    expect(exitCode).toBe(program === "npx" ? undefined : 1);
    expect(await jails()).toEqual([`judge-1 ${now}`, `judge-10 ${before}`, `judge-3 ${before}`]);
  });

  test("is cancelled at the second Ctrl-C: operations in flight finish, and the rest of the step is left", async () => {
    const { run, before, now } = await holdingRollout();
    run.signalGroup("SIGINT");
    await run.waitFor(/Ctrl-C once more cancels the canary as well/);
    await sleep(600);
    run.signalGroup("SIGINT");
    await run.waitFor(/cancelling the canary: each host ends what it does at the moment/);
    await sleep(1000);
    release();
    const { stdout, all, exitCode } = await run.result;
    expect(stdout).toMatch(/stopped: interrupted in the canary\n {2}half changed: judge-1\n/);
    expect(all).not.toMatch(/orphaned/);
    expect(exitCode).toBe(1);
    // Its first resource has come to its end and is in the state, its check has not begun.
    expect(await jails()).toEqual([`judge-1 ${before}+${now}`, `judge-10 ${before}`, `judge-3 ${before}`]);
    expect((await project.exportState()).deployment.pending_operations ?? []).toEqual([]);
  });

  test("continues with the same command", async () => {
    const { stdout, exitCode } = await up();
    expect(stdout).toMatch(/\n3 updated\n$/);
    expect([exitCode, await jails()]).toEqual([0, [`judge-1 ${version}`, `judge-10 ${version}`, `judge-3 ${version}`]]);
  });

  test("ends at once during a pause", async () => {
    const next = String((version += 1));
    declare({ "judge-1": { version: next }, "judge-10": { version: next }, "judge-3": { version: "3" } }, "2");
    const run = project.python3jail(["up", "--stack", project.stack, "--yes", "--pause", "1h"]);
    await run.waitFor(/waiting 60 min before batch 1 of \d; Ctrl-C ends here/, 300_000);
    run.signalGroup("SIGINT");
    const { stdout, exitCode } = await run.result;
    expect(stdout).toMatch(/stopped: interrupted after the canary\n/);
    expect(exitCode).toBe(1);
  });

  test("changes nothing while it previews", async () => {
    const run = project.python3jail(["up", "--stack", project.stack, "--yes"]);
    await run.waitFor(/previewing/);
    run.signalGroup("SIGINT");
    const { all, exitCode } = await run.result;
    expect(all).toMatch(/stopping: nothing more begins\n[^]*python3jail up: interrupted: nothing was changed\n$/);
    expect(exitCode).toBe(1);
  });
});

test("a rollout without --stack uses the selected stack, and never changes the selection", async () => {
  // A canary that is another shard's is none of this one's.
  project.setConfig({ "python3jail:rollout": { canary: ["judge-7"] } });
  await project.pulumi(["stack", "init", "another"]);
  const { exitCode, stdout: plan } = await up("--dry-run");
  expect([exitCode, plan]).toEqual([
    0,
    expect.stringMatching(
      /warning: canary: the stack has no host judge-7\n {2}what to do: correct `rollout.canary` in the stack's config\n.*\n {2}canary +judge-\d+\n/,
    ),
  ]);
  expect((await project.pulumi(["stack", "--show-name"])).stdout.trim()).toBe("another");
  const { stdout } = await project.python3jail(["up", "--dry-run"]).result;
  expect(stdout).toMatch(/^another: previewing\n/);
});

test("several stacks roll out, the first alone, with one summary; if the first fails, no other begins", async () => {
  for (const stack of ["shard-1", "shard-2"]) await project.pulumi(["stack", "init", stack]);
  const fleet = (...flags: string[]): Promise<PulumiResult> =>
    project.python3jail(["fleet", "up", "--stacks", "shard-*", ...flags]).result;
  declare({ a: { version: "1", fails: true } });
  const failed = await fleet("--yes", "--json");
  expect(JSON.parse(failed.stdout)).toMatchObject([
    { stack: "shard-1", code: 1, report: { result: "stopped", reason: "the canary failed" } },
    { stack: "shard-2" },
  ]);
  expect(failed.exitCode).toBe(1);
  declare({ a: { version: "1" } });
  const { stdout, exitCode } = await fleet("--yes", "--", "--canary", "0");
  expect(stdout).toMatch(/^2 stacks: shard-1 shard-2\n/);
  expect(stdout).toMatch(/shard-2 +batch 1 of 1: a\n/);
  expect(stdout).toMatch(/\n\n +✓ shard-1 +done\n +✓ shard-2 +done\n$/);
  expect(exitCode).toBe(0);
});

test.each<[string, string[], RegExp]>([
  ["nobody to ask", ["up"], /nobody can be asked here: give --yes, or --dry-run/],
  ["a wrong setting", ["up", "--yes", "--batch", "0"], /--batch must be at least 1/],
  ["a wrong pause", ["up", "--yes", "--pause", "soon"], /--pause must be seconds, or a time such as "2m"/],
  ["an unknown option", ["up", "--everything"], /--everything/],
  ["a stack that is not there", ["up", "--yes", "--stack", "nowhere"], /there is no stack nowhere\n +what to do: /],
  [
    "a folder without a project",
    ["up", "--yes", "--cwd", "/"],
    /^python3jail up: there is no Pulumi.yaml here\n +what to do: /,
  ],
  [
    "no stack that matches",
    ["fleet", "up", "--yes", "--stacks", "nowhere-*"],
    /no stack of this project matches "nowhere-\*"/,
  ],
  ["a fleet's other command", ["fleet", "down"], /there is no command "down"/],
  [
    "a canary that is not there",
    ["up", "--yes", "--stack", "test", "--canary", "judge-7"],
    /canary: the stack has no host judge-7/,
  ],
])("a call with %s is refused before anything runs", async (_name, args, reason) => {
  const { stderr, exitCode } = await project.python3jail(args).result;
  expect(stderr).toMatch(reason);
  expect(exitCode).toBe(2);
});

test.each<[string, Record<string, string | undefined>, string]>([
  ["no passphrase", { PULUMI_CONFIG_PASSPHRASE: undefined }, "the stack's passphrase is not set"],
  ["another passphrase", { PULUMI_CONFIG_PASSPHRASE: "wrong" }, "the passphrase is not this stack's"],
])("%s is reported once, in one line, with what to do", async (_name, env, reason) => {
  const { stderr, exitCode } = await project.python3jail(["up", "--yes", "--stack", "test"], { env }).result;
  expect(stderr.split("\n")).toEqual([
    `python3jail up: ${reason}`,
    expect.stringMatching(/^ {2}what to do: export PULUMI_CONFIG_PASSPHRASE_FILE=FILE/),
    ...(stderr.endsWith("\n") ? [""] : []),
  ]);
  expect(exitCode).toBe(2);
});

test("the error of a program that breaks is shown unchanged", async () => {
  writeFileSync(join(project.directory, "fleet.json"), "{");
  const { stderr, exitCode } = await up();
  expect(stderr).toMatch(/SyntaxError/);
  expect(exitCode).toBe(2);
});

const holding = (): string => join(project.directory, "holding");

/** Waits until a jail is under way, and holds. */
async function untilHolding(): Promise<void> {
  while (!existsSync(holding())) await sleep(50);
}

function release(): void {
  rmSync(holding());
}
