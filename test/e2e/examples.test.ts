import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { releaseOf } from "../../src/python/releases.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { safeExecSource } from "../remote/scratch-program.js";
import { linkPackages, machineCache, Project } from "./engine.js";
import { buildTimeout, endAll, expectSettled, runInJail, sharedBuilds } from "./jail-stack.js";
import { templateSettings } from "./template-settings.js";
import { makeWheel } from "./wheel.js";

// Each example as it stands, with the config that its README shows. Only the version of Python is one that the tests have, and the hosts' cache
// stays, as they share it.
jest.setTimeout(buildTimeout);

const folder = join(repositoryRoot, "examples");
const examples = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const shown = { version: "3.13.16", sha256: releaseOf("3.13.16")!.sha256 };
const built = { version: "3.13.5", sha256: releaseOf("3.13.5")!.sha256 };

const temporary = mkdtempSync(join(tmpdir(), "python3jail-examples-"));
let fleet: HostFleet;
let sshConfigFile: string;

beforeAll(async () => {
  fleet = await HostFleet.create();
  for (const name of ["judge-1", "judge-2"])
    await fleet.addHost({ name, user: "deploy", sudo: "without-password", cacheDirectory: sharedBuilds });
  sshConfigFile = join(temporary, "ssh_config");
  const known = fleet.hosts.map(
    ({ address, privateKeyFile, knownHostsFile }) =>
      `Host ${address}\n  IdentityFile ${privateKeyFile}\n  UserKnownHostsFile ${knownHostsFile}\n`,
  );
  writeFileSync(sshConfigFile, known.join(""));
});
afterAll(async () => {
  rmSync(temporary, { recursive: true });
  await endAll(fleet);
});

test("every example is a project as Pulumi's template makes it, with this release of the package", () => {
  const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(repositoryRoot, ...path), "utf8"));
  const own = read("package.json") as { version: string; dependencies: Record<string, string> };
  const sdk = own.dependencies["@pulumi/pulumi"];
  expect(examples.length).toBe(6);
  for (const name of examples) {
    expect(read("examples", name, "tsconfig.json")).toEqual(templateSettings);
    expect(read("examples", name, "package.json")).toMatchObject({
      name,
      main: "index.ts",
      dependencies: { "@pulumi/pulumi": sdk, pulumi: sdk, "pulumi-python3jail": `^${own.version}` },
    });
  }
});

test("every example passes the compiler with the settings of Pulumi's template", async () => {
  const directory = join(temporary, "checked");
  cpSync(folder, directory, { recursive: true });
  linkPackages(directory);
  const files = examples.map((name) => `${name}/index.ts`);
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ ...templateSettings, files }));
  const compiler = join(repositoryRoot, "node_modules/typescript/bin/tsc");
  const { all } = await execa("node", [compiler, "--noEmit", "-p", directory], { all: true, reject: false });
  expect(all).toBe("");
});

test("one-host puts a jail on the host, and destroy leaves nothing there", () =>
  tryOut("one-host", {
    async check({ run }) {
      expect(await runInJail(fleet.hosts[0]!, run as string, "print(6 * 7)")).toBe("42");
    },
  }));

test("fleet changes the canary first, makes a release that passes its audit on each host, and status shows both", () =>
  tryOut("fleet", {
    async up(project) {
      const { all, exitCode } = await project.python3jail(["up", "--stack", project.stack, "--yes"]).result;
      expect(all).toMatch(/canary: judge-1\n[^]*batch 1 of 1: judge-2\n[^]*\n2 created\n$/);
      expect(exitCode).toBe(0);
      const status = await project.python3jail(["status", "--stack", project.stack]).result;
      expect(status.stdout).toMatch(/: 2 jails; .*python 3\.13\.5 on 2;/);
      expect(status.exitCode).toBe(0);
    },
    async check({ jails }) {
      const jail = {
        path: "/srv/python3jail/current",
        python: built.version,
        audit: expect.stringContaining("passed"),
      };
      expect(jails).toEqual({
        "judge-1": { ...jail, run: expect.any(String) },
        "judge-2": { ...jail, run: expect.any(String) },
      });
      const { run } = (jails as Record<string, { run: string }>)["judge-2"]!;
      expect(await runInJail(fleet.hosts[1]!, run, "print(6 * 7)")).toBe("42");
    },
  }));

test("code-defined-hosts puts jails on machines whose addresses are unknown in the preview", () =>
  tryOut("code-defined-hosts", {
    async up(project) {
      await project.preview();
      await project.up();
    },
    async check({ runs }) {
      for (const host of fleet.hosts)
        expect(await runInJail(host, (runs as Record<string, string>)[host.name]!, "print(6 * 7)")).toBe("42");
    },
  }));

test("air-gapped builds from local files, with a package and safeexec, on a host that reaches no network", () =>
  tryOut("air-gapped", {
    arrange({ directory }) {
      const downloads = join(directory, "downloads");
      const archive = releaseOf(built.version)!.file;
      mkdirSync(downloads);
      symlinkSync(join(machineCache(), "sources", built.sha256, archive), join(downloads, archive));
      const kit = makeWheel(join(downloads, "wheels"), "judgekit", "1.0", {
        files: { "judgekit.py": "answer = 42\n" },
      });
      writeFileSync(join(directory, "requirements.txt"), `${kit.line}\n`);
      cpSync(safeExecSource, join(downloads, "safeexec"), { recursive: true });
    },
    async check({ run }) {
      expect(run).toContain("/usr/local/bin/safeexec");
      expect(
        await runInJail(
          fleet.hosts[0]!,
          run as string,
          "import site; site.main()\nimport judgekit; print(judgekit.answer)",
        ),
      ).toMatch(/^42$/m);
    },
  }));

test("with-pulumi-command puts a jail on a host that is reached with a connection of @pulumi/command", () =>
  tryOut("with-pulumi-command", {
    async arrange(project, config) {
      const name = "with-pulumi-command";
      const [host] = fleet.hosts;
      // The plugin that runs commands cannot be had without a network.
      project.setConfig({ ...config, [`${name}:hostKey`]: await host!.hostKey(), [`${name}:useCommand`]: false });
      await project.setSecret(`${name}:privateKey`, readFileSync(host!.privateKeyFile, "utf8"));
    },
    async check({ run }) {
      expect(await runInJail(fleet.hosts[0]!, run as string, "print(6 * 7)")).toBe("42");
    },
  }));

interface Trial {
  /** What is there before `up`. */
  arrange?: (project: Project, config: Record<string, unknown>) => void | Promise<void>;
  /** Default: `pulumi up`. */
  up?: (project: Project) => Promise<unknown>;
  /** Looks at the stack's outputs. */
  check: (outputs: Record<string, unknown>) => Promise<void>;
}

/** Brings an example up, tries it, and destroys it. */
async function tryOut(name: string, { arrange, up = (project) => project.up(), check }: Trial): Promise<void> {
  const listings = () => Promise.all(fleet.hosts.map((host) => host.listing()));
  const untouched = await listings();
  const config = configOf(name);
  const project = await Project.create({ program: join(folder, name), config });
  try {
    const program = join(project.directory, "index.ts");
    writeFileSync(program, asHere(readFileSync(program, "utf8")));
    await arrange?.(project, config);
    await up(project);
    const { resources = [] } = (await project.exportState()).deployment;
    await check(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {});
    await expectSettled(project);
    await project.destroy();
    expect(await listings()).toEqual(untouched);
  } finally {
    await project.remove();
  }
}

/** The config that an example's README shows, with the addresses of the test hosts and with keys for them. */
function configOf(name: string): Record<string, unknown> {
  const readme = readFileSync(join(folder, name, "README.md"), "utf8");
  const block = /^```yaml\n([^]*?)^```$/m.exec(readme)?.[1] ?? "";
  const text = fleet.hosts.reduce(
    (given, host, index) => given.replaceAll(`192.0.2.${10 + index}`, host.address),
    block,
  );
  const { config } = parse(text) as { config: Record<string, unknown> };
  const connection = `${name}:connection`;
  return connection in config
    ? { ...config, [connection]: { ...(config[connection] as object), sshConfigFile } }
    : config;
}

/** The program with the version of Python that the tests have, and with the cache that their hosts share left alone. */
function asHere(program: string): string {
  const parts = program
    .replaceAll(shown.version, built.version)
    .replace(shown.sha256, built.sha256)
    .split("  python: {");
  expect(parts.length).toBe(2);
  return parts.join("  root: { keepCache: true },\n  python: {");
}
