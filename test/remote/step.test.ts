import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import { Answer, parseAnswer } from "../../src/remote/answer.js";
import { maybe } from "../../src/remote/declaration.js";
import { said } from "../../src/remote/fields.js";
import { assemble, callOf, shellCommand } from "../../src/remote/program.js";
import { scriptDigest, scriptText } from "../../src/remote/scripts.js";
import { runStep } from "../../src/remote/run-step.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import type { ProgramResult, Transport } from "../../src/ssh/transport.js";
import { quote } from "../../src/ssh/openssh.js";
import { repositoryRoot } from "../hosts/repository.js";
import { everyStep } from "./every-step.js";
import { inSession, LocalHost, textOf } from "./local-host.js";
import { replacing } from "./replacing.js";
import { completeStepHere, runTextHere, shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import {
  flag,
  list,
  optionalText,
  number,
  rest,
  text,
  type NoArguments,
  type Value,
} from "../../src/remote/arguments.js";
import type { Target } from "../../src/remote/target.js";
import { packagesSteps } from "../../src/kinds/JailPackages.js";
import { nullNode } from "./step-values.js";

describe("an answer", () => {
  const cases: [string, string, { started: boolean; complete: boolean }][] = [
    ["nothing", "", { started: false, complete: false }],
    ["begun", "started\n", { started: true, complete: false }],
    ["is complete", "started\na\tb\ndone\n", { started: true, complete: true }],
    ["is cut off in its last line", "started\na\tb\ndon", { started: true, complete: false }],
    ["follows output of a login shell", "Welcome!\ndone\nstarted\ndone\n", { started: true, complete: true }],
    ["is missing after output of a login shell", "Welcome!\ndone\n", { started: false, complete: false }],
  ];
  test.each(cases)("%s", (_name, text, expected) => {
    const { started, complete } = parseAnswer(text);
    expect({ started, complete }).toEqual(expected);
  });

  const answer = parseAnswer("fake\tx\nstarted\npath\ta b\tmissing\npath\tc\t\nempty\ndone\n", "said besides");
  test("has fields by the names of their lines", () => {
    expect(answer.all("path")).toEqual([
      ["a b", "missing"],
      ["c", ""],
    ]);
    expect([
      answer.one("path"),
      answer.maybe("path"),
      answer.maybe("empty"),
      answer.maybe("none"),
      answer.all("fake"),
    ]).toEqual([["a b", "missing"], "a b", undefined, undefined, []]);
    expect(() => answer.one("none")).toThrow('the remote step gave no "none"');
    expect(answer.output).toBe("said besides");
  });

  test("may contain the reason why the step failed", () => {
    expect(parseAnswer("started\nfail\tgone\twhy\twhat to do\n").failure).toEqual({
      code: "gone",
      reason: "why",
      remedy: "what to do",
    });
    expect(() => parseAnswer("started\nfail\n").failure).toThrow('too few fields of "fail"');
    expect(() => parseAnswer("started\nfail\tstrange\twhy\t\n").failure).toThrow('the unknown code "strange"');
    expect(answer.failure).toBeUndefined();
    expect(new Answer([]).failure).toBeUndefined();
  });
});

describe.each([
  ["confined", true],
  ["not confined", false],
] as const)("the shell of a step that is %s", (_name, confined) => {
  /** The environment of a step's programs, if the login has these variables. */
  async function environment(
    login: Record<string, string>,
    shell: (typeof shells)[number],
  ): Promise<Record<string, string>> {
    const exports = Object.entries(login)
      .map(([name, value]) => quote(`${name}=${value}`))
      .join(" ");
    const command = shellCommand(confined).replace(/^exec /, `exec env ${exports} `);
    const { stdout } = await runTextHere("env -0 | tr '\\n\\0' '?\\n'\n", { shell }, command);
    return Object.fromEntries(
      stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }
  /** The variables that shells set themselves, and those of a confined start. */
  const ofShells = ["_", "OLDPWD", "PWD", "SHLVL", "namespace"];

  test.each(shells)("has only home, time zone and proxies of the login's environment, under %s", async (shell) => {
    const kept = {
      HOME: "/root",
      TZ: "Asia/Tokyo",
      SUDO_USER: "deploy",
      http_proxy: "http://user:word@proxy:3128",
      HTTPS_PROXY: "http://proxy",
      no_proxy: "a b, c",
    };
    const dropped = {
      CC: "false",
      CFLAGS: "-O0 -march=native",
      LDFLAGS: "-Wl,-rpath,/opt/x",
      GREP_OPTIONS: "-v",
      TAR_OPTIONS: "--verbose",
      GZIP: "-1",
      POSIXLY_CORRECT: "1",
      TMPDIR: "/not/there",
      PYTHONPATH: "/x",
      PYTHONHOME: "/x",
      LD_LIBRARY_PATH: "/x",
      ENV: "/x",
      BASH_ENV: "/x",
      "BASH_FUNC_rm%%": "() { echo; }",
      IFS: "x",
      CDPATH: "/",
      GIT_DIR: "/x",
      LANG: "de_DE",
      namespace: "private",
      lines: "one\ntwo",
    };
    const found = await environment({ ...kept, ...dropped, PATH: "/usr/bin:/nowhere" }, shell);
    const { PATH, LC_ALL, ...rest } = Object.fromEntries(
      Object.entries(found).filter(([name]) => !ofShells.includes(name)),
    );
    expect([PATH, LC_ALL]).toEqual(["/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "C"]);
    expect(rest).toEqual(kept);
  });
});

test("the start of a step shows no value of a variable in a process list", () => {
  expect(shellCommand(true)).not.toContain("http_proxy=");
});

test("exactly the steps that change a jail are confined", () => {
  const confinedFiles = Object.values(everyStep)
    .filter(({ confined }) => confined)
    .map(({ script }) => script)
    .sort();
  const changing = readdirSync(join(repositoryRoot, "src", "remote"), { recursive: true, encoding: "utf8" })
    .filter(
      (file) => /\.sh$/.test(file) && file !== "confine.sh" && /^\t*(change_jail|confine)$/m.test(scriptText(file)),
    )
    .sort();
  expect(confinedFiles).toEqual(changing);
});

const place = { path: "/srv/jail", records: "/var/lib/records", cache: "/var/cache/one" };

describe("an assembled program", () => {
  test.each(shells)("passes arguments with any characters unchanged, under %s", async (shell) => {
    const texts = [
      "",
      "it's",
      "$(id) `id`",
      'a"b\\',
      "-n",
      "line\nbreak",
      "\ttab ",
      "*",
      "ünï",
      "100 %s",
      "EOF\n}\nanswer done",
    ];
    const [command, ...words] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];
    for (const one of texts) {
      const step = {
        ...nodeSteps.read,
        args: { oneText: text, maybe: optionalText, count: number, is: flag, all: list, more: rest },
      };
      const values = { oneText: one, maybe: undefined, count: 7, is: true, all: texts, more: texts };
      const show = `printf '<%s>' "$jail" "$records" "$one_text" "$maybe" "$count" "$is" "$@"
printf '%s' "$all" | while IFS= read -r item; do printf '<'; unvis "$item"; printf '>'; done`;
      // The test replaces the step's own script.
      const program = assemble(callOf(step, place, values), "", (file) => (file === step.script ? show : ""));
      const { stdout } = await execa(command, words, {
        input: `answer() { [ "$1" = started ] || printf "$@"; }\nneed_root() { :; }\nneed_tools() { :; }\n${scriptText("vis.sh")}\n${program.replaceAll(">&3", "")}`,
      });
      const variables = [place.path, place.records, one, "", "7", "yes"];
      expect(stdout.trimStart()).toBe(`${[...variables, ...texts, ...texts].map((arg) => `<${arg}>`).join("")}done`);
    }
  });

  test("refuses a NUL byte, which no shell can pass", () => {
    const looking = (path: string, node: string) => callOf(nodeSteps.read, { ...place, path }, { node });
    expect(() => assemble(looking("/srv/jail", "a\0b"))).toThrow("cannot be an argument");
    expect(() => assemble(looking("/srv/a\0b", "dev/null"))).toThrow("cannot be an argument");
    expect(() => assemble(looking("/srv/jail", "dev/null"), "a\0b")).toThrow("cannot be an argument");
  });

  test("refuses unknown and missing arguments, and those of another type", () => {
    const given = (values: Readonly<Record<string, Value>>) => () => assemble({ step: nodeSteps.apply, place, values });
    expect(given(nullNode)).not.toThrow();
    expect(given({ ...nullNode, colour: "red" })).toThrow('the step takes no argument "colour"');
    expect(given({ ...nullNode, toString: "red" })).toThrow('the step takes no argument "toString"');
    const { node: _, ...rest } = nullNode;
    expect(given(rest)).toThrow('the argument "node" of the step');
    expect(given({ ...nullNode, major: "1" })).toThrow('the argument "major" of the step');
    expect(given({ ...nullNode, major: 1.5 })).toThrow('the argument "major" of the step');
    expect(() => assemble({ step: nodeSteps.apply, place: undefined, values: nullNode })).toThrow("works at a place");
  });

  test("takes the declared arguments, and the compiler refuses any other", () => {
    const calls = (jail: Target) => [
      jail.run(nodeSteps.read, { node: "dev/null" }),
      jail.run(packagesSteps.read),
      // @ts-expect-error: another name
      jail.run(nodeSteps.read, { nod: "dev/null" }),
      // @ts-expect-error: one more
      jail.run(nodeSteps.read, { node: "dev/null", type: "c" }),
      // @ts-expect-error: one is missing
      jail.run(nodeSteps.read),
      // @ts-expect-error: another type
      jail.run(nodeSteps.read, { node: ["dev/null"] }),
      // @ts-expect-error: it takes none
      jail.run(packagesSteps.read, { node: "dev/null" }),
    ];
    expect(calls).toBeInstanceOf(Function);
  });

  describe.each(shells)("cut short by a lost connection, under %s", (shell) => {
    let jail: ScratchJail;
    beforeEach(async () => {
      jail = await ScratchJail.make();
    });
    afterEach(() => jail.remove());

    test("changes nothing, wherever it is cut", async () => {
      const whole = assemble(callOf(nodeSteps.apply, jail, nullNode));
      const [command, ...rest] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];
      const cuts = [0.3, 0.6, 0.9, 0.97]
        .map((part) => Math.floor(whole.length * part))
        .concat([40, 25, 12, 5, 3, 2].map((bytes) => whole.length - bytes));
      const before = await jail.listing();
      const unconfined = { namespace: "refused" };
      const outcomes = await Promise.all(
        cuts.map((cut) => execa(command, rest, { input: whole.slice(0, cut), reject: false, env: unconfined })),
      );
      expect(readdirSync(jail.at("dev"))).toEqual([]);
      expect(await jail.listing()).toEqual(before);
      expect(outcomes.map(({ stdout }) => parseAnswer(stdout).complete)).not.toContain(true);
      await execa(command, rest, { input: whole, env: unconfined });
      expect(readdirSync(jail.at("dev"))).toEqual(["null"]);
    });
  });

  test.each(["Welcome!", "\u001b]0;judge-1\u0007", "Welcome!\nstarted "])(
    "is answered after output of a start file without a line break: %j",
    async (text) => {
      const jail = await ScratchJail.make();
      const before = `printf '%s' '${text}'`;
      expect((await completeStepHere(nodeSteps.read, jail, { node: "dev/null" }, { before })).all("node")).toEqual([
        ["missing"],
      ]);
      const here = jail.asJail({ before });
      const looks = await Promise.all(["dev/null", "dev/random"].map((node) => here.run(nodeSteps.read, { node })));
      expect(looks.map((answer) => answer.all("node"))).toEqual([[["missing"]], [["missing"]]]);
      jail.remove();
    },
  );

  test("answers `started` at once, and `done` at its end", async () => {
    const jail = await ScratchJail.make();
    expect((await completeStepHere(nodeSteps.read, jail, { node: "dev/null" })).all("node")).toEqual([["missing"]]);
    jail.remove();
  });
});

describe("a step on a host", () => {
  const step: Step<NoArguments> = {
    does: "make the device node",
    script: nodeSteps.apply.script,
    answers: { half: maybe([said()]) },
  };
  /** A host with a fixed answer. */
  function host(result: Partial<ProgramResult>): { host: Transport; asked: unknown[] } {
    const asked: unknown[] = [];
    const shell: Transport["shell"] = async (does, program, timeout) => {
      asked.push([does, (await textOf(program)).includes("logical_host=judge-1\n"), timeout]);
      return { exitCode: 0, stdout: "", stderr: "", ...result };
    };
    return { host: replacing(new LocalHost(undefined, "judge-1"), { shell }), asked };
  }
  const failing = async (result: Partial<ProgramResult>): Promise<HostError> => {
    const error = await runStep(inSession(host(result).host), step, place, {}).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
    return error;
  };

  test("has a name, the host's logical name, and a time limit", async () => {
    const { host: judge, asked } = host({ stdout: "started\ndone\n" });
    await runStep(inSession(judge), step, place, {});
    await runStep(inSession(judge), step, place, {}, 5);
    expect(asked).toEqual([
      ["make the device node", true, 120],
      ["make the device node", true, 5],
    ]);
  });

  test("that failed is an error with its reason and its remedy", async () => {
    const error = await failing({
      stdout: "started\nfail\tnodev\tit is dead\tremount it\n",
      stderr: "tool: said\n",
      exitCode: 1,
    });
    expect([error.code, error.message]).toEqual([
      "nodev",
      "judge-1: make the device node: it is dead [nodev]\n  its last lines:\n  | tool: said\n  what to do: remount it",
    ]);
  });

  test("that ended itself with a code that the catalogue lacks is an error that names the step", async () => {
    const error = await failing({ stdout: "started\nfail\tstrange\tit is dead\tremount it\n", exitCode: 1 });
    expect([error.code, error.failure.step]).toEqual(["bad-answer", "make the device node"]);
    expect(error.failure.reason).toContain("fail strange it is dead");
  });

  test("that was cut off in the middle is an error with its last lines", async () => {
    const error = await failing({ stdout: "started\nhalf\tdone\n", stderr: "sh: out of memory\n", exitCode: 2 });
    expect([error.code, error.failure.reason, error.failure.output]).toEqual([
      "step-failed",
      "it ended early (exit code 2)",
      "sh: out of memory\n",
    ]);
  });

  test("that never began is an error about a missing shell", async () => {
    const error = await failing({ stdout: "This account is currently not available.\n", exitCode: 1 });
    expect([error.code, error.failure.reason]).toEqual(["no-shell", "no sh ran there"]);
    expect(error.message).toContain("This account is currently not available.");
  });

  test("may warn and succeed", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
    await runStep(inSession(host({ stdout: "started\nwarn\tleft alone\ndone\n" }).host), step, place, {});
    expect(warn.mock.calls).toEqual([["warning: judge-1: left alone"]]);
    warn.mockRestore();
  });
});

test("a digest of scripts changes with each of them, and with their order", () => {
  const digests = [["jail.sh"], ["jail.sh", "remove-paths.sh"], ["remove-paths.sh", "jail.sh"]].map((files) =>
    scriptDigest(...files),
  );
  expect(new Set(digests).size).toBe(3);
  expect(digests[0]).toBe(scriptDigest("jail.sh"));
});
