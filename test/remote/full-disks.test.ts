import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { pythonInputs } from "./python-build/python-inputs.js";
import { execa } from "execa";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditSteps } from "../../src/audit/audit.js";
import { HostError, type HostFailure } from "../../src/base/errors.js";
import { artifactSteps } from "../../src/python/artifacts.js";
import { asDiskFailure, type Disk } from "../../src/remote/disks.js";
import { assemble, shellCommand } from "../../src/remote/program.js";
import type { Value } from "../../src/remote/arguments.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { filesSteps } from "../../src/kinds/JailFiles.js";
import { librarySteps } from "../../src/kinds/JailLibraries.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { systemSteps } from "../../src/kinds/JailSystem.js";
import { pythonBuild, pythonSteps } from "../../src/kinds/PythonBuild.js";
import { fakeCpython } from "./python-build/fake-cpython.js";
import { ScratchJail } from "./scratch-jail.js";
import { closureValues, folders, nullNode, rootPolicy, rootValues, systemValues } from "./step-values.js";
import { factsOf } from "./manifest.js";

// Every step with each disk of the host full, and with each read-only: the error names the disk, and with space again
// the same step gives the same result as without the failure.
const system = { ...systemValues, tmp: "directory", users: ["judge:1000:1000:1000:/scratch:/bin/sh"] };
const policy = { ...rootPolicy, modes: ["1777 tmp"] };
const content = "print('site')\n";
const sha256 = createHash("sha256").update(content).digest("hex");

let archives: string;
let jail: ScratchJail;
let key: string;
beforeAll(async () => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  archives = mkdtempSync(join(tmpdir(), "fake-cpython-"));
  const source = await fakeCpython(archives, "3.13.5");
  jail = await ScratchJail.make();
  const own = jail.asJail();
  await pythonBuild.apply(own, pythonInputs(source), undefined);
  key = factsOf(jail.records, "python", "key")[0]!;
  jail.put("bin/ls", { copyOf: "/bin/ls" });
  jail.put("static/own/of the site", "theirs");
  await jail.complete(librarySteps.apply, closureValues);
  await jail.complete(nodeSteps.apply, nullNode);
  await jail.complete(systemSteps.apply, system);
  await jail.complete(permissionSteps.apply, { ...policy, emptyScratch: false });
  // The uploaded archive, which the next step expects.
  const list = `${sha256}\t0644\tstatic/site.py`;
  const place = (
    await jail.complete(filesSteps.findLacking, { key: "a-key", target: "static", digest: "a-digest", list })
  ).one("send")[0]!;
  writeFileSync(join(archives, sha256), content);
  await execa("tar", ["-cf", place, "-C", archives, sha256]);
  copyFileSync(place, join(archives, "sent"));
});
afterAll(() => {
  jest.restoreAllMocks();
  jail.remove();
  rmSync(archives, { recursive: true });
});

/** The steps, each with what to undo in the jail so that it has work, what its caller repeats, and its arguments. */
const steps: Record<
  string,
  { step: Step; before?: string; again?: string; values: () => Readonly<Record<string, Value>> }
> = {
  "read the jail": { step: rootSteps.read, values: () => ({ folders }) },
  "mend the jail": {
    step: rootSteps.apply,
    before: "rmdir scratch && rm lib64/*",
    values: () => rootValues(),
  },
  "lay out a new jail": {
    step: rootSteps.apply,
    before: "find . -mindepth 1 -delete && rm -rf ../records/*",
    values: () => rootValues(),
  },
  "make a device node": {
    step: nodeSteps.apply,
    before: "rm dev/null",
    values: () => nullNode,
  },
  "read the permissions": { step: permissionSteps.read, values: () => policy },
  "set the permissions": {
    step: permissionSteps.apply,
    before: "chmod -R o+w static",
    values: () => ({ ...policy, emptyScratch: false }),
  },
  "give back the permissions": { step: permissionSteps.remove, values: () => ({}) },
  "read the libraries": { step: librarySteps.read, values: () => closureValues },
  "copy the libraries": {
    step: librarySteps.apply,
    before: "find .libraries -name 'libc.so*' -exec sh -c 'echo damaged >>\"$1\"' sh {} +",
    values: () => closureValues,
  },
  "remove the libraries": { step: librarySteps.remove, values: () => ({}) },
  "read the files": {
    step: filesSteps.read,
    values: () => ({ key: "a-key", target: "static", digest: "a-digest" }),
  },
  "put the files into the jail": {
    step: filesSteps.apply,
    again: "cp /run/full-disks/sent sent-a-key",
    values: () => ({
      key: "a-key",
      target: "static",
      digest: "a-digest",
      list: `${sha256}\t0644\tstatic/site.py`,
      removeUnmanaged: false,
    }),
  },
  "remove the files": { step: filesSteps.remove, values: () => ({ key: "a-key" }) },
  "look at the system": { step: systemSteps.read, values: () => system },
  "put what programs expect": { step: systemSteps.apply, before: "echo damaged >etc/passwd", values: () => system },
  "remove what programs expect": { step: systemSteps.remove, values: () => ({}) },
  "read python": { step: pythonSteps.read, values: () => ({}) },
  "install python": {
    step: pythonSteps.install,
    before: "echo damaged >lib/python3.13/os.py",
    values: () => ({ key, modules: [] }),
  },
  "repair python": { step: pythonSteps.repair, before: "rm lib/python3.13/os.py", values: () => ({ key }) },
  "remove python": { step: pythonSteps.remove, values: () => ({}) },
  "pack the build": { step: artifactSteps.pack, values: () => ({ key }) },
  "audit the jail": {
    step: auditSteps.readOutside,
    values: () => ({ safeexec: undefined, owner: "root", uid: 10000, gid: 54321, devices: ["dev/null 1 3 0666"] }),
  },
  "remove the jail": { step: rootSteps.remove, values: () => ({ id: "an-id", deleteContents: true, kept: false }) },
};
const disks: Record<string, { keeps: string; path: () => string }> = {
  jail: { keeps: "the jail", path: () => jail.path },
  records: { keeps: "our records", path: () => jail.records },
  cache: { keeps: "the cache", path: () => jail.cache },
  tmp: { keeps: "temporary files", path: () => "/tmp" },
};

/** Makes the records accept the copy of the jail as the same jail. */
const knowAgain = (): string =>
  `if [ -s '${jail.records}/inode' ]; then stat -c '%d:%i' '${jail.path}' >'${jail.records}/inode'; fi`;
/**
 * Copies the jail's directories for this namespace alone, and puts one of them on a disk of its own that is full or
 * read-only.
 */
const namespace = (undo: string, place: string, trouble: "full" | "read-only" | "none"): string => `
mkdir -p /run/full-disks && mount -t tmpfs -o size=200m tmpfs /run/full-disks
cp '${archives}/again.sh' '${archives}/sent' /run/full-disks 2>/dev/null || :
cp -a '${jail.folder}' /run/full-disks/all && mount --bind /run/full-disks/all '${jail.folder}'
cd '${jail.path}' && ${undo}
cd /
${knowAgain()}
${
  trouble === "none"
    ? ""
    : `mkdir /run/full-disks/disk
mount -t tmpfs -o size=$(($(${place === "/tmp" ? "echo 0" : `du -sk '${place}' | cut -f 1`}) + 16000))k,mode=$(stat -c %a '${place}') tmpfs /run/full-disks/disk
${place === "/tmp" ? `mkdir -p '/run/full-disks/disk${jail.folder.slice(4)}' && mount --bind '${jail.folder}' '/run/full-disks/disk${jail.folder.slice(4)}'` : `cp -a '${place}/.' /run/full-disks/disk`}
${trouble === "full" ? "cat /dev/zero >/run/full-disks/disk/.fill 2>/dev/null || :" : ""}
mount --rbind /run/full-disks/disk '${place}'
${place === jail.path ? knowAgain() : ":"}
${trouble === "full" ? "" : "mount -o remount,ro /run/full-disks/disk"}`
}`;
/** Frees space on the disk, or makes it writable. */
const relief = (place: string, trouble: "full" | "read-only"): string =>
  trouble === "full" ? `rm '${place}/.fill'` : "mount -o remount,rw /run/full-disks/disk";
/** The contents of the jail, without those that a disk of its own adds. */
const listing = (): string =>
  `cd '${jail.path}' 2>/dev/null && { find . ! -name .fill -printf '%p %y %m %U:%G %l\\n' | sort; find . -type f ! -name .fill -exec sha256sum {} + | sort; }`;

const references = new Map<string, Promise<string>>();
/** The contents of the jail after the step has run without a failing disk. */
function reference(name: string): Promise<string> {
  const { step, before = ":", values } = steps[name]!;
  const known =
    references.get(name) ??
    jail
      .run(step, values(), { before: namespace(before, "", "none"), after: listing() })
      .then(({ answer, after, stdout, stderr }) => {
        if (!answer.complete) throw new Error(`${name} fails without any full disk:\n${stdout}${stderr}`);
        return after;
      });
  references.set(name, known);
  return known;
}

const cells = Object.keys(steps)
  .flatMap((name) =>
    Object.keys(disks).flatMap((disk) =>
      (["full", "read-only"] as const).map((trouble) => [name, disk, trouble] as const),
    ),
  )
  // The file that fills the disk of a jail that does not exist yet would be an unmanaged file in it.
  .filter(([name, disk, trouble]) => !(name === "lay out a new jail" && disk === "jail" && trouble === "full"));
const table = new Map<string, string>();
afterAll(() => {
  const columns = Object.keys(disks).flatMap((disk) => ["full", "read-only"].map((trouble) => `${disk} ${trouble}`));
  process.stdout.write(
    [
      ["step", ...columns],
      ...Object.keys(steps).map((name) => [name, ...columns.map((column) => table.get(`${name} ${column}`) ?? "-")]),
    ]
      .map((row) => row.join(" | "))
      .join("\n") + "\n",
  );
});

describe("a step with a disk that cannot be written", () => {
  test.each(cells)("%s: the disk of %s is %s", async (name, disk, trouble) => {
    const { step, before = ":", again, values } = steps[name]!;
    const place = disks[disk]!.path();
    const surroundings = { before: namespace(before, place, trouble) };
    writeFileSync(join(archives, "again.sh"), assemble({ step, place: jail, values: values() }));
    const run = await jail.run(step, values(), {
      ...surroundings,
      after: `${relief(place, trouble)}\ncd '${jail.records}'; ${again ?? ":"}\n(${shellCommand(step.confined ?? false)}) </run/full-disks/again.sh | tail -n 1\necho ---\n${listing()}`,
    });
    const [ended, there] = run.after.split("---\n");
    // A mount point itself stays; its contents are removed.
    const isGone = name === "remove the jail" && ["jail", "records"].includes(disk);
    if (!isGone) expect([ended!.trim(), there]).toEqual(["done", await reference(name)]);
    table.set(`${name} ${disk} ${trouble}`, run.answer.complete ? "done" : "told");
    if (run.answer.complete) return;
    const error = await jail
      .asJail(surroundings)
      .run(step, values())
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(HostError);
    const { code, reason } = (error as HostError).failure;
    expect([code, reason]).toEqual([
      trouble === "full" ? "disk-full" : "read-only",
      expect.stringMatching(`${place}|the jail's disk`),
    ]);
  });
});

test.each([
  ["full", "cat /dev/zero >.fill 2>/dev/null"],
  ["read-only", "mount -o remount,bind,ro ."],
])(
  "every transfer names the control machine's cache on a disk that is %s, and suggests no mirror",
  async (is, make) => {
    const wheel = createHash("sha256").update("a file").digest("hex");
    const server = createServer(({ url }, response) => {
      response
        .writeHead(200, { "content-type": "text/html" })
        .end(url === "/simple/kit/" ? `<a href="/kit-1.0-py3-none-any.whl#sha256=${wheel}">` : "a file");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const place = join(archives, `control-${is}`);
    const script = `mkdir "$1" && mount -t tmpfs -o size=64k tmpfs "$1" && cd "$1" && { ${make}; cd /; shift; exec "$@"; }`;
    const { stdout } = await execa(
      "unshare",
      [
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        script,
        "sh",
        place,
        process.execPath,
        join(__dirname, "full-control-disk.js"),
        address,
        wheel,
        key,
        jail.folder,
      ],
      { env: { PYTHON3JAIL_CACHE_DIR: place } },
    );
    server.close();
    const named = expect.stringMatching(
      new RegExp(`^this-machine: .*(${is === "full" ? "is full|ENOSPC" : "is read-only|EROFS"}).*`),
    );
    const told = JSON.parse(stdout) as Record<string, string>;
    expect(told).toEqual({
      source: named,
      artifact: named,
      "build of a host": named,
      wheel: expect.stringMatching(
        is === "full" ? /^the disk of this machine's cache is full/ : /^the disk of this machine's cache is read-only/,
      ),
    });
    for (const text of Object.values(told)) expect(text).toContain(place);
  },
);

describe("the error of a disk", () => {
  const disk = (keeps: string, change: Partial<Disk> = {}): Disk => ({
    keeps,
    path: `/${keeps}`,
    freeBytes: 5e9,
    freeFiles: 1000,
    readOnly: false,
    ...change,
  });
  const failure: HostFailure = {
    host: "judge-1",
    step: "try",
    code: "step-failed",
    reason: "it ended early (exit code 1)",
    output: "mktemp: failed to create directory via template ‘/tmp/tmp.XXXXXXXXXX’: No space left on device",
  };
  test.each<[string, Disk[], object, string, string]>([
    [
      "one is full",
      [disk("a"), disk("b", { freeBytes: 4096 })],
      {},
      "disk-full",
      "the disk of b (/b) is full (0 MB free)",
    ],
    [
      "one has no inodes left",
      [disk("a", { freeFiles: 0 })],
      {},
      "disk-full",
      "the disk of a (/a) is full (no file can be made)",
    ],
    [
      "the step has removed what it wrote",
      [disk("a"), disk("b", { freeBytes: 2e6 })],
      {},
      "disk-full",
      "a disk was full; free now: 5000 MB free for a (/a), 2 MB free for b (/b)",
    ],
    [
      "one is read-only",
      [disk("a", { readOnly: true })],
      { output: "mkdir: cannot create directory ‘/a/x’: Read-only file system" },
      "read-only",
      "the disk of a (/a) is read-only",
    ],
    [
      "the step has its own reason",
      [disk("a", { freeBytes: 0 })],
      { code: "copy", reason: "not all files could be copied" },
      "disk-full",
      "not all files could be copied; the disk of a (/a) is full (0 MB free)",
    ],
    [
      "it was something else",
      [disk("a")],
      { output: "cut: invalid option" },
      "step-failed",
      "it ended early (exit code 1)",
    ],
  ])("names the disk if %s", (_name, all, change, code, reason) => {
    expect(asDiskFailure({ ...failure, ...change }, all)).toMatchObject({ code, reason });
  });
});
