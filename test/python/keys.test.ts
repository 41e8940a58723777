import { expect, test } from "@jest/globals";
import { buildKey } from "../../src/python/build.js";
import { packagesKey } from "../../src/python/packages.js";

// Hosts have builds and packages under these keys. A change of a key makes hosts rebuild all of them, so it must be
// intended.
test("builds and packages have the same keys as in earlier releases", () => {
  const plain = { version: "3.13.5", mirrors: [], configureFlags: [], optimize: false, include: [] };
  const artifact = { url: "https://mirror.example.org/build.tar.gz", sha256: "a".repeat(64) };
  expect([
    buildKey(plain),
    buildKey({ ...plain, include: ["tests"], optimize: true }),
    buildKey({ ...plain, artifact }),
    packagesKey("abc"),
  ]).toEqual(["ca55158a2c615599", "cefbbf2e5098176c", "d2a2e9b6922e6851", "936efd736f182f1d"]);
});
