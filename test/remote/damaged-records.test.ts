import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HostError } from "../../src/base/errors.js";
import type { Drift, Kind } from "../../src/provider/kind.js";
import { checked } from "../../src/base/validation.js";
import { buildKey } from "../../src/python/build.js";
import { buildSteps } from "../../src/python/building.js";
import { jailFiles } from "../../src/kinds/JailFiles.js";
import { jailLibraries } from "../../src/kinds/JailLibraries.js";
import { jailPackages } from "../../src/kinds/JailPackages.js";
import { jailSystem } from "../../src/kinds/JailSystem.js";
import { pythonBuild } from "../../src/kinds/PythonBuild.js";
import type { TargetInputs } from "../../src/remote/target-inputs.js";
import { fakeWheel, installFakePython } from "./jail-packages/fake-build.js";
import { sha256Of } from "./python-build/fake-cpython.js";
import { ScratchJail } from "./scratch-jail.js";

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  for (const method of ["log", "warn"] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
  jail.remove();
});

/** A deployed resource with its lifecycle. */
interface Deployed {
  apply(): Promise<void>;
  drift(): Promise<Drift>;
}

function declared<I extends TargetInputs, F extends object>(kind: Kind<I, F>, settings: object): I {
  const given = checked(kind.schema, { host: "judge-1", connection: { host: "h" }, path: "/srv/jail", ...settings });
  const { value, reasons } = (given.value && kind.complete?.(given.value)) ?? given;
  if (reasons) throw new Error(reasons.join("; "));
  return value;
}

function deployed<I extends TargetInputs, F extends object>(kind: Kind<I, F>, inputs: I): Deployed {
  let facts: F | undefined;
  return {
    async apply() {
      facts = await kind.apply(jail.asJail(), inputs, facts && { ...inputs, ...facts });
    },
    async drift() {
      return (await kind.read(jail.asJail(undefined, "judge-1"), inputs, facts!))!.drift;
    },
  };
}

function write(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** Puts a fake finished build into the host's cache. */
async function finishedBuild(inputs: Parameters<typeof buildKey>[0]): Promise<void> {
  const cache = join(jail.folder, "cache");
  const name = (await jail.complete(buildSteps.status, { key: buildKey(inputs) })).one("build")[0]!;
  const build = join(cache, "builds", name);
  write(join(build, "root/bin/python3"), "#!/bin/sh\n", 0o755);
  write(join(build, "root/lib/python3.13/os.py"), "os");
  write(
    join(build, "manifest"),
    [
      "d - bin",
      `f ${sha256Of(join(build, "root/bin/python3"))} bin/python3`,
      "d - lib",
      "d - lib/python3.13",
      `f ${sha256Of(join(build, "root/lib/python3.13/os.py"))} lib/python3.13/os.py`,
      "",
    ].join("\n"),
  );
  write(join(build, "version"), "3.13.5\n");
  write(join(build, "missing"), "crypt\n");
}

const targetKey = createHash("sha256").update("static").digest("hex").slice(0, 12);

/** The deployed resources, each with its part of the manifest. */
const deployments: readonly (readonly [string, string, () => Deployed | Promise<Deployed>])[] = [
  [
    "python",
    "python",
    async () => {
      const inputs = declared(pythonBuild, {
        source: { url: "https://example.org/Python-3.13.5.tgz", sha256: "a".repeat(64) },
        builder: "self",
        requireModules: [],
      });
      await finishedBuild(inputs);
      return deployed(pythonBuild, inputs);
    },
  ],
  [
    "the packages",
    "packages",
    async () => {
      installFakePython(jail, "3.13");
      const wheel = await fakeWheel(join(jail.folder, "wheels"), "kit-1.0-py3-none-any.whl", {
        "kit/__init__.py": "1",
      });
      write(join(jail.folder, "requirements.txt"), `kit==1.0 --hash=sha256:${wheel.sha256}\n`);
      const inputs = declared(jailPackages, {
        python: { version: "3.13.5" },
        requirements: join(jail.folder, "requirements.txt"),
        wheels: join(jail.folder, "wheels"),
      });
      return deployed(jailPackages, inputs);
    },
  ],
  [
    "the libraries",
    "libraries",
    () => {
      jail.put("bin/ls", { copyOf: "/bin/ls" });
      return deployed(jailLibraries, declared(jailLibraries, {}));
    },
  ],
  [
    "the files",
    `files-${targetKey}`,
    () => {
      for (const name of ["a.py", "b/c.py"]) write(join(jail.folder, "source", name), name);
      return deployed(jailFiles, declared(jailFiles, { source: join(jail.folder, "source") }));
    },
  ],
  ["the system", "system", () => deployed(jailSystem, declared(jailSystem, { timezones: "none", locale: "none" }))],
];

const damages: readonly (readonly [string, (path: string, content: string) => void])[] = [
  ["emptied", (path) => writeFileSync(path, "")],
  ["cut off", (path, content) => writeFileSync(path, content.slice(0, Math.floor(content.length / 2)))],
  ["filled with NULs", (path, content) => writeFileSync(path, "\0".repeat(content.length))],
  ["overwritten", (path) => writeFileSync(path, "\u001b[2Jwhat\tnobody wrote\n../../etc\n\n")],
  ["removed", (path) => rmSync(path)],
];

describe.each(deployments)("a record of %s", (_name, part, deploy) => {
  test("that is damaged is drift or is ignored, or an error with host and step, and the next `up` rebuilds it", async () => {
    const resource = await deploy();
    await resource.apply();
    const drift = async (): Promise<Drift | HostError> => {
      try {
        return await resource.drift();
      } catch (error) {
        // Any other error would end the refresh of all hosts.
        if (error instanceof HostError && error.failure.host === "judge-1") return error;
        throw error;
      }
    };
    expect(await drift()).toEqual({});
    const records = join(jail.records, "manifest");
    // The records beside it only save reads.
    const names = readdirSync(records).filter((name) => name === part || name.startsWith(`${part}.`));
    expect(names).toContain(part);
    const notShown: string[] = [];
    for (const name of names) {
      for (const [how, damage] of damages) {
        const path = join(records, name);
        const content = readFileSync(path, "utf8");
        if (content === "") continue;
        damage(path, content);
        const seen = await drift();
        if (!(seen instanceof HostError) && Object.keys(seen).length === 0) notShown.push(`${name} ${how}`);
        await resource.apply();
        expect([name, how, await drift()]).toEqual([name, how, {}]);
        if (name === part)
          expect([name, how, existsSync(path) && readFileSync(path, "utf8").length > 0]).toEqual([name, how, true]);
      }
    }
    expect(notShown.filter((text) => text.split(" ")[0] === part)).toEqual([]);
  });
});
