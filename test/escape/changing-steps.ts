import { execa } from "execa";
import { pythonInputs } from "../remote/python-build/python-inputs.js";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildKey } from "../../src/python/build.js";
import { checked } from "../../src/base/validation.js";
import type { Kind } from "../../src/provider/kind.js";
import type { Answer } from "../../src/remote/answer.js";
import type { Step } from "../../src/remote/step.js";
import { nodeSteps } from "../../src/kinds/DeviceNode.js";
import { filesSteps, jailFiles } from "../../src/kinds/JailFiles.js";
import { librarySteps } from "../../src/kinds/JailLibraries.js";
import { jailPackages, packagesSteps } from "../../src/kinds/JailPackages.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { jailSystem, systemSteps } from "../../src/kinds/JailSystem.js";
import { pythonBuild, pythonSteps } from "../../src/kinds/PythonBuild.js";
import type { Target } from "../../src/remote/target.js";
import type { TargetInputs } from "../../src/remote/target-inputs.js";
import { fakeWheel, installFakePython } from "../remote/jail-packages/fake-build.js";
import { fakeCpython } from "../remote/python-build/fake-cpython.js";
import { replacing } from "../remote/replacing.js";
import type { ScratchJail } from "../remote/scratch-jail.js";
import type { Value } from "../../src/remote/arguments.js";
import { closureValues, nullNode, rootValues } from "../remote/step-values.js";

type Values = Readonly<Record<string, Value>>;

/** A step that changes something in a jail, and a jail in which it has something to do at each of its places. */
export interface ChangingStep {
  readonly step: Step;
  /** Paths in the jail that it makes, replaces, removes or gives another owner or mode. */
  readonly places: readonly string[];
  /** Prepares the jail for an owner (a number) and says what the step is given. */
  prepare(jail: ScratchJail, owner: string): Values | Promise<Values>;
  /** What the host has besides: shell commands that run before the step. */
  host?(jail: ScratchJail): string;
}

/** Every step that changes something in a jail, by the name that it has in every-step.ts. `libraries`: the machine's folder of them. */
export function changingSteps(libraries: string): Readonly<Record<string, ChangingStep>> {
  const site = "lib/python3.13/site-packages";
  const rootPlaces = [
    "static/site.py",
    "old/gone.py",
    "new/file.py",
    "dev",
    "REM_this_is_jail",
    ".python3jail",
    ".python3jail.swap",
  ];
  const libraryPlaces = [`${libraries}/libc.so.6`, `${libraries}/libselinux.so.1`, ".libraries/current", ".libraries"];
  const filesPlaces = ["static/kept.py", "static/old/gone.py", "static/new/file.py", "static/stray"];
  const packagesPlaces = [
    `${site}/kit`,
    `${site}/kit/__init__.py`,
    `${site}/kit/data/old.txt`,
    `${site}/solo.py`,
    ".python3jail.swap.packages",
  ];
  const systemPlaces = ["etc/passwd", "usr/share/zoneinfo/Europe/Berlin", "tmp", "dev/shm"];
  const permissionPlaces = ["static/file", "static/directory", "bin/program", "scratch"];
  const pythonPlaces = [
    "bin/python3",
    "lib/python3.13",
    "lib/python3.13/os.py",
    "lib/python3.13/json",
    `${site}/theirs`,
    ".python3jail.swap.python",
  ];
  return {
    "root: apply": { step: rootSteps.apply, places: rootPlaces, prepare: jailOfRepository },
    "root: remove": {
      step: rootSteps.remove,
      places: ["static/site.py", "scratch", "dev", ".python3jail.gone.abcdef"],
      async prepare(jail) {
        await jailOfRepository(jail);
        return { id: "an-id", deleteContents: true, kept: false };
      },
    },
    "node: apply": {
      step: nodeSteps.apply,
      places: ["dev/null", "dev", ".python3jail.swap"],
      prepare: (_jail, owner) => ({ ...nullNode, owner, group: owner }),
    },
    "node: remove": {
      step: nodeSteps.remove,
      places: ["dev/null", "dev"],
      async prepare(jail) {
        await jail.complete(nodeSteps.apply, {
          node: "dev/null",
          type: "c",
          major: 1,
          minor: 3,
          mode: "0666",
          owner: "0",
          group: "0",
        });
        return { node: "dev/null" };
      },
    },
    "files: apply": {
      step: filesSteps.apply,
      places: [...filesPlaces, ".python3jail.swap"],
      prepare: (jail) =>
        changedFiles(jail, (at, inputs) =>
          argumentsOf(at, filesSteps.apply, (to) => jailFiles.apply(to, inputs, undefined)),
        ),
    },
    "files: remove": {
      step: filesSteps.remove,
      places: filesPlaces.slice(0, 2),
      prepare: (jail) =>
        changedFiles(jail, (at, inputs) =>
          argumentsOf(at, filesSteps.remove, (to) => jailFiles.remove(to, inputs, {})),
        ),
    },
    "system: apply": {
      step: systemSteps.apply,
      places: [...systemPlaces, ".python3jail.swap"],
      host: hostOfSystem,
      async prepare(jail) {
        await systemOf(jail, { timezones: "all", shm: "directory" });
        write(jail.at("etc/passwd"), "another");
        return argumentsOf(jail.asJail(), systemSteps.apply, (at) =>
          jailSystem.apply(at, inputsOf(jailSystem, { timezones: ["UTC"], tmp: "directory" }), undefined),
        );
      },
    },
    "system: remove": {
      step: systemSteps.remove,
      places: systemPlaces,
      host: hostOfSystem,
      async prepare(jail) {
        await systemOf(jail, { timezones: "all", tmp: "directory", shm: "directory" });
        return {};
      },
    },
    "libraries: apply": {
      step: librarySteps.apply,
      places: [...libraryPlaces, ".python3jail.swap"],
      async prepare(jail) {
        await librariesOf(jail, "/bin/ls");
        // It needs fewer: a new set, and links that go.
        jail.put("bin/ls", { copyOf: "/bin/true" });
        return closureValues;
      },
    },
    "libraries: remove": {
      step: librarySteps.remove,
      places: libraryPlaces,
      async prepare(jail) {
        await librariesOf(jail, "/bin/ls");
        return {};
      },
    },
    "packages: install": {
      step: packagesSteps.install,
      places: packagesPlaces,
      async prepare(jail) {
        await packagesOf(jail, "1.0");
        return argumentsOf(jail.asJail(), packagesSteps.install, async (at) =>
          jailPackages.apply(at, await requirementsOf(jail, "2.0"), undefined),
        );
      },
    },
    "packages: repair": {
      step: packagesSteps.repair,
      places: packagesPlaces,
      async prepare(jail) {
        await packagesOf(jail, "1.0");
        damage(jail, `${site}/kit/__init__.py`, `${site}/solo.py`);
        rmSync(jail.at(`${site}/kit/data`), { recursive: true });
        return argumentsOf(jail.asJail(), packagesSteps.repair, async (at) =>
          jailPackages.apply(at, await requirementsOf(jail, "1.0"), undefined),
        );
      },
    },
    "packages: remove": {
      step: packagesSteps.remove,
      places: packagesPlaces,
      async prepare(jail) {
        await packagesOf(jail, "1.0");
        return {};
      },
    },
    "permissions: apply": {
      step: permissionSteps.apply,
      places: permissionPlaces,
      prepare(jail, owner) {
        looseFiles(jail);
        return {
          emptyScratch: true,
          owner,
          group: owner,
          scratchGroup: owner,
          modes: ["1777 static/directory/tmp"],
        };
      },
    },
    "permissions: remove": {
      step: permissionSteps.remove,
      places: permissionPlaces,
      async prepare(jail) {
        looseFiles(jail);
        await execa("find", [jail.path, "-mindepth", "1", "-exec", "chown", "-h", "4321:4321", "{}", "+"]);
        await jail.complete(permissionSteps.apply, {
          emptyScratch: false,
          owner: "0",
          group: "0",
          scratchGroup: "0",
          modes: [],
        });
        return {};
      },
    },
    "python: install": {
      step: pythonSteps.install,
      places: pythonPlaces,
      async prepare(jail) {
        await pythonOf(jail, "3.13.4");
        const source = await sourceOf(jail, "3.13.5");
        return argumentsOf(jail.asJail(), pythonSteps.install, (at) =>
          pythonBuild.apply(at, pythonInputs(source), undefined),
        );
      },
    },
    "python: repair": {
      step: pythonSteps.repair,
      places: pythonPlaces,
      async prepare(jail) {
        const source = await pythonOf(jail, "3.13.4");
        damage(jail, "lib/python3.13/os.py");
        rmSync(jail.at("lib/python3.13/json"), { recursive: true });
        return { key: buildKey(pythonInputs(source)) };
      },
    },
    "python: remove": {
      step: pythonSteps.remove,
      places: pythonPlaces,
      async prepare(jail) {
        await pythonOf(jail, "3.13.4");
        return {};
      },
    },
  };
}

/** What a resource would ask of a step; what it asks of others before that is done. */
async function argumentsOf(jail: Target, wanted: Step, work: (jail: Target) => Promise<unknown>): Promise<Values> {
  let found: Values | undefined;
  const run = (step: Step, values: Values = {}): Promise<Answer> => {
    if (step !== wanted) return jail.run(step, values);
    found = values;
    throw new Error("asked");
  };
  await work(replacing(jail, { run: run })).catch((error: unknown) => {
    if (found === undefined) throw error;
  });
  if (found === undefined) throw new Error(`nothing asked to ${wanted.does}`);
  return found;
}

function inputsOf<I extends TargetInputs>(
  { schema, complete }: Pick<Kind<I>, "schema" | "complete">,
  settings: object,
): I {
  const given = checked(schema, { host: "judge-1", connection: { host: "h" }, path: "/srv/jail", ...settings });
  const { value, reasons } = given.value && complete ? complete(given.value) : given;
  if (reasons) throw new Error(reasons.join("; "));
  return value;
}

function write(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

function damage(jail: ScratchJail, ...paths: string[]): void {
  for (const path of paths) writeFileSync(jail.at(path), "damaged");
}

/** A jail with the first commit of a repository; what is given brings the second. */
async function jailOfRepository(jail: ScratchJail): Promise<Values> {
  const repository = join(jail.folder, "repository");
  const git = async (...words: string[]): Promise<string> =>
    (await execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], { cwd: repository })).stdout;
  const commit = async (): Promise<string> => {
    await git("add", "-A");
    await git("commit", "-qm", "a commit");
    return git("rev-parse", "HEAD");
  };
  mkdirSync(repository);
  await git("init", "-q");
  write(join(repository, "static/site.py"), "one");
  write(join(repository, "old/gone.py"), "old");
  const first = await commit();
  write(join(repository, "static/site.py"), "two");
  write(join(repository, "new/file.py"), "new");
  rmSync(join(repository, "old"), { recursive: true });
  const second = await commit();
  const layOut = (id: string) => rootValues({ owner: "0", group: "0", url: `file://${repository}`, commit: id });
  await jail.complete(rootSteps.apply, layOut(first));
  return layOut(second);
}

/** A jail with files that were put there, and the inputs of others that are wanted now. */
async function changedFiles(
  jail: ScratchJail,
  then: (at: Target, inputs: ReturnType<typeof filesInputs>) => Promise<Values>,
): Promise<Values> {
  for (const [version, path] of [
    ["first", "old/gone.py"],
    ["second", "new/file.py"],
  ] as const) {
    write(join(jail.folder, version, "kept.py"), version);
    write(join(jail.folder, version, path), version);
  }
  await jailFiles.apply(jail.asJail(), filesInputs(jail, "first"), undefined);
  write(jail.at("static/stray"), "a stray");
  return then(jail.asJail(), filesInputs(jail, "second"));
}
const filesInputs = (jail: ScratchJail, version: string) =>
  inputsOf(jailFiles, { source: join(jail.folder, version), removeUnmanaged: true });

/** The host's time zones and locale. */
function hostOfSystem(jail: ScratchJail): string {
  return `mount --bind ${join(jail.folder, "zones")} /usr/share/zoneinfo; mount --bind ${join(jail.folder, "locales")} /usr/lib/locale`;
}
async function systemOf(jail: ScratchJail, settings: object): Promise<void> {
  for (const zone of ["UTC", "Europe/Berlin"]) write(join(jail.folder, "zones", zone), `TZif2 of ${zone}`);
  write(join(jail.folder, "locales/C.utf8/LC_CTYPE"), "characters");
  await jailSystem.apply(jail.asJail({ before: hostOfSystem(jail) }), inputsOf(jailSystem, settings), undefined);
}

async function librariesOf(jail: ScratchJail, program: string): Promise<void> {
  jail.put("bin/ls", { copyOf: program });
  await jail.complete(librarySteps.apply, closureValues);
}

async function packagesOf(jail: ScratchJail, version: string): Promise<void> {
  installFakePython(jail, "3.13");
  await jailPackages.apply(jail.asJail(), await requirementsOf(jail, version), undefined);
}
async function requirementsOf(jail: ScratchJail, version: string) {
  const wheels = join(jail.folder, `wheels-${version}`);
  const data = version === "1.0" ? "old" : "new";
  const all = [
    await fakeWheel(wheels, `kit-${version}-py3-none-any.whl`, {
      "kit/__init__.py": version,
      [`kit/data/${data}.txt`]: data,
    }),
    await fakeWheel(wheels, `solo-${version}-py3-none-any.whl`, { "solo.py": version }),
  ];
  const requirements = join(jail.folder, `requirements-${version}`);
  writeFileSync(
    requirements,
    all.map(({ file, sha256 }) => `${file.split("-").slice(0, 2).join("==")} --hash=sha256:${sha256}\n`).join(""),
  );
  return inputsOf(jailPackages, { python: { version: "3.13.5" }, requirements, wheels });
}

/** Files and directories whose owners and modes are not the policy's. */
function looseFiles(jail: ScratchJail): void {
  for (const path of [
    "static/file",
    "static/directory/file",
    "bin/program",
    "scratch/file",
    "scratch/directory/file",
  ]) {
    jail.put(path, path);
    chmodSync(jail.at(path), path.startsWith("bin") ? 0o777 : 0o666);
  }
  mkdirSync(jail.at("static/directory/tmp"));
  symlinkSync("file", jail.at("static/link"));
}

type Source = { readonly path: string; readonly sha256: string };
async function sourceOf(jail: ScratchJail, version: string): Promise<Source> {
  const folder = join(jail.folder, "sources");
  mkdirSync(folder, { recursive: true });
  return fakeCpython(folder, version);
}
async function pythonOf(jail: ScratchJail, version: string): Promise<Source> {
  const source = await sourceOf(jail, version);
  await pythonBuild.apply(jail.asJail(), pythonInputs(source), undefined);
  write(jail.at("lib/python3.13/site-packages/theirs/__init__.py"), "theirs");
  return source;
}
