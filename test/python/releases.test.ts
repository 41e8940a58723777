import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newestPatches, newestVersion, releaseOf } from "../../src/python/releases.js";
import { repositoryRoot } from "../hosts/repository.js";

const table = JSON.parse(readFileSync(join(repositoryRoot, "src", "python", "releases.json"), "utf8")) as Record<
  string,
  { file: string; sha256: string }
>;
const versions = Object.keys(table);
const numbers = (version: string): number[] => version.split(".").map(Number);

describe("the table of pinned releases", () => {
  test("pins the archives that Debian's source packages contain", () => {
    expect(releaseOf("3.11.2")).toEqual({
      file: "Python-3.11.2.tgz",
      sha256: "2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849",
    });
    expect(releaseOf("3.13.5")).toEqual({
      file: "Python-3.13.5.tar.xz",
      sha256: "93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640",
    });
  });

  test("has the newest version of every supported line", () => {
    expect(newestPatches().slice(0, 6)).toEqual(["3.15.0", "3.14.8", "3.13.16", "3.12.15", "3.11.17", "3.10.22"]);
  });

  test("has an archive and a distinct sha256 for every version", () => {
    expect(
      versions.filter(
        (version) =>
          !new RegExp(`^Python-${version.replaceAll(".", "\\.")}\\.(tgz|tar\\.xz)$`).test(table[version]!.file),
      ),
    ).toEqual([]);
    expect(versions.filter((version) => !/^[0-9a-f]{64}$/.test(table[version]!.sha256))).toEqual([]);
    expect(new Set(Object.values(table).map(({ sha256 }) => sha256)).size).toBe(versions.length);
  });

  test("is sorted, with the newest version last", () => {
    const sorted = [...versions].sort(
      (a, b) =>
        numbers(a)
          .map((number, index) => number - numbers(b)[index]!)
          .find((difference) => difference !== 0) ?? 0,
    );
    expect(versions).toEqual(sorted);
    expect(newestVersion()).toBe(versions.at(-1));
  });

  test.each(["3.99.0", "3.13", "", "constructor", "__proto__"])("does not know %j", (version) =>
    expect(releaseOf(version)).toBeUndefined(),
  );
});
