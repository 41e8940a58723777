import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { download, sha256Of } from "../../src/local/download.js";
import { machineCache, Project } from "../e2e/engine.js";
import { endAll, entryFor, jailsOf, sharedBuilds, stackConfig } from "../e2e/jail-stack.js";
import { processesWith } from "../e2e/marked-processes.js";
import { freePort } from "../hosts/free-port.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { abandonedDirectories, makeOwnedDirectory } from "../hosts/owned-directory.js";
import { endProcess, isRunning } from "../hosts/process-identity.js";

// The backends where several control machines share their states: an S3 of one's own, and Postgres. What the machine lacks for
// them (Go for the former, Debian's postgresql for the latter) skips its part.
const patience = 20 * 60_000;
const prefix = "python3jail-servers";
const mark = "PYTHON3JAIL_SERVERS";
const keys = {
  AWS_ACCESS_KEY_ID: "throwaway",
  AWS_SECRET_ACCESS_KEY: "only-for-throwaway-servers",
  AWS_REGION: "us-east-1",
};
const postgresPrograms = "/usr/lib/postgresql";
const postgresVersion = existsSync(postgresPrograms)
  ? readdirSync(postgresPrograms)
      .sort((a, b) => Number(a) - Number(b))
      .at(-1)
  : undefined;
const local = "127.0.0.1";
const gateway = join(machineCache(), "tools", "versitygw");

let fleet: HostFleet;
let host: Host;
let folder: string;
const projects: Project[] = [];

beforeAll(async () => {
  for (const abandoned of abandonedDirectories(prefix)) await endServers(abandoned);
  folder = makeOwnedDirectory(prefix);
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
}, patience);
afterAll(async () => {
  await endAll(fleet, ...projects);
  await endServers(folder);
}, patience);

async function endServers(of: string): Promise<void> {
  const servers = processesWith(mark, of);
  // Postgres frees what is not a file when it is asked to end at once; its first process ends the others.
  for (const { pid } of servers) {
    try {
      process.kill(pid, "SIGQUIT");
    } catch {
      // It ended with another one.
    }
  }
  for (let tries = 0; tries < 50 && servers.some(isRunning); tries++) await sleep(100);
  for (const server of servers) await endProcess(server);
  rmSync(of, { recursive: true, force: true });
}

/** Starts a server and returns once it listens. */
async function serve(
  file: string,
  words: (port: number) => string[],
  address: string,
  options: { env?: Record<string, string>; uid?: number } = {},
): Promise<number> {
  const port = await freePort(address);
  const server = execa(file, words(port), {
    env: { ...options.env, [mark]: folder },
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    cwd: folder,
    reject: false,
    stdio: ["ignore", "pipe", "pipe"],
    all: true,
  });
  let ended: string | undefined;
  void server.then(({ all }) => (ended = all));
  for (;;) {
    if (ended !== undefined) throw new Error(`${file} ended: ${ended}`);
    const socket = createConnection(port, address);
    try {
      await once(socket, "connect");
      return port;
    } catch {
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}

/** An S3 with a bucket `states`: https://github.com/versity/versitygw (Apache 2.0), a gateway in front of a folder. */
async function serveS3(address: string): Promise<number> {
  if (!existsSync(gateway))
    await execa("go", ["install", "github.com/versity/versitygw/cmd/versitygw@v1.8.0"], {
      cwd: folder,
      env: { GOBIN: join(machineCache(), "tools"), GOFLAGS: "-trimpath" },
    });
  for (const name of ["objects/states", "attributes"]) mkdirSync(join(folder, name), { recursive: true });
  const env = { ROOT_ACCESS_KEY: keys.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: keys.AWS_SECRET_ACCESS_KEY };
  return serve(
    gateway,
    (port) => [
      "--port",
      `${address}:${port}`,
      "posix",
      "--sidecar",
      join(folder, "attributes"),
      join(folder, "objects"),
    ],
    address,
    { env },
  );
}

async function servePostgres(): Promise<number> {
  // It refuses to run as root; nobody is who owns nothing.
  const nobody = 65534;
  const data = join(folder, "postgres");
  mkdirSync(data);
  chownSync(data, nobody, nobody);
  await execa("chmod", ["711", folder]);
  const program = (name: string): string => join(postgresPrograms, postgresVersion!, "bin", name);
  await execa(program("initdb"), ["--pgdata", data, "--auth", "trust", "--username", "states", "--no-sync"], {
    uid: nobody,
    cwd: data,
  });
  return serve(
    program("postgres"),
    (port) => ["-D", data, "-h", local, "-p", String(port), "-k", data, "-c", "fsync=off"],
    local,
    { uid: nobody },
  );
}

const has = (command: string, ...words: string[]): boolean =>
  execaSync(command, words, { reject: false }).exitCode === 0;

const backends = {
  S3: {
    there: existsSync(gateway) || has("go", "version"),
    start: async () => ({
      url: `s3://states?region=us-east-1&endpoint=http://${local}:${await serveS3(local)}&s3ForcePathStyle=true`,
      env: keys as Record<string, string>,
    }),
  },
  Postgres: {
    there: postgresVersion !== undefined,
    start: async () => ({
      url: `postgres://states@${local}:${await servePostgres()}/postgres?sslmode=disable`,
      env: {} as Record<string, string>,
    }),
  },
};

describe.each(Object.entries(backends))("state in %s", (_, { there, start }) => {
  const whereThere = there ? test : test.skip;
  let project: Project;

  whereThere(
    "a stack is created and rolled out with our command",
    async () => {
      const { url, env } = await start();
      project = await Project.create({
        program: "repository",
        config: stackConfig([entryFor(host)]),
        env: { ...env, PULUMI_BACKEND_URL: url },
      });
      projects.push(project);
      const { stdout, exitCode } = await project.python3jail(["up", "--stack", project.stack, "--yes"]).result;
      expect(stdout).toMatch(/\n1 created\n$/);
      expect(exitCode).toBe(0);
      expect(Object.values(await jailsOf(project))).toMatchObject([{ printed: "2" }]);
    },
    patience,
  );

  whereThere(
    "status reads the stack, and a preview with refresh finds no changes",
    async () => {
      const { stdout } = await project.python3jail(["status", "--stack", project.stack, "--json"]).result;
      expect(JSON.stringify(JSON.parse(stdout))).toContain('"judge-1"');
      await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    },
    patience,
  );

  whereThere(
    "the later of two control machines ends with exit code 3 and the reason",
    async () => {
      const first = project.startOperation("refresh");
      await first.waitFor(/judge-1/);
      first.signal("SIGSTOP");
      project.setConfig(stackConfig([entryFor(host)], { check: { limits: { clockSeconds: 50 } } }));
      const second = await project.python3jail(["up", "--stack", project.stack, "--yes"]).result;
      first.signal("SIGCONT");
      expect((await first.result).exitCode).toBe(0);
      expect([second.exitCode, second.all]).toEqual([3, expect.stringMatching(/another run has this stack/)]);
      expect((await project.python3jail(["up", "--stack", project.stack, "--yes"]).result).exitCode).toBe(0);
    },
    patience,
  );

  whereThere(
    "the stack is destroyed",
    async () => {
      await project.destroy();
      expect((await project.exportState()).deployment.resources ?? []).toEqual([]);
    },
    patience,
  );
});

describe("an artifact in S3", () => {
  const whereThere = backends.S3.there && has("python3", "-m", "pip", "--version") ? test : test.skip;
  let port: number;

  whereThere(
    "is downloaded to the control machine with AWS's own command",
    async () => {
      port = await serveS3(fleet.machineAddress);
      const bin = join(folder, "bin");
      writeAws(bin, await awsPackages());
      const before = { ...process.env };
      Object.assign(process.env, keys, {
        PYTHON3JAIL_CACHE_DIR: join(folder, "cache"),
        AWS_ENDPOINT_URL: `http://${fleet.machineAddress}:${port}`,
        PATH: `${bin}:${before.PATH}`,
      });
      try {
        const content = "x".repeat(9 << 20);
        await execa("aws", ["s3", "cp", "--only-show-errors", "-", "s3://states/build.tar.gz"], { input: content });
        const file = {
          name: "build.tar.gz",
          sha256: createHash("sha256").update(content).digest("hex"),
          kind: "artifacts" as const,
        };
        expect(await sha256Of(await download(file, ["s3://states/build.tar.gz"]))).toBe(file.sha256);
        await expect(download({ ...file, name: "other.tar.gz" }, ["s3://states/none.tar.gz"])).rejects.toThrow(
          /^s3:\/\/states\/none\.tar\.gz: /,
        );
      } finally {
        process.env = before;
      }
    },
    patience,
  );

  whereThere(
    "is downloaded to a host with the host's AWS command",
    async () => {
      const [second, third] = [await fleet.addHost({ name: "judge-2" }), await fleet.addHost({ name: "judge-3" })];
      const python = { version: "3.13.5", builder: "judge-1" };
      const project = await Project.create({
        program: "repository",
        config: stackConfig([entryFor(host), entryFor(second)], { python }),
      });
      projects.push(project);
      await project.up();
      const cached = JSON.parse((await project.python3jail(["cache", "--json"]).result).stdout) as {
        kind: string;
        sha256: string;
        path: string;
      }[];
      const { path, sha256 } = cached.find(({ kind }) => kind === "artifacts")!;
      await execa("cp", [path, join(folder, "objects/states/python.tar.gz")]);

      await execa("cp", ["-rT", await awsPackages(), join(third.rootDirectory, "opt/aws")]);
      writeAws(join(third.rootDirectory, "usr/local/bin"), "/opt/aws");
      await third.run("mkdir -m 700 /root/.aws; cat >/root/.aws/config", {
        input: `[default]\nregion = ${keys.AWS_REGION}\nendpoint_url = http://${fleet.machineAddress}:${port}\naws_access_key_id = ${keys.AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${keys.AWS_SECRET_ACCESS_KEY}\n`,
      });
      project.setConfig(
        stackConfig(
          [
            entryFor(host),
            entryFor(second),
            entryFor(third, { python: { artifact: { url: "s3://states/python.tar.gz", sha256 } } }),
          ],
          { python },
        ),
      );
      const { stdout } = await project.up();
      expect(stdout).not.toContain("judge-3: python: the build is sent there");
      expect(Object.values(await jailsOf(project))).toMatchObject([
        { printed: "2" },
        { printed: "2" },
        { printed: "2" },
      ]);
      await project.destroy();
    },
    patience,
  );
});

/** AWS's own command (https://pypi.org/project/awscli), as packages of Python in a folder of this machine. */
async function awsPackages(): Promise<string> {
  const packages = join(machineCache(), "tools", "awscli");
  if (!existsSync(packages)) {
    await execa("python3", ["-m", "pip", "install", "--quiet", "--target", `${packages}.new`, "awscli"]);
    renameSync(`${packages}.new`, packages);
  }
  return packages;
}

/** Makes it a command, in a folder of somebody's PATH who has the packages there. */
function writeAws(bin: string, packages: string): void {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nPYTHONPATH=${packages} exec /usr/bin/python3 -m awscli "$@"\n`, {
    mode: 0o755,
  });
}
