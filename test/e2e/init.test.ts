import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { engineRoot } from "../../src/base/pulumi-internals.js";
import { python3jail, type CommandEnd } from "../cli/python3jail.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { makeOwnedDirectory } from "../hosts/owned-directory.js";
import { repositoryRoot } from "../hosts/repository.js";
import { buildTimeout, jailPath, sharedBuilds } from "./jail-stack.js";

// The first hour: a user with a home of their own, who has never used Pulumi.
let fleet: HostFleet;
const hosts: Record<string, Host> = {};
let home: string;
let folder: string;
let sshConfig: string;

beforeAll(async () => {
  fleet = await HostFleet.create();
  const add = async (...options: Parameters<HostFleet["addHost"]>): Promise<void> => {
    const host = await fleet.addHost(...options);
    hosts[host.name] = host;
  };
  await add({ name: "whole", cacheDirectory: sharedBuilds });
  await add({ name: "sudo-user", user: "deploy", sudo: "without-password" });
  await add({ name: "plain-user", user: "deploy" });
});
afterAll(() => fleet.destroy());

beforeEach(() => {
  home = makeOwnedDirectory("python3jail-first-hour");
  folder = join(home, "project");
  for (const name of ["project", "engine", "states"]) mkdirSync(join(home, name));
  symlinkSync(dirname(engineRoot()), join(home, "engine", "versions"));
  // What `npm install pulumi-python3jail` brings.
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(repositoryRoot, join(folder, "node_modules", "pulumi-python3jail"));
  symlinkSync(join(repositoryRoot, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  sshConfig = join(home, "ssh_config");
  writeFileSync(
    sshConfig,
    Object.values(hosts)
      .map(
        ({ name, address, user, privateKeyFile, knownHostsFile }) =>
          `Host ${name}\n  HostName ${address}\n  User ${user}\n  IdentityFile ${privateKeyFile}\n  UserKnownHostsFile ${name === "plain-user" ? join(home, "known_hosts") : knownHostsFile}\n`,
      )
      .join(""),
  );
});
afterEach(() => rmSync(home, { recursive: true }));

/** A user who is logged in to no backend, and has given no passphrase. */
function environment(): Record<string, string> {
  const others = Object.keys(process.env).filter((name) => name.startsWith("PULUMI_"));
  return {
    ...Object.fromEntries(others.map((name) => [name, ""])),
    HOME: home,
    PATH: `${join(engineRoot(), "bin")}:${join(repositoryRoot, "node_modules/.bin")}:${process.env.PATH}`,
    PULUMI_HOME: join(home, "engine"),
    PYTHON3JAIL_CACHE_DIR: join(home, "cache"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NO_COLOR: "1",
  };
}

const init = (...args: string[]): Promise<CommandEnd> => python3jail([...command(), ...args], environment());
/** `~` would be the home of who runs the tests, whatever HOME says. */
const command = (): string[] => [
  "init",
  "--cwd",
  folder,
  "--ssh-config",
  sshConfig,
  "--backend",
  `file://${join(home, "states")}`,
];
const read = (file: string): string => readFileSync(join(folder, file), "utf8");
const passphraseFile = (): string => join(home, ".python3jail-passphrase");
const written = (): string[] => readdirSync(folder).filter((name) => name !== "node_modules");

test(
  "one command writes a whole project and previews it, and the next one creates the jail on the host",
  async () => {
    const { exitCode, stdout, stderr } = await init("--yes", "--host", "whole", "--python", "3.13.5");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) });
    expect(stdout).toMatch(/whole: logging in\n[✓!] whole\n/);
    expect(stdout).toMatch(/\+ {2,}pulumi-nodejs:dynamic\/python3jail:JailCheck +whole +create/);
    expect(stdout.slice(stdout.indexOf("Next:"))).toBe(
      `Next:\n  npx python3jail up --stack dev\n\nKeep ${passphraseFile()}: without it nobody can read the stack's secrets. \`pulumi\` itself needs\n  export PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile()}`,
    );
    expect(written().sort()).toEqual([".gitignore", "Pulumi.yaml", "index.js", "package.json", "stacks"]);
    expect(parse(read("stacks/Pulumi.dev.yaml"))).toMatchObject({
      encryptionsalt: expect.any(String),
      config: {
        "python3jail:path": jailPath,
        "python3jail:python": { version: "3.13.5" },
        "python3jail:hosts": [{ name: "whole", connection: { host: "whole", sshConfigFile: sshConfig } }],
      },
    });
    expect(statSync(passphraseFile()).mode & 0o777).toBe(0o600);

    const up = await python3jail(["up", "--cwd", folder, "--stack", "dev", "--yes"], environment());
    expect(up).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/✓ whole/) });
    expect((await hosts.whole!.run(`ls ${jailPath}`)).stdout).toContain("REM_this_is_jail");
  },
  buildTimeout,
);

test("a second run changes no file, and uses other names for its stacks", async () => {
  await init("--yes", "--host", "whole");
  const before = read("stacks/Pulumi.dev.yaml");
  const passphrase = readFileSync(passphraseFile(), "utf8");
  const { exitCode } = await init("--yes", "--host", "whole", "--host", "sudo-user", "--path", "/srv/other");
  expect(exitCode).toBe(0);
  expect(readdirSync(join(folder, "stacks")).sort()).toEqual([
    "Pulumi.dev.yaml",
    "Pulumi.my-dev.yaml",
    "Pulumi.my-prod.yaml",
  ]);
  expect([read("stacks/Pulumi.dev.yaml"), readFileSync(passphraseFile(), "utf8")]).toEqual([before, passphrase]);
  expect(parse(read("stacks/Pulumi.my-prod.yaml"))).toMatchObject({
    config: {
      "python3jail:path": "/srv/other",
      "python3jail:hosts": [{ name: "sudo-user", connection: { sudo: true } }],
    },
  });
});

test("a run in a checkout writes a stack beside the examples", async () => {
  cpSync(join(repositoryRoot, "stacks"), join(folder, "stacks"), { recursive: true });
  const manifest = readFileSync(join(repositoryRoot, "Pulumi.yaml"), "utf8");
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    manifest.replace(/^main:.*$/m, `main: ${join(repositoryRoot, "build/src/program.js")}`),
  );
  const { exitCode, stdout } = await init("--yes", "--host", "sudo-user", "--name", "judge-1");
  expect(stdout).toMatch(/JailCheck +judge-1 +create/);
  expect(exitCode).toBe(0);
  expect(written().sort()).toEqual(["Pulumi.yaml", "stacks"]);
  expect(existsSync(join(folder, "stacks", "Pulumi.my-dev.yaml"))).toBe(true);
});

describe("init writes nothing", () => {
  afterEach(() => expect([written(), existsSync(passphraseFile())]).toEqual([[], false]));

  test("if the login is not root and there is no sudo", async () => {
    const { exitCode, stdout } = await init("--yes", "--host", "plain-user", "--accept-new");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ plain-user\n {2}lacking {2}you are uid \d+ there, not root\n {11}→ /);
  });

  test("if the host key is unknown and may not be accepted", async () => {
    const { exitCode, stdout } = await init("--yes", "--host", "plain-user");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/lacking {2}its host key is not known/);
  });

  test.each<[args: string[], says: string]>([
    [["--yes"], "give --host"],
    [["--host", "whole"], "nobody can be asked here: give --yes"],
    [["--yes", "--host", "whole", "--python", "2.7"], '--python: there is no "2.7" in the table of releases'],
    [["--yes", "--host", "whole", "--path", "srv"], "--path: must be an absolute path"],
    [["--yes", "--host", "whole", "--environments", "7"], "--environments: must be 1 to 3"],
    [["--yes", "--host", "a b"], "--host: "],
  ])("if it is called wrongly with %j", async (args, says) =>
    expect(await init(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(says) }),
  );
});

test("a file that exists already is named, and stays as it is", async () => {
  writeFileSync(join(folder, "index.js"), "mine");
  expect(await init("--yes", "--host", "whole")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("index.js is there already, and init changes no file"),
  });
  expect([written(), read("index.js")]).toEqual([["index.js"], "mine"]);
});

test("a folder of another project is refused", async () => {
  writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  expect(await init("--yes", "--host", "whole")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('is the project "shop", with a program of its own'),
  });
});

test("a user is asked for the needed values, with defaults, and again after an invalid answer", async () => {
  const program = [process.execPath, join(repositoryRoot, "build/src/cli/main.js"), ...command()].join(" ");
  const answers: [question: string, answer: string][] = [
    ["How many environments", ""],
    ["Where is the jail to be?", "srv"],
    ["must be an absolute path", ""],
    ["Which Python?", "3.13.5"],
    ["Host of dev", "plain-user"],
    ["is not known. Accept", "n"],
    ["Host of dev", "whole"],
    ["Its name for good", "judge-1"],
    ["Write this?", "y"],
  ];
  const person = execa("script", ["-qec", program, "/dev/null"], {
    env: { ...environment(), NODE_OPTIONS: "" },
    reject: false,
    stdin: "pipe",
  });
  let heard = "";
  person.stdout.on("data", (more: Buffer) => {
    heard += more.toString();
    const [next] = answers;
    if (!next || !heard.includes(next[0])) return;
    heard = "";
    answers.shift();
    person.stdin.write(`${next[1]}\n`);
  });
  const { stdout } = await person;
  expect(answers).toEqual([]);
  const said = stdout.replace(/\r|\u001b\[[0-9]*[GJ]/g, "");
  expect(said).toContain(`Where is the jail to be? [${jailPath}]: srv\n  must be an absolute path (begin with /)`);
  expect(said).toMatch(/✗ plain-user\n {2}lacking {2}its host key is not known/);
  expect(said).toContain("Host of dev ([user@]host, or an alias of ~/.ssh/config): whole");
  expect(parse(read("stacks/Pulumi.dev.yaml"))).toMatchObject({
    config: { "python3jail:python": { version: "3.13.5" }, "python3jail:hosts": [{ name: "judge-1" }] },
  });
});
