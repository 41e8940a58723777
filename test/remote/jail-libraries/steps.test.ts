import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { basename, dirname, join } from "node:path";
import { compareLibraries, librarySteps } from "../../../src/kinds/JailLibraries.js";
import { shells, standIn, type StepSurroundings } from "../run-step.js";
import { ScratchJail } from "../scratch-jail.js";
import { compile, compileLibrary, machineLibraryFolder } from "./compile.js";
import { elfFile } from "./elf-file.js";
import { closureValues } from "../step-values.js";
import { editManifest, factsOf, manifestPath, writeManifest } from "../manifest.js";

const { read, apply, remove } = librarySteps;

/** A directory, outside any jail, with libraries and programs for the tests. */
let made: string;
/** The directory of the machine's libc, as its loader names it: `lib/x86_64-linux-gnu`. */
let libraryFolder: string;

beforeAll(async () => {
  made = makeHostDirectory();
  chmodSync(made, 0o755);
  libraryFolder = await machineLibraryFolder();
  // A program with its own libraries: it finds one by an RPATH, and that finds another by the same RPATH.
  await compileLibrary(`${made}/hosted/libdeep.so.1`, "int deep(void) { return 40; }");
  await compileLibrary(
    `${made}/hosted/libhosted.so.1`,
    "int deep(void); int hosted(void) { return deep() + 2; }",
    `${made}/hosted/libdeep.so.1`,
  );
  await compile(
    `${made}/hello`,
    '#include <stdio.h>\nint hosted(void); int main(void) { printf("%d\\n", hosted()); }',
    `${made}/hosted/libhosted.so.1`,
    "-Wl,--disable-new-dtags",
    `-Wl,-rpath,${made}/hosted`,
    `-Wl,-rpath-link,${made}/hosted`,
  );
  // A package that contains a library, as wheels do.
  await compileLibrary(`${made}/libinner.so.1`, "double cos(double); double inner(double x) { return cos(x); }", "-lm");
  await compileLibrary(
    `${made}/_outer.so`,
    "double inner(double); double outer(double x) { return inner(x); }",
    `${made}/libinner.so.1`,
    "-Wl,-rpath,$ORIGIN/.libs",
  );
  await compileLibrary(
    `${made}/_greedy.so`,
    "int hosted(void); int greedy(void) { return hosted(); }",
    `${made}/hosted/libhosted.so.1`,
    `-Wl,-rpath,${made}/hosted`,
  );
  await compile(`${made}/musl`, "int main(void) { return 0; }", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1");
});
afterAll(() => rmSync(made, { recursive: true }));

let jail: ScratchJail;
beforeEach(async () => {
  jail = await ScratchJail.make();
  jail.put("bin/ls", { copyOf: "/bin/ls" });
});
afterEach(() => jail.remove());

const drift = async (values = closureValues, surroundings?: StepSurroundings) =>
  compareLibraries(await jail.complete(read, values, surroundings));
/** The commands that make this machine a host whose libraries of these names were updated. */
function updateOf(...names: string[]): { before: string } {
  const mounts = names.map((name) => {
    const library = realpathSync(`/${libraryFolder}/${name}`);
    writeFileSync(join(jail.folder, name), Buffer.concat([readFileSync(library), Buffer.from("updated")]));
    return `mount --bind ${join(jail.folder, name)} ${library}`;
  });
  return { before: mounts.join("\n") };
}
const inJail = async (...words: string[]): Promise<string> => (await execa("chroot", [jail.path, ...words])).stdout;

test("a symlink that vanishes during a read of the jail is ignored", async () => {
  symlinkSync("libx.so.1", jail.at("bin/gone.so"));
  const before = standIn(
    "stat",
    'for word; do case $word in */bin/gone.so) rm -f "$word" ;; esac; done',
    'exec /usr/bin/stat "$@"',
  );
  await jail.complete(apply, closureValues, { before });
  expect([existsSync(jail.at("bin/gone.so")), await drift()]).toEqual([false, {}]);
});

test("another version of our program computes the closure again, even if nothing else has changed", async () => {
  await jail.complete(apply, closureValues);
  // A closure without a loader, as an older program might have computed: the same program would reuse it.
  const known = factsOf(jail.records, "libraries", "loader");
  editManifest(jail.records, "libraries", (text) => text.replace(/^# loader .*/m, "# loader old"));
  await jail.complete(apply, closureValues);
  expect(factsOf(jail.records, "libraries", "loader")).toEqual(["old"]);
  await jail.complete(apply, {
    closureIs: "another-closure",
    leaving: [],
    mode: "closure",
    tracing: false,
    extra: [],
  });
  expect(factsOf(jail.records, "libraries", "loader")).toEqual(known);
});

test("the closure is not computed again if a host's library has another stat and the same content, as after a backup with hard links", async () => {
  await jail.complete(apply, closureValues);
  const known = factsOf(jail.records, "libraries", "loader");
  editManifest(jail.records, "libraries", (text) => text.replace(/^# loader .*/m, "# loader old"));
  const library = realpathSync(`/${libraryFolder}/libselinux.so.1`);
  const copy = join(jail.folder, "copy");
  copyFileSync(library, copy);
  const before = `mount --bind ${copy} ${library}`;
  expect(await drift(undefined, { before })).toEqual({});
  await jail.complete(apply, closureValues, { before });
  expect(factsOf(jail.records, "libraries", "loader")).toEqual(["old"]);
  appendFileSync(copy, "updated");
  expect(await drift(undefined, { before })).not.toEqual({});
  await jail.complete(apply, closureValues, { before });
  expect(factsOf(jail.records, "libraries", "loader")).toEqual(known);
});

describe.each(shells)("under %s", (shell) => {
  test("copies the libraries that programs need, reports differences, updates them, and removes all of them", async () => {
    jail.put("bin/hello", { copyOf: `${made}/hello` });
    jail.put("static/pkg/_outer.so", { copyOf: `${made}/_outer.so` });
    jail.put("static/pkg/.libs/libinner.so.1", { copyOf: `${made}/libinner.so.1` });
    const before = await jail.paths();
    expect(await drift(closureValues, { shell })).toEqual({
      libraries: "were not copied yet, or not wholly",
    });

    const facts = await jail.complete(apply, closureValues, { shell });
    const [set] = facts.one("digest");
    const loader = facts.one("loader")[0]!.slice(1);
    const libraries = (await jail.paths()).filter((path) => !before.includes(path));
    const names = ["libc.so.6", "libselinux.so.1", "libhosted.so.1", "libdeep.so.1", "libm.so.6", "libgcc_s.so.1"];
    expect(libraries).toEqual(
      expect.arrayContaining([
        ".libraries/current 777",
        `.libraries/${set}/${loader} 755`,
        `${loader} 777`,
        `${libraryFolder} 755`,
        ...names.flatMap((name) => [`.libraries/${set}/${libraryFolder}/${name} 644`, `${libraryFolder}/${name} 777`]),
      ]),
    );
    expect(libraries.filter((path) => path.includes("libinner"))).toEqual([]);
    expect(libraries.filter((path) => path.startsWith(`.libraries/${set}/`) && path.includes(".so"))).toHaveLength(
      Number(facts.one("count")[0]),
    );
    // The symlink leads to the same file inside the jail and outside.
    expect(readlinkSync(jail.at(`${libraryFolder}/libc.so.6`))).toBe(
      `../../.libraries/current/${libraryFolder}/libc.so.6`,
    );
    expect(
      readFileSync(jail.at(`${libraryFolder}/libc.so.6`)).equals(readFileSync(`/${libraryFolder}/libc.so.6`)),
    ).toBe(true);
    expect(facts.one("libc")[0]).toBe(`glibc ${(await execa("getconf", ["GNU_LIBC_VERSION"])).stdout.split(" ")[1]}`);
    expect(await inJail("/bin/hello")).toBe("42");
    expect(await inJail("/bin/ls", "/static")).toBe("pkg");

    expect(await drift(closureValues, { shell })).toEqual({});
    const asCopied = await jail.listing();
    expect((await jail.complete(apply, closureValues, { shell })).one("digest")).toEqual(facts.one("digest"));
    expect(await jail.listing()).toEqual(asCopied);

    rmSync(jail.at(`${libraryFolder}/libm.so.6`));
    appendFileSync(jail.at(`${libraryFolder}/libc.so.6`), "x");
    rmSync(jail.at("bin/hello"));
    expect(await drift(closureValues, { shell })).toEqual({
      [`${libraryFolder}/libc.so.6`]: "was altered",
      [`${libraryFolder}/libm.so.6`]: "is missing",
      [`${libraryFolder}/libhosted.so.1`]: "is not needed any more",
      [`${libraryFolder}/libdeep.so.1`]: "is not needed any more",
    });
    await jail.complete(apply, closureValues, { shell });
    expect(await drift(closureValues, { shell })).toEqual({});
    expect(existsSync(jail.at(`${libraryFolder}/libhosted.so.1`))).toBe(false);
    expect(await inJail("/bin/ls", "/static")).toBe("pkg");

    await jail.complete(remove, {}, { shell });
    expect(await jail.paths()).toEqual(before.filter((path) => path !== "bin/hello 755"));
    expect(existsSync(join(jail.records, "libraries"))).toBe(false);
    await jail.complete(remove, {}, { shell });
  });

  test("a read finds updated libraries of the host, and an update exchanges the whole set at once", async () => {
    const { before } = updateOf("libselinux.so.1", "libpcre2-8.so.0");
    const first = (await jail.complete(apply, closureValues, { shell })).one("digest")[0]!;
    expect(readdirSync(jail.at(".libraries")).sort()).toEqual([first, "current"].sort());
    const stale = {
      [`${libraryFolder}/libselinux.so.1`]: "is out of date: the host's own was updated",
      [`${libraryFolder}/libpcre2-8.so.0`]: "is out of date: the host's own was updated",
    };
    expect(await drift(closureValues, { shell, before })).toEqual(stale);
    const second = (await jail.complete(apply, closureValues, { shell, before })).one("digest")[0]!;
    expect(await drift(closureValues, { shell, before })).toEqual({});
    // The old set is gone, and only the one symlink was changed.
    expect(readdirSync(jail.at(".libraries")).sort()).toEqual([second, "current"].sort());
    for (const path of Object.keys(stale)) expect(readFileSync(jail.at(path), "latin1").endsWith("updated")).toBe(true);
    expect(await drift(closureValues, { shell })).toEqual(stale);
  });

  test("an update repairs damaged files of a set in place, and touches nothing else", async () => {
    const set = (await jail.complete(apply, closureValues, { shell })).one("digest")[0]!;
    const { uid, gid } = { uid: 12, gid: 34 };
    await execa("chown", [
      "-R",
      "-h",
      `${uid}:${gid}`,
      jail.at(".libraries"),
      jail.at("lib"),
      jail.at("REM_this_is_jail"),
    ]);
    appendFileSync(jail.at(`${libraryFolder}/libselinux.so.1`), "x");
    rmSync(jail.at(`.libraries/${set}/${libraryFolder}/libpcre2-8.so.0`));
    rmSync(jail.at(`${libraryFolder}/libgcc_s.so.1`));
    copyFileSync("/bin/true", jail.at(`${libraryFolder}/libgcc_s.so.1`));
    rmSync(jail.at(".libraries/current"));
    symlinkSync("/.libraries/elsewhere", jail.at(".libraries/current"));
    const damaged = await jail.listing();
    const told = {
      ".libraries/current": "does not lead to the libraries that were put there",
      [`${libraryFolder}/libselinux.so.1`]: "was altered",
      [`${libraryFolder}/libpcre2-8.so.0`]: "is missing",
      [`${libraryFolder}/libgcc_s.so.1`]: "is not the link to the library that was put there",
    };
    expect(await drift(closureValues, { shell })).toEqual(told);
    await jail.complete(apply, closureValues, { shell });
    expect(await drift(closureValues, { shell })).toEqual({});
    const touched = (await jail.listing()).filter((line) => !damaged.includes(line));
    // JailPermissions sets the owner of libraries, so a repaired file keeps it.
    expect(
      touched.filter((line) => !line.includes(" d ")).map((line) => line.split(" ").slice(0, 4).join(" ")),
    ).toEqual(
      [
        ".libraries/current l 777 12:34",
        `.libraries/${set}/${libraryFolder}/libpcre2-8.so.0 f 644 12:34`,
        `.libraries/${set}/${libraryFolder}/libselinux.so.1 f 644 12:34`,
        `${libraryFolder}/libgcc_s.so.1 l 777 12:34`,
      ].sort(),
    );
    // The directories of a new set keep it as well.
    const { before } = updateOf("libselinux.so.1");
    await jail.complete(apply, closureValues, { shell, before });
    expect(
      (await jail.listing()).filter((line) => /^\.libraries\/.* d /.test(line) && !line.includes(" 12:34")),
    ).toEqual([]);
  });
});

describe("a copy of libraries", () => {
  test("names a library that the host lacks with the file that needs it, and changes nothing", async () => {
    jail.put("bin/hello", { copyOf: `${made}/hello` });
    renameSync(`${made}/hosted/libdeep.so.1`, `${made}/hosted/gone`);
    const before = await jail.listing();
    const { answer } = await jail.run(apply, closureValues);
    renameSync(`${made}/hosted/gone`, `${made}/hosted/libdeep.so.1`);
    expect(answer.failure).toMatchObject({
      code: "unresolved",
      reason: `libdeep.so.1 (needed by ${made}/hosted/libhosted.so.1): not on the host`,
    });
    expect(await jail.listing()).toEqual(before);

    const extra = await jail.run(apply, {
      closureIs: "a-closure",
      leaving: [],
      mode: "closure",
      tracing: false,
      extra: ["libnowhere.so.1", "/etc/passwd"],
    });
    expect(extra.answer.failure?.reason).toBe(
      "libnowhere.so.1 (needed by `extra`), /etc/passwd (needed by `extra`): not on the host",
    );
    expect(await jail.listing()).toEqual(before);
  });

  test("leaves drift if a library is unresolved afterwards", async () => {
    await jail.complete(apply, closureValues);
    jail.put("static/_outer.so", { copyOf: `${made}/_outer.so` });
    expect(await drift()).toEqual({ "libinner.so.1": "is needed by static/_outer.so and is not on the host" });
  });

  test("does not follow the RPATH of a site's module to a directory of the host", async () => {
    jail.put("static/_greedy.so", { copyOf: `${made}/_greedy.so` });
    expect((await jail.run(apply, closureValues)).answer.failure?.reason).toBe(
      "libhosted.so.1 (needed by static/_greedy.so): not on the host",
    );
  });

  test("fails without python, and with python for musl or for another machine", async () => {
    rmSync(jail.at("bin/ls"));
    expect((await jail.run(apply, closureValues)).answer.failure?.code).toBe("no-python");
    jail.put("bin/python3", { copyOf: `${made}/musl` });
    expect((await jail.run(apply, closureValues)).answer.failure).toMatchObject({
      code: "musl",
      reason: "bin/python3 needs musl, and JailLibraries knows glibc only",
    });
    jail.put("bin/python3", elfFile({ wide: true, littleEndian: false, machine: 22, interpreter: "/lib/ld64.so.1" }));
    expect((await jail.run(apply, closureValues)).answer.failure).toMatchObject({
      code: "no-loader",
      reason: "bin/python3 needs the loader /lib/ld64.so.1, and the host has none there for it",
    });
  });

  test("follows no symlink of a directory or library in the jail", async () => {
    const outside = join(jail.folder, "outside");
    mkdirSync(outside);
    symlinkSync(outside, jail.at("lib"));
    const { answer } = await jail.run(apply, closureValues);
    expect(answer.failure).toMatchObject({
      code: "symlink",
      reason: expect.stringContaining("/lib is a symbolic link") as unknown as string,
    });
    expect(readdirSync(outside)).toEqual([]);
    expect((await jail.paths()).filter((path) => path.includes("python3jail.libraries"))).toEqual([]);

    rmSync(jail.at("lib"));
    jail.put(`${libraryFolder}/other`, "not ours");
    symlinkSync(outside, jail.at(`${libraryFolder}/libc.so.6`));
    await jail.complete(apply, closureValues);
    expect(readdirSync(outside)).toEqual([]);
    expect(readlinkSync(jail.at(`${libraryFolder}/libc.so.6`))).toMatch(/^\.\.\/\.\.\/\.libraries\/current\//);

    renameSync(jail.at("lib"), join(outside, "lib"));
    symlinkSync(join(outside, "lib"), jail.at("lib"));
    expect(await drift()).toMatchObject({ lib: "is a symbolic link or no directory" });
    const kept = readdirSync(join(outside, libraryFolder));
    expect((await jail.run(apply, closureValues)).answer.failure?.code).toBe("symlink");
    expect((await jail.run(remove)).answer.failure?.code).toBe("symlink");
    expect(readdirSync(join(outside, libraryFolder))).toEqual(kept);

    rmSync(jail.at("lib"));
    renameSync(join(outside, "lib"), jail.at("lib"));
    await jail.complete(remove);
    expect(readdirSync(jail.at(libraryFolder))).toEqual(["other"]);
  });

  test("leaves a directory at a library's path alone", async () => {
    mkdirSync(jail.at(`${libraryFolder}/libc.so.6`), { recursive: true });
    const before = await jail.listing();
    expect((await jail.run(apply, closureValues)).answer.failure).toMatchObject({
      code: "in-the-way",
      reason: `${libraryFolder}/libc.so.6 in the jail is a folder`,
    });
    expect(await jail.listing()).toEqual(before);
  });

  test("keeps the old set in use on a full disk, and leaves nothing of the new one", async () => {
    await jail.complete(apply, closureValues);
    // A disk with space for the jail as it is, and half a megabyte.
    const before = `
      kb=$(du -sk ${jail.path} | cut -f 1)
      cp -a ${jail.path} ${jail.folder}/copy
      mount -t tmpfs -o size=$((kb + 500))k tmpfs ${jail.path}
      cp -a ${jail.folder}/copy/. ${jail.path}/
      cd ${jail.path} && find . -type f -exec sha256sum {} + | sort >${jail.folder}/sums`;
    const after = `cd ${jail.path} && find . -type f -exec sha256sum {} + | sort | diff ${jail.folder}/sums - && echo same`;
    const {
      answer,
      after: told,
      stderr,
    } = await jail.run(
      apply,
      {
        closureIs: "a-closure",
        leaving: [],
        mode: "closure",
        tracing: false,
        extra: [`/${libraryFolder}/libcrypto.so.3`],
      },
      {
        before,
        after,
      },
    );
    expect(answer.failure).toMatchObject({
      code: "copy",
      reason: expect.stringMatching(
        /^\.libraries\/.*\.so.* could not be copied whole into the jail$/,
      ) as unknown as string,
    });
    expect(stderr).toMatch(/No space left/);
    expect(told).toBe("same\n");
    expect(await drift()).toEqual({});
  });

  test("follows no symlink in place of the directory of libraries or of a set", async () => {
    const set = (await jail.complete(apply, closureValues)).one("digest")[0]!;
    const outside = join(jail.folder, "outside");
    for (const folder of [`.libraries/${set}`, ".libraries"]) {
      renameSync(jail.at(folder), outside);
      symlinkSync(outside, jail.at(folder));
      appendFileSync(join(outside, `${folder === ".libraries" ? `${set}/` : ""}${libraryFolder}/libselinux.so.1`), "x");
      const kept = await jail.listing();
      const keptOutside = (await execa("find", [outside, "-printf", "%P %y %m %C@\\n"])).stdout;
      expect(await drift()).toMatchObject({ [folder]: "is a symbolic link or no directory" });
      expect((await jail.run(apply, closureValues)).answer.failure?.code).toBe("symlink");
      expect(await jail.listing()).toEqual(kept);
      expect((await jail.run(remove)).answer.failure?.code).toBe("symlink");
      expect((await execa("find", [outside, "-printf", "%P %y %m %C@\\n"])).stdout).toBe(keptOutside);
      rmSync(jail.at(folder));
      renameSync(outside, jail.at(folder));
      await jail.complete(apply, closureValues);
    }
    expect(await drift()).toEqual({});
  });
});

test("packages that are not declared any more need no libraries, though they are still in the jail", async () => {
  jail.put("bin/hello", { copyOf: `${made}/hello` });
  jail.put("static/one.so", { copyOf: `${made}/_outer.so` });
  const mathematics = (): boolean => existsSync(jail.at(`${libraryFolder}/libm.so.6`));
  jail.put("static/.libs/libinner.so.1", { copyOf: `${made}/libinner.so.1` });
  for (const [leaving, part] of [
    ["files", "files-a-key"],
    ["packages", "packages"],
  ] as const) {
    const [all, less] = [closureValues, { ...closureValues, leaving: [leaving] }];
    await jail.complete(apply, all);
    expect([mathematics(), await drift(all)]).toEqual([true, {}]);
    writeManifest(jail.records, part, [], ["./static/one.so type=file", "./static/.libs/libinner.so.1 type=file"]);
    await jail.complete(apply, less);
    expect([mathematics(), await drift(less)]).toEqual([false, {}]);
    rmSync(manifestPath(jail.records, part));
    // Without a part of the manifest they are unmanaged files, whose libraries are needed.
    expect(await drift(less)).not.toEqual({});
  }
});

test("declared libraries, by name or path, are copied with all that they need", async () => {
  await jail.complete(apply, {
    closureIs: "a-closure",
    leaving: [],
    mode: "closure",
    tracing: false,
    extra: ["libcrypto.so.3", `${made}/hosted/libdeep.so.1`],
  });
  expect(existsSync(jail.at(`${libraryFolder}/libcrypto.so.3`))).toBe(true);
  expect(existsSync(jail.at(`${libraryFolder}/libdeep.so.1`))).toBe(true);
  expect(await drift()).toEqual({
    [`${libraryFolder}/libcrypto.so.3`]: "is not needed any more",
    [`${libraryFolder}/libdeep.so.1`]: "is not needed any more",
  });
});

test("a library that only root may read is not copied", async () => {
  chmodSync(`${made}/hosted`, 0o700);
  const { answer } = await jail.run(apply, {
    closureIs: "a-closure",
    leaving: [],
    mode: "closure",
    tracing: false,
    extra: [`${made}/hosted/libdeep.so.1`],
  });
  chmodSync(`${made}/hosted`, 0o755);
  expect(answer.failure?.code).toBe("unreadable");
  expect(existsSync(jail.at(`${libraryFolder}/libdeep.so.1`))).toBe(false);
});

test("a change of owners and modes alone is no drift, as JailPermissions sets them", async () => {
  await jail.complete(apply, closureValues);
  chmodSync(jail.at(`${libraryFolder}/libc.so.6`), 0o600);
  await execa("chown", ["-R", "-h", "12:34", jail.at("lib"), jail.at(".libraries")]);
  expect(await drift()).toEqual({});
});

/** Small hosts for other machines: ELF files made by hand, mounted over this machine's own during a step. */
const kinds = [
  {
    kind: "Debian on i386",
    wide: false,
    littleEndian: true,
    machine: 3,
    loader: "/lib/ld-linux.so.2",
    folders: ["/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/lib", "/usr/lib"],
  },
  {
    kind: "a 32-bit host without multiarch",
    wide: false,
    littleEndian: true,
    machine: 3,
    loader: "/lib/ld-linux.so.2",
    folders: ["/lib", "/usr/lib"],
  },
  {
    kind: "a lib64 host, big-endian",
    wide: true,
    littleEndian: false,
    machine: 21,
    loader: "/lib64/ld64.so.1",
    folders: ["/lib64", "/usr/lib64"],
  },
] as const;

describe.each(kinds)("$kind", ({ wide, littleEndian, machine, loader, folders }) => {
  const folder = folders[0];
  const host = (): string => join(jail.folder, "host");
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(host(), path)), { recursive: true });
    writeFileSync(join(host(), path), content);
  };
  const elf = (needed: string[], rest: object = {}): Buffer =>
    elfFile({ wide, littleEndian, machine, needed, ...rest });
  const surroundings = (): StepSurroundings => {
    const merged = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].filter((path) => existsSync(join(host(), path)));
    return {
      before: merged
        .map(
          (path) =>
            `mount -t overlay overlay -o lowerdir=${host()}${path}:$(readlink -f ${path}) $(readlink -f ${path})`,
        )
        .join("\n"),
    };
  };

  beforeEach(() => {
    const libc = ["GNU C Library (GNU libc) stable release version 2.31."];
    put(loader, elf([], { texts: [...folders.map((path) => `${path}/`), "ld.so.cache"] }));
    put(`${folder}/libc.so.6`, elf([basename(loader)], { texts: libc }));
    for (const name of ["libm.so.6", "libnss_files.so.2", "libnss_dns.so.2"])
      put(`${folder}/${name}`, elf(["libc.so.6"]));
    put(`${folder}/libresolv.so.2`, elf(["libc.so.6"]));
    put(`${folder}/libspare.so`, elf(["libc.so.6"]));
    put(`${folder}/libscript.so`, "/* GNU ld script */ INPUT(libc.so.6)\n");
    rmSync(jail.at("bin/ls"));
    jail.put("bin/python3", elf(["libm.so.6", "libc.so.6"], { interpreter: loader }));
    // A file for another machine, or no library at all: its needs do not count.
    jail.put("static/other-machine.so", elfFile({ wide, littleEndian, machine: 243, needed: ["libother.so.1"] }));
  });

  const expected = (): string[] =>
    [
      loader,
      ...["libc.so.6", "libm.so.6", "libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"].map(
        (name) => `${folder}/${name}`,
      ),
    ]
      .map((path) => path.slice(1))
      .sort();
  const libraries = async (): Promise<string[]> =>
    (await jail.paths())
      .map((line) => line.split(" ")[0]!)
      .filter((path) => path.startsWith("lib") && statSync(jail.at(path)).isFile());

  test("libraries are where its loader searches, with the name services of an old glibc", async () => {
    const answer = await jail.complete(apply, closureValues, surroundings());
    expect(await libraries()).toEqual(expected());
    expect(answer.one("loader")[0]).toBe(loader);
    expect(answer.one("libc")[0]).toBe("glibc 2.31");
    expect(await drift(closureValues, surroundings())).toEqual({});
  });

  test('"all" copies the libraries in the loader\'s folders, and only libraries', async () => {
    await jail.complete(
      apply,
      { closureIs: "a-closure", leaving: [], mode: "all", tracing: false, extra: [] },
      surroundings(),
    );
    const there = await libraries();
    expect(there).toEqual(expect.arrayContaining([...expected(), `${folder}/libspare.so`.slice(1)]));
    expect(there.filter((path) => path.includes("libscript"))).toEqual([]);
    await jail.complete(apply, closureValues, surroundings());
    expect(await libraries()).toEqual(expected());
  });
});
