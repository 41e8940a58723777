import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditSteps } from "../../src/audit/audit.js";
import { staticFindings } from "../../src/audit/findings.js";
import { librarySteps } from "../../src/kinds/JailLibraries.js";
import { filesSteps, jailFiles } from "../../src/kinds/JailFiles.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { rootSteps } from "../../src/kinds/JailRoot.js";
import { checked } from "../../src/base/validation.js";
import { statusStep } from "../../src/status/live.js";
import { differsInSyntaxAlone, shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";
import { closureValues, rootPolicy } from "./step-values.js";

// Trees whose paths are longer than PATH_MAX (4096 bytes): every step names them and goes on.
let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/true", { copyOf: "/bin/true" });
  for (const top of ["static", "scratch"]) {
    // Names of two lengths make paths of nearly every length. An ordinary file is beside them.
    for (const [name, levels] of [
      ["n".repeat(200), 40],
      ["d\ne p".padEnd(90, "x"), 60],
    ] as const)
      await plant(top, name, levels);
    jail.put(`${top}/beside/file`, "");
  }
});
afterEach(() => jail.remove());

/** Makes nested directories with a file in the innermost. */
async function plant(top: string, name: string, levels: number): Promise<void> {
  const deep = Array.from({ length: levels }, () => name).join("/");
  await execa("mkdir", ["-p", deep], { cwd: jail.at(top) });
}
const left = async (top: string): Promise<number> =>
  Number((await execa("sh", ["-c", "find . -mindepth 1 | grep -c ."], { cwd: jail.at(top), reject: false })).stdout);
const shownLines = (text: string): string[] => text.split("\n").filter((line) => line.length > 1000);

describe.each(shells)("under %s, trees beyond the longest path in static and scratch", (shell) => {
  test("are left alone by JailPermissions and named, and the paths beside them are set right", async () => {
    const run = await jail.run(permissionSteps.apply, { ...rootPolicy, emptyScratch: false }, { shell });
    expect([run.answer.complete, run.stderr, shownLines(run.stdout)]).toEqual([true, "", []]);
    expect(statSync(jail.at("static/beside/file")).mode & 0o777).toBe(0o755);
    const alone = run.answer.all("left-alone");
    expect(alone).toContainEqual([expect.stringMatching(/^static\/n{193}\.\.\.$/), "is a path that is too long"]);
    const seen = await jail.complete(permissionSteps.read, rootPolicy, { shell });
    expect([seen.one("offenders"), seen.all("left-alone").length]).toEqual([["0"], alone.length]);
    await jail.complete(permissionSteps.remove, {}, { shell });
  });

  test("are removed when scratch is emptied, and nothing else is", async () => {
    await jail.complete(permissionSteps.apply, { ...rootPolicy, emptyScratch: true }, { shell });
    expect([readdirSync(jail.at("scratch")), (await left("static")) > 90]).toEqual([[], true]);
  });

  test("are unmanaged files to JailFiles, and are removed only if those are", async () => {
    const source = join(jail.folder, "source");
    mkdirSync(source);
    writeFileSync(join(source, "site.py"), "1");
    const apply = (removeUnmanaged: boolean) => {
      const given = checked(jailFiles.schema, {
        host: "judge-1",
        connection: { host: "h" },
        path: "/srv/jail",
        source,
        removeUnmanaged,
      });
      return jailFiles.apply(jail.asJail({ shell }), jailFiles.complete!(given.value!).value!, undefined);
    };
    const { unmanaged } = await apply(false);
    expect(unmanaged).toEqual(expect.arrayContaining([expect.stringMatching(/^static\/n{73}/), "static/beside/file"]));
    const answer = await jail.complete(
      filesSteps.read,
      { key: "a-key", target: "static", digest: "a-digest" },
      { shell },
    );
    expect([answer.one("unmanaged")[0], shownLines(answer.all("unmanaged-file").flat().join("\n"))]).toEqual(["2", []]);
    await apply(true);
    // Names with a line break are not reported as unmanaged files.
    expect(readdirSync(jail.at("static")).sort()).toEqual([expect.stringMatching(/^d\ne p/), "site.py"]);
  });

  if (differsInSyntaxAlone(shell)) return;

  test("do not prevent JailLibraries from finding and copying libraries", async () => {
    await jail.complete(librarySteps.apply, closureValues, { shell });
    const seen = await jail.run(librarySteps.read, closureValues, { shell });
    expect([seen.answer.complete, seen.answer.failure, existsSync(jail.at("lib64"))]).toEqual([true, undefined, true]);
  });

  test("are a finding of the audit, which checks everything else", async () => {
    jail.put("static/setuid", "");
    await execa("chmod", ["4755", jail.at("static/setuid")]);
    const run = await jail.run(
      auditSteps.readOutside,
      { safeexec: undefined, owner: "root", uid: 10000, gid: 54321, devices: [] },
      { shell },
    );
    expect([run.answer.complete, shownLines(run.stdout)]).toEqual([true, []]);
    const findings = Object.fromEntries(
      staticFindings(run.answer).map(({ check, result, evidence }) => [check, `${result}: ${evidence}`]),
    );
    expect(findings["special-files"]).toMatch(/^fail: .*too long a path, below which nothing was checked: static\/nnn/);
    expect(findings["setuid-files"]).toMatch(/^fail: static\/setuid is setuid \(4755, user 0\)$/);
  });

  test("make a delete fail, unless it may remove contents", async () => {
    const refused = await jail.run(rootSteps.remove, { id: "an-id", deleteContents: false, kept: false }, { shell });
    expect(refused.answer.failure).toMatchObject({
      code: "not-empty",
      reason: expect.stringContaining("holds files that were not put there by us"),
    });
    await jail.complete(rootSteps.read, { folders: ["dev", "lib64", "static", "scratch"] }, { shell });
    await jail.complete(statusStep, { key: "a-key" }, { shell });
    await jail.complete(rootSteps.remove, { id: "an-id", deleteContents: true, kept: false }, { shell });
    expect(existsSync(jail.path) ? readdirSync(jail.path) : []).toEqual([]);
  });
});
