import { describe, expect, test } from "@jest/globals";
import { buildKey, flagsOf } from "../../src/python/build.js";

describe("the flags of configure", () => {
  const own = ["--without-ensurepip", "--disable-test-modules", "--without-static-libpython"];
  const training = "PROFILE_TASK=-m test --pgo --timeout=1200 || :";
  // As it stands in a makefile.
  const found = "-Wl,--enable-new-dtags,-rpath,\\$$ORIGIN/../lib:/lib";
  const plain = { configureFlags: [], optimize: false, include: [] };
  const cases: [string, Partial<Parameters<typeof flagsOf>[0]>, string[]][] = [
    ["leave out what a jail does not need, and debug symbols", {}, [...own, "CFLAGS=-g0"]],
    [
      "have the operator's last, so that they win",
      { configureFlags: ["--with-ensurepip"] },
      [...own, "CFLAGS=-g0", "--with-ensurepip"],
    ],
    ["leave CFLAGS to the operator who sets them", { configureFlags: ["CFLAGS=-O2 -g"] }, [...own, "CFLAGS=-O2 -g"]],
    [
      "optimize when that is asked for",
      { optimize: true },
      [...own, "--enable-optimizations", "--with-lto", training, "CFLAGS=-g0"],
    ],
    [
      "leave the training to the operator who sets it",
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
      "let a shared library be found where it was built, in a cache and in a jail",
      { configureFlags: ["--enable-shared"] },
      [...own, "CFLAGS=-g0", "--enable-shared", `LDFLAGS=${found}`],
    ],
    [
      "keep the operator's own LDFLAGS besides",
      { configureFlags: ["--enable-shared", "LDFLAGS=-L/opt/x"] },
      [...own, "CFLAGS=-g0", "--enable-shared", `LDFLAGS=${found} -L/opt/x`],
    ],
    [
      "are the same for what only the tree holds",
      { include: ["docs", "ensurepip", "headers", "tkinter"] },
      [...own, "CFLAGS=-g0"],
    ],
  ];
  test.each(cases)("%s", (_name, inputs, flags) => expect(flagsOf({ ...plain, ...inputs })).toEqual(flags));
});

describe("a build's key", () => {
  const base = { version: "3.13.5", mirrors: [], configureFlags: [], optimize: false, include: [] };
  const source = { sha256: "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640" };

  test("is fit for a file's name", () => expect(buildKey(base)).toMatch(/^[0-9a-f]{16}$/));

  const same: [string, object][] = [
    ["mirrors", { mirrors: ["https://mirror"] }],
    ["the way the same archive is named", { version: undefined, source: { path: "/a.tar.xz", ...source } }],
    ["compilers at a time and required modules", { jobs: 3, requireModules: [] }],
  ];
  test.each(same)("does not depend on %s", (_name, change) =>
    expect(buildKey({ ...base, ...change })).toBe(buildKey(base)),
  );

  test("does not depend on the order in which is said what is kept", () => {
    expect(buildKey({ ...base, include: ["docs", "tests", "docs"] })).toBe(
      buildKey({ ...base, include: ["tests", "docs"] }),
    );
  });

  const different: [string, object][] = [
    ["the source", { version: "3.13.4" }],
    ["flags", { configureFlags: ["--disable-ipv6"] }],
    ["the order of flags", { configureFlags: ["CFLAGS=-O1", "CFLAGS=-O2"] }],
    ["optimize", { optimize: true }],
    ["what is kept", { include: ["docs"] }],
  ];
  test.each(different)("depends on %s", (_name, change) =>
    expect(buildKey({ ...base, ...change })).not.toBe(buildKey(base)),
  );
});
