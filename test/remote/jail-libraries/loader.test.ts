import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { librariesOf, scriptText } from "../../../src/remote/scripts.js";
import { makeHostDirectory } from "../host-temporary.js";
import { elfFile, type ElfDescription } from "./elf-file.js";

/** The awks of hosts, as far as this machine has them. */
const awks = ["mawk", "busybox awk", "gawk"].filter(
  (awk) => !execaSync("sh", ["-c", `${awk} 'BEGIN { exit 0 }'`], { reject: false }).failed,
);

const loader = "lib64/ld-linux-x86-64.so.2";
const modules = "lib/python3.13/lib-dynload";

let jail: string;
beforeEach(() => {
  jail = makeHostDirectory();
  mkdirSync(join(jail, dirname(loader)));
  copyFileSync(`/${loader}`, join(jail, loader));
});
afterEach(() => rmSync(jail, { recursive: true }));

type Said = Partial<ElfDescription>;

function put(path: string, said: Said): void {
  mkdirSync(dirname(join(jail, path)), { recursive: true });
  writeFileSync(join(jail, path), elfFile({ wide: true, littleEndian: true, machine: 62, ...said }));
}

const scripts = ["jail-libraries/closure.sh", "jail-libraries/resolves.sh"];
const texts = [...new Set([...scripts.flatMap((script) => librariesOf(script)), ...scripts])].map(scriptText);

/** What is found nowhere, `NAME for FILE`: in the jail alone, or in the jail and on the host. */
async function missing(awk: string, question: string): Promise<string[]> {
  const script = `line_break='\n'\nawk() { ${awk} "$@"; }\n${texts.join("\n")}\ncd ${jail}\nlist_programs | ${question}`;
  const { stdout } = await execa("sh", ["-euc", script]);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => line.replace("\t", " for ")).sort();
}
const inJail = "sed 's|^[^/]*/[^/]*/||' | unresolved_in_jail";
const onHostToo = "closure closure '' | sed -n 's/^unresolved\t//p'";

interface Case {
  title: string;
  /** What bin/python3 says of itself. */
  program: Said;
  libraries?: Record<string, Said>;
  /** The closure begins with every library of PythonBuild, of packages and of the site, and knows of no others in the jail. */
  inJailAlone?: true;
  missing?: string[];
}
const cases: Case[] = [
  {
    title: "a RUNPATH names directories from the root, or from that of its file",
    program: { runpath: `/static/a:\${ORIGIN}/../static/b:$ORIGIN/c`, needed: ["liba.so", "libb.so", "libd.so"] },
    libraries: { "static/a/liba.so": {}, "static/b/libb.so": {}, "bin/c/libd.so": {} },
  },
  {
    title: "a RUNPATH serves its own file alone",
    program: { runpath: `/${modules}`, needed: ["liba.so"] },
    libraries: { [`${modules}/liba.so`]: { needed: ["libb.so"] }, [`${modules}/libb.so`]: {} },
    missing: [`libb.so for ${modules}/liba.so`],
  },
  {
    title: "an RPATH serves what it leads to as well",
    inJailAlone: true,
    program: { rpath: "/opt", needed: ["liba.so"] },
    libraries: {
      "opt/liba.so": { rpath: "$ORIGIN/a", needed: ["libb.so"] },
      "opt/a/libb.so": { needed: ["liba.so"] },
    },
  },
  {
    title: "a file that has a RUNPATH uses no RPATH, its own or another's, and hands none on",
    inJailAlone: true,
    program: { rpath: "/opt/a", needed: ["liba.so"] },
    libraries: {
      "opt/a/liba.so": { rpath: "/opt/a", runpath: "/opt/b", needed: ["libb.so", "libd.so"] },
      "opt/a/libd.so": {},
      "opt/b/libb.so": { needed: ["libd.so"] },
    },
    missing: ["libd.so for opt/a/liba.so", "libd.so for opt/b/libb.so"],
  },
  {
    title: "a name with a slash is a path: from the root, as nobody knows where a program will be started",
    program: { runpath: "/", needed: ["/static/liba.so", "static/liba.so", "/static/../bin/libb.so"] },
    libraries: { "static/liba.so": {} },
    missing: ["/static/../bin/libb.so for bin/python3", "static/liba.so for bin/python3"],
  },
  {
    title: "a library of another machine is passed over",
    program: { runpath: "/static/a:/static/b", needed: ["liba.so", "libb.so"] },
    libraries: {
      "static/a/liba.so": { machine: 183 },
      "static/a/libb.so": { machine: 183 },
      "static/b/liba.so": {},
    },
    missing: ["libb.so for bin/python3"],
  },
  {
    title: "directories after the 200th of a RUNPATH are not searched, as anybody may have written it",
    program: { runpath: `${"/none:".repeat(199)}/static/a:/static/b`, needed: ["liba.so", "libb.so"] },
    libraries: { "static/a/liba.so": {}, "static/b/libb.so": {} },
    missing: ["libb.so for bin/python3"],
  },
  {
    title: "a package may load its own library by a path, a program may not",
    program: { needed: ["liba.so"] },
    libraries: { "static/package/module.so": { needed: ["liba.so", "libb.so"] }, "static/package/deep/liba.so": {} },
    missing: ["liba.so for bin/python3", "libb.so for static/package/module.so"],
  },
];

describe.each(awks)("with %s", (awk) => {
  test.each(cases)("$title", async ({ program, libraries = {}, inJailAlone, missing: expected = [] }) => {
    put("bin/python3", { interpreter: `/${loader}`, ...program });
    for (const [path, said] of Object.entries(libraries)) put(path, said);
    expect(await missing(awk, inJail)).toEqual(expected);
    if (!inJailAlone) expect(await missing(awk, onHostToo)).toEqual(expected);
  });

  test("links that make countless paths to a directory are gone through once", async () => {
    put("bin/python3", { interpreter: `/${loader}`, runpath: "/static", needed: ["liba.so"] });
    for (const name of ["a", "b"]) {
      put(`static/lib${name}.so`, { runpath: `$ORIGIN/${name}`, needed: ["liba.so", "libb.so", "libd.so"] });
      symlinkSync(".", join(jail, "static", name));
    }
    expect(await missing(awk, inJail)).toEqual(["libd.so for static/liba.so", "libd.so for static/libb.so"]);
  });
});
