import { describe, expect, test } from "@jest/globals";
import { buildKey, flagsOf } from "../../src/python/build.js";

describe("the flags of configure", () => {
  const own = ["--without-ensurepip", "--disable-test-modules", "--without-static-libpython"];
  const cases: [string, { configureFlags: string[]; optimize: boolean }, string[]][] = [
    ["leave out what a jail does not need, and debug symbols", { configureFlags: [], optimize: false }, [...own, "CFLAGS=-g0"]],
    ["have the operator's last, so that they win", { configureFlags: ["--with-ensurepip"], optimize: false }, [...own, "CFLAGS=-g0", "--with-ensurepip"]],
    ["leave CFLAGS to the operator who sets them", { configureFlags: ["CFLAGS=-O2 -g"], optimize: false }, [...own, "CFLAGS=-O2 -g"]],
    ["optimize when that is asked for", { configureFlags: [], optimize: true }, [...own, "--enable-optimizations", "--with-lto", "CFLAGS=-g0"]],
  ];
  test.each(cases)("%s", (_name, inputs, flags) => expect(flagsOf(inputs)).toEqual(flags));
});

describe("a build's key", () => {
  const base = { version: "3.13.5", mirrors: [], configureFlags: [], optimize: false };
  const source = { sha256: "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640" };

  test("is fit for a file's name", () => expect(buildKey(base)).toMatch(/^[0-9a-f]{16}$/));

  const same: [string, object][] = [
    ["mirrors", { mirrors: ["https://mirror"] }],
    ["the way the same archive is named", { version: undefined, source: { path: "/a.tar.xz", ...source } }],
    ["compilers at a time and required modules", { jobs: 3, requireModules: [] }],
  ];
  test.each(same)("does not depend on %s", (_name, change) => expect(buildKey({ ...base, ...change })).toBe(buildKey(base)));

  const different: [string, object][] = [
    ["the source", { version: "3.13.4" }],
    ["flags", { configureFlags: ["--disable-ipv6"] }],
    ["the order of flags", { configureFlags: ["CFLAGS=-O1", "CFLAGS=-O2"] }],
    ["optimize", { optimize: true }],
  ];
  test.each(different)("depends on %s", (_name, change) => expect(buildKey({ ...base, ...change })).not.toBe(buildKey(base)));
});
