import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditSteps } from "../../src/audit/audit.js";
import { staticFindings } from "../../src/audit/findings.js";
import { librarySteps } from "../../src/resources/JailLibraries.js";
import { filesSteps, jailFiles } from "../../src/resources/JailFiles.js";
import { permissionSteps } from "../../src/resources/JailPermissions.js";
import { rootSteps } from "../../src/resources/JailRoot.js";
import { checked } from "../../src/base/validation.js";
import { statusStep } from "../../src/status/live.js";
import { shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { closureValues, rootPolicy } from "./step-values.js";

// Trees whose paths are longer than the kernel takes at once (4096 bytes): every step names them and goes on.
jest.setTimeout(120_000);

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/true", { copyOf: "/bin/true" });
  for (const top of ["static", "scratch"]) {
    // Names of two lengths, so that a path of nearly every length is among them; beside them a file that is as it should be.
    for (const [name, levels] of [
      ["n".repeat(200), 40],
      ["d\ne p".padEnd(90, "x"), 60],
    ] as const)
      await plant(top, name, levels);
    jail.put(`${top}/beside/file`, "");
  }
});
afterEach(() => jail.remove());

/** Makes a folder in a folder, and so on, with a file at the bottom. */
async function plant(top: string, name: string, levels: number): Promise<void> {
  const deep = Array.from({ length: levels }, () => name).join("/");
  await execa("mkdir", ["-p", deep], { cwd: jail.at(top) });
}
const left = async (top: string): Promise<number> =>
  Number((await execa("sh", ["-c", "find . -mindepth 1 | grep -c ."], { cwd: jail.at(top), reject: false })).stdout);
const shownLines = (text: string): string[] => text.split("\n").filter((line) => line.length > 1000);

describe.each(shells)("under %s, trees beyond the longest path in static and scratch", (shell) => {
  test("are left alone by the permissions, and named; what lies beside them is set right", async () => {
    const run = await jail.run(permissionSteps.ensure, { ...rootPolicy, emptyScratch: false }, { shell });
    expect([run.answer.complete, run.stderr, shownLines(run.stdout)]).toEqual([true, "", []]);
    expect(statSync(jail.at("static/beside/file")).mode & 0o777).toBe(0o755);
    const alone = run.answer.all("left-alone");
    expect(alone).toContainEqual([expect.stringMatching(/^static\/n{193}\.\.\.$/), "is a path that is too long"]);
    const seen = await jail.complete(permissionSteps.observe, rootPolicy, { shell });
    expect([seen.one("offenders"), seen.all("left-alone").length]).toEqual([["0"], alone.length]);
    await jail.complete(permissionSteps.remove, {}, { shell });
  });

  test("go when scratch is emptied, and nothing else goes", async () => {
    await jail.complete(permissionSteps.ensure, { ...rootPolicy, emptyScratch: true }, { shell });
    expect([readdirSync(jail.at("scratch")), (await left("static")) > 90]).toEqual([[], true]);
  });

  test("are unmanaged files to JailFiles, by name, and go only where these are to go", async () => {
    const source = join(jail.folder, "source");
    mkdirSync(source);
    writeFileSync(join(source, "site.py"), "1");
    const ensure = (removeStrays: boolean) => {
      const given = checked(jailFiles.schema, {
        host: "judge-1",
        connection: { host: "h" },
        path: "/srv/jail",
        source,
        removeStrays,
      });
      return jailFiles.ensure(jail.asJail({ shell }), jailFiles.complete!(given.value!).value!, undefined);
    };
    const { strays } = await ensure(false);
    expect(strays).toEqual(expect.arrayContaining([expect.stringMatching(/^static\/n{73}/), "static/beside/file"]));
    const answer = await jail.complete(
      filesSteps.observe,
      { key: "a-key", target: "static", digest: "a-digest" },
      { shell },
    );
    expect([answer.one("strays")[0], shownLines(answer.all("stray").flat().join("\n"))]).toEqual(["2", []]);
    await ensure(true);
    // Names with a line break are no strays.
    expect(readdirSync(jail.at("static")).sort()).toEqual([expect.stringMatching(/^d\ne p/), "site.py"]);
  });

  test("do not keep the libraries from being found and put in place", async () => {
    await jail.complete(librarySteps.ensure, closureValues, { shell });
    const seen = await jail.run(librarySteps.observe, closureValues, { shell });
    expect([seen.answer.complete, seen.answer.failure, existsSync(jail.at("lib64"))]).toEqual([true, undefined, true]);
  });

  test("are a finding of the audit, which looks at all else", async () => {
    jail.put("static/setuid", "");
    await execa("chmod", ["4755", jail.at("static/setuid")]);
    const run = await jail.run(
      auditSteps.look,
      { safeexec: undefined, owner: "root", uid: 10000, gid: 54321, devices: [] },
      { shell },
    );
    expect([run.answer.complete, shownLines(run.stdout)]).toEqual([true, []]);
    const findings = Object.fromEntries(
      staticFindings(run.answer).map(({ check, result, evidence }) => [check, `${result}: ${evidence}`]),
    );
    expect(findings["special-files"]).toMatch(
      /^fail: .*too long a path, below which nothing was looked at: static\/nnn/,
    );
    expect(findings["setuid-files"]).toMatch(/^fail: static\/setuid is setuid \(4755, user 0\)$/);
  });

  test("are contents that a delete refuses, and that it removes where it is told to", async () => {
    const refused = await jail.run(rootSteps.remove, { id: "an-id", deleteContents: false, kept: false }, { shell });
    expect(refused.answer.failure).toMatchObject({
      code: "contents",
      reason: expect.stringContaining("holds files that were not put there by us"),
    });
    await jail.complete(rootSteps.observe, { folders: ["dev", "lib64", "static", "scratch"] }, { shell });
    await jail.complete(statusStep, { key: "a-key" }, { shell });
    await jail.complete(rootSteps.remove, { id: "an-id", deleteContents: true, kept: false }, { shell });
    expect(existsSync(jail.path) ? readdirSync(jail.path) : []).toEqual([]);
  });
});
