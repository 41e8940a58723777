import { defaultLimits, sandboxArguments, sandboxValues } from "../../src/jail/sandbox-limits.js";
import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { parseAnswer } from "../../src/remote/answer.js";
import type { Target } from "../../src/remote/target.js";
import { HostError } from "../../src/base/errors.js";
import { importStep, jailCheck } from "../../src/kinds/JailCheck.js";
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
    return jailCheck.read(jail, inputs, deployed);
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
  [{}, ["10", "60", "1048576", "16", "512", ""]],
  [{ fileKb: 0 }, ["10", "60", "1048576", "16", "512", "0"]],
  [{ fileKb: 2048, files: 9 }, ["10", "60", "1048576", "16", "9", "2048"]],
])("the limits %j are the variables %j of a step", (limits, words) => {
  const { variables } = assignmentsOf(
    sandboxArguments,
    sandboxValues({ uid: 10000, gid: 1000, limits: { ...defaultLimits, ...limits } }),
  );
  expect(variables).toEqual([
    ["safeexec", ""],
    ["uid", "10000"],
    ["gid", "1000"],
    ...["cpu", "clock", "memory", "processes", "files", "file_kb"].map((name, index) => [name, words[index]]),
    ["environment", ""],
  ]);
});

test("variables reach a step in one order, each as NAME=VALUE", () => {
  const { value } = checked(jailCheck.schema, {
    host: "judge-1",
    connection: { host: "192.0.2.1" },
    path: "/srv/jail",
    environment: { OPENBLAS_NUM_THREADS: 1, MPLCONFIGDIR: "/tmp" },
  });
  expect(sandboxValues(value!).environment).toEqual(["MPLCONFIGDIR=/tmp", "OPENBLAS_NUM_THREADS=1"]);
});

describe("the imports of packages", () => {
  const inputs = checked(jailCheck.schema, {
    host: "judge-1",
    connection: { host: "192.0.2.1" },
    path: "/srv/jail",
    imports: { skip: ["cv2"] },
  }).value!;
  const passing = [
    "via\tchroot",
    "command\tenv chroot",
    "run\t1\t0\t0.04",
    "printed\t1\t2",
    "run\t2\t0\t0.04",
    "printed\t2\t3.13.5",
  ];
  /** A jail with these answers of the check and of the imports, and what the steps were asked. */
  const jailWith = (check: string[], imports: string[] = []) => {
    const asked: { step: unknown; values: { skip?: string[] } }[] = [];
    const jail = {
      host: { name: "judge-1" },
      run: (step: unknown, values: { skip?: string[] }) => {
        asked.push({ step, values });
        const lines = step === importStep ? imports : check;
        return Promise.resolve(parseAnswer(["started", ...lines, "done", ""].join("\n")));
      },
    } as unknown as Target;
    return { jail, asked };
  };

  test("are one more step, and only where the jail has packages", async () => {
    const { jail, asked } = jailWith(passing);
    expect(await jailCheck.apply(jail, inputs, undefined)).toMatchObject({ imported: 0 });
    expect(asked).toHaveLength(1);
    const none = jailWith([...passing, "packages\tyes"]);
    expect(await jailCheck.apply(none.jail, { ...inputs, imports: "none" }, undefined)).toMatchObject({ imported: 0 });
    const having = jailWith([...passing, "packages\tyes"], ["imported\t12", "failing\t0"]);
    expect(await jailCheck.apply(having.jail, inputs, undefined)).toMatchObject({ imported: 12, printed: "2" });
    expect(having.asked.map(({ values }) => values.skip)).toEqual([undefined, ["cv2"]]);
  });

  test("that fail are named with their package, their last line, what probably helps, and how to leave them out", async () => {
    const { jail } = jailWith(
      [...passing, "packages\tyes"],
      [
        "via\tchroot",
        "command\tenv chroot",
        "run\tscipy\t1\t0.5",
        "error\tscipy\tTraceback (most recent call last):",
        "error\tscipy\tMemoryError",
        "failed\tscipy\tscipy 1.18.1",
        "run\tblas\t139\t0.5",
        "failed\tblas\t",
        "imported\t5",
        "failing\t2",
      ],
    );
    const error: unknown = await jailCheck.apply(jail, inputs, undefined).catch((thrown: unknown) => thrown);
    expect((error as HostError).failure).toMatchObject({
      code: "import-failed",
      reason:
        "2 of 7 modules cannot be imported under the limits of `check`: scipy of scipy 1.18.1: MemoryError; blas of a package: ended by signal 11",
      remedy:
        "scipy: it needs more memory than `limits.memoryKb`: raise that limit; blas: see what it says; or leave out what nobody is to import: `check: {imports: {skip: [scipy, blas]}}`",
    });
  });
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
    [{ environment: { "A B": "1" } }, "environment"],
    [{ environment: { PYTHONPATH: "/tmp" } }, "environment"],
    [{ environment: { HOME: "$(reboot)" } }, "environment.HOME"],
    [{ imports: { skip: ["os; import cv2"] } }, "imports.skip[0]"],
  ])("%j is refused, and the property named", (inputs, property) => {
    const { reasons } = checked(jailCheck.schema, { ...jail, ...inputs });
    expect(reasons).toHaveLength(1);
    expect(reasons![0]).toContain(property);
  });
});
