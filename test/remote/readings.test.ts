import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runStep } from "../../src/remote/run-step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import type { Transport } from "../../src/ssh/transport.js";
import { shells, standIn, type StepSurroundings } from "./run-step.js";
import { replacing } from "./replacing.js";
import { inSession, LocalHost, textOf } from "./local-host.js";
import { ScratchJail } from "./scratch-jail.js";
import { rootPolicy } from "./step-values.js";
import { writeManifest } from "./manifest.js";

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/program", "#!/bin/sh\n");
  jail.put("static/data", "data");
});
afterEach(() => jail.remove());

/** A `date` far in the future, so that all changes of a host are old enough for it to keep answers. */
const later = standIn("date", "echo 9999999999");

/** This machine as a host that records its programs. */
function watched(surroundings: StepSurroundings = { before: later }): { host: Transport; programs: string[] } {
  const here = new LocalHost(surroundings, "judge-1");
  const programs: string[] = [];
  const shell: Transport["shell"] = async (does, program, seconds, command) => {
    const text = await textOf(program);
    programs.push(text);
    return here.shell(does, text, seconds, command);
  };
  return { host: replacing(here, { shell }), programs };
}

/** The reads of two resources of the jail, and whether the host had to read again. */
async function read(surroundings?: StepSurroundings): Promise<{ answers: string[][][]; anew: boolean }> {
  const { host, programs } = watched(surroundings);
  const at = inSession(host);
  const [root, permissions] = await Promise.all([
    runStep(at, rootSteps.read, jail, { folders: ["dev", "static"] }),
    runStep(at, permissionSteps.read, jail, rootPolicy),
  ]);
  return { answers: [root.all("missing"), permissions.all("offender")], anew: programs.length === 2 };
}

describe.each(shells)("under %s", (shell) => {
  test("the host returns a kept answer in one round trip, and reads again after a change", async () => {
    await sleep(3100);
    const first = await read({ shell });
    expect(first.anew).toBe(true);
    expect(await read({ shell })).toEqual({ ...first, anew: false });
    chmodSync(jail.at("static/data"), 0o666);
    const changed = await read({ shell });
    expect(changed.anew).toBe(true);
    expect(changed.answers).not.toEqual(first.answers);
  });

  test("the host keeps no answer right after a change", async () => {
    await read({ shell });
    expect((await read({ shell })).anew).toBe(true);
  });
});

/** Changes a file without changing its size and mtime. */
function rewrite(path: string, content: string): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, content);
  utimesSync(path, atime, mtime);
}

const changes: Record<string, (() => void) | { before: string }> = {
  "the content of a file, with its size and time as before": () => rewrite(jail.at("static/data"), "DATA"),
  "a mode": () => chmodSync(jail.at("bin/program"), 0o700),
  "an owner": () => chownSync(jail.at("bin/program"), 10000, 0),
  "a new file": () => jail.put("lib/new", ""),
  "a new file beside those of another resource": () => jail.put("static/more", ""),
  "a removed file": () => rmSync(jail.at("static/data")),
  "another name": () => renameSync(jail.at("static/data"), jail.at("static/other")),
  "a second hard link, elsewhere": () => linkSync(jail.at("static/data"), join(jail.folder, "link")),
  "a symbolic link in a file's place": () => {
    rmSync(jail.at("static/data"));
    symlinkSync("/etc/passwd", jail.at("static/data"));
  },
  "a removed directory": () => rmSync(jail.at("dev"), { recursive: true }),
  "the mode of a directory that programs write to": () => chmodSync(jail.at("scratch"), 0o777),
  "such a directory replaced by another": () => {
    renameSync(jail.at("scratch"), jail.at("moved"));
    mkdirSync(jail.at("scratch"));
  },
  "our records": () => writeFileSync(join(jail.records, "git.commit"), "other\n"),
  "a directory on the way that became a link": () => {
    renameSync(jail.path, `${jail.path}.moved`);
    symlinkSync(`${jail.path}.moved`, jail.path);
  },
  "a mount in the jail": { before: "mount -t tmpfs more $JAIL/static" },
  "the host's accounts": {
    before: "cp /etc/passwd /tmp/passwd.$$; mount --bind /tmp/passwd.$$ /etc/passwd; rm /tmp/passwd.$$",
  },
  "the loader's cache": {
    before: "cp /etc/ld.so.cache /tmp/cache.$$; mount --bind /tmp/cache.$$ /etc/ld.so.cache; rm /tmp/cache.$$",
  },
};

test.each(Object.keys(changes))("the host reads again after a change of %s", async (name) => {
  await read();
  expect((await read()).anew).toBe(false);
  const change = changes[name]!;
  if (typeof change === "function") change();
  const surroundings =
    typeof change === "function" ? undefined : { before: `${later}\n${change.before.replace("$JAIL", jail.path)}` };
  // A failed read counts as well.
  expect(
    await read(surroundings).then(
      ({ anew }) => anew,
      () => true,
    ),
  ).toBe(true);
});

test("files that programs write to writable directories do not make the host read again", async () => {
  mkdirSync(jail.at("tmp"), { mode: 0o1777 });
  await read();
  writeFileSync(jail.at("scratch/output"), "1");
  writeFileSync(jail.at("tmp/output"), "1");
  expect((await read()).anew).toBe(false);
});

test("the host reads again if a resource's file in a writable directory changed", async () => {
  writeManifest(jail.records, "git", [], ["./tmp/data type=file"]);
  jail.put("tmp/data", "1");
  await read();
  expect((await read()).anew).toBe(false);
  writeFileSync(jail.at("tmp/data"), "2");
  expect((await read()).anew).toBe(true);
});

test("an account that a directory service has added is looked up again", async () => {
  const knows = (id: number): StepSurroundings => ({
    before: `${later}\n${standIn("getent", `[ "$2" = www-data ] || exec /usr/bin/getent "$@"`, `echo "www-data:x:${id}:"`)}`,
  });
  await read(knows(33));
  expect((await read(knows(33))).anew).toBe(false);
  expect((await read(knows(34))).anew).toBe(true);
});

const kept = (): string[] =>
  readdirSync(join(jail.records, "readings")).map((name) => join(jail.records, "readings", name));

test.each([
  ["cut off", (file: string) => writeFileSync(file, readFileSync(file, "utf8").slice(0, -6))],
  ["empty", (file: string) => writeFileSync(file, "")],
  [
    "not text",
    (file: string) =>
      writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 65), Buffer.from([0, 255, 10])])),
  ],
  ["extended by somebody else's line", (file: string) => appendFileSync(file, "root\tshell\n")],
] as const)("a kept answer that is %s is replaced by a new read", async (_what, damage) => {
  const first = await read();
  kept().forEach(damage);
  expect(await read()).toEqual({ ...first, anew: true });
  expect((await read()).anew).toBe(false);
});

test("answers that are out of date are removed", async () => {
  await read();
  const [old] = kept();
  writeFileSync(join(jail.records, "readings", "of-an-older-release"), "0123\nstarted\ndone\n");
  chmodSync(jail.at("static/data"), 0o666);
  await read();
  expect(kept()).toHaveLength(2);
  expect(kept()).toContain(old);
});

test("a host that cannot keep answers reads all the same", async () => {
  const full = { before: `${later}\nmount -t tmpfs -o size=4k full /tmp; head -c 4096 /dev/zero >/tmp/full || :` };
  const { host } = watched(full);
  const answer = await runStep(inSession(host), nodeSteps.read, jail, { node: "dev/null" });
  expect(answer.all("node")).toEqual([["missing"]]);
  const readOnly = {
    before: `${later}\nmount --bind ${jail.records} ${jail.records}; mount -o remount,bind,ro ${jail.records}`,
  };
  expect((await read(readOnly)).anew).toBe(true);
  expect((await read(readOnly)).anew).toBe(true);
});
