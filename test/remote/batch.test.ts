import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../../src/base/errors.js";
import { assemble, assembleReads, callOf } from "../../src/remote/program.js";
import { runStep } from "../../src/remote/run-step.js";
import { Session } from "../../src/remote/session.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { filesSteps } from "../../src/kinds/JailFiles.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import type { LateProgram, ProgramResult, Transport } from "../../src/ssh/transport.js";
import { shells, type StepSurroundings, standIn } from "./run-step.js";
import { replacing } from "./replacing.js";
import { LocalHost, textOf } from "./local-host.js";
import { ScratchJail } from "./scratch-jail.js";
import type { Arguments, ValuesOf } from "../../src/remote/arguments.js";
import { nullNode } from "./step-values.js";

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
});
afterEach(() => jail.remove());

/** This machine as a host that counts its programs. */
function counting(surroundings?: StepSurroundings): { host: Transport; asked: number[] } {
  const here = new LocalHost(surroundings, "judge-1");
  const asked: number[] = [];
  const shell: Transport["shell"] = async (does, program, seconds, command) => {
    const text = await textOf(program);
    asked.push(typeof seconds === "number" ? seconds : seconds());
    return here.shell(does, text, seconds, command);
  };
  return { host: replacing(here, { shell }), asked };
}
const session = new Session();
const look = <Taken extends Arguments>(host: Transport, step: Step<Taken>, values: NoInfer<ValuesOf<Taken>>) =>
  runStep({ host, session }, step, jail, values, 7);

describe.each(shells)("under %s", (shell) => {
  test("reads that are asked for together run in one program, and each has its own answer", async () => {
    // By the host's clock the jail has just been changed, so the host keeps no answer.
    const { host, asked } = counting({ shell, before: standIn("date", "echo 0") });
    symlinkSync("/etc", jail.at("static/out"));
    rmSync(jail.at("scratch"), { recursive: true });
    const [root, node, missing, broken, gone] = await Promise.allSettled([
      look(host, rootSteps.read, { folders: ["dev", "scratch"] }),
      look(host, nodeSteps.read, { node: "dev/null" }),
      look(host, nodeSteps.read, { node: "nowhere/null" }),
      // A read that fails by itself, and one that the shell ends. Neither affects the others.
      look(host, nodeSteps.read, { node: "static/out/null" }),
      look(host, { ...nodeSteps.read, args: {} }, {}),
    ]);
    // One program recalls kept answers, and one reads.
    expect(asked).toEqual([21, 21]);
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
    ).toEqual(["read the device node: symlink", "read the device node: step-failed"]);
    // A later read runs again.
    await look(host, nodeSteps.read, { node: "dev/null" });
    expect(asked).toEqual([21, 21, 7, 7]);
  });
});

test.each(shells)("reads whose output has no reader any more leave no temporary directory, under %s", async (shell) => {
  const temporary = join(jail.folder, "temporary");
  mkdirSync(temporary);
  const looks = [
    callOf(filesSteps.read, jail, { key: "key", target: "static", digest: "digest" }),
    callOf(rootSteps.read, jail, { folders: [] }),
  ];
  for (const text of [assemble(looks[0]!), assembleReads(looks, "mark", "judge-1", "keep")]) {
    writeFileSync(join(jail.folder, "program"), text);
    // The reader of the output ends after the first line.
    const words = shell === "busybox" ? "busybox sh" : shell;
    await execa("sh", [
      "-c",
      `TMPDIR=${temporary} ${words} -s <${jail.folder}/program 2>/dev/null | { read -r word; exec true; }`,
    ]);
    expect(readdirSync(temporary)).toEqual([]);
  }
});

test("a lost connection fails every read that had not ended, each under its own name", async () => {
  const answers: ProgramResult[] = [];
  const here = new LocalHost(undefined, "judge-1");
  const lost = new HostError({
    host: "judge-1",
    step: "whoever was first",
    code: "connection-lost",
    reason: "the connection was lost",
  });
  const host = replacing(here, {
    shell: () => {
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(lost);
    },
  });
  const all = (
    await Promise.allSettled([
      look(host, rootSteps.read, { folders: [] }),
      look(host, nodeSteps.read, { node: "dev/null" }),
    ])
  ).map((one) => one.status === "rejected" && (one.reason as Error).message);
  expect(all).toEqual([
    "judge-1: read the jail: the connection was lost [connection-lost]",
    "judge-1: read the device node: the connection was lost [connection-lost]",
  ]);

  const cut = replacing(here, {
    shell: async (_does: string, program: string | LateProgram) => {
      const text = await textOf(program);
      return {
        stdout: text.includes("\nrecall ")
          ? `started\njail\tours\ndone\n${/read-[0-9a-f-]+/.exec(text)![0]} 0 0\nstarted\n`
          : "started\n",
        stderr: "",
        exitCode: 137,
        timedOut: false,
      };
    },
  });
  const [first, second] = await Promise.allSettled([
    look(cut, rootSteps.read, { folders: [] }),
    look(cut, nodeSteps.read, { node: "dev/null" }),
  ]);
  expect(first.status).toBe("fulfilled");
  expect(second).toMatchObject({
    status: "rejected",
    reason: { code: "step-failed", failure: { reason: "it ended early (exit code 137)" } },
  });
});

test("reads that are asked for within a moment, or during other reads, run in one program", async () => {
  const here = new LocalHost(undefined, "judge-1");
  const programs: string[] = [];
  const shell: Transport["shell"] = async (does, program, seconds) => {
    const text = await textOf(program);
    programs.push(text);
    return here.shell(does, text, seconds);
  };
  const host = replacing(here, { shell });
  const first = look(host, nodeSteps.read, { node: "dev/null" });
  await sleep(10);
  const second = look(host, nodeSteps.read, { node: "dev/zero" });
  await sleep(60);
  // The first two are in flight, so these run after them.
  const later = [
    look(host, nodeSteps.read, { node: "dev/random" }),
    sleep(10).then(() => look(host, rootSteps.read, { folders: ["dev"] })),
  ];
  await Promise.all([first, second, ...later]);
  expect(programs.map((program) => program.match(/^(step <\/dev\/null|recall .*)$/gm)!.length)).toEqual([2, 2, 2, 2]);
});

test("reads whose login was retried all run in the program of the login that succeeded", async () => {
  const { host, asked } = counting();
  const shell: Transport["shell"] = async (does, program, seconds, command) => {
    const refused = Promise.reject(new Error("not let in"));
    await Promise.allSettled([refused, typeof program === "string" ? program : program(refused)]);
    return host.shell(does, program, seconds, command);
  };
  const retried = replacing(host, { shell });
  const both = await Promise.all(["dev/null", "dev/zero"].map((node) => look(retried, nodeSteps.read, { node })));
  expect(both.map((answer) => answer.all("node"))).toEqual([[["missing"]], [["missing"]]]);
  expect(asked).toHaveLength(2);
});

test("reads of different hosts, and steps that change something, have their own programs", async () => {
  const [one, other] = [counting(), counting()];
  await Promise.all([
    look(one.host, nodeSteps.read, { node: "dev/null" }),
    look(other.host, nodeSteps.read, { node: "dev/null" }),
    look(one.host, nodeSteps.apply, nullNode),
  ]);
  expect([one.asked.length, other.asked.length]).toEqual([3, 2]);
});

test("a host that this session has changed is read without recalling or keeping answers", async () => {
  const { host, asked } = counting();
  await look(host, nodeSteps.apply, nullNode);
  expect((await look(host, nodeSteps.read, { node: "dev/null" })).all("node")[0]?.[0]).toBe("c");
  expect(asked).toHaveLength(2);
  expect(readdirSync(join(jail.records, "readings"))).toEqual([]);
});
