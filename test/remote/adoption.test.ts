import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execaSync } from "execa";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { adoptionFactsIn, adoptionStep, type AdoptionFacts } from "../../src/jail/adoption-facts.js";
import { makeHostDirectory } from "./host-temporary.js";
import { completeStepHere, shells, type Shell } from "./run-step.js";

let folder: string;
beforeEach(() => void (folder = join(makeHostDirectory(), "jail")));
afterEach(() => void execaSync("rm", ["-rf", dirname(folder)]));

const put = (path: string, text = "", mode = 0o644): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
};
const look = async (shell: Shell): Promise<AdoptionFacts> =>
  adoptionFactsIn(
    await completeStepHere(adoptionStep, { path: folder, records: `${folder}-records`, cache: "/none" }, {}, { shell }),
  );

describe.each(shells)("under %s", (shell) => {
  test("a jail made by hand is read with all facts for the plan", async () => {
    put("REM_this_is_jail");
    put("include/python3.11/patchlevel.h", '#define PY_VERSION      	"3.11.2"\n#define PY_VERSION_HEX 0\n');
    put("lib/python3.11/os.py");
    for (const name of ["six-1.16.0.dist-info", "a b-1.egg-info", "numpy"])
      put(`lib/python3.11/site-packages/${name}/METADATA`);
    put("lib/python3.9/os.py");
    put("lib/pythonista/x");
    put("lib64/libc.so.6");
    put("lib/x86_64-linux-gnu/libz.so.1.2");
    put("static/site.py");
    put("static/deep/er.py");
    put("scratch/left", "", 0o666);
    put("bin/su", "", 0o4755);
    put("static/open", "", 0o666);
    put("notes with\ttab.txt");
    symlinkSync("/etc", join(folder, "link"));
    mkdirSync(join(folder, "dev"));
    execaSync("mknod", ["-m", "0655", join(folder, "dev/null"), "c", "1", "3"]);
    execaSync("mknod", ["-m", "0600", join(folder, "dev/disk"), "b", "8", "16"]);
    chownSync(join(folder, "static/site.py"), 54321, 54322);
    const facts = await look(shell);
    expect(facts).toEqual({
      jail: "marked",
      pythons: [
        { line: "3.11", version: "3.11.2", packages: ["a b-1", "six-1.16.0"] },
        { line: "3.9", version: undefined, packages: [] },
      ],
      owners: [
        { ids: "0:0", names: "root:root", paths: expect.any(Number) },
        { ids: "54321:54322", names: "UNKNOWN:UNKNOWN", paths: 1 },
      ],
      counts: { static: 3, scratch: 1, libraries: 2, setuid: 1, writable: 1 },
      devices: { "dev/null": "c 1:3 0655", "dev/disk": "b 8:16 0600" },
      others: ["link", "notes with tab.txt"],
    });
    expect(facts.owners[0]!.paths).toBe(Number(execaSync("sh", ["-c", 'find "$1" | wc -l', "sh", folder]).stdout) - 1);
  });

  test("a path that is no jail is read as what it is", async () => {
    expect((await look(shell)).jail).toBe("none");
    mkdirSync(folder);
    expect((await look(shell)).jail).toBe("empty");
    put("file");
    expect((await look(shell)).jail).toBe("foreign");
  });
});
