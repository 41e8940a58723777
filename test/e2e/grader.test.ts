import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "puppeteer-core";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { safeExecSource } from "../remote/scratch-program.js";
import { browserFile, noBrowser, startBrowser } from "./browser.js";
import { Project } from "./engine.js";
import { buildTimeout, connectionTo, endAll, sharedBuilds } from "./jail-stack.js";

// The example: its Pulumi program puts the jail on a host, and its grader runs there, as the user and with the command of its unit.
const example = join(repositoryRoot, "examples", "grader");
const user = 990;
let fleet: HostFleet;
let host: Host;
let project: Project | undefined;
let address: string;

interface Result {
  verdict?: string;
  detail?: string;
  error?: string;
}

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "grader-1", cacheDirectory: sharedBuilds });
  address = `http://${host.address}:8080`;
  project = await Project.create({
    program: example,
    config: { "grader:connection": connectionTo(host), "grader:safeexec": { source: { folder: safeExecSource } } },
  });
  await deployExample(project);
  const { stdout } = await project.pulumi(["stack", "output", "command", "--stack", project.stack]);
  await startGrader(stdout);
}, buildTimeout);

afterAll(async () => {
  await endAll(fleet, project);
});

/** Runs the example's own program, but for the version of Python. */
async function deployExample(made: Project): Promise<void> {
  const program = join(made.directory, "index.ts");
  writeFileSync(program, readFileSync(program, "utf8").replace(/version: "\S+"/, 'version: "3.13.5"'));
  await made.up();
}

/** Installs the grader as the README says, and starts it without systemd, which the host lacks. */
async function startGrader(command: string): Promise<void> {
  await host.run("mkdir -p /opt/grader /etc/grader; cat >/etc/grader/command", { input: command });
  for (const file of globSync("*.mjs", { cwd: example }))
    await host.run(`cat >/opt/grader/${basename(file)}`, { input: readFileSync(join(example, file), "utf8") });
  const node = join(host.rootDirectory, "usr/bin/node");
  if ((await host.run("test -x /usr/bin/node", { reject: false })).exitCode !== 0) copyFileSync(process.execPath, node);
  const unit = readFileSync(join(example, "grader.service"), "utf8");
  const start = /^ExecStart=(.*)$/m.exec(unit)![1]!;
  await host.run(
    `AT_ONCE=2 ADDRESS=0.0.0.0 setsid setpriv --reuid=${user} --regid=${user} --clear-groups -- ${start} </dev/null >/run/grader.log 2>&1 &`,
  );
  const deadline = Date.now() + 60_000;
  while (!(await graderLog()).includes("grading on")) {
    if (Date.now() > deadline) throw new Error(`the grader does not start: ${await graderLog()}`);
    await sleep(200);
  }
}

const graderLog = async (): Promise<string> => (await host.run("cat /run/grader.log")).stdout;

async function post(body: string, type = "application/json"): Promise<{ status: number; result: Result }> {
  const response = await fetch(`${address}/grade`, { method: "POST", headers: { "content-type": type }, body });
  return { status: response.status, result: (await response.json()) as Result };
}

async function grade(program: string, expected = "", input = ""): Promise<Result> {
  const { status, result } = await post(JSON.stringify({ program, input, expected }));
  expect(status).toBe(200);
  return result;
}

test("the grader runs without privileges", async () => {
  const { stdout } = await host.run(
    "for p in /proc/[0-9]*; do grep -sq grader.mjs $p/cmdline && grep Uid: $p/status; done; :",
  );
  expect(stdout.split("\n")).toContainEqual(`Uid:\t${user}\t${user}\t${user}\t${user}`);
});

test("the README's first request is accepted", async () => {
  const body = /-d '(.*)'$/m.exec(readFileSync(join(example, "README.md"), "utf8"))![1]!;
  expect(await post(body)).toMatchObject({ status: 200, result: { verdict: "accepted" } });
});

test("a right program is accepted, and blanks at the ends of lines do not count", async () => {
  const squares = "import sys\nfor line in sys.stdin: print(int(line) ** 2, end=' \\n')";
  expect(await grade(squares, "144\n1\n\n", "12\n1\n")).toMatchObject({ verdict: "accepted" });
});

test("the program gets its input whole, however it reads it, and no other text", async () => {
  const text = "ä\n$(touch /srv/owned) `touch /srv/owned` '; touch /srv/owned; \" \\\n";
  const program = `import os\nprint(os.read(0, 1000).decode() + '''$(touch /srv/owned)"''')`;
  expect(await grade(program, `${text}$(touch /srv/owned)"`, text)).toMatchObject({ verdict: "accepted" });
  expect((await host.run("ls /srv")).stdout).toBe("python3jail");
});

test.each([
  ["a wrong program", "print(1)\nprint(3)", "wrong answer", 'line 2 of the output is "3"'],
  ["a program that prints too little", "print(1)", "wrong answer", "the output ends after line 1"],
  ["an endless program", "while True: pass", "time limit", undefined],
  ["a program that sleeps", "import time\ntime.sleep(1000)", "time limit", undefined],
  ["a program that takes memory at once", "bytearray(10 ** 9)", "memory limit", "MemoryError"],
  [
    "a program that takes memory bit by bit",
    "x = []\nwhile True: x.append(bytearray(10 ** 6))",
    "memory limit",
    "MemoryError",
  ],
  ["a program that prints for ever", "while True: print('x' * 1000)", "output limit", "more than 1048576 bytes"],
  ["a crashing program", "print(1)\n1 / 0", "runtime error", "ZeroDivisionError: division by zero"],
  [
    "a program with an exit code",
    "print(1)\nprint(2)\nexit(3)",
    "runtime error",
    "Command exited with non-zero status (3)",
  ],
  ["a program that is no Python", "print(", "runtime error", "SyntaxError: '(' was never closed"],
  [
    "a program that reads the host's passwords",
    "print(open('/etc/shadow').read())",
    "runtime error",
    "FileNotFoundError: [Errno 2] No such file or directory: '/etc/shadow'",
  ],
  [
    "a program that calls the grader",
    "import socket\nsocket.create_connection(('127.0.0.1', 8080))",
    "runtime error",
    "OSError: [Errno 101] Network is unreachable",
  ],
  [
    "a program that starts another process",
    "import os\nos.fork()",
    "runtime error",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable",
  ],
  [
    "a program that forges safeexec's report",
    "import sys\nprint(1)\nprint(2)\nsys.exit('OK\\nelapsed time: 0 seconds\\nmemory usage: 1 kbytes\\ncpu usage: 0.001 seconds')",
    "runtime error",
    "cpu usage: 0.001 seconds",
  ],
])("%s gets its verdict", async (_, program, verdict, detail) => {
  expect(await grade(program, "1\n2")).toMatchObject({ verdict, ...(detail === undefined ? {} : { detail }) });
});

test("the grader does not start with a command without safeexec", async () => {
  const run = await host.run(
    "echo chroot --userspec=+10000:+1000 --groups= /srv/python3jail /bin/python3 >/run/command; node /opt/grader/grader.mjs /run/command",
    { reject: false },
  );
  expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("safeexec gave no report") });
});

test("requests that are too large, not JSON, or incomplete are refused", async () => {
  const answers = [
    await post(JSON.stringify({ program: "#".repeat(300_000), expected: "" })),
    await post("{"),
    await post("null"),
    await post(JSON.stringify({ program: 1, expected: "" })),
    await post("print(1)", "text/plain"),
  ];
  expect(answers.map(({ status }) => status)).toEqual([413, 400, 400, 400, 415]);
  expect(answers.map(({ result }) => Object.keys(result))).toEqual(answers.map(() => ["error"]));
  expect((await fetch(`${address}/etc/passwd`)).status).toBe(404);
});

test("two programs run at a time, twenty wait, and others are refused", async () => {
  const seconds = 0.3;
  const body = JSON.stringify({ program: `import time\ntime.sleep(${seconds})`, expected: "" });
  const start = Date.now();
  const answers = await Promise.all(Array.from({ length: 25 }, () => post(body)));
  expect(Date.now() - start).toBeGreaterThanOrEqual((22 / 2) * seconds * 1000);
  expect(answers.filter(({ result }) => result.verdict === "accepted").length).toBe(22);
  expect(answers.filter(({ status }) => status === 503).length).toBe(3);
  expect(await grade("print(1)", "1")).toMatchObject({ verdict: "accepted" });
});

(browserFile === undefined ? describe.skip : describe)(browserFile === undefined ? noBrowser : "in a browser", () => {
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const requested: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    page = await browser.newPage();
    await page.setViewport({ width: 390, height: 844 });
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requested.push(request.url()));
  });
  afterAll(() => browser.close());

  const textOf = (selector: string) => page.$eval(selector, (part: { innerText: string }) => part.innerText);
  /** What is wider than the screen, and what axe objects to. The page's policy allows no script, so it is put in from outside. */
  async function faults(): Promise<unknown[]> {
    const wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    await page.evaluate(axe);
    const violations = await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
    return [wide, violations];
  }
  async function submit(fields: Record<string, string>): Promise<void> {
    await page.goto(address);
    for (const [label, text] of Object.entries(fields)) await page.locator(`::-p-aria(${label})`).fill(text);
    await Promise.all([page.waitForNavigation(), page.click("button")]);
  }

  test("the form is found by its labels, fits a telephone, and shows the verdict", async () => {
    await submit({ "Program in Python": "a = input()\nprint(a * 2)", Input: "<b>ab", "Expected output": "<b>ab<b>ab" });
    expect([await page.title(), await textOf("[role=status] h2")]).toEqual(["Accepted – Grader", "Accepted"]);
    expect(await faults()).toEqual([false, []]);
    expect(await page.$eval("#program", (field: { value: string }) => field.value)).toBe("a = input()\nprint(a * 2)");
  });

  test("an error's long last line is shown as text, and fits too, in the dark as well", async () => {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    const attack = `<img src=x onerror=alert(1)></textarea>${"x".repeat(300)}`;
    await submit({ "Program in Python": `raise Exception("${attack}")` });
    expect(await textOf("[role=status] h2")).toBe("Runtime error");
    expect(await textOf("[role=status] code")).toBe(`Exception: ${attack}`.slice(0, 200) + "…");
    expect(await page.$$eval("img, script", ({ length }) => length)).toBe(0);
    expect(await faults()).toEqual([false, []]);
  });

  test("the page asks nobody else for anything, and the browser has nothing to complain of", () => {
    expect(requested.filter((url) => !url.startsWith("data:") && !url.startsWith(`${address}/`))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
