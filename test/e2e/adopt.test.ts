import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AdoptionPlan } from "../../src/jail/adoption-plan.js";
import { python3jail, type CommandEnd } from "../cli/python3jail.js";
import type { Host } from "../hosts/host.js";
import { HostFleet } from "../hosts/host-fleet.js";
import { Project } from "./engine.js";
import { buildTimeout, endAll, entryFor, jailPath, sharedBuilds, stackConfig } from "./jail-stack.js";

// A jail made by hand: what the plan says of it, and what `up` then does.
jest.setTimeout(buildTimeout);

let fleet: HostFleet;
let host: Host;
let project: Project;
let settings: string;

beforeAll(async () => {
  fleet = await HostFleet.create();
  host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
  await host.run(`
    useradd --no-create-home ana
    mkdir -p ${jailPath} && cd ${jailPath}
    mkdir -p dev lib64 static scratch bin include/python3.11 lib/python3.11/site-packages/six-1.16.0.dist-info
    touch REM_this_is_jail static/site.py scratch/left notes.txt lib/python3.11/site-packages/six.py lib64/libold.so.1
    printf '#define PY_VERSION "3.11.2"\\n' >include/python3.11/patchlevel.h
    printf '#!/bin/sh\\n' >bin/python3 && chmod 0755 bin/python3 && cp bin/python3 bin/su && cp bin/python3 bin/python3.11
    chown -R ana:ana . && chmod 4755 bin/su && chmod 0666 static/site.py
    mknod -m 0655 dev/null c 1 3
  `);
  settings = join(dirname(host.privateKeyFile), "adopt_ssh_config");
  writeFileSync(
    settings,
    `Host judge-1\n  HostName ${host.address}\n  User root\n  IdentityFile ${host.privateKeyFile}\n  UserKnownHostsFile ${host.knownHostsFile}\n`,
  );
  project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
});
afterAll(() => endAll(fleet, project));

const adopt = (...args: string[]): Promise<CommandEnd> =>
  python3jail(["adopt", "--ssh-config", settings, "--python", "3.13.5", ...args], project.surroundings().env);
const planOf = async (...args: string[]): Promise<AdoptionPlan> =>
  (JSON.parse((await adopt("--plan", "--json", "judge-1", ...args)).stdout) as { plan: AdoptionPlan }[])[0]!.plan;
const inJail = async (command: string): Promise<string> => (await host.run(`cd ${jailPath} && ${command}`)).stdout;

test("the plan changes nothing, and `up` does what it says", async () => {
  const before = await host.listing();
  expect(await planOf()).toEqual({
    is: "adopt",
    text: "made by hand: `up` adopts it",
    keeps: [
      "1 file in static",
      "1 file in scratch",
      "the library of Python 3.11, with 1 package (six-1.16.0), which Python 3.13 does not find: declare them in `packages`; it is unmanaged from then on",
      "unmanaged files: notes.txt",
    ],
    replaces: [
      "Python 3.11.2 by 3.13.5",
      "of 1 shared library those that its programs need, by the host's",
      "dev/null, which is c 1:3 0655, by c 1:3 0666",
    ],
    changes: [
      expect.stringMatching(/^the owner of \d+ paths, from ana:ana to root:root$/),
      "the mode of 1 file that is setuid or setgid",
      "the mode of 1 path that everybody may write to",
    ],
  });
  expect(await host.listing()).toEqual(before);

  const { stdout } = await project.python3jail(["up", "--stack", project.stack, "--yes"]).result;
  const announced = "where a jail made by hand is at a new path, `up` adopts it:";
  expect(stdout.split(announced)).toHaveLength(2);
  expect(stdout.indexOf(announced)).toBeLessThan(stdout.indexOf("\ncanary: judge-1\n"));
  expect(stdout).toMatch(
    new RegExp(
      `judge-1: adopted a jail made by hand at ${jailPath}: keeps 1 file in static, 1 file in scratch, ` +
        "the library of Python 3\\.11 with 1 package \\(six-1\\.16\\.0\\), unmanaged files \\(notes\\.txt\\); " +
        "replaces Python 3\\.11\\.2, loader, libraries and device nodes for good; changes the owner of \\d+ paths, from ana:ana to root:root, ",
    ),
  );
  expect(stdout).toMatch(/✓ judge-1 +adopted +3\.13\.5 [^\n]*\n\n1 adopted\n$/);
  // Kept.
  expect(
    await inJail("ls static/site.py scratch/left notes.txt lib/python3.11/site-packages/six.py bin/python3.11 | sort"),
  ).toBe(
    ["bin/python3.11", "lib/python3.11/site-packages/six.py", "notes.txt", "scratch/left", "static/site.py"].join("\n"),
  );
  // Replaced.
  expect(await inJail("readlink bin/python3; stat -c %a dev/null")).toMatch(/^python3\.13\n666$/);
  // Changed.
  expect(await inJail("find . -xdev ! -path './scratch/*' \\( -user ana -o -perm -4000 \\)")).toBe("");
  expect(await inJail("stat -c %a static/site.py")).toMatch(/^.[0145][0145]$/);
});

test("a jail that was adopted is ours in the next plan", async () =>
  expect(await planOf()).toMatchObject({ is: "ours" }));

test("the exit code says that `up` would refuse a directory that is no jail", async () => {
  await host.run("mkdir -p /srv/other && touch /srv/other/file");
  const { exitCode, stdout } = await adopt("--plan", "judge-1", "--path", "/srv/other");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^judge-1:\/srv\/other {2}it is not empty and has no REM_this_is_jail: `up` refuses it/);
  expect(await adopt("--plan", "judge-1", "--path", "/srv/none")).toMatchObject({
    exitCode: 0,
    stdout: "judge-1:/srv/none  there is nothing: `up` makes a new jail",
  });
});

test.each<[args: string[], says: string]>([
  [["judge-1"], "give --plan: it is `up` that adopts"],
  [["--plan"], "name at least one host"],
])("a call with %j is refused with what is missing", async (args, says) =>
  expect(await adopt(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(says) }),
);
