import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { execa } from "execa";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { join } from "node:path";
import { compareLibraries, librarySteps } from "../../../src/kinds/JailLibraries.js";
import { ScratchJail } from "../scratch-jail.js";
import { machineLibraryFolder } from "./compile.js";
import { closureValues } from "../step-values.js";

// One rename exchanges a whole set of libraries, so a program always finds all of one set, whenever a step is killed.
const { read, apply, remove } = librarySteps;
const names = ["libselinux.so.1", "libpcre2-8.so.0"];

let libraryFolder: string;
let updates: string;
let jail: ScratchJail;

beforeAll(async () => {
  libraryFolder = await machineLibraryFolder();
  updates = makeHostDirectory();
  for (const name of names)
    writeFileSync(
      join(updates, name),
      Buffer.concat([readFileSync(`/${libraryFolder}/${name}`), Buffer.from("updated")]),
    );
});
afterAll(() => rmSync(updates, { recursive: true }));
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/ls", { copyOf: "/bin/ls" });
});
afterEach(() => jail.remove());

/** The commands that make this machine a host whose libraries were updated. */
const updated = (): string =>
  names.map((name) => `mount --bind ${join(updates, name)} ${realpathSync(`/${libraryFolder}/${name}`)}`).join("\n");
const isUpdated = (name: string): boolean =>
  readFileSync(jail.at(`${libraryFolder}/${name}`), "latin1").endsWith("updated");
const runs = async (): Promise<boolean> =>
  (await execa("chroot", [jail.path, "/bin/ls", "/bin"], { reject: false })).stdout === "ls";

/** Runs a copy that is killed at the rename of this number. Returns whether there were so many. */
async function cutAt(number: number, before = ":"): Promise<boolean> {
  const tools = join(jail.folder, "tools");
  // A confined step can write to the cache.
  const moves = join(jail.records, "moves");
  mkdirSync(tools, { recursive: true });
  rmSync(moves, { force: true });
  writeFileSync(
    join(tools, "mv"),
    `#!/bin/sh\necho x >>${moves}\n[ "$(wc -l <${moves})" -lt ${number} ] || { kill -KILL $PPID; exit 1; }\nexec /bin/mv "$@"\n`,
  );
  chmodSync(join(tools, "mv"), 0o755);
  const { answer } = await jail.run(apply, closureValues, {
    before: `${before}\nmount --bind ${tools} /usr/local/sbin`,
  });
  return !answer.complete;
}

test("a first copy that is killed at any rename leaves all programs running or none; the next run finishes it, and a removal removes all", async () => {
  const before = await jail.paths();
  let number = 1;
  for (; await cutAt(number); number++) {
    expect(compareLibraries(await jail.complete(read, closureValues))).toEqual({
      libraries: "were not copied yet, or not wholly",
    });
    // In turn, remove what the copy made so far, or finish the copy.
    if (number % 2 === 1) {
      await jail.complete(apply, closureValues);
      expect(compareLibraries(await jail.complete(read, closureValues))).toEqual({});
      expect(await runs()).toBe(true);
      expect(readdirSync(jail.at(".libraries"))).toHaveLength(2);
    }
    await jail.complete(remove);
    expect(await jail.paths()).toEqual(before);
    expect(existsSync(join(jail.records, "manifest/libraries"))).toBe(false);
  }
  // The renames of the record, the set, its symlink, one symlink for each library, the record again, and the index.
  expect(number).toBeGreaterThan(8);
});

test("an update that is killed at any rename leaves the whole old set in use or the whole new one, and the next run finishes it", async () => {
  await jail.complete(apply, closureValues);
  const places = (await jail.paths()).filter((path) => !path.startsWith(".libraries/"));
  let number = 1;
  let exchanged = 0;
  for (; await cutAt(number, updated()); number++) {
    const states = names.map(isUpdated);
    expect(new Set(states).size).toBe(1);
    if (states[0]) exchanged++;
    expect(await runs()).toBe(true);
    expect(
      (await jail.paths()).filter((path) => !path.startsWith(".libraries/") && !path.startsWith(".python3jail.swap")),
    ).toEqual(places);
    // With the old libraries again, the next run reuses or removes what the killed update left.
    await jail.complete(apply, closureValues);
    expect(names.map(isUpdated)).toEqual([false, false]);
    expect(readdirSync(jail.at(".libraries"))).toHaveLength(2);
    expect(compareLibraries(await jail.complete(read, closureValues))).toEqual({});
  }
  expect(number).toBeGreaterThan(4);
  expect(exchanged).toBeGreaterThan(0);
  expect(exchanged).toBeLessThan(number - 1);
  expect(names.map(isUpdated)).toEqual([true, true]);
});

test("programs that start while sets are exchanged never fail", async () => {
  await jail.complete(apply, closureValues);
  const stop = join(jail.folder, "stop");
  const loop = `n=0; bad=0; while [ ! -e ${stop} ]; do [ "$(chroot ${jail.path} /bin/ls /bin 2>>${jail.folder}/said)" = ls ] || bad=$((bad + 1)); n=$((n + 1)); done; echo $n $bad`;
  const starts = [execa("sh", ["-c", loop]), execa("sh", ["-c", loop])];
  for (let round = 0; round < 6; round++)
    await jail.complete(apply, closureValues, round % 2 === 0 ? { before: updated() } : {});
  writeFileSync(stop, "");
  for (const { stdout } of await Promise.all(starts)) {
    const [count, failed] = stdout.split(" ").map(Number);
    expect(count).toBeGreaterThan(20);
    expect([failed, readFileSync(join(jail.folder, "said"), "utf8")]).toEqual([0, ""]);
  }
});
