import { describe, expect, test } from "@jest/globals";
import { sourceOf } from "../../src/python/source.js";

const sha256 = "0".repeat(64);
const release = {
  file: "Python-3.13.5.tar.xz",
  sha256: "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",
};

describe("the source that inputs name", () => {
  test("is a pinned release, downloaded from the mirrors first and python.org last", () => {
    expect(sourceOf({ version: "3.13.5", mirrors: ["https://one/python/", "https://two"] })).toEqual({
      sha256: release.sha256,
      urls: [
        `https://one/python/3.13.5/${release.file}`,
        `https://two/3.13.5/${release.file}`,
        `https://www.python.org/ftp/python/3.13.5/${release.file}`,
      ],
    });
  });

  test("is another archive, downloaded from its address only", () => {
    expect(sourceOf({ source: { url: "https://x/y.tgz", sha256 }, mirrors: ["https://one"] })).toEqual({
      sha256,
      urls: ["https://x/y.tgz"],
    });
  });

  test("is an archive on the control machine, which is not downloaded", () => {
    expect(sourceOf({ source: { path: "/a/b.tgz", sha256 }, mirrors: ["https://one"] })).toEqual({
      sha256,
      urls: [],
      path: "/a/b.tgz",
    });
  });
});
