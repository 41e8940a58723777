import { describe, expect, test } from "@jest/globals";
import { buildKey, flagsOf } from "../../src/python/build.js";

describe("the flags of configure", () => {
  const own = ["--without-ensurepip", "--disable-test-modules", "--without-static-libpython"];
  const profiling = "PROFILE_TASK=-m test --pgo --timeout=1200 || :";
  // In the escaped form that a makefile needs.
  const runpath = "-Wl,--enable-new-dtags,-rpath,\\$$ORIGIN/../lib:/lib";
  const plain = { configureFlags: [], optimize: false, include: [] };
  const cases: [string, Partial<Parameters<typeof flagsOf>[0]>, string[]][] = [
    ["omit the tests, the static library and debug symbols by default", {}, [...own, "CFLAGS=-g0"]],
    [
      "end with the operator's, so that those win",
      { configureFlags: ["--with-ensurepip"] },
      [...own, "CFLAGS=-g0", "--with-ensurepip"],
    ],
    ["leave CFLAGS to the operator who sets them", { configureFlags: ["CFLAGS=-O2 -g"] }, [...own, "CFLAGS=-O2 -g"]],
    [
      "optimize if `optimize` is set",
      { optimize: true },
      [...own, "--enable-optimizations", "--with-lto", profiling, "CFLAGS=-g0"],
    ],
    [
      "leave PROFILE_TASK to the operator who sets it",
      { optimize: true, configureFlags: ["PROFILE_TASK=x.py"] },
      [...own, "--enable-optimizations", "--with-lto", "CFLAGS=-g0", "PROFILE_TASK=x.py"],
    ],
    [
      "build the tests where they are kept",
      { include: ["tests"] },
      ["--without-ensurepip", "--without-static-libpython", "CFLAGS=-g0"],
    ],
    [
      "build the static library where it is kept",
      { include: ["static"] },
      ["--without-ensurepip", "--disable-test-modules", "CFLAGS=-g0"],
    ],
    ["keep debug information where symbols are kept", { include: ["symbols"] }, own],
    [
      "let a shared libpython be found in the build directory, the cache and the jail",
      { configureFlags: ["--enable-shared"] },
      [...own, "CFLAGS=-g0", "--enable-shared", `LDFLAGS=${runpath}`],
    ],
    [
      "keep the operator's own LDFLAGS",
      { configureFlags: ["--enable-shared", "LDFLAGS=-L/opt/x"] },
      [...own, "CFLAGS=-g0", "--enable-shared", `LDFLAGS=${runpath} -L/opt/x`],
    ],
    [
      "do not depend on parts that are trimmed after the build",
      { include: ["docs", "ensurepip", "headers", "tkinter"] },
      [...own, "CFLAGS=-g0"],
    ],
  ];
  test.each(cases)("%s", (_name, inputs, flags) => expect(flagsOf({ ...plain, ...inputs })).toEqual(flags));
});

describe("a build's key", () => {
  const base = { version: "3.13.5", mirrors: [], configureFlags: [], optimize: false, include: [] };
  const source = { sha256: "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640" };

  test("can be a file's name", () => expect(buildKey(base)).toMatch(/^[0-9a-f]{16}$/));

  const same: [string, object][] = [
    ["mirrors", { mirrors: ["https://mirror"] }],
    [
      "whether the same archive is named by version or path",
      { version: undefined, source: { path: "/a.tar.xz", ...source } },
    ],
    ["`jobs` and `requireModules`", { jobs: 3, requireModules: [] }],
  ];
  test.each(same)("does not depend on %s", (_name, change) =>
    expect(buildKey({ ...base, ...change })).toBe(buildKey(base)),
  );

  test("does not depend on the order of `include`", () => {
    expect(buildKey({ ...base, include: ["docs", "tests", "docs"] })).toBe(
      buildKey({ ...base, include: ["tests", "docs"] }),
    );
  });

  const different: [string, object][] = [
    ["the source", { version: "3.13.4" }],
    ["flags", { configureFlags: ["--disable-ipv6"] }],
    ["the order of flags", { configureFlags: ["CFLAGS=-O1", "CFLAGS=-O2"] }],
    ["optimize", { optimize: true }],
    ["`include`", { include: ["docs"] }],
  ];
  test.each(different)("depends on %s", (_name, change) =>
    expect(buildKey({ ...base, ...change })).not.toBe(buildKey(base)),
  );
});
