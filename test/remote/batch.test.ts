import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../../src/errors.js";
import { assemble, assembleTogether } from "../../src/remote/program.js";
import { runStep, type Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/resources/DeviceNode.js";
import { filesSteps } from "../../src/resources/JailFiles.js";
import { rootSteps } from "../../src/resources/JailRoot.js";
import type { Host } from "../../src/ssh/host.js";
import type { ChannelResult } from "../../src/ssh/master.js";
import { shells, type StepSurroundings } from "./run-step.js";
import { replacing } from "./replacing.js";
import { hostHere, ScratchJail } from "./scratch-jail.js";

jest.setTimeout(60_000);

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
});
afterEach(() => jail.remove());

/** This machine as a host, and how often it was asked. */
function counting(surroundings?: StepSurroundings): { host: Host; asked: number[] } {
  const here = hostHere(surroundings, "judge-1");
  const asked: number[] = [];
  const shell = (does: string, program: string, seconds: number, command?: string): Promise<ChannelResult> => {
    asked.push(seconds);
    return here.shell(does, program, seconds, command);
  };
  return { host: replacing(here, { shell }), asked };
}
const look = (host: Host, step: Step, ...args: string[]) => runStep(host, step, [jail.path, jail.records, ...args], 7);

describe.each(shells)("under %s", (shell) => {
  test("looks that are asked for together are one round trip, and each has its own answer", async () => {
    const { host, asked } = counting({ shell });
    symlinkSync("/etc", jail.at("static/out"));
    rmSync(jail.at("scratch"), { recursive: true });
    const [root, node, missing, broken, gone] = await Promise.allSettled([
      look(host, rootSteps.observe, "dev", "scratch"),
      look(host, nodeSteps.observe, "dev/null"),
      look(host, nodeSteps.observe, "nowhere/null"),
      // One that ends itself, and one that a shell ends: nobody else's business.
      look(host, nodeSteps.observe, "static/out/null"),
      look(host, nodeSteps.observe),
    ]);
    expect(asked).toEqual([21]);
    if (root.status !== "fulfilled" || node.status !== "fulfilled" || missing.status !== "fulfilled")
      throw new Error("a look failed");
    expect([root.value.all("missing"), node.value.all("node"), missing.value.all("node")]).toEqual([
      [["scratch"]],
      [["missing"]],
      [["missing"]],
    ]);
    expect(
      [broken, gone].map(
        (one) =>
          one.status === "rejected" &&
          one.reason instanceof HostError &&
          `${one.reason.failure.step}: ${one.reason.code}`,
      ),
    ).toEqual(["look at the device node: symlink", "look at the device node: step-failed"]);
    // Whoever comes later asks anew.
    await look(host, nodeSteps.observe, "dev/null");
    expect(asked).toEqual([21, 7]);
  });
});

test.each(shells)("looks that nobody listens to any more leave no folder of theirs, under %s", async (shell) => {
  const temporary = join(jail.folder, "temporary");
  mkdirSync(temporary);
  const looks = [
    { step: filesSteps.observe, args: [jail.path, jail.records, "key", "static", "digest"] },
    { step: rootSteps.observe, args: [jail.path, jail.records] },
  ];
  for (const text of [assemble(looks[0]!.step, looks[0]!.args), assembleTogether(looks, "mark")]) {
    writeFileSync(join(jail.folder, "program"), text);
    // The listener goes after the first word.
    const words = shell === "busybox" ? "busybox sh" : shell;
    await execa("sh", [
      "-c",
      `TMPDIR=${temporary} ${words} -s <${jail.folder}/program 2>/dev/null | { read -r word; exec true; }`,
    ]);
    expect(readdirSync(temporary)).toEqual([]);
  }
});

test("a host that falls silent fails every look, each under its own name; what had ended by then has ended well", async () => {
  const answers: ChannelResult[] = [];
  const lost = new HostError({
    host: "judge-1",
    step: "whoever was first",
    code: "connection-lost",
    reason: "the connection was lost",
  });
  const here = hostHere(undefined, "judge-1");
  const host = replacing(here, {
    shell: () => {
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(lost);
    },
  });
  const all = (
    await Promise.allSettled([look(host, rootSteps.observe), look(host, nodeSteps.observe, "dev/null")])
  ).map((one) => one.status === "rejected" && (one.reason as Error).message);
  expect(all).toEqual([
    "judge-1: look at the jail: the connection was lost",
    "judge-1: look at the device node: the connection was lost",
  ]);

  const cut = replacing(here, {
    shell: (_does: string, program: string) =>
      Promise.resolve({
        stdout: `started\njail\tours\ndone\n${/looked-[0-9a-f-]+/.exec(program)![0]} 0 0\nstarted\n`,
        stderr: "",
        exitCode: 137,
        timedOut: false,
      }),
  });
  const [first, second] = await Promise.allSettled([
    look(cut, rootSteps.observe),
    look(cut, nodeSteps.observe, "dev/null"),
  ]);
  expect(first.status).toBe("fulfilled");
  expect(second).toMatchObject({
    status: "rejected",
    reason: { code: "step-failed", failure: { reason: "it ended early (exit code 137)" } },
  });
});

test("what is asked for while we log in, or while others look, goes together", async () => {
  const here = hostHere(undefined, "judge-1");
  const programs: string[] = [];
  let letIn = (): void => undefined;
  const host = replacing(here, {
    ready: () => (programs.length > 0 ? Promise.resolve() : new Promise<void>((resolve) => (letIn = resolve))),
    shell: (does: string, program: string, seconds: number) => {
      programs.push(program);
      return here.shell(does, program, seconds);
    },
  });
  const first = look(host, nodeSteps.observe, "dev/null");
  await sleep(100);
  const second = look(host, nodeSteps.observe, "dev/zero");
  await sleep(100);
  expect(programs).toEqual([]);
  letIn();
  await sleep(40);
  // The first two are under way: these come after them.
  const later = [
    look(host, nodeSteps.observe, "dev/random"),
    sleep(10).then(() => look(host, rootSteps.observe, "dev")),
  ];
  await Promise.all([first, second, ...later]);
  expect(programs.map((program) => program.match(/^step .* <\/dev\/null$/gm)!.length)).toEqual([2, 2]);
});

test("hosts are looked at apart, and what changes something never shares", async () => {
  const [one, other] = [counting(), counting()];
  await Promise.all([
    look(one.host, nodeSteps.observe, "dev/null"),
    look(other.host, nodeSteps.observe, "dev/null"),
    look(one.host, nodeSteps.ensure, "dev/null", "c", "1", "3", "0666", "root", "root"),
  ]);
  expect([one.asked.length, other.asked.length]).toEqual([2, 1]);
});
