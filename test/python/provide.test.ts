import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../../src/base/errors.js";
import type { FailureCode } from "../../src/base/failure-codes.js";
import { artifactSteps } from "../../src/python/artifacts.js";
import { buildKey, type Builder, type BuildInputs } from "../../src/python/build.js";
import { buildSteps } from "../../src/python/building.js";
import { provideBuild } from "../../src/python/provide.js";
import { parseAnswer, type Answer } from "../../src/remote/answer.js";
import { readAnswer } from "../../src/remote/read-answer.js";
import { Session } from "../../src/remote/session.js";
import type { Step } from "../../src/remote/step.js";
import type { Target } from "../../src/remote/target.js";

// Which host makes a build for which, with fake hosts. test/e2e/fleet.test.ts and test/e2e/artifacts.test.ts use real
// ones.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "provide-"));
  process.env.PYTHON3JAIL_CACHE_DIR = folder;
});
afterAll(() => {
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  rmSync(folder, { recursive: true });
});
afterEach(() => void jest.restoreAllMocks());

/** The session of all tests. */
const session = new Session();

/** A fake host that keeps the keys of builds in its cache, and records what it was asked to do. */
class FakeHost {
  readonly did: string[] = [];
  readonly builds = new Set<string>();
  packFails: HostError | undefined;
  buildFails: HostError | undefined;
  downloadFails: HostError | undefined;
  /** The lines that it answers instead of a step's own. */
  readonly says = new Map<Step, string[]>();
  /** Whether it can download an artifact. */
  downloads = true;
  /** The content of the file to which artifacts are uploaded. */
  private uploaded = "";

  constructor(
    readonly name: string,
    private readonly platform = "x86_64-glibc-2.36",
  ) {}

  jail(cache = "/cache", all: readonly FakeHost[] = []): Target {
    const host = {
      name: this.name,
      upload: (_step: string, _path: string, content: () => Readable) => this.append(content()),
      download: this.copyTo,
    };
    const run = (step: Step, values: { readonly key?: string }): Promise<Answer> =>
      new Promise((resolve) => resolve(this.answerTo(step, values)));
    const builderAt = (name: string): Target => all.find((other) => other.name === name)!.jail(cache, all);
    return { host, cache, run, builderAt, kind: "jail", buildTimeout: 60, session } as unknown as Target;
  }

  private answerTo(step: Step, { key = "" }: { readonly key?: string }): Answer {
    const answer = (...lines: string[]): Answer => parseAnswer(["started", ...lines, "done"].join("\n"));
    const did = (what: string): void => void this.did.push(what);
    const said = this.says.get(step);
    if (said) return readAnswer(this.name, step, ["started", ...said, "done", ""].join("\n"), "");
    switch (step) {
      case buildSteps.status:
        return answer(`state\t${this.builds.has(key) ? "done" : "none"}`, `build\t${key}-${this.platform}`);
      case buildSteps.preflight:
        return answer("downloader\tyes");
      case buildSteps.source:
        return answer("source\tthere");
      case buildSteps.begin:
        did("builds");
        if (this.buildFails) throw this.buildFails;
        this.builds.add(key);
        return answer("state\tcached");
      case artifactSteps.pack:
        did("packs");
        if (this.packFails) throw this.packFails;
        return answer(
          `packed\t/packed\t${createHash("sha256").update(this.packed).digest("hex")}\t${this.packed.length}`,
        );
      case artifactSteps.receive:
        return answer(`receive\t/part\t${this.uploaded.length}`);
      case artifactSteps.fetch:
        did(`fetches ${key.slice(0, 6)}`);
        return answer(this.downloads ? "fetched\tyes\t/fetched" : "fetched\tno");
      case artifactSteps.adopt:
        did(`adopts ${this.uploaded}`);
        this.uploaded = "";
        this.builds.add(key);
        return answer();
      default:
        throw new Error(step.does);
    }
  }

  private get packed(): string {
    return `made by ${this.name}`;
  }
  private async append(content: Readable): Promise<void> {
    for await (const chunk of content) {
      await sleep(5);
      this.uploaded += String(chunk);
    }
  }
  private readonly copyTo = (
    _step: string,
    _path: string,
    from: number,
    bytes: number,
    file: string,
  ): Promise<void> => {
    appendFileSync(file, this.packed.slice(from, from + bytes));
    return this.downloadFails ? Promise.reject(this.downloadFails) : Promise.resolve();
  };
}

let version = 0;
/** Inputs of another build on each call, as the session remembers the builds that it has made. */
function inputs(builder: Builder, more: Partial<BuildInputs> = {}): BuildInputs {
  version += 1;
  return {
    ...(more.artifact
      ? {}
      : { source: { url: "https://example.org/Python.tar.xz", sha256: String(version).padStart(64, "0") } }),
    mirrors: [],
    builder,
    configureFlags: [],
    optimize: false,
    include: [],
    jobs: 0,
    requireModules: [],
    installBuildDependencies: false,
    ...more,
  };
}
const named = (host: string): Builder => ({ host, connection: { host } });
const quiet = (): void => void jest.spyOn(console, "log").mockImplementation(() => undefined);

describe("with a named builder, a host", () => {
  test("takes no build that another host has made", async () => {
    quiet();
    const [one, two, three] = [new FakeHost("judge-1"), new FakeHost("judge-2"), new FakeHost("judge-3")];
    const all = [one, two, three];
    const wanted = inputs(named("judge-1"));
    two.builds.add(buildKey(wanted));
    // From then on, the control machine's cache has the build of judge-4.
    await provideBuild(new FakeHost("judge-4").jail("/cache", all), { ...wanted, builder: "shared" }, false);
    expect(await provideBuild(two.jail("/cache", all), wanted, false)).toBe("cached");
    expect(await provideBuild(three.jail("/cache", all), wanted, false)).toBe("received");
    expect([one.did, two.did, three.did]).toEqual([["builds", "packs"], [], ["adopts made by judge-1"]]);
  });

  test("fails with the builder's error, and gets the build once the builder can provide it", async () => {
    quiet();
    const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
    const wanted = inputs(named("judge-1"));
    one.builds.add(buildKey(wanted));
    one.packFails = new HostError({
      host: "judge-1",
      step: "pack",
      code: "disk-full",
      reason: "the disk is full",
      remedy: "make room",
    });
    const failed = (await provideBuild(two.jail("/cache", [one, two]), wanted, false).catch(
      (error: unknown) => error,
    )) as HostError;
    expect(failed.message).toBe(
      "judge-2: pack: judge-1, its builder, cannot give the build: the disk is full [no-build]\n  what to do: make room",
    );
    one.packFails = undefined;
    expect(await provideBuild(two.jail("/cache", [one, two]), wanted, false)).toBe("received");
  });
});

describe("with a builder of another platform, a host", () => {
  test("builds for itself, even if the build of another host fails", async () => {
    quiet();
    const builder = new FakeHost("arm", "aarch64-glibc-2.36");
    const [one, two, three] = [new FakeHost("judge-1"), new FakeHost("judge-2"), new FakeHost("judge-3")];
    const all = [builder, one, two, three];
    const wanted = inputs(named("arm"));
    one.buildFails = new HostError({ host: "judge-1", step: "build", code: "build", reason: "make failed" });
    const ends = await Promise.allSettled(
      [one, two, three].map((host) => provideBuild(host.jail("/cache", all), wanted, false)),
    );
    expect(ends.map((end) => (end.status === "fulfilled" ? end.value : (end.reason as HostError).message))).toEqual([
      "judge-1: build: make failed [build]",
      "cached",
      "cached",
    ]);
    expect([two.did, three.did].map((did) => did[0])).toEqual(["builds", "builds"]);
  });
});

test("the control machine sends a named builder's build from its cache, even if the builder is unreachable", async () => {
  quiet();
  const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
  const wanted = inputs(named("judge-1"));
  await provideBuild(two.jail("/cache", [one, two]), wanted, false);
  const three = new FakeHost("judge-3");
  const unreachable = Object.assign(new FakeHost("judge-1"), {
    jail: () => {
      throw new Error("the builder was asked");
    },
  });
  expect(await provideBuild(three.jail("/cache", [unreachable, three]), wanted, false)).toBe("received");
});

test("without a named builder, the next host builds if the first cannot provide its build", async () => {
  quiet();
  const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
  const wanted = inputs("shared");
  one.builds.add(buildKey(wanted));
  one.packFails = new HostError({ host: "judge-1", step: "pack", code: "disk-full", reason: "the disk is full" });
  expect(await provideBuild(one.jail(), wanted, false)).toBe("cached");
  expect(await provideBuild(two.jail(), wanted, false)).toBe("cached");
  expect(two.did).toContain("builds");
});

test.each([true, false])(
  "two jails of a host that keep different parts of one artifact both get their builds (the host can download: %p)",
  async (downloads) => {
    quiet();
    const host = Object.assign(new FakeHost("judge-1"), { downloads });
    const content = "an archive";
    const artifact = {
      url: "https://example.org/build.tar.gz",
      sha256: createHash("sha256").update(content).digest("hex"),
    };
    mkdirSync(join(folder, "artifacts", artifact.sha256), { recursive: true });
    writeFileSync(join(folder, "artifacts", artifact.sha256, "build.tar.gz"), content);
    const plain = inputs("shared", { artifact });
    const withTests = { ...plain, include: ["tests"] } as BuildInputs;
    await Promise.all([plain, withTests].map((wanted) => provideBuild(host.jail(), wanted, false)));
    expect([plain, withTests].map((wanted) => host.builds.has(buildKey(wanted)))).toEqual([true, true]);
    if (!downloads)
      expect(host.did.filter((did) => did.startsWith("adopts"))).toEqual(["adopts an archive", "adopts an archive"]);
  },
);

test("the control machine's cache names a build after its maker", async () => {
  quiet();
  const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
  const wanted = inputs("shared");
  await provideBuild(one.jail(), wanted, false);
  await provideBuild(two.jail(), wanted, false);
  const sha256 = createHash("sha256").update("made by judge-1").digest("hex");
  expect(
    readFileSync(join(folder, "artifacts", sha256, `${buildKey(wanted)}-x86_64-glibc-2.36@judge-1.tar.gz`), "utf8"),
  ).toBe("made by judge-1");
});

describe("a host's answer about its builds is refused, and makes no file on the control machine,", () => {
  const filesBelow = (place: string): string[] =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const digest = "d".repeat(64);
  const cases: [string, Step, (key: string) => string[]][] = [
    ["a build's name has '..'", buildSteps.status, () => ["state\tdone", "build\t../../../../pwned"]],
    [
      "a build's name has '..' after the key",
      buildSteps.status,
      (key) => ["state\tdone", `build\t${key}-/../../pwned`],
    ],
    ["a build's name is of another key", buildSteps.status, () => ["state\tdone", "build\tother-x86_64"]],
    ["a digest has '..'", artifactSteps.pack, () => ["packed\t/packed\t../../../../pwned\t10"]],
    ["a digest is too long", artifactSteps.pack, () => [`packed\t/packed\t${digest}0\t10`]],
    ["a size is no number", artifactSteps.pack, () => [`packed\t/packed\t${digest}\t1e9`]],
    ["a size is negative", artifactSteps.pack, () => [`packed\t/packed\t${digest}\t-1`]],
    ["a line has one field too many", artifactSteps.pack, () => [`packed\t/packed\t${digest}\t10\t10`]],
    ["the line is missing", artifactSteps.pack, () => []],
    [
      "the line comes twice",
      artifactSteps.pack,
      () => [`packed\t/packed\t${digest}\t10`, `packed\t/packed\t${digest}\t10`],
    ],
  ];
  test.each(cases)("if %s", async (_name, step, lines) => {
    quiet();
    const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
    const wanted = inputs(named("judge-1"));
    one.builds.add(buildKey(wanted));
    one.says.set(step, lines(buildKey(wanted)));
    const error = await provideBuild(two.jail("/cache", [one, two]), wanted, false).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HostError);
    expect((error as HostError).message).toContain("the host does not answer as this step does");
    expect((error as HostError).message).toContain("judge-1");
    expect([
      filesBelow(folder).filter((file) => file.includes(buildKey(wanted)) || file.includes("pwned")),
      existsSync(join(folder, "..", "pwned")),
    ]).toEqual([[], false]);
  });

  test("if the archive is larger than any build", async () => {
    quiet();
    const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
    const wanted = inputs(named("judge-1"));
    one.builds.add(buildKey(wanted));
    one.says.set(artifactSteps.pack, [`packed\t/packed\t${digest}\t900000000000`]);
    await expect(provideBuild(two.jail("/cache", [one, two]), wanted, false)).rejects.toThrow(
      "its build has 900000.0 MB, and at most 2000.0 MB are brought here",
    );
  });

  test.each<[FailureCode, boolean]>([
    ["bad-answer", false],
    ["this-machine", false],
    ["connection-lost", true],
    ["unreachable", true],
  ])("if the download fails with %s; the partial download is kept: %j", async (code, stays) => {
    quiet();
    const [one, two] = [new FakeHost("judge-1"), new FakeHost("judge-2")];
    const wanted = inputs(named("judge-1"));
    one.builds.add(buildKey(wanted));
    one.downloadFails = new HostError({ host: "judge-1", step: "pack", code, reason: "failed" });
    // The host sends fewer bytes than it announced, so that each attempt resumes.
    one.says.set(artifactSteps.pack, [`packed\t/packed\t${digest}\t1000`]);
    await expect(provideBuild(two.jail("/cache", [one, two]), wanted, false)).rejects.toThrow("failed");
    const left = filesBelow(folder).filter((file) => file.includes(buildKey(wanted)));
    expect(left.map((file) => file.endsWith(".part"))).toEqual(stays ? [true] : []);
    for (const file of left) rmSync(file);
  });
});
