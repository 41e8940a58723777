import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chownSync, lstatSync, rmSync } from "node:fs";
import { ownerNumbers, accountsStep } from "../../src/remote/accounts.js";
import { deviceNode, nodeSteps } from "../../src/kinds/DeviceNode.js";
import { permissionSteps } from "../../src/kinds/JailPermissions.js";
import { compareRoot, rootSteps } from "../../src/kinds/JailRoot.js";
import { makeHostDirectory } from "./host-temporary.js";
import { runStepHere, shells } from "./run-step.js";
import { ScratchJail } from "./scratch-jail.js";

let folder: string;
beforeEach(() => {
  folder = makeHostDirectory();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The names of a user and a group in a directory service. */
const users = ["judge@ad.example.org", "CORP\\judge", "judge of all"];
const groups = ["judges@ad.example.org", "CORP\\domain users", "domain users@ad.example.org"];
/** The commands, run before a step, that make a getent find both by name and number, though it does not list them. */
const directory = (): string => `
  cp /usr/bin/getent ${folder}/getent
  cat >${folder}/directory <<'end'
#!/bin/sh
case "$1 $2" in
${users
  .map((name) => `"passwd ${name.replace("\\", "\\\\")}")`)
  .join(" | ")
  .replaceAll(") |", " |")} echo 'judge@ad.example.org:*:70001:70002:J, Udge:/home/judge:/bin/bash' ;;
${groups
  .map((name) => `"group ${name.replace("\\", "\\\\")}")`)
  .join(" | ")
  .replaceAll(") |", " |")} echo 'domain users@ad.example.org:*:70002:judge@ad.example.org' ;;
*) exec ${folder}/getent "$@" ;;
esac
end
  chmod 755 ${folder}/directory; mount --bind ${folder}/directory /usr/bin/getent`;
const pairs = users.map((owner, index) => ({ owner, group: groups[index]! }));

describe.each(shells)("under %s", (shell) => {
  const numbers = async (owner: string, group: string, before?: string) => {
    const { answer } = await runStepHere(accountsStep, undefined, { owner, group }, { shell, before });
    return [answer.one("owner")[0], answer.one("group")[0]];
  };

  test("finds the number of an account, and none for names that getent would take for a number or an option", async () => {
    expect(await numbers("root", "www-data")).toEqual(["0", "33"]);
    expect(await numbers("54321", "0")).toEqual(["54321", "0"]);
    expect(await numbers("no-such-account", "ro.t")).toEqual(["", ""]);
    for (const name of ["+0", "-0", "--help", "", " 0x", "root x", "*"])
      expect([name, await numbers(name, name)]).toEqual([name, ["", ""]]);
    for (const { owner, group } of pairs) expect(await numbers(owner, group, directory())).toEqual(["70001", "70002"]);
  });

  test("reads /etc/passwd and /etc/group on a host without getent", async () => {
    const before = "mount --bind /dev/null /usr/bin/getent";
    expect(await numbers("root", "www-data", before)).toEqual(["0", "33"]);
    expect(await numbers("ro.t", "no-such-group", before)).toEqual(["", ""]);
  });

  test.each(pairs)("gives jail, node and files to $owner and $group", async ({ owner, group }) => {
    const jail = await ScratchJail.make();
    const there = { shell, before: directory() };
    try {
      await jail.complete(
        rootSteps.apply,
        {
          id: "an-id",
          owner,
          group,
          url: undefined,
          commit: undefined,
          folders: ["dev", "lib64", "static", "scratch"],
        },
        there,
      );
      await jail.complete(
        nodeSteps.apply,
        { node: "dev/null", type: "c", major: 1, minor: 3, mode: "0666", owner, group },
        there,
      );
      await jail.complete(
        permissionSteps.apply,
        { emptyScratch: false, owner, group, scratchGroup: group, modes: [] },
        there,
      );
      for (const path of [".", "dev/null", "static"]) {
        const { uid, gid } = lstatSync(jail.at(path));
        expect([path, uid, gid]).toEqual([path, 70001, 70002]);
      }
      expect(
        (await jail.run(permissionSteps.read, { owner, group, scratchGroup: group, modes: [] }, there)).answer.maybe(
          "offenders",
        ) ?? "0",
      ).toBe("0");

      // The number counts, and not the declared name.
      const root = await jail.complete(rootSteps.read, { folders: ["dev"] }, there);
      expect(
        compareRoot({ owner, group }, "an-id", root, await ownerNumbers(jail.asJail(there), { owner, group })),
      ).toEqual({});
      const node = {
        host: "judge-1",
        node: "dev/null",
        type: "c",
        major: 1,
        minor: 3,
        mode: "0666",
        owner,
        group,
      } as never;
      expect((await deviceNode.read(jail.asJail(there), node, {}))!.drift).toEqual({});
      chownSync(jail.at("dev/null"), 70002, 70001);
      expect((await deviceNode.read(jail.asJail(there), node, {}))!.drift).toEqual({
        "dev/null": `owner is UNKNOWN, should be ${owner}; group is UNKNOWN, should be ${group}`,
      });
    } finally {
      jail.remove();
    }
  });
});

test("asks the host nothing if both are numbers or root", async () => {
  const jail = { run: () => Promise.reject(new Error("was asked")) };
  expect(await ownerNumbers(jail, { owner: "root", group: "4242" })).toEqual({ owner: "0", group: "4242" });
  await expect(ownerNumbers(jail, { owner: "judge", group: "root" })).rejects.toThrow("was asked");
});
