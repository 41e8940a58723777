import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { releaseOf } from "../../src/python/releases.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import {
  buildTimeout,
  changedPaths,
  endAll,
  entryFor,
  jailPath,
  jailsOf,
  recordsPath,
  runInJail,
  sharedBuilds,
  stackConfig,
} from "./jail-stack.js";

// What goes wrong on the way from the source to the jail, all in one up: nothing half-made is ever in use, and the next up,
// with the cause removed, finishes.
const release = releaseOf("3.13.5")!;
const archive = join(dirname(sharedBuilds), "sources", release.sha256, release.file);
const folder = mkdtempSync(join(tmpdir(), "python3jail-archives-"));
const truncated = join(folder, release.file);

/** Without finished builds and sources, which would be taken instead. */
const coldCache = "/srv/cold-cache";

let fleet: HostFleet;
let project: Project;
let server: Server;
let sources: Host;
let tight: Host;
let cramped: Host;
let untouched: string[];
let truncatedSha256: string;
let printed: string;
/** Where the builds that failed were made. */
let failedBuilds: string[];
let corrected: Record<string, unknown>[];

/**
 * Each in a jail of its own. The flags of those that have the source's own sha256 differ from one another's and from those of the build
 * that `tight` has already: the same build would come from there.
 */
const wrong: { name: string; path: string; source: () => object; flags?: string[]; says: RegExp; remedy: RegExp }[] = [
  {
    name: "a local archive that is not the one declared",
    path: "/srv/other",
    source: () => ({ path: archive, sha256: "0".repeat(64) }),
    says: /bring python's source: source\.sha256: the archive \S+ has sha256 93e583f2\S+; it is truncated, or another archive/,
    remedy: /give the whole archive that was declared/,
  },
  {
    name: "a local archive that is truncated",
    path: "/srv/truncated",
    source: () => ({ path: truncated, sha256: release.sha256 }),
    flags: ["--without-doc-strings"],
    says: /bring python's source: source\.sha256: the archive \S+ has sha256 \S+; it is truncated, or another archive/,
    remedy: /give the whole archive that was declared/,
  },
  {
    name: "a truncated archive that was declared as it is",
    path: "/srv/damaged",
    source: () => ({ path: truncated, sha256: truncatedSha256 }),
    says: /build python: the archive could not be unpacked: it is damaged, or the disk is full/,
    remedy: /run `pulumi up` again \(the whole log is on the host: \S+\)/,
  },
  {
    name: "an address that has something else",
    path: "/srv/address",
    source: () => ({
      url: `http://${fleet.machineAddress}:${(server.address() as AddressInfo).port}/elsewhere.tar.xz`,
      sha256: release.sha256,
    }),
    flags: ["--with-trace-refs"],
    says: /build python: .*sha256/,
    remedy: /the source is not the one that was declared: check `sha256`, `url` and `mirrors`/,
  },
];

beforeAll(async () => {
  const bytes = readFileSync(archive).subarray(0, 1_000_000);
  writeFileSync(truncated, bytes);
  truncatedSha256 = createHash("sha256").update(bytes).digest("hex");
  server = createServer((_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, resolve));

  fleet = await HostFleet.create();
  sources = await fleet.addHost({ name: "sources", cacheDirectory: sharedBuilds });
  // Room enough by what df says, and not for so many files: full in the middle of the copy.
  tight = await fleet.addHost({
    name: "tight",
    cacheDirectory: sharedBuilds,
    mounts: { "/srv": "mode=755,size=400m,nr_inodes=800" },
  });
  cramped = await fleet.addHost({ name: "cramped", mounts: { "/var/cache": "mode=755,size=1500m,nr_inodes=400" } });
  untouched = await sources.listing();
  project = await Project.create({
    program: "repository",
    config: stackConfig(
      [
        ...wrong.map(({ path, source, flags }) =>
          entryFor(sources, {
            path,
            directories: { cache: coldCache },
            python: { source: source(), configureFlags: flags ?? [] },
          }),
        ),
        entryFor(tight, { python: { version: "3.13.5" } }),
        entryFor(cramped, { python: { version: "3.13.5", configureFlags: ["--with-valgrind"] } }),
      ],
      { python: undefined },
    ),
  });
});

afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
  await endAll(fleet, project);
});

test(
  "a disk that is full, and sources that are not what was declared, fail one up",
  async () => {
    printed = (await project.up({ expectFailure: true })).all;
    expect(Object.values(await jailsOf(project))).toEqual(Array(wrong.length + 2).fill("failed"));
    // Two were refused before anything began on the host.
    failedBuilds = (await sources.run(`cat ${recordsPath}/jails/*/build`)).stdout.split("\n");
    expect(failedBuilds).toHaveLength(2);
  },
  buildTimeout,
);

test.each(wrong)(
  "$name is refused, and nothing of it reaches the jail or the cache",
  async ({ path, says, remedy }) => {
    const message = messageOf("PythonBuild", `sources:${path}`);
    expect(message).toMatch(/^sources: /);
    expect(message).toMatch(says);
    expect(message).toMatch(remedy);
    expect(
      await sources.listing({ paths: [`${path}/bin`, `${path}/lib`, `${path}/.python3jail.swap.python`] }),
    ).toEqual([]);
    expect((await sources.run(`ls ${coldCache}/builds`)).stdout).toBe("");
  },
);

test("a disk that fills up while Python is copied is reported, and no partial copy is left", async () => {
  const message = messageOf("PythonBuild", "tight");
  expect(message).toMatch(/^tight: install python: python could not be copied whole into the jail/);
  expect(message).toContain("No space left on device");
  expect(message).toMatch(
    /a disk was full.*for the jail \(\/srv\/python3jail\)[^]*what to do: make room there, then run the same command again/,
  );
  expect(
    await tight.listing({ paths: [`${jailPath}/bin`, `${jailPath}/lib`, `${jailPath}/.python3jail.swap.python`] }),
  ).toEqual([]);
});

test("a disk that fills up during a build is reported, and no build counts as finished", async () => {
  const message = messageOf("PythonBuild", "cramped");
  expect(message).toMatch(/^cramped: build python: .*the disk is full/);
  expect(message).toContain("No space left on device");
  expect(message).toMatch(/what to do: make room, then run `pulumi up` again/);
  expect((await cramped.run("ls /var/cache/python3jail/builds")).stdout).toBe("");
});

test(
  "the next up succeeds once the causes are removed, and removes the failed builds",
  async () => {
    await tight.run("mount -o remount,nr_inodes=100k /srv");
    // Those that had begun to build; the others are taken out of the config.
    corrected = ["/srv/damaged", "/srv/address"].map((path) => entryFor(sources, { path }));
    project.setConfig(stackConfig([...corrected, entryFor(tight)]));
    await project.up();
    for (const jail of Object.values(await jailsOf(project)))
      expect(jail).toMatchObject({ python: "3.13.5", printed: "2" });
    for (const build of failedBuilds) expect(await sources.listing({ paths: [build] })).toEqual([]);
    // Taken out of the config before it was finished.
    expect(await cramped.listing({ paths: [jailPath, recordsPath] })).toEqual([]);
    expect(
      (await cramped.run("ls /var/cache/python3jail/work")).stdout.split("\n").filter((name) => !name.endsWith("lock")),
    ).toEqual([]);
  },
  buildTimeout,
);

test(
  "the old Python stays in use, unchanged, if the disk fills up in an upgrade, until the next up",
  async () => {
    const jails = await jailsOf(project);
    const before = await tight.listing({ paths: [jailPath], changeTimes: true });
    const files = Number((await tight.run("df --output=iused /srv | tail -n 1")).stdout);
    await tight.run(`mount -o remount,nr_inodes=${files + 500} /srv`);
    project.setConfig(stackConfig([...corrected, entryFor(tight, { python: { version: "3.11.2" } })]));
    const { all } = await project.up({ expectFailure: true });
    expect(all).toMatch(/\* tight: install python: python could not be copied whole into the jail/);
    expect(changedPaths(before, await tight.listing({ paths: [jailPath], changeTimes: true }))).toEqual([jailPath]);
    const jail = jails.tight;
    if (jail === undefined || jail === "failed") throw new Error("tight has no jail");
    expect(await runInJail(tight, jail.command, "import sys, ssl; print(sys.version_info[:3])")).toBe("(3, 13, 5)");

    await tight.run("mount -o remount,nr_inodes=100k /srv");
    await project.up();
    expect((await jailsOf(project)).tight).toMatchObject({ python: "3.11.2", printed: "2" });
  },
  buildTimeout,
);

test("destroy leaves the hosts as they were", async () => {
  await project.destroy();
  await sources.run(`rm -r ${coldCache}`);
  expect(await sources.listing()).toEqual(untouched);
  expect(await tight.listing({ paths: [jailPath, recordsPath] })).toEqual([]);
});

/** What the end of the first up says of a resource, without its margin. */
function messageOf(type: string, name: string): string {
  const lines = printed.slice(printed.indexOf("Diagnostics:")).split("\n");
  const start = lines.findIndex((line) => line.endsWith(`:${type} (${name}):`));
  const end = lines.findIndex((line, index) => index > start && line.trim() === "");
  return lines
    .slice(start + 1, end)
    .map((line) => line.trim())
    .join("\n")
    .replace(/^error: /, "");
}
