import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import fc from "fast-check";
import { Session } from "../../src/remote/session.js";
import { jailArgsOf } from "../../src/fleet/args.js";
import { parseConfig } from "../../src/config.js";
import { checked } from "../../src/base/validation.js";
import { assemble, callOf } from "../../src/remote/program.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { Target } from "../../src/remote/target.js";
import type { TargetInputs } from "../../src/remote/target-inputs.js";
import { kinds } from "../../src/kinds/kinds.js";
import { connectionSchema } from "../../src/ssh/connection.js";
import { masterArguments, quote } from "../../src/ssh/openssh.js";
import { shells, type Shell } from "../remote/run-step.js";
import { assignmentsOf, list, rest, text, type Value } from "../../src/remote/arguments.js";
import { scriptText } from "../../src/remote/scripts.js";
import { nullNode } from "../remote/step-values.js";

// Whatever text is given: it is refused, or it arrives byte for byte as one argument. A failure prints the seed and the smallest text.
const seed = Number(process.env.PYTHON3JAIL_TEST_SEED ?? 1);
const bounded = (numRuns: number): fc.Parameters<unknown> => ({ seed, numRuns });

/** Pieces that mean something to a shell, to ssh, to our lists, or to a path. */
const pieces = [
  "'",
  '"',
  "\\",
  "`",
  "$(",
  "${",
  ")",
  "\n",
  "\r\n",
  "\0",
  "\t",
  " ",
  "-",
  "--",
  "=",
  "%h",
  "%",
  "*",
  "?",
  "[",
  "~",
  "..",
  "../",
  "/",
  ":",
  ";",
  "&",
  "|",
  "<",
  ">",
  "#",
  "!",
  "{",
  "}",
  "\nEOF\n",
  "}\nanswer done\n",
  "\u0001",
  "\u001b]0;x\u0007",
  "\u007f",
  "\u0085",
  "\u009b",
  "\u00a0",
  "\u202e",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\udc00",
  "\u{1f40d}",
  "é",
  "e\u0301",
  "a",
  "root",
  "static",
  "-oProxyCommand=x",
];
const hostile = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((some) => some.join("")),
  },
  fc.string({ unit: "binary", minLength: 1 }),
  // Half pairs among them.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom(...pieces), fc.integer({ min: 1000, max: 20_000 }))
    .map(([piece, times]) => piece.repeat(times)),
);
/** A text that is right but for what was put into it somewhere, or another altogether. */
const spoiled = (right: string): fc.Arbitrary<string> =>
  fc.oneof(
    hostile,
    fc.tuple(hostile, fc.nat(right.length)).map(([piece, at]) => right.slice(0, at) + piece + right.slice(at)),
  );

const canBeSent = (text: string): boolean => !text.includes("\0") && Buffer.from(text).toString() === text;

const taken = { one: text, several: list, others: rest };
/** A step that takes an argument of each form. */
const takingAll = (script: string): Step<typeof taken> => ({ ...nodeSteps.read, script, gets: [], args: taken });

/** What the script of a step finds that is given these, once in each form: in as many variables, in a list and as positional parameters. */
async function arrived(texts: readonly string[], shell: Shell): Promise<string[][]> {
  const [command, ...words] = shell === "busybox" ? ["busybox", "sh", "-s"] : [shell, "-s"];
  const given = { one: "", several: texts, others: texts };
  const variables = Object.fromEntries(texts.map((_, index) => [`text${index}`, text]));
  const step = { ...takingAll("vis.sh"), args: { ...taken, ...variables } };
  const values = { ...given, ...Object.fromEntries(texts.map((one, index) => [`text${index}`, one])) };
  const show = `printf '%s' "$several" | while IFS= read -r item; do unvis "$item"; printf '\\0'; done
printf 'next\\0'
[ $# = 0 ] || printf '%s\\0' "$@"
printf 'next\\0'
${texts.map((_, index) => `printf '%s\\0' "$text${index}"`).join("\n")}`;
  // The step itself is another here.
  const program = assemble({ step, place: undefined, values }, "", (file) => (file === "vis.sh" ? show : ""));
  const { stdout } = await execa(command, words, {
    input: `answer() { :; }\nneed_root() { :; }\nneed_tools() { :; }\n${scriptText("vis.sh")}\n${program.slice(program.indexOf("step() {"))}`,
    stripFinalNewline: false,
    encoding: "buffer",
  });
  const found = Buffer.from(stdout).toString("utf8").split("\0").slice(0, -1);
  const first = found.indexOf("next");
  const second = found.indexOf("next", first + 1);
  return [found.slice(0, first), found.slice(first + 1, second), found.slice(second + 1)];
}

describe.each(shells)("an argument of a step under %s", (shell) => {
  test("arrives byte for byte, or is refused, in whatever form", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(hostile, fc.constant("")), { minLength: 20, maxLength: 60 }),
        async (texts) => {
          const [good, bad] = [texts.filter(canBeSent), texts.filter((one) => !canBeSent(one))];
          expect(await arrived(good, shell)).toEqual([good, good, good]);
          for (const one of bad)
            for (const some of [{ one }, { several: [one] }, { others: [one] }])
              expect(() =>
                assemble(callOf(takingAll("vis.sh"), undefined, { one: "", several: [], others: [], ...some })),
              ).toThrow("cannot be an argument");
        },
      ),
      bounded(15),
    );
  });
});

const connection = {
  host: "judge-1.example.org",
  port: 22,
  user: "deploy",
  identityFile: "/keys/one",
  hostKey: "ssh-ed25519 AAAA",
  knownHostsFile: "/keys/known",
  sshConfigFile: "/keys/config",
  agentSocketPath: "/run/agent",
  password: "a password",
  privateKey: "a key",
  privateKeyPassword: "its password",
  sudo: true,
  hostKeyPolicy: "strict",
  proxy: {
    host: "door.example.org",
    user: "guest",
    password: "another",
    privateKey: "a key",
    hostKey: "ssh-ed25519 AAAA",
    agentSocketPath: "/run/agent",
  },
};
const commit = "0123456789abcdef0123456789abcdef01234567";
const sha256 = commit + commit.slice(0, 24);
const directories = { state: "/var/lib/of-ours", cache: "/var/cache/of-ours" };
const python = {
  source: { url: "https://mirror.example.org/Python-3.13.5.tgz", sha256 },
  mirrors: ["https://mirror.example.org/python"],
  configureFlags: ["--with-pydebug", "CFLAGS=-O2 -g"],
  requireModules: ["our_module"],
  builder: "self",
  include: ["docs"],
};
const safeexec = "/usr/local/bin/safeexec";

/** Inputs of each kind with every text that it takes. */
const inputsOf: Readonly<Record<string, object>> = {
  JailRoot: { owner: "judge", group: "judges", git: { url: "https://example.org/jail.git", commit } },
  DeviceNode: nullNode,
  JailPermissions: {
    owner: "judge",
    group: "judges",
    scratchGroup: "www-data",
    modes: { "static/x": "0640" },
    triggers: ["a build"],
  },
  PythonBuild: python,
  JailPackages: {
    python,
    requirements: "/work/requirements.txt",
    wheels: "/work/wheels",
    requirementsDigest: sha256,
    pins: { kit: "1.0" },
  },
  JailFiles: {
    source: "/work/site",
    ignore: ["*.md"],
    target: "static/judge",
    digest: sha256,
    files: { "a.py": "f".repeat(64) },
  },
  JailSystem: {
    users: [{ name: "sandbox", uid: 10000, gid: 1000, home: "/home", shell: "/bin/false" }],
    timezones: ["Europe/Berlin", "UTC"],
    timezone: "Europe/Berlin",
  },
  JailLibraries: {
    mode: "closure",
    extra: ["libstdc++.so.6", "/opt/lib/libx.so"],
    trace: [["/bin/python3", "-c", "import numpy"]],
    triggers: ["a build"],
  },
  JailCheck: { safeexec, triggers: ["a build"] },
  JailAudit: { safeexec, owner: "judge", accept: { "host-kernel": "swap is encrypted" }, triggers: ["a build"] },
  JailReleases: { release: "abc-1" },
  SafeExec: { path: safeexec, git: { url: "https://example.org/safeexec.git", commit } },
};
const complete = (name: string): Record<string, unknown> => ({
  host: "judge-1",
  connection,
  directories,
  ...(name === "SafeExec" ? {} : { path: "/srv/python3jail" }),
  ...inputsOf[name],
});

type Way = readonly (string | number)[];
/** Where the texts of a value are, its keys left out. */
function texts(value: unknown, way: Way = []): Way[] {
  if (typeof value === "string") return [way];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => texts(inner, [...way, Array.isArray(value) ? Number(key) : key]))
    : [];
}
function at(value: unknown, way: Way): unknown {
  return way.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
function withText<T>(value: T, way: Way, text: string): T {
  const [key, ...rest] = way;
  if (key === undefined) return text as T;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<PropertyKey, unknown>;
  copy[key] = withText(copy[key], rest, text);
  return copy as T;
}

/** The arguments of the first steps that a resource of these inputs asks of its host. */
async function asked(name: string, inputs: TargetInputs): Promise<string[]> {
  const kind = kinds[name]!;
  const found: string[] = [];
  for (const work of ["read", "apply", "remove"] as const) {
    const jail = new Target(kind.target ?? "jail", inputs, new Session());
    let left = 4;
    jail.run = (step, ...[values]) => {
      assignmentsOf(step.args ?? {}, values ?? {});
      const texts = Object.values<Value>(values ?? {}).flat();
      found.push(jail.path, jail.records, jail.cache, ...texts.filter((one) => typeof one === "string"));
      if ((left -= 1) === 0) return Promise.reject(new Error("enough"));
      return Promise.resolve({ one: () => ["none"], maybe: () => undefined, all: () => [] } as never);
    };
    await kind[work](jail, inputs, {}).catch(() => undefined);
  }
  return found;
}

test("the texts of every kind of resource are tried", () => {
  expect(Object.keys(inputsOf).sort()).toEqual(Object.keys(kinds).sort());
  for (const name of Object.keys(inputsOf))
    expect([name, checked(kinds[name]!.schema, complete(name)).reasons]).toEqual([name, undefined]);
});

describe.each(Object.keys(inputsOf))("a text input of %s", (name) => {
  const right = complete(name);
  const { schema } = kinds[name]!;

  test("is refused, or arrives byte for byte as one argument or a part of one", async () => {
    const before = await asked(name, checked(schema, right).value as TargetInputs);
    const accepted: string[] = [];
    for (const way of texts(right)) {
      const was = at(right, way) as string;
      const isSent = before.some((arg) => arg.includes(was));
      await fc.assert(
        fc.asyncProperty(spoiled(was), async (text) => {
          const { value, reasons } = checked<unknown>(schema, withText(right, way, text));
          if (reasons) {
            expect(reasons.length).toBeGreaterThan(0);
            return;
          }
          expect(canBeSent(text)).toBe(true);
          if (!isSent || way[0] === "connection") return;
          const args = await asked(name, value as TargetInputs);
          const kept = String(at(value, way));
          expect(args.every(canBeSent)).toBe(true);
          // What a step starts as a command of its own comes quoted.
          const holding = args.filter((arg) => arg.includes(kept) || arg.includes(quote(kept)));
          expect(holding).not.toEqual([]);
          accepted.push(...holding);
        }),
        bounded(60),
      );
    }
    for (const shell of shells) expect(await arrived(accepted, shell)).toEqual([accepted, accepted, accepted]);
  });
});

test("a text of a connection is refused, or is one argument of ssh, even of the proxy command that a shell starts", async () => {
  const lines: string[] = [];
  const expected: string[] = [];
  for (const way of texts(connection)) {
    fc.assert(
      fc.property(spoiled(at(connection, way) as string), (text) => {
        const { value, reasons } = checked(connectionSchema, withText(connection, way, text));
        if (reasons) return;
        const args = masterArguments(value, "/run/socket", {}, {}, "sh");
        expect(args.every(canBeSent)).toBe(true);
        expect(args.slice(-3)).toEqual(["--", value.host, "sh"]);
        // An option is a pair, and nothing that was given is one.
        const words = args.slice(0, -3);
        for (let index = 0; index < words.length; index += words[index] === "-M" ? 1 : 2)
          expect(words[index]).toMatch(/^-[FMSopli]$/);
        const command = words.find((word) => word.startsWith("ProxyCommand="))!;
        lines.push(command.slice("ProxyCommand=".length).replaceAll("%%", "%"));
        expected.push(value.proxy!.host);
      }),
      bounded(60),
    );
  }
  // The last word of each line, as the shell that ssh starts sees it.
  const { stdout } = await execa("sh", ["-s"], {
    input: `env() { for last; do :; done; printf '%s\\0' "$last"; }\n${lines.join("\n")}\n`,
    stripFinalNewline: false,
  });
  expect(stdout.split("\0").slice(0, -1)).toEqual(expected);
});

test("a text of a stack's config is refused, or reaches the resources unchanged", () => {
  const settings = {
    path: "/srv/python3jail",
    python: { ...python, builder: "judge-1" },
    root: inputsOf.JailRoot,
    files: { source: "/work/site", ignore: ["*.md"], target: "static/judge" },
    system: inputsOf.JailSystem,
    permissions: { owner: "judge", modes: { "static/x": "0640" } },
    safeexec: inputsOf.SafeExec,
    directories,
  };
  const config = { hosts: { "judge-1": { connection } }, ...settings };
  for (const way of texts(config)) {
    fc.assert(
      fc.property(spoiled(at(config, way) as string), (text) => {
        const given = Object.entries(withText(config, way, text)).map(([key, value]) => [
          `python3jail:${key}`,
          typeof value === "string" ? value : JSON.stringify(value),
        ]);
        let hosts;
        try {
          ({ hosts } = parseConfig("python3jail", Object.fromEntries(given) as Record<string, string>, "/work"));
        } catch (error) {
          expect(error).toBeInstanceOf(pulumi.RunError);
          return;
        }
        expect(canBeSent(text)).toBe(true);
        expect(hosts.map(({ name }) => name)).toEqual(["judge-1"]);
        const args = jailArgsOf(hosts[0]!, "/work") as unknown as Record<string, unknown>;
        if (way[0] !== "safeexec" && way[0] !== "hosts" && !["source", "path"].includes(String(way.at(-1))))
          expect(at(args, way)).toBe(text);
      }),
      bounded(25),
    );
  }
});
