import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { basename, join } from "node:path";
import { scriptText } from "../../../src/remote/scripts.js";
import { librarySteps } from "../../../src/kinds/JailLibraries.js";
import { ScratchJail } from "../scratch-jail.js";
import { compile, compileLibrary, machineLibraryFolder } from "./compile.js";
import { closureValues } from "../step-values.js";

const { apply } = librarySteps;

/** The awks of hosts that this machine has. */
const awks = ["mawk", "busybox awk", "gawk"].filter(
  (awk) => !execaSync("sh", ["-c", `${awk} 'BEGIN { exit 0 }'`], { reject: false }).failed,
);

let made: string;
let libraryFolder: string;
let jail: ScratchJail;

beforeAll(async () => {
  made = makeHostDirectory();
  chmodSync(made, 0o755);
  libraryFolder = await machineLibraryFolder();
  await compileLibrary(`${made}/libinner.so.1`, "double cos(double); double inner(double x) { return cos(x); }", "-lm");
  await compileLibrary(
    `${made}/_outer.so`,
    "double inner(double); double outer(double x) { return inner(x); }",
    `${made}/libinner.so.1`,
    "-Wl,-rpath,$ORIGIN/.libs",
  );
  await compile(`${made}/musl`, "int main(void) { return 0; }", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1");
});
afterAll(() => rmSync(made, { recursive: true }));

// A jail made by hand: copies of files, and the host's own symlinks among them.
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/ls", { copyOf: "/bin/ls" });
  for (const name of ["libselinux.so.1", "libpcre2-8.so.0", "libc.so.6", "libm.so.6"])
    jail.put(`${libraryFolder}/${name}`, { copyOf: `/${libraryFolder}/${name}` });
  jail.put("lib64/ld-linux-x86-64.so.2", { copyOf: "/lib64/ld-linux-x86-64.so.2" });
  jail.put("static/pkg/_outer.so", { copyOf: `${made}/_outer.so` });
  jail.put("static/pkg/.libs/libinner.so.1", { copyOf: `${made}/libinner.so.1` });
});
afterEach(() => jail.remove());

/** The needs that do not resolve, of all programs and libraries in the jail. */
async function unresolved(awk = "awk"): Promise<string[]> {
  const script = `
    line_break='\n'
    too_long='/never'
    ${awk === "awk" ? "" : `awk() { ${awk} "$@"; }`}
    ${scriptText("jail-libraries/elf.sh")}
    ${scriptText("jail-libraries/loader.sh")}
    ${scriptText("jail-libraries/resolves.sh")}
    cd ${jail.path}
    find . -type f | unresolved_in_jail`;
  const { stdout } = await execa("sh", ["-euc", script]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace("\t", " for "));
}

describe.each(awks)("with %s", (awk) => {
  test("all needs resolve in a jail that has every library, wherever its loader finds it", async () => {
    expect(await unresolved(awk)).toEqual([]);
  });

  test("a missing library or loader is named with the file that needs it", async () => {
    rmSync(jail.at("static/pkg/.libs/libinner.so.1"));
    rmSync(jail.at(`${libraryFolder}/libpcre2-8.so.0`));
    expect(await unresolved(awk)).toEqual([
      `libinner.so.1 for static/pkg/_outer.so`,
      `libpcre2-8.so.0 for ${libraryFolder}/libselinux.so.1`,
    ]);
    jail.put("bin/other", { copyOf: `${made}/musl` });
    expect(await unresolved(awk)).toContain("/lib/ld-musl-x86_64.so.1 for bin/other");
    rmSync(jail.at("lib64/ld-linux-x86-64.so.2"));
    expect(await unresolved(awk)).toContain("/lib64/ld-linux-x86-64.so.2 for bin/ls");
  });

  test("symlinks are resolved from the jail's own root", async () => {
    const folder = jail.at(libraryFolder);
    renameSync(join(folder, "libpcre2-8.so.0"), join(folder, "pcre.so"));
    // Resolved in the jail, this leads to the jail's file; resolved outside, to the host's.
    symlinkSync(`/${libraryFolder}/pcre.so`, join(folder, "libpcre2-8.so.0"));
    expect(await unresolved(awk)).toEqual([]);
    rmSync(join(folder, "libpcre2-8.so.0"));
    // And this the other way round: only outside the jail does it lead to a file.
    symlinkSync(join(folder, "pcre.so"), join(folder, "libpcre2-8.so.0"));
    expect(await unresolved(awk)).toEqual([`libpcre2-8.so.0 for ${libraryFolder}/libselinux.so.1`]);
    // A directory may be a symlink too, and a symlink may lead to another, but not in a circle.
    rmSync(join(folder, "libpcre2-8.so.0"));
    mkdirSync(jail.at("opt"));
    renameSync(jail.at(libraryFolder), jail.at("opt/real"));
    symlinkSync("../opt/chain", jail.at(libraryFolder));
    symlinkSync("./real/../real", jail.at("opt/chain"));
    symlinkSync("pcre.so", jail.at("opt/real/libpcre2-8.so.0"));
    expect(await unresolved(awk)).toEqual([]);
    rmSync(jail.at("opt/chain"));
    symlinkSync(basename(libraryFolder), jail.at("opt/chain"));
    symlinkSync("chain", jail.at(`opt/${basename(libraryFolder)}`));
    expect(await unresolved(awk)).toContain("libc.so.6 for bin/ls");
  });

  test("a library for another machine does not count", async () => {
    await execa("sh", [
      "-c",
      `printf '\\003\\000' | dd of=${jail.at(`${libraryFolder}/libpcre2-8.so.0`)} bs=1 seek=18 conv=notrunc`,
    ]);
    expect(await unresolved(awk)).toEqual([`libpcre2-8.so.0 for ${libraryFolder}/libselinux.so.1`]);
  });
});

test("a copy fails if a program then does not find its libraries in the jail, and names them", async () => {
  // A package's own library is not copied from the host, and this one is a dangling symlink.
  rmSync(jail.at("static/pkg/.libs/libinner.so.1"));
  symlinkSync("elsewhere", jail.at("static/pkg/.libs/libinner.so.1"));
  const { answer } = await jail.run(apply, closureValues);
  expect(answer.failure).toMatchObject({
    code: "unresolved",
    reason: "libinner.so.1 (needed by static/pkg/_outer.so): not where the jail's loader looks",
  });
  rmSync(jail.at("static/pkg/.libs/libinner.so.1"));
  jail.put("static/pkg/.libs/elsewhere", { copyOf: `${made}/libinner.so.1` });
  symlinkSync("elsewhere", jail.at("static/pkg/.libs/libinner.so.1"));
  await jail.complete(apply, closureValues);
});
