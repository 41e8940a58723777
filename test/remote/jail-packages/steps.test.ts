import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HostError } from "../../../src/base/errors.js";
import { checked } from "../../../src/base/validation.js";
import { nodeSteps } from "../../../src/kinds/DeviceNode.js";
import { jailPackages } from "../../../src/kinds/JailPackages.js";
import { shells, standIn, type StepSurroundings } from "../run-step.js";
import { ScratchJail } from "../scratch-jail.js";
import { fakeWheel, installFakePython, type FakeWheel } from "./fake-build.js";
import { nullNode } from "../step-values.js";
import { manifestPath } from "../manifest.js";

// The steps with a fake build and its fake pip. test/e2e/packages.test.ts uses real ones.
const site = "lib/python3.13/site-packages";
let jail: ScratchJail;
let folder: string;
let said: string[];
let servers: Server[];
beforeEach(async () => {
  jail = await ScratchJail.make();
  folder = join(jail.folder, "wheels");
  mkdirSync(folder);
  said = [];
  servers = [];
  process.env.PYTHON3JAIL_CACHE_DIR = join(jail.folder, "own-cache");
  jest.spyOn(console, "log").mockImplementation((text: string) => void said.push(text.replace(/^: packages: /, "")));
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.PYTHON3JAIL_CACHE_DIR;
  for (const server of servers) server.close();
  jail.remove();
});

const line = (wheel: FakeWheel, marker = ""): string =>
  `${wheel.file.split("-").slice(0, 2).join("==")}${marker} --hash=sha256:${wheel.sha256}`;
/** The inputs that check makes of a requirements file with these lines. */
const inputs = (lines: readonly string[], change: object = {}) => {
  const requirements = join(jail.folder, "requirements.txt");
  writeFileSync(requirements, `${lines.join("\n")}\n`);
  const given = {
    host: "judge-1",
    connection: { host: "h" },
    path: "/srv/jail",
    python: { version: "3.13.5" },
    requirements,
    wheels: folder,
    ...change,
  };
  const { value, reasons } = checked(jailPackages.schema, given);
  const complete = value && jailPackages.complete!(value);
  if (!complete?.value) throw new Error(`refused: ${String(reasons ?? complete?.reasons)}`);
  return complete.value;
};
const apply = (lines: readonly string[], change: object = {}, surroundings?: StepSurroundings) =>
  jailPackages.apply(jail.asJail(surroundings), inputs(lines, change), undefined);
const drift = async (lines: readonly string[], surroundings?: StepSurroundings) => {
  const wanted = inputs(lines);
  return (await jailPackages.read(jail.asJail(surroundings), wanted, {}))!.drift;
};
const failing = async (running: Promise<unknown>): Promise<HostError> => {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
  return error;
};
const inSite = (...names: string[]): string => jail.at(join(site, ...names));
const names = async (): Promise<string[]> =>
  (await jail.paths())
    .map((path) => path.replace(/ \d+$/, ""))
    .filter((path) => path.startsWith(`${site}/`))
    .map((path) => path.slice(site.length + 1))
    .sort();
const cached = (): string[] => readdirSync(join(jail.folder, "cache", "packages"));
const serve = async (files: Record<string, string | Buffer>): Promise<string> => {
  const server = createServer((request, response) => {
    const content = files[request.url ?? ""];
    response.writeHead(content === undefined ? 404 : 200, { "content-type": "text/html" }).end(content);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe.each(shells)("with %s", (shell) => {
  test("packages are installed and compiled, found unchanged, upgraded and removed, and unmanaged files stay", async () => {
    installFakePython(jail, "3.13");
    const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", {
      "kit/__init__.py": "1",
      "kit/old name.py": "old",
      "kit/data/a file.txt": "a",
      "bin/kit": "#!",
    });
    const solo = await fakeWheel(folder, "So.lo-2.0-py3-none-any.whl", { "solo.py": "solo" });
    const before = await jail.listing();
    const facts = await apply([line(kit).replace("kit", "Kit"), line(solo)], {}, { shell });
    expect(facts).toMatchObject({ packages: { kit: "1.0", "so-lo": "2.0" } });
    expect(said).toEqual(["2 sent there"]);
    const installed = [
      "README.txt",
      "So.lo-2.0.dist-info",
      "So.lo-2.0.dist-info/METADATA",
      "__pycache__",
      "__pycache__/solo.pyc",
      "kit",
      "kit-1.0.dist-info",
      "kit-1.0.dist-info/METADATA",
      "kit/__init__.py",
      "kit/__pycache__",
      "kit/__pycache__/__init__.pyc",
      "kit/__pycache__/old name.pyc",
      "kit/data",
      "kit/data/a file.txt",
      "kit/old name.py",
      "solo.py",
    ];
    expect(await names()).toEqual([...installed].sort());

    const there = await jail.listing();
    expect(await apply([line(kit), line(solo)], {}, { shell })).toEqual(facts);
    expect(await drift([line(solo), line(kit)], { shell })).toEqual({});
    expect(await jail.listing()).toEqual(there);

    // Unmanaged files beside and in the packages.
    mkdirSync(inSite("kit", "plugins"));
    for (const path of ["kit/plugins/theirs too.py", "__pycache__/theirs.pyc", "theirs.py"])
      writeFileSync(inSite(path), "theirs");
    const newer = await fakeWheel(folder, "kit-1.1-py3-none-any.whl", { "kit/__init__.py": "2", "kit/new.py": "new" });
    rmSync(kit.path);
    const upgraded = await apply([line(newer)], {}, { shell });
    expect(upgraded.packages).toEqual({ kit: "1.1" });
    expect(upgraded.digest).not.toBe(facts.digest);
    const theirs = [
      "README.txt",
      "__pycache__",
      "__pycache__/theirs.pyc",
      "kit",
      "kit/plugins",
      "kit/plugins/theirs too.py",
      "theirs.py",
    ];
    expect(await names()).toEqual(
      [
        ...theirs,
        "kit-1.1.dist-info",
        "kit-1.1.dist-info/METADATA",
        "kit/__init__.py",
        "kit/__pycache__",
        "kit/__pycache__/__init__.pyc",
        "kit/__pycache__/new.pyc",
        "kit/new.py",
      ].sort(),
    );
    expect(readFileSync(inSite("kit/__init__.py"), "utf8")).toBe("2");

    await jailPackages.remove(jail.asJail({ shell }), inputs([line(newer)]), upgraded);
    expect(await names()).toEqual(theirs);
    expect(existsSync(join(jail.records, "packages"))).toBe(false);
    for (const path of ["kit", "__pycache__", "theirs.py"]) rmSync(inSite(path), { recursive: true });
    expect((await jail.listing()).map((one) => one.split(" ")[0])).toEqual(before.map((one) => one.split(" ")[0]));
  });

  test("missing and altered files are drift, and exactly those are restored", async () => {
    installFakePython(jail, "3.13");
    const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", {
      "kit/__init__.py": "1",
      "kit/a b/c d.py": "c",
      "kit/whole.py": "whole",
    });
    await apply([line(kit)], {}, { shell });
    rmSync(inSite("kit/a b"), { recursive: true });
    writeFileSync(inSite("kit/__init__.py"), "bad");
    writeFileSync(inSite("kit/theirs.py"), "theirs");
    expect(await drift([line(kit)], { shell })).toEqual({
      [`${site}/kit/a b`]: "is missing",
      [`${site}/kit/a b/__pycache__`]: "is missing",
      [`${site}/kit/a b/__pycache__/c d.pyc`]: "is missing",
      [`${site}/kit/a b/c d.py`]: "is missing",
      [`${site}/kit/__init__.py`]: "was altered",
    });
    const whole = (await jail.listing()).filter((one) => /whole|theirs/.test(one));
    // No wheel is needed for that.
    rmSync(kit.path);
    await apply([line(kit)], {}, { shell });
    expect(await drift([line(kit)], { shell })).toEqual({});
    expect(readFileSync(inSite("kit/a b/c d.py"), "utf8")).toBe("c");
    expect((await jail.listing()).filter((one) => /whole|theirs/.test(one))).toEqual(whole);
  });
});

test("the host downloads the wheels itself if it can, and none is uploaded", async () => {
  const build = installFakePython(jail, "3.13");
  const kit = await fakeWheel(join(build, "index"), "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
  await apply([line(kit)], { wheels: undefined });
  expect(said).toEqual(["the host downloads them"]);
  expect(await drift([line(kit)])).toEqual({});
});

test("a host that cannot download receives the wheels that its markers need, the best that the hashes allow", async () => {
  installFakePython(jail, "3.13");
  const [any, better, other, allowedNot] = await Promise.all(
    [
      "fast-1.0-py3-none-any.whl",
      "fast-1.0-cp313-cp313-linux_x86_64.whl",
      "fast-1.0-cp313-cp313-win_amd64.whl",
      "fast-1.0-1-cp313-cp313-linux_x86_64.whl",
    ].map((file) => fakeWheel(folder, file, { "fast.py": file })),
  );
  const file = (wheel: FakeWheel): [string, Buffer] => [`/files/${wheel.file}`, readFileSync(wheel.path)];
  const link = ({ file: name, sha256 }: FakeWheel): string =>
    `<a href="../../files/${name}#sha256=${sha256}" data-requires-python="&gt;=3.9">${name}</a>`;
  const index = await serve({
    "/simple/fast/": [any!, better!, other!, allowedNot!].map(link).join("<br>\n"),
    ...Object.fromEntries([any!, better!, other!, allowedNot!].map(file)),
  });
  const lines = [
    `fast==1.0 ${[any!, better!, other!].map(({ sha256 }) => `--hash=sha256:${sha256}`).join(" ")}`,
    line({ ...any!, file: "nothere-1.0-x" }, ' ; sys_platform == "win32"'),
  ];
  // The fake pip takes the last in alphabetical order, so only the right wheel may have been uploaded.
  await apply(lines, { wheels: undefined, index: `${index}/simple` });
  expect(said.slice(-3)).toEqual([
    "the host downloads them",
    "the host cannot download them: fetched here, to be sent there",
    "1 sent there",
  ]);
  expect(readFileSync(inSite("fast.py"), "utf8")).toBe(better!.file);
  expect(existsSync(join(jail.folder, "own-cache", "wheels", better!.sha256, better!.file))).toBe(true);
});

describe("an error with a remedy, and an unchanged jail, follow from", () => {
  let kit: FakeWheel;
  let build: string;
  let before: string[];
  beforeEach(async () => {
    build = installFakePython(jail, "3.13");
    kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
    before = await jail.listing();
  });
  afterEach(async () => {
    expect((await jail.listing()).slice(1)).toEqual(before.slice(1));
    if (existsSync(join(jail.folder, "cache", "packages")))
      expect(cached().filter((name) => !name.startsWith("new."))).toEqual([]);
  });

  test("a wheel with another hash that the host downloaded", async () => {
    const other = await fakeWheel(join(build, "index"), "kit-1.0-py3-none-any.whl", { "kit.py": "other" });
    expect(other.sha256).not.toBe(kit.sha256);
    const { failure } = await failing(apply([line(kit)], { wheels: undefined }));
    expect(failure).toMatchObject({
      code: "wrong-hash",
      reason: expect.stringContaining("none of the hashes"),
      remedy: expect.stringContaining("`index`"),
    });
    expect(cached()).toEqual([]);
  });

  test("a wheel that changed on the way", async () => {
    const honest = jail.asJail();
    const upload = honest.host.upload.bind(honest.host);
    honest.host.upload = async (does, path, content, seconds) => {
      await upload(does, path, content, seconds);
      writeFileSync(path, "changed");
    };
    const { failure } = await failing(jailPackages.apply(honest, inputs([line(kit)]), undefined));
    expect(failure).toMatchObject({
      code: "wrong-hash",
      reason: "kit-1.0-py3-none-any.whl has none of the hashes in `requirements`: it was not installed",
    });
    expect(cached()).toEqual([]);
  });

  test("a folder that lacks wheels, each of which is named with the reason", async () => {
    const lines = [
      `kit==2.0 --hash=sha256:${kit.sha256}`,
      `fast==1.0 --hash=sha256:${kit.sha256}`,
      `kit-extra==1.0 --hash=sha256:${kit.sha256}`,
    ];
    await fakeWheel(folder, "fast-1.0-cp39-cp39-win32.whl", {});
    const strange = await fakeWheel(folder, "kit_extra-1.0-cp39-cp39-win32.whl", {});
    const { failure } = await failing(apply([...lines.slice(0, 2), `kit-extra==1.0 --hash=sha256:${strange.sha256}`]));
    expect(failure).toMatchObject({
      code: "no-wheel",
      remedy: expect.stringContaining("put the wheels for this Python and platform there"),
    });
    expect(failure.output!.split("\n")).toEqual([
      "kit 2.0: there are wheels of it, but none of this version",
      "fast 1.0: there are wheels of this version, but none has one of its hashes",
      "kit-extra 1.0: the wheels that its hashes allow are for other Pythons or platforms",
    ]);
  });

  test("an index that neither the host nor the control machine can reach", async () => {
    const { failure } = await failing(apply([line(kit)], { wheels: undefined, index: "http://127.0.0.1:8/simple" }));
    expect(failure).toMatchObject({
      code: "download",
      reason: "neither the host nor this machine can get all the packages",
      remedy: expect.stringContaining("(`wheels`)"),
    });
    expect(failure.output).toContain("No matching distribution found for kit==1.0");
    expect(failure.output).toMatch(/this machine:\nkit 1\.0: connect ECONNREFUSED/);
  });

  test("a malformed wheel", async () => {
    writeFileSync(join(folder, "bad-1.0-py3-none-any.whl"), "no archive");
    const { failure } = await failing(apply(["bad==1.0"], { allowUnhashed: true }));
    expect(failure).toMatchObject({ code: "pip", reason: "the packages could not be installed together" });
    expect(cached()).toEqual([]);
  });

  test("a wheel with a file name that the manifest cannot record", async () => {
    const bad = await fakeWheel(folder, "bad-1.0-py3-none-any.whl", { "bad/a\nb.py": "1" });
    expect((await failing(apply([line(bad)]))).failure.code).toBe("strange-file");
  });

  test("a jail without python", async () => {
    rmSync(manifestPath(jail.records, "python"));
    expect((await failing(apply([line(kit)]))).failure).toMatchObject({
      code: "no-python",
      remedy: expect.stringContaining("PythonBuild"),
    });
  });

  test("a requirements file that changed since it was checked", async () => {
    const wanted = inputs([line(kit)]);
    writeFileSync(wanted.requirements, "kit==1.1\n");
    expect((await failing(jailPackages.apply(jail.asJail(), wanted, undefined))).failure.code).toBe("source-changed");
  });

  test("a full disk of the jail", async () => {
    const big = await fakeWheel(folder, "big-1.0-py3-none-any.whl", { "big/data": "x".repeat(5_000_000) });
    // The step measures the jail's own file system, so the jail is copied to a small one.
    const small = {
      before: `cp -a ${jail.path} ${jail.folder}/copy; mount -t tmpfs -o size=2m,mode=755 small ${jail.path}; cp -a ${jail.folder}/copy/. ${jail.path}; rm -r ${jail.folder}/copy`,
    };
    const { failure } = await failing(apply([line(big)], {}, small));
    expect(failure).toMatchObject({
      code: "disk-full",
      reason: expect.stringMatching(/^the jail's disk has 1 MB free, the packages need \d MB$/),
    });
    rmSync(join(jail.folder, "cache", "packages"), { recursive: true });
  });
});

test("an unmanaged file in place of a package's directory is not replaced", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit/__init__.py": "1", "aaa.py": "1" });
  writeFileSync(inSite("kit"), "theirs");
  const before = await jail.listing();
  expect((await failing(apply([line(kit)]))).failure).toMatchObject({
    code: "in-the-way",
    reason: `${site}/kit is a file that was not put there by us, and a package has a folder of that name`,
  });
  expect(await jail.listing()).toEqual(before);
});

test("nothing is written through a symlink in place of a directory of packages", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit/__init__.py": "1" });
  const outside = join(jail.folder, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "secret");
  symlinkSync(outside, inSite("kit"));
  await failing(apply([line(kit)]));
  rmSync(inSite("kit"));
  await apply([line(kit)]);
  // Symlinks in place of our directories, at both depths.
  rmSync(inSite("kit"), { recursive: true });
  symlinkSync(outside, inSite("kit"));
  await apply([line(kit)]);
  expect(await drift([line(kit)])).toEqual({});
  expect(readFileSync(inSite("kit/__init__.py"), "utf8")).toBe("1");
  expect(readdirSync(outside)).toEqual(["secret"]);
  rmSync(inSite(), { recursive: true });
  symlinkSync(outside, inSite());
  expect((await failing(apply([line(kit)]))).failure.code).toBe("in-the-way");
  expect(readdirSync(outside)).toEqual(["secret"]);
});

test("another python gets the packages installed again, and nothing of the old library is left", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit/__init__.py": "1" });
  await apply([line(kit)]);
  // As PythonBuild does: remove its own files, and keep directories with unmanaged files.
  rmSync(inSite("README.txt"));
  installFakePython(jail, "3.14");
  expect(await drift([line(kit)])).toEqual({
    packages: "were installed for another python than the one that is there",
  });
  await apply([line(kit)]);
  expect(readdirSync(jail.at("lib"))).toEqual(["python3.14"]);
  expect(readdirSync(jail.at("lib/python3.14/site-packages")).sort()).toEqual([
    "README.txt",
    "kit",
    "kit-1.0.dist-info",
  ]);
  expect(await drift([line(kit)])).toEqual({});
});

test("the next install finishes a killed one, and keeps unmanaged files", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit/__init__.py": "1", "kit/more.py": "1" });
  await apply([line(kit)]);
  writeFileSync(inSite("kit/theirs.py"), "theirs");
  const newer = await fakeWheel(folder, "kit-1.1-py3-none-any.whl", { "kit/__init__.py": "2" });
  // The state after the old package was moved away, and before the new one is in place.
  mkdirSync(jail.at(".python3jail.swap.packages/old-packages"), { recursive: true });
  chmodSync(jail.at(".python3jail.swap.packages"), 0o2700);
  renameSync(inSite("kit"), jail.at(".python3jail.swap.packages/old-packages/kit"));
  jail.cutOff("packages");
  // A step of another resource leaves that state alone.
  await jail.complete(nodeSteps.apply, nullNode);
  await apply([line(newer)]);
  expect((await names()).filter((name) => name.startsWith("kit/") && !name.includes("__pycache__"))).toEqual([
    "kit/__init__.py",
    "kit/theirs.py",
  ]);
  expect(await drift([line(newer)])).toEqual({});
});

test.each(shells)("unmanaged files stay if packages are removed after a killed install, under %s", async (shell) => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit/__init__.py": "1", "kit/more.py": "1" });
  const facts = await apply([line(kit)]);
  mkdirSync(inSite("kit/deep er"));
  writeFileSync(inSite("kit/deep er/theirs.py"), "theirs");
  mkdirSync(jail.at(".python3jail.swap.packages/old-packages"), { recursive: true });
  chmodSync(jail.at(".python3jail.swap.packages"), 0o700);
  renameSync(inSite("kit"), jail.at(".python3jail.swap.packages/old-packages/kit"));
  jail.cutOff("packages");
  await jailPackages.remove(jail.asJail({ shell }), inputs([line(kit)]), facts);
  expect(await names()).toEqual(["README.txt", "kit", "kit/deep er", "kit/deep er/theirs.py"]);
  expect(readdirSync(jail.path).filter((name) => name.includes("swap"))).toEqual([]);
});

test("no program of the jail is run", async () => {
  installFakePython(jail, "3.13");
  for (const name of ["ssl.py", "sysconfig.py", "compileall.py"])
    writeFileSync(jail.at(name), `: >${jail.folder}/ran\n`);
  await apply([line(await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" }))]);
  expect(existsSync(join(jail.folder, "ran"))).toBe(false);
});

test("a set that was damaged in the host's cache is made again before it is installed", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
  await apply([line(kit)]);
  await jailPackages.remove(jail.asJail(), inputs([line(kit)]), {});
  writeFileSync(
    join(
      jail.folder,
      "cache",
      "packages",
      cached().find((name) => !name.startsWith("new."))!,
      "root",
      site,
      "kit.py",
    ),
    "",
  );
  await apply([line(kit)]);
  expect([readFileSync(inSite("kit.py"), "utf8"), await drift([line(kit)])]).toEqual(["1", {}]);
});

test("a set that another process removes from the cache during an install leaves nothing that hinders the next install", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
  const gone = standIn(
    "touch",
    'for word; do case $word in */cache/packages/*) rm -rf "$word" ;; esac; done',
    'exec /usr/bin/touch "$@"',
  );
  await apply([line(kit)], {}, { before: gone });
  expect(cached()).toEqual([]);
});

test("a set may have no files, as no marker may apply", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
  const none = [line(kit, ' ; sys_platform == "win32"')];
  await apply(none);
  expect([await names(), await drift(none)]).toEqual([["README.txt"], {}]);
});

test("the next run removes what a killed run of the same jail left, and keeps what another jail is making", async () => {
  installFakePython(jail, "3.13");
  const kit = await fakeWheel(folder, "kit-1.0-py3-none-any.whl", { "kit.py": "1" });
  const making = (token: string, id: string): void => {
    const place = join(jail.folder, "cache", "packages", `new.${token}`);
    mkdirSync(place, { recursive: true });
    chmodSync(join(jail.folder, "cache"), 0o700);
    writeFileSync(join(place, "jail"), id);
  };
  const id = readFileSync(join(jail.records, "id"), "utf8");
  making("cut-off", id);
  // It may be of another host with the same records, which shares the cache.
  making("other", `another-${id}`);
  await apply([line(kit)]);
  expect(cached().filter((name) => name.startsWith("new."))).toEqual(["new.other"]);
});

test("a set is made once for all jails of a host, and the newest five stay", async () => {
  installFakePython(jail, "3.13");
  const wheels = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) =>
      fakeWheel(folder, `kit-1.${number}-py3-none-any.whl`, { "kit.py": String(number) }),
    ),
  );
  for (const wheel of wheels) {
    await apply([line(wheel)]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
  expect(cached()).toHaveLength(5);
  for (const wheel of wheels) rmSync(wheel.path);
  said.length = 0;
  await apply([line(wheels[4]!)]);
  expect(said).toEqual([]);
  expect(readFileSync(inSite("kit.py"), "utf8")).toBe("5");
});
