import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pythonInputs } from "./python-build/python-inputs.js";
import { execa } from "execa";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { below, gitAddress } from "../../src/base/address.js";
import { HostError, messageOf } from "../../src/base/errors.js";
import { downloadArchive } from "../../src/local/archive.js";
import { artifactSteps } from "../../src/python/artifacts.js";
import { packageSteps } from "../../src/python/packages.js";
import { indexWheels } from "../../src/python/wheels.js";
import { pythonBuild } from "../../src/kinds/PythonBuild.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { LoginServer, secrets, secretsIn } from "../login-server.js";
import { installFakePython } from "./jail-packages/fake-build.js";
import { fakeCpython, sha256Of } from "./python-build/fake-cpython.js";
import { shells, type Shell } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { factsOf } from "./manifest.js";

// Addresses with a login or a token work, and do not show in any command line, message, log or record.
let jail: ScratchJail;
let folder: string;
let server: LoginServer;
let printed: string[];
beforeEach(async () => {
  jail = await ScratchJail.make();
  folder = mkdtempSync(join(tmpdir(), "served-"));
  server = await new LoginServer((path) =>
    existsSync(join(folder, path)) && statSync(join(folder, path)).isFile()
      ? readFileSync(join(folder, path))
      : undefined,
  ).start();
  printed = [];
  process.env.PYTHON3JAIL_CACHE_DIR = join(folder, "own-cache");
  for (const way of ["log", "warn"] as const)
    jest.spyOn(console, way).mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  server.close();
  rmSync(folder, { recursive: true, force: true });
  jail.remove();
});

/** The secrets in files below a directory, and in file names. Archives are unpacked first. */
function keptBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const files = names
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const texts = files
    .map((path) => readFileSync(path))
    .map((content) => (content[0] === 0x1f ? gunzipSync(content) : content).toString("latin1"));
  return [...names, ...texts].flatMap(secretsIn);
}
const withoutCurl = "mount --bind /dev/null /usr/bin/curl";
const tools: [string, Shell, string, readonly ("login" | "token")[]][] = [
  ["curl", "dash", ":", ["login", "token"]],
  ["curl from bash", "bash", ":", ["login", "token"]],
  ["wget", "dash", withoutCurl, ["login", "token"]],
  ["curl from busybox", "busybox", ":", ["login", "token"]],
];

describe.each(tools)("a build that %s downloads", (_name, shell, before, ways) => {
  test.each(ways)("from an address with a %s arrives, and the address does not show anywhere", async (way) => {
    writeFileSync(join(folder, 'a "b" [1].tar.gz'), "a build");
    const address = server.at("a%20%22b%22%20[1].tar.gz", way);
    const run = await jail.run(
      artifactSteps.fetch,
      { key: "a-key", sha256: "0".repeat(64), url: address },
      {
        shell,
        before,
      },
    );
    expect(run.answer.all("fetched")).toEqual([["yes", expect.any(String)]]);
    expect(readFileSync(run.answer.one("fetched")[1]!, "utf8")).toBe("a build");
    expect([server.exposed, secretsIn(run.stdout + run.stderr), keptBelow(jail.folder)]).toEqual([[], [], []]);
  });

  test("from a refused address fails with a message without the secret", async () => {
    const address = server.at("none.tar.gz", "login").replace("deploy", "other");
    const run = await jail.run(
      artifactSteps.fetch,
      { key: "a-key", sha256: "0".repeat(64), url: address },
      {
        shell,
        before,
      },
    );
    expect([
      run.answer.all("fetched"),
      server.refused.length > 0,
      server.exposed,
      secretsIn(run.stdout + run.stderr),
    ]).toEqual([[["no"]], true, [], []]);
  });
});

test("a wget that takes addresses only from its command line gets no secret one, and the control machine downloads", async () => {
  writeFileSync(join(folder, "build.tar.gz"), "a build");
  const fetch = (way: "token" | "nothing") =>
    jail.run(
      artifactSteps.fetch,
      { key: "a-key", sha256: "0".repeat(64), url: server.at("build.tar.gz", way) },
      { shell: "busybox", before: withoutCurl },
    );
  const secret = await fetch("token");
  expect([secret.answer.all("fetched"), secret.stderr, server.given]).toEqual([
    [["no"]],
    expect.stringContaining("install curl"),
    [],
  ]);
  await fetch("nothing");
  expect([server.refused, server.exposed]).toEqual([["/build.tar.gz"], []]);
});

test.each(["login", "token"] as const)(
  "a source from an address with a %s is built, and neither log, origin nor archive of the build contains it",
  async (way) => {
    const source = await fakeCpython(folder, "3.13.5");
    const name = "Python-3.13.5.tgz";
    renameSync("path" in source ? source.path : "", join(folder, name));
    const host = jail.asJail();
    await pythonBuild.apply(
      host,
      pythonInputs({ url: server.at(name, way), sha256: source.sha256 }, { builder: "shared" }),
      undefined,
    );
    await host.run(artifactSteps.pack, {
      key: factsOf(jail.records, "python", "key")[0]!,
    });
    const [build] = readdirSync(join(host.cache, "builds"));
    expect(gunzipSync(readFileSync(join(host.cache, "builds", build!, "log.gz"))).toString()).toContain(
      `from ${server.at(name, "nothing")}\n`,
    );
    expect([
      server.given,
      server.exposed,
      secretsIn(printed.join("\n")),
      keptBelow(jail.folder),
      keptBelow(join(folder, "own-cache")),
    ]).toEqual([[`/${name}`], [], [], [], []]);
  },
);

test.each(["login", "token"] as const)(
  "a source that cannot be downloaded from an address with a %s is an error without it, and no file contains it",
  async (way) => {
    const running = pythonBuild.apply(
      jail.asJail(),
      pythonInputs({ url: server.at("none.tgz", way), sha256: "0".repeat(64) }, { builder: "shared" }),
      undefined,
    );
    const error = await running.then(
      () => undefined,
      (thrown: unknown) => thrown as HostError,
    );
    expect(error).toBeInstanceOf(HostError);
    expect(error!.message).toContain("none.tgz");
    expect([
      secretsIn(error!.message + JSON.stringify(error!.failure) + printed.join("\n")),
      server.exposed,
      keptBelow(jail.folder),
    ]).toEqual([[], [], []]);
  },
);

test.each(shells)("pip gets an index with a login in its environment, under %s", async (shell) => {
  const build = installFakePython(jail, "3.13");
  const python = join(build, "root", "bin", "python3");
  renameSync(python, `${python}.real`);
  writeFileSync(
    python,
    `#!/bin/sh\nprintf '%s\\n' "$@" >>${folder}/arguments\nprintf '%s\\n' "\${PIP_INDEX_URL-}" >>${folder}/index\nexec ${python}.real "$@"\n`,
    { mode: 0o755 },
  );
  mkdirSync(join(build, "index"));
  const index = server.at("simple", "login");
  const answer = await jail.complete(
    packageSteps.download,
    { key: "a-key", buildKey: "build", token: "a-token", index, hashed: [], unhashed: ["nothing==1.0"] },
    { shell },
  );
  expect(answer.one("downloaded")).toEqual(["no"]);
  expect(readFileSync(join(folder, "index"), "utf8")).toBe(`${index}\n`);
  const words = readFileSync(join(folder, "arguments"), "utf8");
  expect([secretsIn(words), words.split("\n").slice(-3, -1), keptBelow(join(jail.folder, "cache"))]).toEqual([
    [],
    expect.anything(),
    [],
  ]);
  expect(words).toContain(`--trusted-host\n${new URL(index).host}\n`);
});

describe.each(shells)("a repository behind a login, under %s", (shell) => {
  test("is fetched with the login of its address, which shows in no command line, message or record", async () => {
    const git = async (...args: string[]): Promise<string> =>
      (await execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-C", join(folder, "repository"), ...args]))
        .stdout;
    mkdirSync(join(folder, "repository"));
    await git("init", "-q");
    writeFileSync(join(folder, "repository", "readme"), "of the repository");
    await git("add", "-A");
    await git("commit", "-qm", "x");
    await git("update-server-info");
    const commit = await git("rev-parse", "HEAD");
    const layOut = (address: string) =>
      jail.run(
        rootSteps.apply,
        {
          id: "an-id",
          owner: "root",
          group: "root",
          url: gitAddress(address),
          commit,
          folders: ["dev", "lib64", "static", "scratch"],
        },
        { shell },
      );
    const wrong = await layOut(server.at("repository/.git", "login").replace("deploy", "other"));
    expect([wrong.answer.failure?.code, secretsIn(wrong.stdout + wrong.stderr)]).toEqual(["git", []]);
    const right = await layOut(server.at("repository/.git", "login"));
    expect([right.answer.complete, right.stderr, readFileSync(jail.at("readme"), "utf8")]).toEqual([
      true,
      expect.any(String),
      "of the repository",
    ]);
    expect([server.exposed, secretsIn(right.stdout + right.stderr), keptBelow(jail.folder)]).toEqual([[], [], []]);
  });

  test("redirects to another server without passing the login on", async () => {
    const seen: (string | undefined)[] = [];
    const { createServer } = await import("node:http");
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { "www-authenticate": 'Basic realm="other"' }).end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const first = createServer((request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}${request.url ?? ""}` }).end(),
    );
    await new Promise<void>((resolve) => first.listen(0, "127.0.0.1", resolve));
    const address = `http://user:${secrets.token}@127.0.0.1:${(first.address() as { port: number }).port}/repository.git`;
    const { answer } = await jail.run(
      rootSteps.apply,
      {
        id: "an-id",
        owner: "root",
        group: "root",
        url: gitAddress(address),
        commit: "0".repeat(40),
        folders: ["dev", "lib64", "static", "scratch"],
      },
      { shell },
    );
    first.close();
    other.close();
    expect([answer.failure?.code, seen.length > 0, seen.filter((header) => header !== undefined)]).toEqual([
      "git",
      true,
      [],
    ]);
  });
});

describe("the control machine", () => {
  test.each(["login", "token"] as const)(
    "downloads an archive from an address with a %s, and neither the cache nor a message contains it",
    async (way) => {
      writeFileSync(join(folder, "P.tgz"), "an archive");
      const path = await downloadArchive({ sha256: sha256Of(join(folder, "P.tgz")), urls: [server.at("P.tgz", way)] });
      expect(readFileSync(path, "utf8")).toBe("an archive");
      const message = await downloadArchive({
        sha256: "0".repeat(64),
        urls: [server.at("P.tgz", way), server.at("none.tgz", way)],
      }).then(() => "no error", messageOf);
      expect(message).toContain("none.tgz");
      expect([secretsIn(message), keptBelow(join(folder, "own-cache"))]).toEqual([[], []]);
    },
  );

  test("downloads wheels from an index behind a login, with the login for files on the same server", async () => {
    writeFileSync(join(folder, "kit-1.0-py3-none-any.whl"), "a wheel");
    const sha256 = sha256Of(join(folder, "kit-1.0-py3-none-any.whl"));
    const index = await new LoginServer((path) =>
      path === "/simple/kit/"
        ? `<a href="/kit-1.0-py3-none-any.whl#sha256=${sha256}">`
        : path.endsWith(".whl")
          ? readFileSync(join(folder, path))
          : undefined,
    ).start();
    const wanted = [{ name: "kit", version: "1.0", hashes: [sha256], marker: "" }] as unknown as Parameters<
      typeof indexWheels
    >[1];
    const wheels = await indexWheels(index.at("simple", "login"), wanted, ["py3-none-any"]);
    expect(readFileSync(wheels[0]!.path, "utf8")).toBe("a wheel");
    const refused = await indexWheels(index.at("simple", "login").replace("deploy", "other"), wanted, [
      "py3-none-any",
    ]).then(() => "no error", messageOf);
    expect([refused, secretsIn(refused)]).toEqual([expect.stringContaining("HTTP status 401"), []]);
    index.close();
  });

  test("keeps a mirror's query at the end of the address", () => {
    expect(below("https://m/pub/?token=x", "3.13.5/P.tgz")).toBe("https://m/pub/3.13.5/P.tgz?token=x");
  });
});
