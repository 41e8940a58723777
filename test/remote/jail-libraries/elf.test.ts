import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execa, execaSync } from "execa";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { join } from "node:path";
import { scriptText } from "../../../src/remote/scripts.js";
import { elfFile, type ElfDescription } from "./elf-file.js";

interface Seen {
  abi: string;
  interpreter: string;
  soname: string;
  rpath: string;
  runpath: string;
  needed: string[];
}

/** The awks of Debian, Alpine and Red Hat that this machine has. */
const awks = ["mawk", "busybox awk", "gawk", "original-awk"].filter(
  (awk) => !execaSync("sh", ["-c", `${awk} 'BEGIN { exit 0 }'`], { reject: false }).failed,
);

async function read(awk: string, files: readonly string[]): Promise<Record<string, Seen>> {
  const script = `${scriptText("jail-libraries/elf.sh")}
    LC_ALL=C ${awk} "$elf_reader"'{ elf($0); gsub(/\\n/, ",", needed[$0]); print $0 "|" abi[$0] "|" interpreter[$0] "|" soname[$0] "|" rpath[$0] "|" runpath[$0] "|" needed[$0] }'`;
  const { stdout } = await execa("sh", ["-c", script], { input: `${files.join("\n")}\n` });
  return Object.fromEntries(
    stdout.split("\n").map((line) => {
      const [file, abi, interpreter, soname, rpath, runpath, needed] = line.split("|") as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      return [file, { abi, interpreter, soname, rpath, runpath, needed: needed === "" ? [] : needed.split(",") }];
    }),
  );
}

let folder: string;
beforeAll(() => {
  folder = makeHostDirectory();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(awks)("%s", (awk) => {
  const kinds: [string, string, Pick<ElfDescription, "wide" | "littleEndian" | "machine">][] = [
    ["x86-64", "2 1 62", { wide: true, littleEndian: true, machine: 62 }],
    ["i386", "1 1 3", { wide: false, littleEndian: true, machine: 3 }],
    ["x32", "1 1 62", { wide: false, littleEndian: true, machine: 62 }],
    ["s390x", "2 2 22", { wide: true, littleEndian: false, machine: 22 }],
    ["ppc", "1 2 20", { wide: false, littleEndian: false, machine: 20 }],
  ];
  test.each(kinds)("reads a file for %s", async (name, abi, kind) => {
    const said = {
      interpreter: "/lib/ld.so.1",
      soname: "libself.so.1",
      rpath: "/opt/a:$ORIGIN/b",
      runpath: "$ORIGIN/../c d",
      needed: ["libc.so.6", "libm.so.6"],
    };
    const files = [0, 2000].map((padding) => {
      const file = join(folder, `it's ${name} ${padding}`);
      writeFileSync(file, elfFile({ ...kind, ...said, padding }));
      return file;
    });
    const seen = await read(awk, files);
    for (const file of files) expect(seen[file]).toEqual({ abi, ...said });
  });

  test("reads nothing from other files, and survives truncated and malformed ones", async () => {
    const whole = elfFile({
      wide: true,
      littleEndian: true,
      machine: 62,
      interpreter: "/lib/ld.so",
      needed: ["libc.so.6"],
    });
    const absurd = Buffer.from(whole);
    absurd.writeUInt16LE(65535, 56); // Number of segments.
    const relocatable = Buffer.from(whole);
    relocatable.writeUInt16LE(1, 16);
    const contents: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      text: Buffer.from("#!/bin/sh\n".repeat(20)),
      short: whole.subarray(0, 30),
      relocatable,
      headless: whole.subarray(0, 80),
      "cut-off": whole.subarray(0, whole.length - 40),
      absurd,
    };
    for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes);
    const seen = await read(
      awk,
      [...Object.keys(contents), "not-there"].map((name) => join(folder, name)),
    );
    for (const name of ["empty", "text", "short", "relocatable", "not-there"])
      expect([name, seen[join(folder, name)]!.abi]).toEqual([name, ""]);
    for (const name of ["headless", "cut-off", "absurd"]) expect(seen[join(folder, name)]!.abi).toBe("2 1 62");
  });

  test("ignores a name with control characters", async () => {
    const file = join(folder, "odd");
    writeFileSync(file, elfFile({ wide: true, littleEndian: true, machine: 62, needed: ["lib\n\tc.so|'6"] }));
    expect((await read(awk, [file]))[file]!.needed).toEqual(["lib??c.so"]);
  });
});

test("reads the same as readelf from this machine's own files", async () => {
  const library = (await execa("sh", ["-c", "ldconfig -p | sed -n 's/.* => //p' | head -n 1"])).stdout.replace(
    /\/[^/]*$/,
    "",
  );
  const files = [
    process.execPath,
    "/bin/ls",
    ...readdirSync(library)
      .filter((name) => /\.so\.\d+$/.test(name))
      .slice(0, 60)
      .map((name) => join(library, name)),
  ];
  const seen = await read("awk", files);
  for (const file of files) {
    const { stdout } = await execa("readelf", ["-d", "-l", "-W", file]);
    const all = (pattern: RegExp): string[] => [...stdout.matchAll(pattern)].map((match) => match[1]!);
    expect({ file, ...seen[file] }).toEqual({
      file,
      abi: "2 1 62",
      interpreter: all(/interpreter: (.*)\]/g)[0] ?? "",
      soname: all(/soname: \[(.*)\]/g)[0] ?? "",
      rpath: all(/rpath: \[(.*)\]/g)[0] ?? "",
      runpath: all(/runpath: \[(.*)\]/g)[0] ?? "",
      needed: all(/Shared library: \[(.*)\]/g),
    });
  }
});
