import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execa } from "execa";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { repositoryRoot } from "../hosts/repository.js";
import { Project } from "./engine.js";
import { buildTimeout, connectionTo, endAll, jailPath, sharedBuilds } from "./jail-stack.js";

/** The last commit before the remote side was rebuilt: its records on hosts and its states are those that must be taken over. */
const earlier = "4087c1acdc41785c6d0ee43330cc295abfb9ce0f";

const release = mkdtempSync(join(tmpdir(), "python3jail-earlier-"));
let fleet: HostFleet;
let host: Host;
let project: Project | undefined;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  await buildEarlierRelease();
});

afterAll(async () => {
  rmSync(release, { recursive: true, force: true });
  await endAll(fleet, project);
});

/** The package of that commit, compiled as its own build did. */
async function buildEarlierRelease(): Promise<void> {
  const inRelease = { cwd: release };
  await execa(
    "sh",
    ["-c", 'git -C "$1" archive "$2" src package.json tsconfig.json | tar -x -f -', "sh", repositoryRoot, earlier],
    inRelease,
  );
  symlinkSync(join(repositoryRoot, "node_modules"), join(release, "node_modules"));
  const settings = { extends: "./tsconfig.json", include: ["src/**/*.ts"] };
  writeFileSync(join(release, "tsconfig.src.json"), JSON.stringify(settings));
  await execa(join(repositoryRoot, "node_modules/.bin/tsc"), ["-p", "tsconfig.src.json"], inRelease);
  await execa(
    "sh",
    ["-c", "cd src && find . -type f ! -name '*.ts' -exec cp --parents {} ../build/src/ ';'"],
    inRelease,
  );
}

/** Lets the project's programs and its provider be of a release. */
function use(folder: string): void {
  const link = join(project!.directory, "node_modules", "pulumi-python3jail");
  rmSync(link);
  symlinkSync(folder, link);
}

test(
  "a jail that an earlier release made is adopted as it is, and repaired from that release's records",
  async () => {
    const program = `
const { PythonJail } = require("pulumi-python3jail");
new PythonJail("judge-1", {
  host: "judge-1",
  connection: ${JSON.stringify(connectionTo(host))},
  path: "${jailPath}",
  root: { keepCache: true },
  python: { version: "3.13.5" },
  files: { source: ${JSON.stringify(join(repositoryRoot, "stacks"))}, target: "static/stacks" },
});
`;
    project = await Project.create({ program });
    use(release);
    await project.up();
    const files = (await host.listing({ paths: [jailPath], changeTimes: true })).filter(
      (entry) => !entry.includes("/scratch"),
    );
    // Other tests share the cache.
    const builds = async (): Promise<string[]> =>
      (await host.run("ls -di /var/cache/python3jail/builds/*")).stdout.split("\n");
    const buildsBefore = await builds();

    use(repositoryRoot);
    // What this release gives to a jail besides is an update, and no drift.
    const { all } = await project.preview({ refresh: true });
    expect(all).toContain(
      "judge-1: the jail also gets names of services and protocols (etc/services, etc/protocols), ",
    );
    expect(all).not.toContain("drift");
    await project.up({ refresh: true });
    const kept = files.filter((entry) => !/ folder |\/etc\/(hosts|nsswitch\.conf) /.test(entry));
    expect(await host.listing({ paths: [jailPath], changeTimes: true })).toEqual(expect.arrayContaining(kept));
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    expect(await builds()).toEqual(expect.arrayContaining(buildsBefore));

    // What was taken over is known as ours: damage is found and mended, and all of it goes with the jail.
    await host.run(
      `cd ${jailPath}; rm lib/python3.13/json/__init__.py static/stacks/Pulumi.dev.yaml; chmod 0777 static; rm dev/null`,
    );
    await project.up({ refresh: true });
    expect(
      (
        await host.run(
          `PYTHONHOME=/ chroot --userspec=10000:1000 ${jailPath} /bin/python3 -c "import json; print(json.dumps([1]))"`,
        )
      ).stdout.trim(),
    ).toBe("[1]");
    await project.preview({ refresh: true, flags: ["--expect-no-changes"] });
    await project.destroy();
    expect((await host.run(`ls -A ${jailPath} 2>&1 || :`)).stdout).toContain("No such file or directory");
  },
  buildTimeout,
);
