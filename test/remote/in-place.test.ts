import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { pythonInputs, type PythonInputs } from "./python-build/python-inputs.js";
import { execa } from "execa";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checked } from "../../src/base/validation.js";
import { buildKey } from "../../src/python/build.js";
import { jailPackages, packagesSteps } from "../../src/kinds/JailPackages.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { pythonBuild, pythonSteps } from "../../src/kinds/PythonBuild.js";
import type { Value } from "../../src/remote/arguments.js";
import type { Step } from "../../src/remote/step.js";
import { makeHostDirectory } from "./host-temporary.js";
import { fakeWheel, installFakePython } from "./jail-packages/fake-build.js";
import { fakeCpython, type Archive } from "./python-build/fake-cpython.js";
import { standIn } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

// Changes of a Python that is in use, with a fake CPython and a fake pip.
let jail: ScratchJail;
let extra: string;
beforeEach(async () => {
  jail = await ScratchJail.make();
  extra = makeHostDirectory();
  jest.spyOn(console, "log").mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  jail.remove();
  rmSync(extra, { recursive: true });
});

const site = "lib/python3.13/site-packages";

/** The commands that kill the step, with all its shells, at its rename of the given number. */
function killAtRename(number: number): string {
  // A confined step can write to the cache.
  const renames = join(jail.folder, "cache", "renames");
  const count = [
    `count=$(($(cat ${renames}) + 1)); echo $count >${renames}`,
    `if [ "$count" = ${number} ]; then`,
    `  step=$PPID`,
    `  while [ "$(tr '\\0' ' ' </proc/$step/cmdline)" = "sh -s " ]; do parent=$(sed -n 's/^PPid:.//p' /proc/$step/status); kill -9 $step; step=$parent; done`,
    `  exit 1`,
    `fi`,
  ];
  // The exchange of directories calls `uname` first.
  return [
    `echo 0 >${renames}`,
    ...["mv", "ln", "uname"].map((tool) => standIn(tool, ...count, `exec /usr/bin/${tool} "$@"`)),
  ].join("\n");
}

/** Kills a step at each of its renames in turn, in the same jail, and checks what is left. Then runs it to its end. */
async function killEverywhere(
  step: Step,
  values: Readonly<Record<string, Value>>,
  { killed, done }: { killed: () => Promise<void> | void; done: () => Promise<void> | void },
): Promise<number> {
  await execa("cp", ["-a", jail.path, jail.records, extra]);
  for (let number = 1; ; number += 1) {
    await execa("sh", [
      "-c",
      `rm -rf "$2" "$3" && cp -a "$1/jail" "$2" && cp -a "$1/records" "$3"`,
      "sh",
      extra,
      jail.path,
      jail.records,
    ]);
    const { answer } = await jail.run(step, values, { before: killAtRename(number) });
    if (answer.complete) {
      await done();
      return number - 1;
    }
    expect(answer.failure).toBeUndefined();
    await killed();
    await jail.complete(step, values);
    await done();
  }
}

describe("an install of python", () => {
  let archives: string;
  let newer: Archive;
  let older: Archive;
  let finished: ScratchJail;
  const inputs = (change: Partial<PythonInputs> = {}): PythonInputs => pythonInputs(newer, change);
  const otherFlags = { configureFlags: ["--disable-ipv6"] };
  const apply = (change: Partial<PythonInputs> = {}, at = jail) =>
    pythonBuild.apply(at.asJail(), inputs(change), undefined);
  const cache = (): string => join(jail.folder, "cache");
  const run = async (what: string): Promise<string> =>
    (await execa(jail.at("bin/python3"), ["-S", "-c", what], { env: { PYTHONHOME: jail.path }, reject: false })).stdout;
  beforeAll(async () => {
    archives = makeHostDirectory();
    newer = await fakeCpython(archives, "3.13.5");
    older = await fakeCpython(archives, "3.11.2");
    finished = await ScratchJail.make();
    const quiet = jest.spyOn(console, "log").mockImplementation(() => undefined);
    for (const change of [{ source: older }, {}, otherFlags]) await apply(change, finished);
    quiet.mockRestore();
  });
  afterAll(() => {
    rmSync(archives, { recursive: true });
    finished.remove();
  });
  beforeEach(() => execa("cp", ["-a", join(finished.folder, "cache"), cache()]));

  /** The layout of this package's first releases, and of `make install`. */
  function asByHand(): void {
    renameSync(jail.at("lib/python3.13/.program/bin/python3.13"), jail.at("bin/python3.13"));
    rmSync(jail.at("lib/python3.13/.program"), { recursive: true });
  }

  const changes: [string, () => Partial<PythonInputs>, Partial<PythonInputs>, () => void][] = [
    ["another build of the same version", () => ({}), otherFlags, () => undefined],
    ["another build, in a jail whose program is in its bin", () => ({}), otherFlags, asByHand],
    ["another version", () => ({ source: older }), {}, () => undefined],
  ];
  test.each(changes)(
    "leaves a working jail with all unmanaged files, whichever rename it is killed at: %s",
    async (_name, from, to, prepare) => {
      await apply(from());
      prepare();
      const before = await run("is_whole");
      const theirs = `lib/python${before.slice(0, 4)}/site-packages/kit/theirs.py`;
      jail.put(theirs, "theirs");
      const kills = await killEverywhere(
        pythonSteps.install,
        { key: buildKey(inputs(to)), modules: [] },
        {
          killed: async () => {
            expect([before, "3.13.5"]).toContain(await run("is_whole"));
            expect(readFileSync(jail.at(theirs), "utf8")).toBe("theirs");
          },
          done: async () => {
            expect([
              await run("is_whole"),
              readFileSync(jail.at(theirs), "utf8"),
              statSync(jail.at(theirs)).nlink,
            ]).toEqual(["3.13.5", "theirs", 1]);
            expect(readdirSync(jail.path).filter((name) => name.includes("swap"))).toEqual([]);
          },
        },
      );
      expect(kills).toBeGreaterThan(8);
    },
  );

  test("lets programs start at any time, also during a repair, a change of owner and a rollback", async () => {
    await apply({ source: older });
    const stop = join(extra, "stop");
    const loop = `n=0; until [ -e ${stop} ]; do PYTHONHOME=${jail.path} ${jail.at("bin/python3")} -S -c starts || exit 1; n=$((n + 1)); done; echo $n`;
    const starts = execa("sh", ["-c", loop], { reject: false });
    await apply();
    asByHand();
    await apply(otherFlags);
    await apply();
    writeFileSync(jail.at("lib/python3.13/flags"), "altered");
    await apply();
    for (const owner of ["nobody", "root"])
      await jail.complete(permissionSteps.apply, {
        emptyScratch: false,
        owner,
        group: "root",
        scratchGroup: "root",
        modes: [],
      });
    await apply({ source: older });
    writeFileSync(stop, "");
    const { stdout, stderr, exitCode } = await starts;
    expect([exitCode, stderr, Number(stdout) > 20]).toEqual([0, "", true]);
  });

  test("is refused before it changes anything if something is mounted in the library", async () => {
    await apply();
    mkdirSync(jail.at("lib/python3.13/extra"));
    const before = await jail.listing();
    const { answer, after } = await jail.run(
      pythonSteps.install,
      { key: buildKey(inputs(otherFlags)), modules: [] },
      {
        before: `mkdir ${extra}/kept; echo kept >${extra}/kept/file; mount --bind ${extra}/kept ${jail.at("lib/python3.13/extra")}`,
        after: `cat ${extra}/kept/file`,
      },
    );
    expect([answer.failure?.code, after]).toEqual(["mounted", "kept\n"]);
    expect(await jail.listing()).toEqual(before);
  });

  test("works on a host without a tool that exchanges directories, and warns", async () => {
    await apply();
    const { answer } = await jail.run(
      pythonSteps.install,
      { key: buildKey(inputs(otherFlags)), modules: [] },
      {
        before: standIn("perl", "exit 1"),
      },
    );
    expect([answer.complete, answer.all("warn")[0]?.[0]]).toEqual([
      true,
      expect.stringContaining("cannot exchange two directories by one rename"),
    ]);
    expect(await run("is_whole")).toBe("3.13.5");
  });
});

test("an install of packages leaves the old or the new ones, with all unmanaged files, whichever rename it is killed at", async () => {
  installFakePython(jail, "3.13");
  const wheels = join(jail.folder, "wheels");
  const old = await fakeWheel(wheels, "kit-1.0-py3-none-any.whl", {
    "kit/__init__.py": "1",
    "kit/more.py": "1",
    "solo.py": "1",
  });
  const requirements = join(jail.folder, "requirements.txt");
  const wanted = (sha256: string, version: string) => {
    writeFileSync(requirements, `kit==${version} --hash=sha256:${sha256}\n`);
    const { value, reasons } = checked(jailPackages.schema, {
      host: "judge-1",
      connection: { host: "h" },
      path: "/srv/jail",
      python: { version: "3.13.5" },
      requirements,
      wheels,
    });
    const complete = value && jailPackages.complete!(value);
    if (!complete?.value) throw new Error(`refused: ${String(reasons ?? complete?.reasons)}`);
    return complete.value;
  };
  await jailPackages.apply(jail.asJail(), wanted(old.sha256, "1.0"), undefined);
  for (const theirs of ["kit/plugins/theirs.py", "theirs.py"]) jail.put(join(site, theirs), "theirs");
  linkSync(jail.at(join(site, "theirs.py")), jail.at(join(site, "again.py")));
  await execa("cp", ["-a", jail.path, jail.records, extra]);
  rmSync(old.path);
  const newer = await fakeWheel(wheels, "kit-1.1-py3-none-any.whl", { "kit/__init__.py": "2", "solo.py": "2" });
  // Puts the set into the cache, and returns the arguments of the step.
  const inputs = wanted(newer.sha256, "1.1");
  let given: Readonly<Record<string, Value>> = {};
  const spied = jail.asJail();
  const runSpied = spied.run.bind(spied);
  spied.run = async (step, ...values) => {
    if (step.script === packagesSteps.install.script) given = values[0] ?? {};
    return runSpied(step, ...values);
  };
  await jailPackages.apply(spied, inputs, undefined);
  await execa("sh", [
    "-c",
    `rm -rf "$2" "$3" && mv "$1/jail" "$2" && mv "$1/records" "$3"`,
    "sh",
    extra,
    jail.path,
    jail.records,
  ]);

  const read = (path: string): string => readFileSync(jail.at(join(site, path)), "utf8");
  const look = (): string[] =>
    ["kit/__init__.py", "solo.py", "kit/plugins/theirs.py", "theirs.py", "README.txt"].map(read);
  const [before, after] = [
    ["1", "1", "theirs", "theirs", "python's own"],
    ["2", "2", "theirs", "theirs", "python's own"],
  ];
  const kills = await killEverywhere(packagesSteps.install, given, {
    killed: () => expect([before, after]).toContainEqual(look()),
    done: () => {
      expect([look(), statSync(jail.at(join(site, "theirs.py"))).nlink]).toEqual([after, 2]);
      expect(readdirSync(jail.path).filter((name) => name.includes("swap"))).toEqual([]);
    },
  });
  expect(kills).toBeGreaterThan(5);
});
