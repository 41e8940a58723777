import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newestPatch } from "../../src/python/releases.js";
import type { Host } from "../hosts/host.js";
import { HostFleet, type HostOptions } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { endAll, entryFor, jailPath, recordsPath, resourcesOf, stackConfig } from "./jail-stack.js";

/** As it may stand in a config that is wrong; nothing may print it. */
const SECRET = "swordfish-7391";

describe("a preview refuses a wrong config, with property and remedy:", () => {
  const connection = { host: "192.0.2.1", password: SECRET };
  const host = (settings: object): object => ({ name: "judge-1", connection, ...settings });

  let project: Project;

  beforeAll(async () => {
    project = await Project.create({ program: "repository" });
  });

  afterAll(() => endAll(undefined, project));

  async function refusal(config: Record<string, unknown>): Promise<string> {
    project.setConfig(config);
    const { all } = await project.preview({ expectFailure: true });
    expect(all).not.toContain(SECRET);
    expect(all).not.toContain("192.0.2.1");
    // A refusal, not a crash of ours.
    expect(all).toContain("the stack's config is wrong:");
    expect(all).not.toContain("    at ");
    return all;
  }

  const folder = "give a folder of its own, such as /srv/python3jail";
  const wrongHosts: { name: string; settings: object; says: string }[] = [
    {
      name: "an unknown key of a host",
      settings: { pyhton: SECRET },
      says: 'unknown property "pyhton": did you mean "python"?',
    },
    {
      name: "an unknown key of a connection",
      settings: { connection: { ...connection, passwort: SECRET } },
      says: 'connection: unknown property "passwort"',
    },
    {
      name: "an unknown key of a resource",
      settings: { python: { verison: "3.13.5" } },
      says: 'python: unknown property "verison"',
    },
    {
      name: "an address that is none",
      settings: { connection: { ...connection, host: "" } },
      says: "connection.host: must not be empty",
    },
    {
      name: "a port that is none",
      settings: { connection: { ...connection, port: 65536 } },
      says: "connection.port: must be 1 to 65535",
    },
    {
      name: "a password of two lines",
      settings: { connection: { ...connection, password: `${SECRET}\n${SECRET}` } },
      says: "connection.password: must be one line",
    },
    { name: "a relative path", settings: { path: "srv/jail" }, says: "path: must be an absolute path (begin with /)" },
    { name: "a path with '..'", settings: { path: "/srv/../etc/jail" }, says: "path: must not contain '..'" },
    {
      name: "a path with a line break",
      settings: { path: "/srv/a\nb" },
      says: "path: must not contain a line break, a NUL or another control character",
    },
    {
      name: "a path with a NUL",
      settings: { path: "/srv/a\0b" },
      says: "path: must not contain a line break, a NUL or another control character",
    },
    ...["/", "/usr", "/etc", "/home", "/var", "/lib64/jail"].map((path) => ({
      name: `the system path ${path}`,
      settings: { path },
      says: `path: is a system path; ${folder}`,
    })),
    {
      name: "a sha256 that is none",
      settings: { python: { source: { url: "https://example.org/Python.tgz", sha256: "abc" } } },
      says: "python.source.sha256: must be a sha256: 64 hexadecimal digits",
    },
    { name: "a device that is no preset", settings: { devices: ["zero"] }, says: "devices[0]: must be" },
    {
      name: "a mode that is none",
      settings: { permissions: { modes: { static: "rwx" } } },
      says: 'permissions.modes.static: must be an octal mode in quotation marks, such as "0666"',
    },
    {
      name: "a mode for a path outside the jail",
      settings: { permissions: { modes: { "../x": "0644" } } },
      says: "must stay inside the jail (no '..')",
    },
  ];
  let printed: Promise<string> | undefined;

  // All that is wrong is told at once: one preview for all of them.
  test.each(wrongHosts.map((row, index) => ({ ...row, index })))("$name", async ({ says, index }) => {
    printed ??= refusal({
      ...stackConfig(wrongHosts.map(({ settings }) => host(settings) as Record<string, unknown>)),
      "python3jail:colour": SECRET,
    });
    const lines = (await printed)
      .split("\n")
      .filter((line) => new RegExp(`python3jail:hosts\\[${index}\\][:.]`).test(line));
    expect(lines.join("\n")).toContain(says);
  });

  test("an unknown key of the config itself", async () => {
    expect(await printed).toContain('unknown property "colour"');
  });

  test("a key file that is not on this machine", async () => {
    const identityFile = "/nonexistent/id_ed25519";
    project.setConfig(stackConfig([host({ connection: { ...connection, identityFile } }) as Record<string, unknown>]));
    const { all } = await project.preview({ expectFailure: true });
    expect(all).toContain(`connection.identityFile: there is no file ${identityFile} on this machine`);
    expect(all).not.toContain(SECRET);
  });

  test("not a release line of Python, which is shown as its newest version", async () => {
    const settings = { python: { version: "3.13" } };
    project.setConfig(stackConfig([host({}) as Record<string, unknown>], settings));
    const pinned = newestPatch("3.13")!;
    const { stdout } = await project.pulumi(["preview", "--diff", "--stack", project.stack]);
    expect(stdout).toMatch(new RegExp(`version *: "${pinned.replaceAll(".", "\\.")}"`));
  });

  test("a config without hosts", async () => {
    expect(await refusal(stackConfig([]))).toContain("python3jail:hosts: has no host: give at least one");
  });

  test("the same host and path twice, an unknown version, a required module that is left out, packages and files without a source", async () => {
    const pythons = [
      { version: "3.99.1" },
      { requireModules: ["ssl", "tkinter"] },
      { requireModules: ["tkinter"], include: ["tkinter"] },
    ];
    const without = [{ packages: { allowUnhashed: true } }, { files: { ignore: ["*.md"] } }];
    const others = [...pythons.map((python) => ({ python })), ...without].map((settings, index) =>
      host({ name: `judge-${index + 2}`, ...settings }),
    );
    const all = await refusal(
      stackConfig(
        [host({}), host({ path: "/srv/other" }), host({ path: jailPath }), ...others].map((entry) => ({ ...entry })),
      ),
    );
    expect(all).toContain(
      "python3jail:hosts[2]: is the same host and path as hosts[0]; give one of them another `path`",
    );
    expect(all).toMatch(
      /python3jail:hosts\[3\]\.python\.version: is not in the table of pinned releases, .*"https:\/\/www\.python\.org\/ftp\/python\/3\.99\.1\/Python-3\.99\.1\.tar\.xz"/,
    );
    expect(all).toContain(
      'python3jail:hosts[4].python.requireModules[1]: is a module that is left out: add "tkinter" to `include`',
    );
    expect(all).toContain("python3jail:hosts[6].packages.requirements: is missing: the path of a requirements file");
    expect(all).toContain("python3jail:hosts[7].files.source: is missing: the path of a folder");
    expect(all).not.toMatch(/hosts\[[15]\]/);
  });
});

test.each([
  {
    name: "a device node outside the jail",
    node: "../outside",
    mode: "0666",
    says: "node: must stay inside the jail (no '..')",
  },
  {
    name: "a device node with a mode that is none",
    node: "dev/full",
    mode: "666 or so",
    says: 'mode: must be an octal mode in quotation marks, such as "0666"',
  },
])("a preview of the user's own program refuses $name", async ({ node, mode, says }) => {
  const project = await Project.create({
    program: `
      const { DeviceNode } = require("pulumi-python3jail");
      new DeviceNode("node", {
        host: "judge-1", connection: { host: "192.0.2.1", password: "${SECRET}" }, path: "/srv/jail",
        node: ${JSON.stringify(node)}, major: 1, minor: 7, mode: ${JSON.stringify(mode)},
      });
    `,
  });
  try {
    const { all } = await project.preview({ expectFailure: true });
    expect(all).toContain(says);
    expect(all).not.toContain(SECRET);
  } finally {
    await project.remove();
  }
});

describe("an up refuses an unsuitable host at its first step, with reason and remedy:", () => {
  interface Case {
    name: string;
    options?: Omit<HostOptions, "name">;
    /** Makes it so. */
    prepare?: (host: Host) => Promise<unknown>;
    connection?: (host: Host) => object | Promise<object>;
    says: RegExp;
    remedy: RegExp;
    /** What was made before the step that refuses: nothing, or the jail's empty folder. */
    leaves?: "the folder";
  }

  const cases: Record<string, Case> = {
    foreign: {
      name: "a folder that holds something and is no jail",
      prepare: (host) => host.run(`mkdir ${jailPath}; echo precious >${jailPath}/thesis.txt`),
      says: /lay out the jail: \/srv\/python3jail is not empty and is no jail/,
      remedy: /give an empty or new folder as `path`; nothing there was changed/,
    },
    readonly: {
      name: "a path that cannot be written",
      options: { mounts: { "/srv": "ro" } },
      says: /lay out the jail: \/srv\/python3jail cannot be made; .*\/srv.* is read-only/,
      remedy: /mount it so that it can be written/,
    },
    down: {
      name: "a host that does not answer",
      prepare: (host) => host.takeDown(),
      says: /lay out the jail|read the jail: it does not answer/,
      remedy: /check that the host is up, and the connection's `host` and `port`/,
    },
    port: {
      name: "a wrong port",
      connection: () => ({ port: 2 }),
      says: /read the jail: nothing listens on its SSH port/,
      remedy: /check the connection's `port`, and that sshd runs there/,
    },
    key: {
      name: "a wrong key",
      connection: () => ({ identityFile: hosts.foreign!.privateKeyFile }),
      says: /read the jail: the login was refused/,
      remedy: /check the user, and the key/,
    },
    unknownkey: {
      name: "a host key that nobody knows",
      connection: async (host) => {
        const knownHostsFile = join(dirname(host.knownHostsFile), "known_nobody");
        await writeFile(knownHostsFile, "");
        return { knownHostsFile };
      },
      says: /read the jail: its host key is not known/,
      remedy: /hostKeyPolicy: accept-new/,
    },
    changedkey: {
      name: "a host key that has changed",
      prepare: (host) => host.changeHostKey(),
      says: /read the jail: its host key has changed/,
      remedy: /if the host was reinstalled, remove its old key/,
    },
    noexec: {
      name: "a file system without programs",
      options: { mounts: { "/srv": "noexec" } },
      says: /lay out the jail: \/srv\/python3jail is on a file system mounted noexec/,
      remedy: /remount it without noexec, or give another `path`/,
    },
    nodev: {
      name: "a file system without devices",
      options: { mounts: { "/srv": "nodev" } },
      says: /lay out the jail: \/srv\/python3jail is on a file system mounted nodev/,
      remedy: /remount it without nodev, or give another `path`/,
    },
    link: {
      name: "a symbolic link where the folder of the nodes should be",
      prepare: (host) =>
        host.run(
          `mkdir ${jailPath} /srv/elsewhere; touch ${jailPath}/REM_this_is_jail; ln -s /srv/elsewhere ${jailPath}/dev`,
        ),
      says: /lay out the jail: dev in the jail is no folder/,
      remedy: /see what it is, and remove it/,
    },
    disk: {
      name: "too little disk, for the jail and for the build",
      options: { mounts: { "/srv": "size=20m", "/var/cache": "size=30m" } },
      says: /\/var\/cache\S* has \d+ MB free, the build needs \d+ MB; \/srv\/python3jail has \d+ MB free, the jail needs \d+ MB/,
      remedy: /make room, or give another place in `directories.cache`/,
      leaves: "the folder",
    },
    bare: {
      name: "no compiler, and nothing else that a build needs, all told at once",
      options: { root: { debian: "bookworm" } },
      says: /there is no C compiler, .*no make, .*no xz, .*header for the module zlib/,
      remedy:
        /install what is missing: `apt-get install -y gcc libbz2-dev libc6-dev libffi-dev liblzma-dev libsqlite3-dev libssl-dev make xz-utils zlib1g-dev`, or set `installBuildDependencies: true`/,
      leaves: "the folder",
    },
  };

  let fleet: HostFleet;
  let project: Project;
  const hosts: Record<string, Host> = {};
  const before: Record<string, string[]> = {};
  let printed: string;

  beforeAll(async () => {
    fleet = await HostFleet.create();
    const entries: Record<string, unknown>[] = [];
    for (const [name, { options, prepare, connection }] of Object.entries(cases)) {
      const host = (hosts[name] = await fleet.addHost({ name, ...options }));
      await prepare?.(host);
      entries.push(entryFor(host, { connection: await connection?.(host) }));
      before[name] = await everything(host);
    }
    project = await Project.create({ program: "repository", config: stackConfig(entries, { root: {} }) });
    // One up for all: no host stops another.
    printed = (await project.up({ expectFailure: true })).all;
  });

  afterAll(() => endAll(fleet, project));

  /** Where the jail would be, also when it was last written to. */
  async function everything(host: Host): Promise<string[]> {
    return [...(await host.listing()), ...(await host.listing({ paths: ["/srv"], changeTimes: true }))];
  }

  test.each(Object.entries(cases).map(([host, facts]) => ({ host, ...facts })))(
    "$name",
    async ({ host, says, remedy, leaves }) => {
      const message = new RegExp(
        `^ +error: (${host}: .*)\\n((?: +\\|.*\\n| +its last lines:\\n)*) +what to do: (.*)$`,
        "m",
      ).exec(printed);
      expect(message?.[1]).toMatch(says);
      expect(message?.[3]).toMatch(remedy);
      const after = await everything(hosts[host]!);
      if (leaves === undefined) {
        expect(after).toEqual(before[host]);
      } else {
        expect(
          after
            .map((line) => line.split(" ")[0])
            .filter((path) => /cache\/python3jail\/(work|builds)\/(?!lock$)./.test(path!)),
        ).toEqual([]);
        expect(after).toContainEqual(expect.stringContaining(`${jailPath}/REM_this_is_jail`));
      }
    },
  );

  test("destroy then removes what was created before the refusals", async () => {
    expect((await resourcesOf(project)).filter(({ custom }) => custom).map(({ inputs }) => inputs?.host)).toEqual(
      expect.arrayContaining(["bare", "disk"]),
    );
    await project.destroy();
    for (const name of ["bare", "disk"]) {
      const listed = await hosts[name]!.listing();
      expect(listed).toEqual(before[name]!.slice(0, listed.length));
    }
  });
});

describe("a symlink on the path of a device node", () => {
  let fleet: HostFleet;
  let project: Project;
  let host: Host;

  beforeAll(async () => {
    fleet = await HostFleet.create();
    host = await fleet.addHost({ name: "judge-1" });
    project = await Project.create({
      program: `
        const { JailRoot, DeviceNode } = require("pulumi-python3jail");
        const jail = { host: "judge-1", path: "${jailPath}", connection: ${JSON.stringify(entryFor(host).connection)} };
        const root = new JailRoot("judge-1", jail);
        new DeviceNode("null", { ...jail, preset: "null" }, { dependsOn: root });
        new DeviceNode("full", { ...jail, node: "dev/shm/full", major: 1, minor: 7, mode: "0666" }, { dependsOn: root });
      `,
    });
    await host.run(
      `mkdir -p ${jailPath}/dev /srv/elsewhere; touch ${jailPath}/REM_this_is_jail; ln -s /srv/elsewhere ${jailPath}/dev/shm`,
    );
  });

  afterAll(() => endAll(fleet, project));

  test("lets no create make a node elsewhere", async () => {
    const { all } = await project.up({ expectFailure: true });
    expect(all).toMatch(
      /judge-1: (read|make) the device node: \/srv\/python3jail\/dev\/shm is a symbolic link or no directory: nothing is written through it \[symlink\]\n +what to do: remove it, then run `pulumi up` again/,
    );
    expect(await host.listing({ paths: ["/srv/elsewhere"] })).toHaveLength(1);
    expect(await host.listing({ paths: [`${jailPath}/dev/null`] })).toHaveLength(1);
  });

  test("lets no destroy remove a node elsewhere", async () => {
    await host.run(`cd ${jailPath}; mknod -m 0666 /srv/elsewhere/null c 1 3; mv dev aside; ln -s /srv/elsewhere dev`);
    const { all } = await project.destroy({ expectFailure: true });
    expect(all).toMatch(/judge-1: remove the device node: \/srv\/python3jail\/dev is a symbolic link or no directory/);
    expect(await host.listing({ paths: ["/srv/elsewhere/null"] })).toHaveLength(1);

    await host.run(`cd ${jailPath}; rm dev; mv aside dev`);
    await project.destroy();
    expect(await host.listing({ paths: [jailPath, recordsPath] })).toEqual([]);
    expect(await host.listing({ paths: ["/srv/elsewhere/null"] })).toHaveLength(1);
  });
});
