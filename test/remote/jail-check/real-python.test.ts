import { defaultLimits, sandboxValues } from "../../../src/jail/sandbox-limits.js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { basename, join } from "node:path";
import { audit } from "../../../src/audit/audit.js";
import { nodeSteps } from "../../../src/kinds/DeviceNode.js";
import { checkStep } from "../../../src/kinds/JailCheck.js";
import { readRun } from "../../../src/jail/sandbox-run.js";
import { librarySteps } from "../../../src/kinds/JailLibraries.js";
import { systemSteps } from "../../../src/kinds/JailSystem.js";
import { repositoryRoot } from "../../hosts/repository.js";
import { safeExecSource } from "../scratch-program.js";
import { ScratchJail } from "../scratch-jail.js";
import { closureValues, nullNode, systemValues } from "../step-values.js";

// Programs in a jail with this machine's own Python, run through a setuid safeexec and through chroot.
const python = execaSync("sh", ["-c", "readlink -f /usr/bin/python3"], { reject: false }).stdout;
const having = existsSync(python) ? test : test.skip;

const temporaryFile =
  "import tempfile, fcntl; f = tempfile.TemporaryFile(); f.write(b'x' * 9999); f.flush(); fcntl.lockf(f, fcntl.LOCK_EX); print(f.tell())";
const processes =
  "import subprocess, sys; print(subprocess.run([sys.executable, '-S', '-c', 'print(42)'], stdout=subprocess.PIPE).stdout.decode().strip())";
const workers =
  "import multiprocessing as m; c = m.get_context('fork'); q = c.SimpleQueue(); p = c.Process(target=q.put, args=(42,)); p.start(); print(q.get()); p.join()";
const tooLarge = "open('/tmp/large', 'wb', buffering=0).write(b'x' * (2 << 20))";

let jail: ScratchJail;
let made: string;
let safeexec: string;
beforeAll(async () => {
  if (!existsSync(python)) return;
  made = makeHostDirectory();
  chmodSync(made, 0o755);
  safeexec = join(made, "safeexec");
  await execa("gcc", ["-O1", "-o", safeexec, join(safeExecSource, "safeexec.c")]);
  chmodSync(safeexec, 0o4755);
  jail = await ScratchJail.make();
  chmodSync(jail.folder, 0o755);
  jail.put("bin/python3", { copyOf: python });
  const { stdout: library } = await execa(python, ["-c", "import os; print(os.path.dirname(os.__file__))"]);
  cpSync(library, jail.at(join("lib", basename(library))), {
    recursive: true,
    filter: (path) => !/dist-packages|site-packages|__pycache__|\/test$/.test(path),
  });
  await jail.complete(librarySteps.apply, closureValues);
  await jail.complete(nodeSteps.apply, nullNode);
  await jail.complete(systemSteps.apply, { ...systemValues, shebangs: true, tmp: "directory", shm: "directory" });
});
afterAll(() => {
  if (!existsSync(python)) return;
  rmSync(made, { recursive: true });
  jail.remove();
});

/** The sandbox's inputs, through safeexec or, with an empty path, through chroot. */
const sandboxOf = (through: string, limits: object = {}, environment: Record<string, string> = {}) => ({
  safeexec: through || undefined,
  uid: 23456,
  gid: 1000,
  limits: { ...defaultLimits, ...limits },
  environment,
});
const tried = async (through: string, limits: object, ...programs: string[]) => {
  const answer = await jail.complete(checkStep, { ...sandboxValues(sandboxOf(through, limits)), programs });
  return programs.map((_, index) => readRun(answer, index + 1));
};

having.each(["safeexec", "chroot"])(
  "temporary files, locks, subprocesses and multiprocessing work through %s",
  async (via) => {
    const through = via === "safeexec" ? safeexec : "";
    const runs = await tried(through, {}, temporaryFile, processes, workers);
    expect(
      runs.map(({ via: way, printed, errors }) => [way, printed, errors.filter((line) => /Error/.test(line))]),
    ).toEqual([
      [via, ["9999"], []],
      [via, ["42"], []],
      [via, ["42"], []],
    ]);
  },
);

having.each(["safeexec", "chroot"])(
  "scripts that name python3 as everywhere run through %s, and variables are in the command that it names",
  async (via) => {
    for (const interpreter of ["/usr/bin/python3", "/usr/bin/env python3"])
      jail.put(
        `static/${basename(interpreter.split(" ")[0]!)}`,
        `#!${interpreter}\nimport os, sys\nprint(*sys.argv[1:], os.environ["OPENBLAS_NUM_THREADS"], os.environ["PYTHONPATH"])\n`,
      );
    const script = (name: string) =>
      `import subprocess; print(subprocess.run(['/static/${name}', 'a b'], capture_output=True, text=True))`;
    const settings = sandboxOf(via === "safeexec" ? safeexec : "", {}, { OPENBLAS_NUM_THREADS: "1", HOME: "/tmp" });
    const programs = [script("python3"), script("env")];
    const answer = await jail.complete(checkStep, { ...sandboxValues(settings), programs });
    for (const number of [1, 2])
      expect(readRun(answer, number).printed.join("")).toContain("returncode=0, stdout='a b 1 /static\\n', stderr=''");
    const { stdout } = await execa("sh", [
      "-c",
      `${readRun(answer, 1).command} -S -c 'import os; print(os.environ["HOME"], os.environ["PYTHONHOME"])' 2>/dev/null | cat`,
    ]);
    expect(stdout).toBe("/tmp /");
  },
);

having.each(["safeexec", "chroot"])(
  "a file stays below `fileKb` through %s, and the command that it names keeps the same limit",
  async (via) => {
    const [run] = await tried(
      via === "safeexec" ? safeexec : "",
      { fileKb: 1024 },
      `${tooLarge}; open('/tmp/large', 'ab', buffering=0).write(b'x')`,
    );
    expect(run!.errors.join(" ")).toMatch(/File too large|Output Limit Exceeded/);
    rmSync(jail.at("tmp/large"));
    const again = await execa("sh", [
      "-c",
      `${run!.command} -S -c "${tooLarge}; open('/tmp/large', 'ab', buffering=0).write(b'x')" 2>&1 | cat`,
    ]);
    expect(again.stdout).toMatch(/File too large|Output Limit Exceeded/);
    rmSync(jail.at("tmp/large"));
  },
);

having("the accounts of programs through safeexec are as the manual says", async () => {
  const ask =
    "import os, pwd, grp, getpass\ndef of(what):\n  try: return what()\n  except Exception as error: return type(error).__name__\n" +
    "print(of(lambda: pwd.getpwuid(os.getuid()).pw_name), grp.getgrgid(1000).gr_name, os.path.expanduser('~'), of(getpass.getuser) in ('KeyError', 'OSError') or getpass.getuser())";
  const [run] = await tried(safeexec, {}, ask);
  expect([run!.printed, run!.errors.filter((line) => /Error/.test(line))]).toEqual([["KeyError sandbox ~ True"], []]);
  // The example of the manual.
  const listed = /`(--env_vars "[^`]*)`/.exec(readFileSync(join(repositoryRoot, "docs/resources.md"), "utf8"))![1]!;
  const { stdout } = await execa("sh", [
    "-c",
    `${run!.command.replace("--env_vars PY", listed)} -S -c '${ask.replaceAll("'", "'\\''")}' 2>/dev/null`,
  ]);
  expect(stdout).toBe("KeyError sandbox / sandbox");
});

having("the audit tries them, and says what fails", async () => {
  const settings = {
    owner: "root",
    uid: 23456,
    gid: 1000,
    limits: defaultLimits,
    devices: ["null"] as const,
    safeexec,
  };
  const of = (found: Awaited<ReturnType<typeof audit>>) =>
    found!.findings
      .filter(({ check }) => ["threads-and-modules", "file-size"].includes(check))
      .map(({ check, result, evidence }) => [check, result, evidence]);
  expect(of(await audit(jail.asJail(), settings))).toEqual([
    ["file-size", "pass", "1 GiB was refused"],
    [
      "threads-and-modules",
      "pass",
      expect.stringMatching(/temporary files, locks and subprocesses work in \/dev\/shm, \/tmp/),
    ],
  ]);
  const failed = of(await audit(jail.asJail(), { ...settings, limits: { ...defaultLimits, fileKb: 0 } }));
  expect(failed[1]).toEqual([
    "threads-and-modules",
    "fail",
    expect.stringMatching(/a temporary file: .*(File too large|usable temporary directory)/),
  ]);
});
