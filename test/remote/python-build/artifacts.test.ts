import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pythonInputs, type PythonInputs } from "./python-inputs.js";
import { execa } from "execa";
import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { makeHostDirectory } from "../host-temporary.js";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HostError } from "../../../src/base/errors.js";
import { artifactSteps, fetchArtifact } from "../../../src/python/artifacts.js";
import { buildKey } from "../../../src/python/build.js";
import { buildSteps } from "../../../src/python/building.js";
import type { Target } from "../../../src/remote/target.js";
import { pythonBuild } from "../../../src/kinds/PythonBuild.js";
import { differsInSyntaxAlone, shells, standIn, type StepSurroundings } from "../run-step.js";
import { replacing } from "../replacing.js";
import { ScratchJail } from "../scratch-jail.js";
import { fakeCpython, sha256Of, type Archive } from "./fake-cpython.js";

// Every test has its own source, so that its builds are no other test's.
let archives: string;
let source: Archive;
let number = 0;
let hosts: Map<string, ScratchJail>;
let printed: string[];

beforeAll(() => void (archives = makeHostDirectory()));
afterAll(() => rmSync(archives, { recursive: true }));
beforeEach(async () => {
  const folder = join(archives, String((number += 1)));
  mkdirSync(folder);
  source = await fakeCpython(folder, "3.13.5");
  hosts = new Map();
  printed = [];
  process.env.PYTHON3JAIL_CACHE_DIR = join(folder, "control");
  jest.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text.replace("python: ", "")));
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  for (const one of hosts.values()) one.remove();
});

const inputs = (change: Partial<PythonInputs> = {}): PythonInputs =>
  pythonInputs(source, { builder: "shared", ...change });

interface Host {
  readonly jail: Target;
  readonly scratch: ScratchJail;
  cached(...names: string[]): string;
  apply(change?: Partial<PythonInputs>): ReturnType<typeof pythonBuild.apply>;
  runs(): Promise<string>;
}

/** Makes a host of this name, with its own jail and cache. Its builder is another of these hosts. */
async function host(
  name: string,
  surroundings?: StepSurroundings,
  change: (jail: Target) => Partial<Target["host"]> = () => ({}),
): Promise<Host> {
  const scratch = hosts.get(name) ?? (await ScratchJail.make());
  hosts.set(name, scratch);
  const plain = scratch.asJail(surroundings, name);
  const jail = replacing(plain, {
    host: replacing(plain.host, change(plain)),
    builderAt: (other: string) => replacing(hosts.get(other)!.asJail(undefined, other), { kind: "builder" }),
  });
  return {
    jail,
    scratch,
    cached: (...names) => join(scratch.folder, "cache", ...names),
    apply: (given) => pythonBuild.apply(jail, inputs(given), undefined),
    runs: async () =>
      (await execa(scratch.at("bin/python3"), ["-S", "-c", "version_info"], { env: { PYTHONHOME: scratch.path } }))
        .stdout,
  };
}

const control = (): string => process.env.PYTHON3JAIL_CACHE_DIR!;
const builders = (): string[] =>
  printed.filter((line) => line.endsWith("the build has begun")).map((line) => line.split(":")[0]!);
const receivers = (): string[] =>
  printed
    .filter((line) => /: the build is sent there \(/.test(line))
    .map((line) => line.split(":")[0]!)
    .sort();
const failing = async (running: Promise<unknown>): Promise<HostError> => {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};
/** The contents of the file `origin` of each build in a host's cache. */
const origins = (one: Host): Record<string, string>[] =>
  readdirSync(one.cached("builds")).map((name) =>
    Object.fromEntries(
      readFileSync(one.cached("builds", name, "origin"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t") as [string, string]),
    ),
  );

/** The contents of a directory of the cache, without its lock. */
const leftIn = (folder: string): string[] => readdirSync(folder).filter((name) => name !== "lock");

describe("one build for a platform", () => {
  test("is made by the first host, sent to all others, and kept for later hosts", async () => {
    const fleet = await Promise.all(["judge-1", "judge-2", "judge-3", "judge-4"].map((name) => host(name)));
    const facts = await Promise.all(fleet.map((one) => one.apply()));
    expect(builders()).toHaveLength(1);
    expect([...builders(), ...receivers()].sort()).toEqual(["judge-1", "judge-2", "judge-3", "judge-4"]);
    expect(new Set(facts.map((one) => JSON.stringify(one))).size).toBe(1);
    for (const one of fleet) {
      expect(await one.runs()).toBe("3.13.5");
      expect(origins(one)).toEqual([
        {
          host: builders()[0],
          at: expect.stringMatching(/^20\d\d-.*Z$/),
          platform: expect.stringMatching(/^x86_64-|^aarch64-/),
          system: expect.any(String),
          source: source.sha256,
          flags: expect.stringContaining("--without-ensurepip"),
        },
      ]);
      expect(existsSync(one.cached("received")) ? readdirSync(one.cached("received")) : []).toEqual([]);
    }
    // The control machine's cache has it, named by its digest.
    const [sha256] = readdirSync(join(control(), "artifacts"));
    const [archive] = readdirSync(join(control(), "artifacts", sha256!));
    expect(sha256Of(join(control(), "artifacts", sha256!, archive!))).toBe(sha256);

    printed.length = 0;
    const late = await host("judge-5");
    await late.apply();
    expect([builders(), receivers(), await late.runs()]).toEqual([[], ["judge-5"], "3.13.5"]);
    // A host that has it receives nothing.
    printed.length = 0;
    rmSync(late.scratch.at("bin"), { recursive: true });
    await late.apply();
    expect(printed).toEqual([]);
  });

  test("is downloaded again if the archive on the control machine or on the maker was damaged", async () => {
    const maker = await host("judge-1");
    await maker.apply();
    const name = readdirSync(maker.cached("builds"))[0]!;
    const key = name.split("-")[0]!;
    const first = await fetchArtifact(maker.jail, key, name);
    truncateSync(first.file, 100);
    const again = await fetchArtifact(maker.jail, key, name);
    expect([again.sha256 === first.sha256, sha256Of(again.file)]).toEqual([true, first.sha256]);
    writeFileSync(maker.cached("builds", name, "packed.tar.gz"), "");
    expect((await fetchArtifact(maker.jail, key, name)).sha256).toBe(first.sha256);
    expect(sha256Of(maker.cached("builds", name, "packed.tar.gz"))).toBe(first.sha256);
  });

  test("that lacks a newly required module is made again once, and replaces the old one on all hosts", async () => {
    const headers = join(archives, `headers-${(number += 1)}`);
    const fleet = await Promise.all(["judge-1", "judge-2", "judge-3"].map((name) => host(name)));
    const wanted = { configureFlags: [`--with-judge-if=${headers}`] };
    for (const one of fleet) await one.apply(wanted);
    printed.length = 0;
    writeFileSync(headers, "");
    const facts = await Promise.all(fleet.map((one) => one.apply({ ...wanted, requireModules: ["judge"] })));
    expect([builders().length, receivers().length]).toEqual([1, 2]);
    expect(facts.map(({ missingModules }) => missingModules)).toEqual([[], [], []]);
  });

  test("that cannot be made again is tried by two hosts only, and each set of required modules separately", async () => {
    const headers = join(archives, `headers-${(number += 1)}`);
    const fleet = await Promise.all(["judge-1", "judge-2", "judge-3", "judge-4"].map((name) => host(name)));
    const wanted = { configureFlags: [`--with-judge-if=${headers}`] };
    for (const one of fleet) await one.apply(wanted);
    printed.length = 0;
    const errors = await Promise.all(fleet.map((one) => failing(one.apply({ ...wanted, requireModules: ["judge"] }))));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["missing-modules"]));
    expect(builders()).toHaveLength(1);
  });

  test("is made by the next host if the first cannot build, whose error is still reported", async () => {
    const full = await host("judge-1", {
      before:
        "mount -t tmpfs -o size=64k small /usr/local/sbin; printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/gcc; cp /usr/local/sbin/gcc /usr/local/sbin/cc; chmod 755 /usr/local/sbin/*",
    });
    const other = await host("judge-2");
    // The second host asks only when the first has begun.
    const run = full.jail.run.bind(full.jail);
    const begun = new Promise<void>((resolve) => {
      full.jail.run = (step, ...values) => {
        if (step.script === buildSteps.preflight.script) resolve();
        return run(step, ...values);
      };
    });
    const first = full.apply({ requireModules: ["zlib"] });
    const [one, two] = await Promise.allSettled([
      first,
      Promise.race([begun, first]).then(() => other.apply({ requireModules: ["zlib"] })),
    ]);
    expect(one).toMatchObject({ status: "rejected", reason: { code: "cannot-build" } });
    expect(two.status).toBe("fulfilled");
    expect(builders()).toEqual(["judge-2"]);
    // In the next run, the first host receives the second's build.
    await full.apply({ requireModules: ["zlib"] });
    expect([builders(), receivers()]).toEqual([["judge-2"], ["judge-1"]]);
  });

  test("is not tried by every host of the fleet if its source does not build", async () => {
    const fleet = await Promise.all(["judge-1", "judge-2", "judge-3", "judge-4", "judge-5"].map((name) => host(name)));
    const errors = await Promise.all(
      fleet.map((one) => failing(one.apply({ configureFlags: ["--with-fail=configure"] }))),
    );
    expect(builders()).toHaveLength(2);
    const own = errors.filter(({ code }) => code === "build");
    const others = errors.filter(({ code }) => code === "no-build");
    expect([own.length, others.length]).toEqual([2, 3]);
    const [first, second] = own.map(({ failure }) => failure.host);
    expect(others[0]!.failure.reason).toMatch(
      new RegExp(`^the build on (${first} and on ${second}|${second} and on ${first}) failed$`),
    );
  });

  test("is made by the named builder, which has no jail and keeps nothing of ours but its cache", async () => {
    const builder = await host("builder");
    const fleet = await Promise.all(["judge-1", "judge-2"].map((name) => host(name)));
    const named = { builder: { host: "builder", connection: { host: "b" } } } as const;
    await Promise.all(fleet.map((one) => one.apply(named)));
    expect([builders(), receivers()]).toEqual([["builder"], ["judge-1", "judge-2"]]);
    expect(existsSync(join(builder.scratch.records, "build"))).toBe(false);
  });

  test("fails on every host, each with an error, if the named builder fails", async () => {
    await host("builder");
    const fleet = await Promise.all(["judge-1", "judge-2", "judge-3"].map((name) => host(name)));
    const errors = await Promise.all(
      fleet.map((one) =>
        failing(
          one.apply({ builder: { host: "builder", connection: { host: "b" } }, configureFlags: ["--with-fail=make"] }),
        ),
      ),
    );
    expect(builders()).toEqual(["builder"]);
    expect(errors.map(({ failure: { host: of, code } }) => `${of} ${code}`).sort()).toEqual(
      ["builder build", "judge-2 no-build", "judge-3 no-build"].map((line, index) =>
        index === 0 ? line : expect.stringMatching(/^judge-\d no-build$/),
      ),
    );
  });

  test("is made by each host for itself if the builder is `self`", async () => {
    const fleet = await Promise.all(["judge-1", "judge-2"].map((name) => host(name)));
    await Promise.all(fleet.map((one) => one.apply({ builder: "self" })));
    expect(builders().sort()).toEqual(["judge-1", "judge-2"]);
    expect(existsSync(join(control(), "artifacts"))).toBe(false);
  });

  test("is made again by a host for itself if it lacks a module that the host requires", async () => {
    const need = join(archives, "judge.h");
    rmSync(need, { force: true });
    const flags = { configureFlags: [`--with-judge-if=${need}`] };
    const [one, two] = await Promise.all([host("judge-1"), host("judge-2")]);
    expect((await one.apply(flags)).missingModules).toEqual(["judge"]);
    writeFileSync(need, "");
    expect((await two.apply({ ...flags, requireModules: ["judge"] })).missingModules).toEqual([]);
    expect([builders(), receivers()]).toEqual([["judge-1", "judge-2"], ["judge-2"]]);
  });
});

describe("a transfer", () => {
  const dropped = (name: string) =>
    new HostError({ host: name, step: "", code: "connection-lost", reason: "the connection was lost" });

  test("that is cut off is resumed where it ended, in both directions", async () => {
    const sizes: number[] = [];
    let drops = 0;
    const unsteady = (jail: Target): Partial<Target["host"]> => ({
      async download(step, path, from, bytes, file, seconds) {
        sizes.push(from);
        if (drops++ > 0) return jail.host.download(step, path, from, bytes, file, seconds);
        appendFileSync(file, readFileSync(path).subarray(from, from + 100));
        throw dropped("judge-1");
      },
    });
    const one = await host("judge-1", undefined, unsteady);
    await one.apply();
    let uploads = 0;
    const two = await host("judge-2", undefined, (jail) => ({
      async upload(step, path, content, seconds, options) {
        if (uploads++ > 0) return jail.host.upload(step, path, content, seconds, options);
        const chunks: Buffer[] = [];
        for await (const chunk of content()) chunks.push(chunk as Buffer);
        appendFileSync(path, Buffer.concat(chunks).subarray(0, 200));
        throw dropped("judge-2");
      },
    }));
    await two.apply();
    expect(sizes).toEqual([0, 100]);
    expect(printed).toContainEqual(expect.stringMatching(/^judge-2: the rest of the build is sent there/));
    expect(await two.runs()).toBe("3.13.5");
  });

  test("of an archive that was damaged on the way is refused before it is unpacked", async () => {
    const [one, two] = await Promise.all([
      host("judge-1"),
      host("judge-2", undefined, () => ({ upload: (_step, path) => writeFile(path, "damaged") })),
    ]);
    await one.apply();
    expect(await failing(two.apply())).toMatchObject({
      code: "wrong-sha256",
      failure: { host: "judge-2", reason: expect.stringContaining("nothing of it was unpacked") },
    });
    expect([
      readdirSync(two.cached("received")),
      readdirSync(two.cached("builds")),
      readdirSync(two.scratch.path).includes("bin"),
    ]).toEqual([[], [], false]);
  });

  test("does not begin if the disk is too small", async () => {
    const [one, two] = await Promise.all([host("judge-1"), host("judge-2", { before: "true" })]);
    await one.apply();
    const small = `mkdir -p ${two.cached()}; mount -t tmpfs -o size=1m small ${two.cached()}`;
    const there = await host("judge-2", { before: small });
    expect(await failing(there.apply())).toMatchObject({
      code: "disk-full",
      failure: { reason: expect.stringMatching(/^the disk of .* has \d MB free, the build needs \d+ MB$/) },
    });
  });
});

describe.each(shells)("a declared artifact; under %s", (shell) => {
  /** An archive like python-build-standalone's. */
  const standalone = async (change: (top: string) => void = () => {}): Promise<{ url: string; sha256: string }> => {
    const maker = await host("maker");
    await maker.apply({ builder: "self", include: ["tests", "headers", "docs"] });
    const folder = mkdtempSync(join(archives, "standalone-"));
    const [built] = readdirSync(maker.cached("builds"));
    cpSync(maker.cached("builds", built!, "root"), join(folder, "python"), { recursive: true, verbatimSymlinks: true });
    const library = join(folder, "python/lib/python3.13");
    mkdirSync(join(library, "ensurepip/_bundled"), { recursive: true });
    writeFileSync(join(library, "ensurepip/_bundled/pip-25.0-py3-none-any.whl"), "pip");
    mkdirSync(join(library, "site-packages/pip"), { recursive: true });
    mkdirSync(join(folder, "python/lib/tcl8.6"));
    symlinkSync("python3.13", join(folder, "python/bin/python"));
    change(folder);
    await execa("tar", ["-czf", "archive.tar.gz", "python"], { cwd: folder });
    printed.length = 0;
    return {
      url: pathToFileURL(join(folder, "archive.tar.gz")).href,
      sha256: sha256Of(join(folder, "archive.tar.gz")),
    };
  };
  const declared = (artifact: { url: string; sha256: string }, version?: string): Partial<PythonInputs> => ({
    artifact,
    source: undefined,
    version,
  });

  test("in python-build-standalone's form becomes a build like any other", async () => {
    const artifact = await standalone();
    const one = await host("judge-1", { shell });
    const facts = await one.apply(declared(artifact, "3.13.5"));
    expect(facts).toMatchObject({ pythonVersion: "3.13.5", missingModules: [] });
    expect(await one.runs()).toBe("3.13.5");
    const names = (await one.scratch.paths()).map((line) => line.replace(/ \d+$/, ""));
    expect(names).toEqual(expect.arrayContaining(["bin/python", "lib/python3.13/__pycache__/os.compiled.pyc"]));
    expect(names.filter((name) => /tcl|test|ensurepip|include|site-packages\/pip/.test(name))).toEqual([]);
    const [build] = readdirSync(one.cached("builds"));
    expect(readFileSync(one.cached("builds", build!, "pip.whl"), "utf8")).toBe("pip");
    expect(origins(one)).toEqual([expect.objectContaining({ host: "judge-1", archive: artifact.sha256 })]);
    expect(printed).toEqual(["judge-1: downloads the build"]);
    // No temporary file is left.
    expect([
      readdirSync(one.cached("received")).filter((name) => name !== "lock"),
      readdirSync(one.cached("work")).filter((name) => name !== "lock"),
    ]).toEqual([[], []]);
    expect(await pythonBuild.read(one.jail, inputs(declared(artifact)), facts)).toEqual({ drift: {}, facts });
  });

  if (differsInSyntaxAlone(shell)) return;

  test("is downloaded once, even if two jails ask at a time, or a lost connection's download is still running", async () => {
    const content = randomBytes(300_000);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const server = createServer((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, {
        "content-length": content.length - from,
        ...(from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
      });
      const send = (at: number): void => {
        if (at >= content.length) response.end();
        else response.write(content.subarray(at, at + 30_000), () => setTimeout(() => send(at + 30_000), 100));
      };
      send(from);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const one = await host("judge-1", { shell });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/build.tar.gz`;
    const fetch = () => one.scratch.complete(artifactSteps.fetch, { key: "key", sha256, url }, { shell });
    const answers = await Promise.all([fetch(), new Promise((resolve) => setTimeout(resolve, 300)).then(fetch)]);
    server.close();
    expect(answers.map((answer) => answer.one("fetched")[0])).toEqual(["yes", "yes"]);
    expect(sha256Of(one.cached("received", `${sha256}.part`))).toBe(sha256);
  });

  test("that this package packed is used as it is; of another version or platform it is refused", async () => {
    const maker = await host("maker");
    await maker.apply({ builder: "self" });
    const packed = (await maker.jail.run(artifactSteps.pack, { key: buildKey(inputs({ builder: "self" })) })).one(
      "packed",
    );
    const artifact = { url: pathToFileURL(packed[0]!).href, sha256: packed[1]! };
    const one = await host("judge-1", { shell });
    expect(await failing(one.apply(declared(artifact, "3.12.1")))).toMatchObject({
      code: "other-version",
      failure: { reason: "the archive of the build holds Python 3.13.5, not 3.12.1" },
    });
    await one.apply(declared(artifact));
    expect([await one.runs(), origins(one)[0]!.host]).toEqual(["3.13.5", "maker"]);

    const folder = mkdtempSync(join(archives, "foreign-"));
    await execa("tar", ["-xzf", packed[0]!, "-C", folder]);
    writeFileSync(
      join(folder, "origin"),
      readFileSync(join(folder, "origin"), "utf8").replace(/^platform\t.*/m, "platform\triscv64-glibc-9.9"),
    );
    await execa("tar", ["-czf", "../foreign.tar.gz", "."], { cwd: folder });
    renameSync(join(archives, "foreign.tar.gz"), join(folder, "foreign.tar.gz"));
    const foreign = join(folder, "foreign.tar.gz");
    const two = await host("judge-2", { shell });
    expect(
      await failing(two.apply(declared({ url: pathToFileURL(foreign).href, sha256: sha256Of(foreign) }))),
    ).toMatchObject({
      code: "other-platform",
      failure: { reason: expect.stringMatching(/^the build was made for riscv64-glibc-9.9, and this host is /) },
    });
    expect(readdirSync(two.cached("builds"))).toEqual([]);
  });

  test.each([
    ["has another digest than the declared one", { sha256: "0".repeat(64) }, () => {}, "wrong-sha256"],
    ["contains no build", {}, (folder: string) => rmSync(join(folder, "python/bin"), { recursive: true }), "archive"],
    [
      "holds a setuid program",
      {},
      (folder: string) => void execa("chmod", ["4755", join(folder, "python/bin/python3.13")]),
      "archive",
    ],
    [
      "does not run here",
      {},
      (folder: string) => writeFileSync(join(folder, "python/bin/python3.13"), "#!/bin/false\n"),
      "archive",
    ],
  ])("that %s is refused, and leaves nothing", async (_name, change, spoil, code) => {
    const artifact = { ...(await standalone(spoil)), ...change };
    const one = await host("judge-1", { shell });
    expect(await failing(one.apply(declared(artifact)))).toMatchObject({ code });
    expect([
      readdirSync(one.cached("builds")),
      leftIn(one.cached("work")),
      leftIn(one.cached("received")),
      existsSync(one.scratch.at("bin")),
    ]).toEqual([[], [], [], false]);
  });

  test("whose manifest or symlinks name anything outside it is refused with the reason, and leaves nothing", async () => {
    const maker = await host("maker");
    await maker.apply({ builder: "self" });
    const packed = (await maker.jail.run(artifactSteps.pack, { key: buildKey(inputs({ builder: "self" })) })).one(
      "packed",
    );
    const one = await host("judge-1", { shell });
    const manifest =
      (change: (lines: string[]) => string[]) =>
      (folder: string): void => {
        const file = join(folder, "manifest");
        writeFileSync(file, `${change(readFileSync(file, "utf8").trimEnd().split("\n")).join("\n")}\n`);
      };
    const link =
      (target: string) =>
      (folder: string): void => {
        symlinkSync(target, join(folder, "root/lib/zz"));
        manifest((lines) => [...lines, `l ${target} lib/zz`])(folder);
      };
    const file =
      (name: string, content: string) =>
      (folder: string): void =>
        writeFileSync(join(folder, name), content);
    const other = "holds other files than it says";
    const out = "has a link that leads out of it";
    const cases: [string, (folder: string) => void, RegExp | string, string[]?][] = [
      [
        "a manifest that climbs",
        manifest((lines) => [...lines, `f ${sha256Of("/etc/hostname")} ../../../../../../etc/hostname`]),
        other,
      ],
      ["a manifest with an absolute path", manifest((lines) => [...lines, "d - /etc"]), other],
      ["a manifest with a malformed line", manifest((lines) => [...lines, "x"]), other],
      ["a manifest that omits a file", manifest((lines) => lines.slice(0, -1)), other],
      ["a manifest that names a file twice", manifest((lines) => [...lines, lines.at(-1)!]), other],
      ["a file that the manifest does not name", file("root/lib/more", ""), other],
      ["an absolute symlink", link("/etc"), out],
      ["a symlink that leads above the build", link("../../etc"), out],
      ["a symlink that leads above the build after a directory in it", link("python3.13/../../../etc"), out],
      [
        "a symlink in place of its tree",
        (folder) => {
          renameSync(join(folder, "root"), join(folder, "tree"));
          symlinkSync("tree", join(folder, "root"));
        },
        out,
      ],
      [
        "what no build has",
        file("packed.tar.gz.sha256", sha256Of("/etc/hostname")),
        "holds what no build has: packed.tar.gz.sha256",
      ],
      ["a malformed version", file("version", "\u001b[2J\n"), "has no version, or one that is none"],
      ["no version", (folder) => rmSync(join(folder, "version")), "has no version, or one that is none"],
      ["a malformed name of a missing module", file("missing", "../x\n"), "has no missing, or one that is none"],
      [
        "a hard link to a file of the host",
        (folder) => {
          writeFileSync(join(folder, "root/lib/first"), "1");
          linkSync(join(folder, "root/lib/first"), join(folder, "root/lib/second"));
        },
        "cannot be unpacked: a link in it leads out of it, or it is cut short",
        ["--sort=name", "--transform", "flags=h;s|^.*first$|../../../../../../etc/nothing|"],
      ],
    ];
    for (const [what, spoil, reason, options = []] of cases) {
      const folder = mkdtempSync(join(archives, "spoilt-"));
      await execa("tar", ["-xzf", packed[0]!, "-C", folder]);
      spoil(folder);
      const archive = `${folder}.tar.gz`;
      await execa("tar", ["-czf", archive, ...options, "-C", folder, ...readdirSync(folder).sort()]);
      const error = await failing(one.apply(declared({ url: pathToFileURL(archive).href, sha256: sha256Of(archive) })));
      expect([what, error.code, error.failure.reason]).toEqual([
        what,
        "archive",
        expect.stringContaining(`the archive of the build ${String(reason)}`),
      ]);
      expect([
        what,
        readdirSync(one.cached("builds")),
        leftIn(one.cached("work")),
        leftIn(one.cached("received")),
        existsSync(one.scratch.at("bin")),
      ]).toEqual([what, [], [], [], false]);
    }
  });

  // A program's stand-in has no effect under busybox, which has its own programs.
  (shell === "busybox" ? test.skip : test)(
    "that does not fit on the disk fails with that reason, and keeps the partial upload",
    async () => {
      const artifact = await standalone();
      const one = await host("judge-1", {
        shell,
        before:
          standIn("gzip", "echo 'No space left on device' >&2; exit 1") +
          "; " +
          standIn("df", "echo; echo 'x 1 1 1024 1% /'"),
      });
      expect(await failing(one.apply(declared(artifact)))).toMatchObject({
        code: "disk-full",
        failure: { reason: expect.stringMatching(/^the disk of .* is full \(1 MB free\)$/) },
      });
      expect([leftIn(one.cached("work")), leftIn(one.cached("received"))]).toEqual([[], [`${artifact.sha256}.part`]]);
    },
  );

  test("that the host cannot download is uploaded; one that the control machine cannot download either is an error", async () => {
    const artifact = await standalone();
    const cutOff =
      "mount -t tmpfs tools /usr/local/bin; for tool in curl wget; do printf '#!/bin/sh\\nexit 7\\n' >/usr/local/bin/$tool; chmod 755 /usr/local/bin/$tool; done";
    const bin =
      shell === "busybox"
        ? cutOff.replaceAll("/usr/local/bin", "/usr/local/sbin").replace("mount -t tmpfs tools /usr/local/sbin; ", "")
        : cutOff;
    const server = (await import("node:http")).createServer((request, response) => {
      const found = request.url === "/python.tar.gz";
      response.writeHead(found ? 200 : 404).end(found ? readFileSync(new URL(artifact.url)) : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
      const surroundings: StepSurroundings =
        shell === "busybox"
          ? { shell: "dash", before: cutOff.replaceAll("/usr/local/bin", "/usr/local/sbin") }
          : { shell, before: bin };
      const one = await host("judge-1", surroundings);
      await one.apply(declared({ ...artifact, url: `${address}/python.tar.gz` }));
      expect([await one.runs(), printed[1]]).toEqual([
        "3.13.5",
        "judge-1: the host cannot download the build: fetched here, to be sent there",
      ]);
      const two = await host("judge-2", surroundings);
      expect(await failing(two.apply(declared({ url: `${address}/nothing`, sha256: "1".repeat(64) })))).toMatchObject({
        code: "download",
        failure: { output: expect.stringContaining("HTTP status 404") },
      });
    } finally {
      server.close();
    }
  });
});

test.each(shells)("files that a killed packing or unpacking left are removed a day later, under %s", async (shell) => {
  const one = await host("judge-1", { shell });
  await one.apply({ builder: "self" });
  const [name] = readdirSync(one.cached("builds"));
  const left = [
    ...["packed.tar.gz.123", "packed.tar.gz.124"].map((file) => one.cached("builds", name!, file)),
    ...["adopted.123", "adopted.124"].map((folder) => one.cached("work", folder)),
  ];
  for (const path of left) {
    if (path.includes("adopted")) mkdirSync(join(path, "new"), { recursive: true });
    else writeFileSync(path, "half");
  }
  for (const path of left.filter((each) => each.endsWith("3")))
    utimesSync(path, Date.now() / 1000 - 90_000, Date.now() / 1000 - 90_000);
  const key = buildKey(inputs({ builder: "self" }));
  const [, sha256] = (await one.jail.run(artifactSteps.pack, { key })).one("packed");
  await one.jail.run(artifactSteps.adopt, {
    key,
    sha256: sha256!,
    file: one.cached("received/part"),
    version: undefined,
    include: [],
    trim: "",
    modulesPy: "",
    again: false,
  });
  expect(left.filter((path) => existsSync(path))).toEqual(left.filter((path) => path.endsWith("4")));
});

test("a build does not end up inside one that another process puts into the cache at the same time", async () => {
  const maker = await host("maker");
  await maker.apply({ builder: "self" });
  const [packed, sha256] = (
    await maker.jail.run(artifactSteps.pack, { key: buildKey(inputs({ builder: "self" })) })
  ).one("packed");
  // The other process's build appears after the archive has been unpacked and checked.
  const other = standIn(
    "mv",
    "for last; do :; done",
    'case $last in */cache/builds/*[!0-9].new.* | *.gone) ;; */cache/builds/*) mkdir -p "$last"; : >"$last/manifest" ;; esac',
    'exec /usr/bin/mv "$@"',
  );
  const one = await host("judge-1");
  const artifact = { url: pathToFileURL(packed!).href, sha256: sha256! };
  const key = buildKey(inputs({ artifact, source: undefined }));
  mkdirSync(one.cached("received"), { recursive: true });
  cpSync(packed!, one.cached("received/part"));
  const step = await one.scratch.run(
    artifactSteps.adopt,
    {
      key,
      sha256: sha256!,
      file: one.cached("received/part"),
      version: undefined,
      include: [],
      trim: "",
      modulesPy: "",
      again: false,
    },
    { before: other },
  );
  const [name] = readdirSync(one.cached("builds"));
  expect([
    step.answer.complete,
    readdirSync(one.cached("builds")).length,
    readdirSync(one.cached("builds", name!)),
  ]).toEqual([true, 1, ["manifest"]]);
});

test("an artifact in S3 is downloaded by AWS's own command if the host has it", async () => {
  const maker = await host("maker");
  await maker.apply({ builder: "self" });
  const [packed, sha256] = (
    await maker.jail.run(artifactSteps.pack, { key: buildKey(inputs({ builder: "self" })) })
  ).one("packed");
  const aws = `mount -t tmpfs tools /usr/local/sbin; printf '#!/bin/sh\\n[ "$*" = "s3 cp --only-show-errors -- s3://bucket/python.tar.gz $6" ] && cp ${packed} "$6"\\n' >/usr/local/sbin/aws; chmod 755 /usr/local/sbin/aws`;
  const one = await host("judge-1", { before: aws });
  await one.apply({ source: undefined, artifact: { url: "s3://bucket/python.tar.gz", sha256: sha256! } });
  expect(await one.runs()).toBe("3.13.5");
});

test.each(["dash", "bash"] as const)(
  "a server that sends a file without end does not fill the host's disk, under %s",
  async (shell) => {
    const scratch = await ScratchJail.make();
    const cache = join(scratch.folder, "cache");
    // A sparse file, which needs no space on this disk.
    const endless = standIn("curl", "for last; do :; done", 'truncate -s 2G "$last"', 'echo more >>"$last"');
    const { answer, stderr } = await scratch.run(
      artifactSteps.fetch,
      { key: "a-key", sha256: "0".repeat(64), url: "https://mirror.example/python.tar.gz" },
      { shell, before: endless },
    );
    expect([answer.all("fetched"), readdirSync(join(cache, "received")), stderr]).toEqual([
      [["no"]],
      ["lock"],
      expect.stringContaining("longer than 2 GB"),
    ]);
    scratch.remove();
  },
);
