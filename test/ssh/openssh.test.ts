import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, ProxyConnection } from "../../src/ssh/connection.js";
import { askpassEnvironment, channelArguments, masterArguments, quote } from "../../src/ssh/openssh.js";
import { PrivateFolder, type LoginFiles } from "../../src/ssh/secrets.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "openssh-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Creates an empty file for a setting that names one, and returns its path. */
function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  return path;
}

/** Returns ssh's arguments for a connection. It writes no secrets, as the arguments contain only the names of files. */
function argumentsFor(connection: Connection): string[] {
  const files = (name: string, login: Connection | ProxyConnection): LoginFiles => ({
    ...(login.privateKey ? { identity: `/private/${name}.key` } : {}),
    ...(login.hostKey ? { knownHosts: `/private/${name}.known_hosts` } : {}),
    ...(login.password ? { password: `/private/${name}.password` } : {}),
    ...(login.privateKeyPassword ? { passphrase: `/private/${name}.passphrase` } : {}),
  });
  return masterArguments(
    connection,
    "/private/s",
    files("host", connection),
    connection.proxy && files("proxy", connection.proxy),
    "the command",
  );
}

type Settings = Record<string, string[]>;

/** Returns the settings that OpenSSH reads from arguments: `ssh -G` prints them, and does not connect. */
async function understood(words: readonly string[]): Promise<Settings> {
  // Leave out the user's own configuration.
  const { stdout } = await execa("ssh", ["-G", ...(words.includes("-F") ? [] : ["-F", "none"]), ...words]);
  const settings: Settings = {};
  for (const line of stdout.split("\n"))
    (settings[line.split(" ", 1)[0]!] ??= []).push(line.slice(line.indexOf(" ") + 1));
  return settings;
}

describe("OpenSSH reads", () => {
  const base = { host: "judge-1.example.org" };
  const cases: [string, Connection, Settings][] = [
    [
      "the defaults for a host alone: batch mode, no forwarding, and our own control socket",
      base,
      {
        hostname: [base.host],
        port: ["22"],
        batchmode: ["yes"],
        controlmaster: ["true"],
        controlpath: ["/private/s"],
        controlpersist: ["no"],
        forwardagent: ["no"],
        forwardx11: ["no"],
        clearallforwardings: ["yes"],
        requesttty: ["false"],
        connecttimeout: ["15"],
        serveraliveinterval: ["15"],
        serveralivecountmax: ["4"],
        stricthostkeychecking: ["ask"],
      },
    ],
    ["port and user", { ...base, port: 2222, user: "DOMAIN\\deploy" }, { port: ["2222"], user: ["DOMAIN\\deploy"] }],
    ["an IPv6 address with a zone", { host: "fe80::1%eth0" }, { hostname: ["fe80::1%eth0"] }],
    ["perDialTimeout", { ...base, perDialTimeout: 3 }, { connecttimeout: ["3"] }],
    [
      "an inline key as the only key to offer",
      { ...base, privateKey: "k" },
      { identityfile: ["/private/host.key"], identitiesonly: ["yes"], batchmode: ["yes"] },
    ],
    [
      "a password as one permitted prompt",
      { ...base, password: "p" },
      { batchmode: ["no"], numberofpasswordprompts: ["1"] },
    ],
    [
      "a passphrase as a permitted prompt",
      { ...base, privateKey: "k", privateKeyPassword: "p" },
      { batchmode: ["no"], identityfile: ["/private/host.key"] },
    ],
    [
      "a pinned host key as the only known key, whatever the address",
      { ...base, hostKey: "ssh-ed25519 AAAA" },
      {
        stricthostkeychecking: ["true"],
        userknownhostsfile: ["/private/host.known_hosts"],
        globalknownhostsfile: ["/dev/null"],
        hostkeyalias: ["python3jail-pinned"],
      },
    ],
    [
      "a pinned host key in preference to a policy and a known_hosts file",
      { ...base, hostKey: "ssh-ed25519 AAAA", hostKeyPolicy: "accept-new", knownHostsFile: "/other" },
      {
        stricthostkeychecking: ["true"],
        userknownhostsfile: ["/private/host.known_hosts"],
      },
    ],
    ["the policy strict", { ...base, hostKeyPolicy: "strict" }, { stricthostkeychecking: ["true"] }],
    ["the policy accept-new", { ...base, hostKeyPolicy: "accept-new" }, { stricthostkeychecking: ["accept-new"] }],
    ["an agent's socket", { ...base, agentSocketPath: "/run/my agent" }, { identityagent: ["/run/my agent"] }],
    [
      "a proxy",
      { ...base, proxy: { host: "bastion" } },
      {
        proxycommand: [
          "env PYTHON3JAIL_PASSWORD_FILE=/dev/null PYTHON3JAIL_PASSPHRASE_FILE=/dev/null ssh -o ConnectTimeout=15 -o BatchMode=yes -W [%h]:%p -- bastion",
        ],
      },
    ],
  ];
  test.each(cases)("%s", async (_name, connection, expected) => {
    expect(await understood(argumentsFor(connection))).toMatchObject(expected);
  });

  const names = [
    "plain",
    "with space",
    "it's",
    'double"quote',
    "back\\slash",
    "#hash",
    "a$HOME",
    "two  spaces",
    "tab\tin it",
  ];
  test.each(names)("a known_hosts path with a folder named %j as one path", async (name) => {
    const knownHostsFile = join(folder, name, "known hosts");
    expect(await understood(argumentsFor({ ...base, knownHostsFile }))).toMatchObject({
      userknownhostsfile: [knownHostsFile],
    });
  });
  test.each(names)("a key file named %j as one path, and offers only its key", async (name) => {
    const identityFile = file(name);
    expect(await understood(argumentsFor({ ...base, identityFile }))).toMatchObject({
      identityfile: [identityFile],
      identitiesonly: ["yes"],
    });
  });

  test("an inline key instead of the key file that is declared too", async () => {
    const words = argumentsFor({ ...base, privateKey: "k", identityFile: file("besides") });
    expect((await understood(words)).identityfile).toEqual(["/private/host.key"]);
  });

  test("an alias of a configuration file, whose settings apply where the connection gives none", async () => {
    const sshConfigFile = file("my ssh config");
    writeFileSync(
      sshConfigFile,
      "Host judge\n HostName 192.0.2.7\n User deploy\n Port 2200\n StrictHostKeyChecking no\n ForwardAgent yes\n ControlPersist yes\n",
    );
    expect(
      await understood(argumentsFor({ host: "judge", sshConfigFile, port: 2201, hostKeyPolicy: "strict" })),
    ).toMatchObject({
      hostname: ["192.0.2.7"],
      user: ["deploy"],
      port: ["2201"],
      stricthostkeychecking: ["true"],
      forwardagent: ["no"],
      controlpersist: ["no"],
    });
  });
});

describe("a proxy's command", () => {
  /**
   * Returns the arguments that the proxy's ssh would get: a real shell splits the command, after ssh's expansion of it.
   */
  async function proxyWords(proxy: ProxyConnection): Promise<string[]> {
    const words = argumentsFor({ host: "inner", proxy });
    const command = words.find((word) => word.startsWith("ProxyCommand="))!.slice("ProxyCommand=".length);
    const expanded = command.replace(
      /%(.)/g,
      (_all, letter: string) => ({ h: "192.0.2.9", p: "2022", "%": "%" })[letter] ?? `<unknown %${letter}>`,
    );
    const { stdout } = await execa("sh", [
      "-c",
      `ssh() { printf '%s\\0' "$@"; }; ${expanded.replace(/^env (\S+=\S+ )+/, "")}`,
    ]);
    return stdout.split("\0").slice(0, -1);
  }

  test("connects to the inner host's address and port", async () => {
    expect(await proxyWords({ host: "bastion", port: 2200, user: "jump" })).toEqual([
      "-p",
      "2200",
      "-l",
      "jump",
      "-o",
      "ConnectTimeout=15",
      "-o",
      "BatchMode=yes",
      "-W",
      "[192.0.2.9]:2022",
      "--",
      "bastion",
    ]);
  });

  test.each([
    ['/run/it\'s $(here); "x"', '/run/it\'s $(here); "x"'],
    ["/run/`id`", "/run/`id`"],
    // The proxy's ssh expands these tokens, as it reads the setting.
    ["/run/%h/100%%", "/run/bastion/100%"],
  ])("gives an agent's socket named %j to the proxy's ssh as one word", async (agentSocketPath, read) => {
    const words = await proxyWords({ host: "bastion", agentSocketPath });
    expect((await understood(words.slice(0, words.indexOf("-W")).concat("bastion"))).identityagent).toEqual([read]);
  });

  test("pins the proxy's own host key, and reads its own secrets", () => {
    const words = argumentsFor({
      host: "inner",
      hostKey: "ssh-ed25519 AAAA",
      proxy: { host: "bastion", hostKey: "ssh-ed25519 BBBB", password: "p", privateKey: "k" },
    });
    const command = words.find((word) => word.startsWith("ProxyCommand="));
    expect(command).toContain("UserKnownHostsFile=/private/proxy.known_hosts");
    expect(command).toContain("PYTHON3JAIL_PASSWORD_FILE=/private/proxy.password");
    expect(command).toContain("/private/proxy.key");
    expect(command).toContain("BatchMode=no");
    expect(command).not.toContain("/private/host");
  });
});

test("an ssh over the master opens no connection of its own, and reads no configuration", async () => {
  const words = channelArguments("/private/s", "exec sh -s");
  expect(words.slice(-3)).toEqual(["--", "host", "exec sh -s"]);
  expect(words.slice(0, 2)).toEqual(["-F", "none"]);
  expect(await understood(words)).toMatchObject({
    controlpath: ["/private/s"],
    controlmaster: ["false"],
    proxycommand: ["false"],
    batchmode: ["yes"],
  });
});

test("the folder of sockets and keys may have any name", async () => {
  const odd = join(folder, `it's 100% "odd"`);
  mkdirSync(odd);
  const own = (name: string) => {
    writeFileSync(join(odd, name), "");
    return join(odd, name);
  };
  const words = masterArguments(
    { host: "h" },
    join(odd, "s"),
    { identity: own("key"), knownHosts: own("known") },
    undefined,
    "true",
  );
  expect(await understood(words)).toMatchObject({
    controlpath: [join(odd, "s")],
    userknownhostsfile: [join(odd, "known")],
    // `ssh -G` prints this path before it expands % tokens.
    identityfile: [join(odd.replace("%", "%%"), "key")],
  });
  expect(await understood(channelArguments(join(odd, "s"), "true"))).toMatchObject({ controlpath: [join(odd, "s")] });
});

test("no argument or environment variable of ssh contains a secret", () => {
  const secrets = {
    password: "hunter2-password",
    privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2-key\n-----END OPENSSH PRIVATE KEY-----",
    privateKeyPassword: "hunter2-passphrase",
  };
  const connection: Connection = {
    host: "h",
    hostKey: "ssh-ed25519 AAAA",
    ...secrets,
    proxy: { host: "b", ...secrets },
  };
  const place = new PrivateFolder();
  try {
    const files = place.add("host", connection);
    const proxyFiles = place.add("proxy", connection.proxy!);
    const words = masterArguments(connection, place.socket, files, proxyFiles, "true");
    expect(words.join("\n")).toContain(place.path);
    expect([...words, JSON.stringify(askpassEnvironment(place.addAskpass(), files))].join("\n")).not.toContain(
      "hunter2",
    );
  } finally {
    place.remove();
  }
});

test.each([
  "",
  "plain",
  "with space",
  "it's",
  "$(id) `id` $HOME",
  'a"b',
  "a\\b",
  "line\nbreak",
  "*?[",
  "-n",
  "~",
  "#",
  "a\tb",
  "ünïcode",
])("every shell reads the quoted form of %j as one word", async (word) => {
  for (const shell of ["dash", "bash", "busybox sh"]) {
    const [program, ...rest] = shell.split(" ");
    const { stdout } = await execa(program!, [...rest, "-c", `printf '<%s>' ${quote(word)} end`]);
    expect([shell, stdout]).toEqual([shell, `<${word}><end>`]);
  }
});

test("a `~/` in sshConfigFile is expanded, as ssh does not expand it after -F", () => {
  expect(argumentsFor({ host: "judge", sshConfigFile: "~/.ssh/judges" })).toEqual(
    expect.arrayContaining(["-F", join(homedir(), ".ssh/judges")]),
  );
});
