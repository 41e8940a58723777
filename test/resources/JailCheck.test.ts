import { limitArguments, limitValues } from "../../src/jail/sandbox-limits.js";
import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { parseAnswer } from "../../src/remote/answer.js";
import type { Target } from "../../src/remote/target.js";
import { defaultLimits } from "../../src/jail/sandbox-limits.js";
import { jailCheck } from "../../src/resources/JailCheck.js";
import { judgeRun, reportOf, type SandboxRun } from "../../src/jail/sandbox-run.js";
import { assignmentsOf } from "../../src/remote/arguments.js";

const figures = ["elapsed time: 1 seconds", "memory usage: 8460 kbytes", "cpu usage: 0.005 seconds"];
const good: SandboxRun = {
  via: "chroot",
  command: "env -i unshare -n -- setpriv --no-new-privs -- chroot /srv/jail /bin/python3",
  exitCode: 0,
  seconds: 0.04,
  printed: ["2"],
  errors: [],
};
const approved: SandboxRun = {
  ...good,
  via: "safeexec",
  command: "/usr/local/bin/safeexec …",
  errors: ["OK", ...figures],
};

describe("whether the test passed", () => {
  test.each<[string, SandboxRun, string | undefined]>([
    ["2 through chroot", good, undefined],
    ["2 and OK through safeexec", approved, undefined],
    [
      "no python",
      {
        ...good,
        exitCode: 127,
        printed: [],
        errors: ["chroot: failed to run command '/bin/python3': No such file or directory"],
      },
      "printed nothing, exit code 127: chroot: failed to run command '/bin/python3': No such file or directory",
    ],
    ["something else", { ...good, printed: ["3"] }, 'printed "3", exit code 0'],
    ["something more", { ...good, printed: ["2", "3"] }, 'printed "2\\n3", exit code 0'],
    ["white space", { ...good, printed: ["2 "] }, 'printed "2 ", exit code 0'],
    ["2, and then a failure", { ...good, exitCode: 1 }, 'printed "2", exit code 1'],
    ["a crash", { ...good, exitCode: 139, printed: [] }, "printed nothing, ended by signal 11"],
    [
      "safeexec's verdict",
      { ...approved, printed: [], exitCode: 0, errors: ["Time Limit Exceeded", ...figures] },
      "printed nothing, exit code 0: Time Limit Exceeded",
    ],
    ["2, and no verdict", { ...approved, errors: figures }, 'printed "2", exit code 0'],
  ])("%s", (_, run, reason) => expect(judgeRun(run, "2")).toBe(reason));
});

test("safeexec's report is parsed", () => {
  expect(reportOf(approved)).toEqual({
    elapsedSeconds: 1,
    memoryKb: 8460,
    cpuSeconds: 0.005,
    report: `OK; ${figures.join("; ")}`,
  });
});

test("through chroot the report says what confined it", () => {
  expect(reportOf(good)).toEqual({ elapsedSeconds: 0.04, report: "exit code 0; no network, no new privileges" });
  expect(reportOf({ ...good, command: "env -i chroot /srv/jail /bin/python3" }).report).toBe(
    "exit code 0; the host's network, new privileges not forbidden",
  );
});

describe("a look at a jail", () => {
  const inputs = checked(jailCheck.schema, {
    host: "judge-1",
    connection: { host: "192.0.2.1" },
    path: "/srv/jail",
  }).value!;
  const deployed = {
    passed: true as const,
    printed: "2",
    python: "3.13.5",
    via: approved.via,
    command: approved.command,
    ...reportOf(approved),
  };
  const seen = ({ via, command, exitCode, seconds, printed, errors }: SandboxRun) => {
    const lines = [
      ["started"],
      ["via", via],
      ["command", command],
      ["run", "1", String(exitCode), String(seconds)],
      ...printed.map((line) => ["printed", "1", line]),
      ...errors.map((line) => ["error", "1", line]),
      ["done"],
    ];
    const jail = {
      run: () => Promise.resolve(parseAnswer(lines.map((fields) => fields.join("\t")).join("\n"))),
    } as unknown as Target;
    return jailCheck.observe(jail, inputs, deployed);
  };

  test("keeps the figures of the run that was deployed", async () => {
    expect(await seen({ ...approved, seconds: 3 })).toEqual({ drift: {}, facts: deployed });
  });

  test("tells of the way in that there is now: after safeexec went, its command leads nowhere", async () => {
    expect(await seen(good)).toEqual({
      drift: {},
      facts: { passed: true, printed: "2", python: "3.13.5", via: "chroot", command: good.command, ...reportOf(good) },
    });
  });

  test("of one that fails is drift, in words", async () => {
    expect(await seen({ ...good, printed: ["3"] })).toEqual({
      drift: { "print(1+1)": 'printed "3", exit code 0' },
      facts: deployed,
    });
  });
});

test.each([
  [{}, ["10", "60", "262144", "16", "512", ""]],
  [{ fileKb: 0 }, ["10", "60", "262144", "16", "512", "0"]],
  [{ fileKb: 2048, files: 9 }, ["10", "60", "262144", "16", "9", "2048"]],
])("the limits %j are the variables %j of a step", (limits, words) => {
  const { variables } = assignmentsOf(limitArguments, limitValues({ ...defaultLimits, ...limits }));
  expect(variables).toEqual(
    ["cpu", "clock", "memory", "processes", "files", "file_kb"].map((name, index) => [name, words[index]]),
  );
});

describe("inputs", () => {
  const jail = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail" };
  test("have defaults", () => {
    expect(checked(jailCheck.schema, jail).value).toMatchObject({
      uid: 10000,
      gid: 1000,
      limits: defaultLimits,
      triggers: [],
    });
    expect(checked(jailCheck.schema, { ...jail, limits: { memoryKb: 32768, processes: 0 } }).value).toMatchObject({
      limits: { ...defaultLimits, memoryKb: 32768, processes: 0 },
    });
  });
  test.each<[object, string]>([
    [{ uid: 0 }, "uid"],
    [{ gid: 0 }, "gid"],
    [{ safeexec: "safeexec" }, "safeexec"],
    [{ limits: { cpu: 1 } }, "limits"],
    [{ limits: { clockSeconds: 0 } }, "limits.clockSeconds"],
    [{ limits: { files: 1025 } }, "limits.files"],
  ])("%j is refused, and the property named", (inputs, property) => {
    const { reasons } = checked(jailCheck.schema, { ...jail, ...inputs });
    expect(reasons).toHaveLength(1);
    expect(reasons![0]).toContain(property);
  });
});
