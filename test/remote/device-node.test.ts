import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execa } from "execa";
import { compareNode, deviceNode, nodeSteps } from "../../src/kinds/DeviceNode.js";
import { shells, type StepSurroundings } from "./run-step.js";
import { replacing } from "./replacing.js";
import { ScratchJail } from "./scratch-jail.js";

jest.setTimeout(30_000);

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
});
afterEach(() => jail.remove());

const wanted = { node: "dev/null", type: "c" as const, major: 1, minor: 3, mode: "0666", owner: "root", group: "root" };
type Wanted = Omit<typeof wanted, "type"> & { type: "c" | "b" };
const make = (change: Partial<Wanted> = {}, surroundings?: StepSurroundings) =>
  jail.run(nodeSteps.apply, { ...wanted, ...change }, surroundings);
const drift = async (change: Partial<Wanted> = {}, surroundings?: StepSurroundings) =>
  compareNode(
    { ...wanted, ...change },
    await jail.complete(nodeSteps.read, { node: change.node ?? wanted.node }, surroundings),
  );
const stat = async (path: string): Promise<string> =>
  (await execa("stat", ["-c", "%F %t,%T %a %u:%g", jail.at(path)])).stdout;

describe.each(shells)("under %s", (shell) => {
  const nodes: [string, Partial<Wanted>, string][] = [
    ["null", {}, "character special file 1,3 666 0:0"],
    ["urandom, read-only", { node: "dev/urandom", minor: 9, mode: "0444" }, "character special file 1,9 444 0:0"],
    [
      "a block device with an owner by name",
      { node: "dev/loop7", type: "b", major: 7, minor: 7, mode: "0640", owner: "nobody", group: "6" },
      "block special file 7,7 640 65534:6",
    ],
    [
      "large numbers, by numbers of owner and group",
      { node: "dev/large", major: 511, minor: 1048575, mode: "0600", owner: "1234", group: "4321" },
      "character special file 1ff,fffff 600 1234:4321",
    ],
    ["at the jail's top, with a sticky bit", { node: "a null", mode: "1600" }, "character special file 1,3 1600 0:0"],
  ];
  test.each(nodes)("makes %s under any umask", async (_name, change, made) => {
    for (const umask of ["000", "077", "777"]) {
      rmSync(jail.at(change.node ?? wanted.node), { force: true });
      expect((await make(change, { shell, before: `umask ${umask}` })).answer.complete).toBe(true);
      expect([umask, await stat(change.node ?? wanted.node)]).toEqual([umask, made]);
    }
    expect(await drift(change, { shell })).toEqual({});
  });

  const others: [string, () => unknown, string][] = [
    [
      "another node",
      () => execa("mknod", ["-m", "600", jail.at("dev/null"), "c", "1", "5"]).then(),
      "is device c 1:5, should be c 1:3; mode is 0600, should be 0666",
    ],
    [
      "a node of another owner",
      () =>
        execa("sh", ["-c", `mknod -m 666 ${jail.at("dev/null")} c 1 3 && chown 65534:6 ${jail.at("dev/null")}`]).then(),
      "owner is nobody, should be root; group is disk, should be root",
    ],
    [
      "a regular file",
      () => writeFileSync(jail.at("dev/null"), "what programs wrote"),
      "is a regular file, should be a device node",
    ],
    [
      "a link to the host's own",
      () => symlinkSync("/dev/null", jail.at("dev/null")),
      "is a symbolic link, should be a device node",
    ],
    ["a FIFO", () => execa("mkfifo", [jail.at("dev/null")]).then(), "is a socket or FIFO, should be a device node"],
    ["nothing", () => undefined, "is missing"],
  ];
  test.each(others)("reports the difference of %s, and replaces it", async (_name, put, words) => {
    const host = statSync("/dev/null");
    await put();
    expect(await drift({}, { shell })).toEqual({ "dev/null": words });
    expect((await make({}, { shell })).answer.complete).toBe(true);
    expect(await stat("dev/null")).toBe("character special file 1,3 666 0:0");
    expect(await drift({}, { shell })).toEqual({});
    expect(readdirSync(jail.path).sort()).toEqual([
      ".python3jail",
      "REM_this_is_jail",
      "dev",
      "lib64",
      "scratch",
      "static",
    ]);
    expect(statSync("/dev/null").mode).toBe(host.mode);
  });

  test("refuses to replace a directory, and leaves it as it is", async () => {
    mkdirSync(jail.at("dev/null"));
    writeFileSync(jail.at("dev/null/kept"), "");
    expect(await drift({}, { shell })).toEqual({ "dev/null": "is a folder, should be a device node" });
    expect((await make({}, { shell })).answer.failure).toEqual({
      code: "in-the-way",
      reason: "dev/null is a folder",
      remedy: "see what is in it, and remove it",
    });
    expect(existsSync(jail.at("dev/null/kept"))).toBe(true);
  });

  const refusals: [string, Partial<Wanted>, ((jail: ScratchJail) => string) | undefined, string][] = [
    ["in a missing directory", { node: "devices/null" }, undefined, "gone"],
    ["with an unknown owner", { owner: "no-such-user" }, undefined, "no-account"],
    [
      "on a file system mounted nodev",
      {},
      (jail) => `mount --bind ${jail.path} ${jail.path}; mount -o remount,bind,nodev ${jail.path}`,
      "nodev",
    ],
    ["in a mount of the jail", {}, (jail) => `mount -t tmpfs tmpfs ${jail.at("dev")}`, "mounted"],
  ];
  test.each(refusals)("refuses a node %s, and leaves nothing", async (_name, change, mount, code) => {
    const before = mount?.(jail);
    const names = await jail.paths();
    expect((await make(change, { shell, before })).answer.failure?.code).toBe(code);
    expect(await jail.paths()).toEqual(names);
  });

  test("reports a node on a file system that is mounted nodev", async () => {
    await make();
    expect(
      await drift(
        {},
        { shell, before: `mount --bind ${jail.path} ${jail.path}; mount -o remount,bind,nodev ${jail.path}` },
      ),
    ).toEqual({ "dev/null": "is dead: its file system is mounted nodev" });
  });

  test("removes the node, and only a node", async () => {
    await make({}, { shell });
    expect((await jail.run(nodeSteps.remove, { node: "dev/null" }, { shell })).answer.complete).toBe(true);
    expect(existsSync(jail.at("dev/null"))).toBe(false);
    expect((await jail.complete(nodeSteps.remove, { node: "dev/null" }, { shell })).all("warn")).toEqual([]);
    expect((await jail.complete(nodeSteps.remove, { node: "gone/null" }, { shell })).all("warn")).toEqual([]);

    writeFileSync(jail.at("dev/null"), "somebody's");
    expect((await jail.complete(nodeSteps.remove, { node: "dev/null" }, { shell })).all("warn")).toEqual([
      ["dev/null is no device node any more: left alone"],
    ]);
    rmSync(jail.at("dev/null"));
    symlinkSync("/dev/null", jail.at("dev/null"));
    expect((await jail.complete(nodeSteps.remove, { node: "dev/null" }, { shell })).all("warn")).toEqual([
      ["dev/null is a symbolic link now, not our node: left alone"],
    ]);
    expect([lstatSync(jail.at("dev/null")).isSymbolicLink(), statSync("/dev/null").isCharacterDevice()]).toEqual([
      true,
      true,
    ]);
  });

  test("refuses a directory that is not our jail", async () => {
    const [foreign, gone] = ["foreign", "gone"].map((name) => `${jail.folder}/${name}`);
    mkdirSync(`${foreign}/dev`, { recursive: true });
    writeFileSync(`${foreign}/REM_this_is_jail`, "");
    const strange = replacing(jail, { path: foreign! });
    for (const { answer } of [
      await strange.run(nodeSteps.read, { node: wanted.node }, { shell }),
      await strange.run(nodeSteps.apply, wanted, { shell }),
      await strange.run(nodeSteps.remove, { node: wanted.node }, { shell }),
    ])
      expect(answer.failure?.code).toBe("not-a-jail");
    expect(readdirSync(`${foreign}/dev`)).toEqual([]);
    const away = replacing(jail, { path: gone! });
    expect((await away.complete(nodeSteps.read, { node: "dev/null" }, { shell })).maybe("jail")).toBe("none");
    expect((await away.complete(nodeSteps.remove, { node: "dev/null" }, { shell })).all("warn")).toEqual([]);
  });
});

describe("a device node's lifecycle", () => {
  const inputs = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail", ...wanted };

  test("makes a missing node, writes nothing if it is as declared, and repairs a changed one", async () => {
    const here = jail.asJail();
    expect(await deviceNode.apply(here, inputs, undefined)).toEqual({ device: "c 1:3" });
    const made = await jail.listing();
    expect(await deviceNode.apply(here, inputs, undefined)).toEqual({ device: "c 1:3" });
    expect(await deviceNode.read(here, inputs, { device: "c 1:3" })).toEqual({
      drift: {},
      facts: { device: "c 1:3" },
    });
    expect(await jail.listing()).toEqual(made);

    chmodSync(jail.at("dev/null"), 0o655);
    expect((await deviceNode.read(here, inputs, { device: "c 1:3" }))!.drift).toEqual({
      "dev/null": "mode is 0655, should be 0666",
    });
    await deviceNode.apply(here, inputs, undefined);
    expect(await stat("dev/null")).toBe("character special file 1,3 666 0:0");
    await deviceNode.remove(here, inputs, { device: "c 1:3" });
    expect(readdirSync(jail.at("dev"))).toEqual([]);
  });

  test("reads that the node is gone with the jail's directory", async () => {
    rmSync(jail.path, { recursive: true });
    expect(await deviceNode.read(jail.asJail(), inputs, { device: "c 1:3" })).toBeUndefined();
  });
});
