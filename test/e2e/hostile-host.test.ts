import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderProcess } from "../../src/provider/process.js";
import { HostError } from "../../src/base/errors.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { fetchArtifact } from "../../src/python/artifacts.js";
import { provideBuild } from "../../src/python/provide.js";
import { kinds } from "../../src/kinds/kinds.js";
import { jailTarget, type Target } from "../../src/remote/target.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { endAll } from "./jail-stack.js";

// A host whose login shell forges what our steps answer, and the lifecycle that the engine calls. No engine is needed to see what a
// forged answer does here: nothing outside the cache, and an error or a warning that names the host and the step.
/** The host's login shell. What it does is in /run/forge, which the test writes. */
const shell = `#!/bin/sh
case $(cat /run/forge/mode) in
honest) exec /bin/sh "$@" ;;
# What the real step answers, changed.
changed) /bin/sh "$@" | sed -f /run/forge/sed ;;
lines) printf 'started\\n'; exec yes 'node	missing' ;;
line) printf 'started\\nnode\\t'; exec tr '\\0' x </dev/zero ;;
errors) printf 'started\\n'; exec yes error >&2 ;;
banner) exec yes Welcome ;;
# A builder: what it says of its build, and its bytes.
builder)
	case $2 in
	*'tail -c'*) cat /run/forge/bytes - </dev/null; [ ! -e /run/forge/endless ] || exec cat /dev/zero ;;
	*) cat >/dev/null; cat /run/forge/answer ;;
	esac ;;
esac
`;

const provider = new ProviderProcess();
let fleet: HostFleet;
let host: Host;
/** All that a path that climbs from the cache may reach. */
let around: string;
let cache: string;
const warned: string[] = [];
beforeAll(async () => {
  around = mkdtempSync(join(tmpdir(), "hostile-"));
  cache = join(around, "a/b/c/d/e/f/cache");
  mkdirSync(join(around, "a/b/c/d/e/f"), { recursive: true });
  process.env.PYTHON3JAIL_CACHE_DIR = cache;
  mkdirSync(join(around, "source"));
  writeFileSync(join(around, "source", "a.py"), "1");
  for (const method of ["log", "warn"] as const)
    jest.spyOn(console, method).mockImplementation((text: unknown) => void warned.push(String(text)));
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1" });
  await host.run(
    "mkdir /run/forge; cat >/usr/local/bin/forge; chmod 755 /usr/local/bin/forge; usermod -s /usr/local/bin/forge root",
    { input: shell },
  );
  await forge("honest");
});
afterAll(async () => {
  await provider.session.close();
  await endAll(fleet);
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  rmSync(around, { recursive: true });
  jest.restoreAllMocks();
});
beforeEach(() => void (warned.length = 0));

async function forge(mode: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await host.run("rm -f /run/forge/*");
  for (const [name, content] of Object.entries(files)) await host.run(`cat >/run/forge/${name}`, { input: content });
  await host.run(`printf '${mode}\\n' >/run/forge/mode`);
}

const given = () => ({
  host: "judge-1",
  path: "/srv/jail",
  timeouts: { step: 10, build: 20 },
  connection: {
    host: host.address,
    user: host.user,
    identityFile: host.privateKeyFile,
    knownHostsFile: host.knownHostsFile,
    sshConfigFile: "none",
    dialErrorLimit: 1,
  },
});
const source = { url: "https://example.org/Python-3.13.5.tgz", sha256: "a".repeat(64) };
/** What each kind is declared as, where it needs more than its place. */
const more = (): Record<string, object> => ({
  DeviceNode: { node: "dev/null", type: "c", major: 1, minor: 3, mode: "0666" },
  JailFiles: { source: join(around, "source") },
  JailSystem: { timezones: "none", locale: "none" },
  JailReleases: { release: "one" },
  JailPackages: { python: { source }, requirements: join(around, "requirements.txt"), wheels: around },
  PythonBuild: { source },
  SafeExec: { path: "/usr/local/bin/safeexec", git: { commit: "a".repeat(40) } },
});
function declared(type: string): Record<string, unknown> {
  writeFileSync(join(around, "requirements.txt"), `six==1.16.0 --hash=sha256:${"a".repeat(64)}\n`);
  const result = lifecycle(kinds[type]!, provider).check({}, { ...given(), ...more()[type] });
  if (result.failures) throw new Error(JSON.stringify(result.failures));
  return result.inputs as Record<string, unknown>;
}

/** Every file around the cache and in it, and what is in them. */
function filesAround(): Record<string, string> {
  const files = readdirSync(around, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, "latin1").slice(0, 100)]));
}
const unclean = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** Logs in, and occupies the session that does so: every program after it gets a channel, and with it the login shell that forges. */
async function occupySession(): Promise<void> {
  const { host: reached } = jailTarget(given(), provider.session);
  await reached.shell("log in", ":", 60);
  void reached.shell("occupy the session", "exec sleep 3600", 3600).catch(() => undefined);
  await sleep(500);
}

const fields = (by: string): string => `/^started$/b\n/^done$/b\ns/\t[^\t]*/\t${by}/g`;
const changes: Record<string, string> = {
  "every field climbs": fields("..\\/..\\/..\\/..\\/..\\/pwned"),
  "every field is an absolute path": fields("\\/etc\\/passwd"),
  "every field has terminal sequences and bidi controls": fields("\u001b]0;title\u0007\u001b[2J\u009b31m\u202ex\u200b"),
  "every field has 100,000 characters": fields("x".repeat(100_000)),
  "every field is empty": fields(""),
  "every number is too large": "s/\t[0-9][0-9]*/\t99999999999999999999/g",
  "no line has fields": "s/\t.*//",
  "every line has one field more": "/^started$/b\n/^done$/b\ns/$/\tmore/",
  "every line comes twice": "/^started$/b\n/^done$/b\np",
  "no line comes": "/^started$/b\n/^done$/b\n/^read-/b\nd",
  "every line has another name": "/^started$/b\n/^done$/b\n/^read-/b\ns/^/pwned/",
  "nothing begins": "/^started$/d",
  "nothing ends": "/^done$/d",
};

const types = Object.keys(kinds);

describe("a host that forges the answers of steps", () => {
  const states: Record<string, Record<string, unknown>> = {};
  beforeAll(async () => {
    await forge("honest");
    await occupySession();
    for (const type of ["JailRoot", "DeviceNode", "JailFiles", "JailSystem", "JailPermissions"]) {
      const created = await lifecycle(kinds[type]!, provider).create(declared(type));
      states[type] = created.outs as Record<string, unknown>;
    }
    // The others have nothing there yet, and are asked all the same.
    for (const type of types)
      states[type] ??= {
        ...declared(type),
        digest: "",
        buildKey: "key",
        key: "key",
        findings: [],
        summary: "",
        command: "",
        unmanaged: [],
        count: 0,
        warnings: [],
        kept: [],
      };
  });

  test.each(Object.keys(changes))(
    "so that %s causes only an error of that host, or clean text, in a refresh and a create of each kind",
    async (change) => {
      const before = filesAround();
      const refused: string[] = [];
      await forge("changed", { sed: `${changes[change]!}\n` });
      for (const type of types) {
        const life = lifecycle(kinds[type]!, provider);
        const state = states[type]!;
        const seen = await life.read("id", state);
        const made = await life.create(declared(type)).then(
          (result) => result,
          (error: unknown) => error,
        );
        const shown = [
          JSON.stringify([seen.props, seen.inputs, made instanceof Error ? made.message : made]),
          ...warned,
        ].join("\n");
        expect([type, shown.replace(/\\n/g, " ").match(unclean), shown.length < 40_000]).toEqual([type, null, true]);
        if (!(made instanceof Error)) continue;
        expect([type, made instanceof HostError, made.message]).toEqual([
          type,
          true,
          expect.stringMatching(/^judge-1: /),
        ]);
        refused.push(type);
      }
      expect(filesAround()).toEqual(before);
      // JailRoot at least has no field that is only for people.
      expect(refused).toContain("JailRoot");
    },
  );

  test("shows no drift once it is honest again", async () => {
    await forge("honest");
    for (const type of ["JailRoot", "DeviceNode", "JailFiles", "JailSystem", "JailPermissions"]) {
      const seen = await lifecycle(kinds[type]!, provider).read("id", states[type]!);
      expect([type, (seen.props as Record<string, unknown>)["drift"]]).toEqual([type, undefined]);
    }
  });
});

describe("an endless answer of a host", () => {
  const cases: [string, RegExp][] = [
    ["lines", /^judge-1: read the device node: the host answered more than any step of ours does \[bad-answer\]\n/],
    ["line", /^judge-1: read the device node: the host answered more than any step of ours does \[bad-answer\]\n/],
    ["errors", /^judge-1: read the device node: not done after 3 s \[timeout\]\n/],
    ["banner", /^judge-1: read the device node: the host answered more than any step of ours does \[bad-answer\]\n/],
  ];
  test.each(cases)("is cut off, and only a part is kept (%s)", async (mode, says) => {
    await forge("honest");
    const inputs = { ...declared("DeviceNode"), timeouts: { step: 3 } };
    const life = lifecycle(kinds["DeviceNode"]!, provider);
    // Logs in.
    await life.read("id", inputs);
    await forge(mode);
    const before = process.memoryUsage().rss;
    const error = await life.create(inputs).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).message).toMatch(says);
    expect((error as HostError).message.length).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test("is cut off during the login too", async () => {
    await provider.session.close("judge-1");
    await forge("banner");
    const error = await lifecycle(kinds["DeviceNode"]!, provider)
      .create({ ...declared("DeviceNode"), connection: { ...given().connection, perDialTimeout: 2 } })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).message).toMatch(/^judge-1: read the device node: /);
  });
});

describe("a host that forges a build", () => {
  const digest = "d".repeat(64);
  const key = "0123456789abcdef";
  const jail = (): Target => jailTarget(given(), provider.session);
  const arrived = (): string[] =>
    existsSync(cache)
      ? readdirSync(cache, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
      : [];
  const failure = async (running: Promise<unknown>): Promise<HostError> => {
    const error = await running.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
    return error;
  };
  beforeAll(async () => {
    await forge("honest");
    await provider.session.close("judge-1");
    await occupySession();
  });
  const packed = (bytes: number, sha256 = digest): string =>
    `started\npacked\t/var/cache/packed\t${sha256}\t${bytes}\ndone\n`;

  const cases: [string, Record<string, string>, string, string][] = [
    [
      "sends without an end",
      { answer: packed(27_000), bytes: "python3jail-bytes\n", endless: "" },
      "bad-answer",
      "the host sent more than it announced",
    ],
    [
      "sends without an end before the first byte that counts",
      { answer: packed(27_000), bytes: "", endless: "" },
      "bad-answer",
      "the host sent more than it announced",
    ],
    [
      "sends less than it announced",
      { answer: packed(27_000), bytes: "python3jail-bytes\nfew" },
      "wrong-sha256",
      "what arrived of the build has sha256",
    ],
    [
      "sends something else",
      { answer: packed(3), bytes: "python3jail-bytes\nfew" },
      "wrong-sha256",
      "what arrived of the build has sha256",
    ],
    [
      "announces more than anybody builds",
      { answer: packed(500_000_000_000), bytes: "", endless: "" },
      "too-large",
      "its build has 500000.0 MB",
    ],
    [
      "names a digest that climbs",
      { answer: packed(3, "../../../../../pwned"), bytes: "python3jail-bytes\nfew" },
      "bad-answer",
      'not expected is the line "packed',
    ],
    [
      "names two",
      { answer: packed(3).replace(/^packed.*\n/m, "$&$&"), bytes: "python3jail-bytes\nfew" },
      "bad-answer",
      'one too many is the line "packed',
    ],
  ];
  test.each(cases)("is refused if it %s", async (_name, files, code, reason) => {
    const before = filesAround();
    await forge("builder", files);
    const error = await failure(fetchArtifact(jail(), key, `${key}-x86_64-glibc-2.36`));
    expect([error.code, error.failure.host, error.failure.step]).toEqual([code, "judge-1", "pack the build of python"]);
    expect(error.message).toContain(reason);
    expect([arrived(), filesAround()]).toEqual([[], before]);
  });

  test.each([["../../../../../pwned"], [`${key}/../../pwned`], ["other-x86_64"], ["\u001b[2J"]])(
    "is refused if it names the build %j",
    async (name) => {
      const before = filesAround();
      await forge("builder", { answer: `started\nstate\tdone\nbuild\t${name}\ndone\n` });
      const error = await failure(provideBuild(jail(), declared("PythonBuild") as never, false));
      expect([error.code, error.failure.host]).toEqual(["bad-answer", "judge-1"]);
      expect([arrived(), filesAround()]).toEqual([[], before]);
    },
  );
});
