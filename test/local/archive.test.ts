import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/base/errors.js";
import { downloadArchive, localArchive, type Archive } from "../../src/local/archive.js";

const archive = Buffer.from("an archive of CPython");
const sha256 = createHash("sha256").update(archive).digest("hex");

describe("on the control machine", () => {
  let folder: string;
  let server: Server;
  let address: string;
  const asked: string[] = [];
  const served: Record<string, Buffer | number> = {
    "/right/P.tgz": archive,
    "/wrong/P.tgz": Buffer.from("another archive"),
    "/short/P.tgz": archive.subarray(0, 5),
    "/gone/P.tgz": 404,
    "/broken/P.tgz": 500,
  };
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      const answer = served[request.url!] ?? 404;
      if (typeof answer === "number") response.writeHead(answer).end();
      else response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "source-test-"));
    process.env.PYTHON3JAIL_CACHE_DIR = join(folder, "cache");
    asked.length = 0;
  });
  afterEach(() => {
    delete process.env.PYTHON3JAIL_CACHE_DIR;
    rmSync(folder, { recursive: true });
  });
  const from = (...mirrors: string[]): Archive => ({
    sha256,
    urls: mirrors.map((mirror) => `${address}/${mirror}/P.tgz`),
  });
  const cached = (): string[] => readdirSync(join(folder, "cache", "sources", sha256));

  test("an archive is downloaded to the cache, and found there afterwards", async () => {
    expect(await localArchive(from("right"))).toBeUndefined();
    const file = await downloadArchive(from("right"));
    expect([readFileSync(file), await localArchive(from("right"))]).toEqual([archive, file]);
    expect(asked).toEqual(["/right/P.tgz"]);
  });

  test("mirrors are tried in order, until one has the archive", async () => {
    await downloadArchive(from("gone", "wrong", "short", "right", "never"));
    expect(asked).toEqual(["/gone/P.tgz", "/wrong/P.tgz", "/short/P.tgz", "/right/P.tgz"]);
    expect(cached()).toEqual(["P.tgz"]);
  });

  test("a download that fails everywhere reports the error of each address, and leaves no partial file", async () => {
    const wrongSum = createHash("sha256").update("another archive").digest("hex");
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const source = from("gone", "wrong");
    const message = await downloadArchive({
      ...source,
      urls: [...source.urls, `http://127.0.0.1:${port}/P.tgz`],
    }).then(() => "no error", messageOf);
    expect(message).toBe(
      `${address}/gone/P.tgz: HTTP status 404\n${address}/wrong/P.tgz: its sha256 is ${wrongSum}, not ${sha256}\nhttp://127.0.0.1:${port}/P.tgz: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    expect(cached()).toEqual([]);
  });

  test("a file that was altered in the cache is not used", async () => {
    writeFileSync(await downloadArchive(from("right")), "altered");
    expect(await localArchive(from("right"))).toBeUndefined();
  });

  test("a declared archive is used in place, without a copy in the cache", async () => {
    const path = join(folder, "mine.tgz");
    writeFileSync(path, archive);
    expect(await localArchive({ sha256, urls: [], path })).toBe(path);
  });

  test("a declared archive that does not exist is named in the error", async () => {
    await expect(localArchive({ sha256, urls: [], path: "/not/there.tgz" })).rejects.toThrow(
      "source.path: there is no /not/there.tgz on this machine",
    );
  });

  test("a declared archive that is truncated is refused", async () => {
    const path = join(folder, "mine.tgz");
    writeFileSync(path, archive.subarray(0, 9));
    await expect(localArchive({ sha256, urls: [], path })).rejects.toThrow(
      /^source\.sha256: the archive .*mine\.tgz has sha256 [0-9a-f]{64}; it is truncated, or another archive$/,
    );
  });

  test("two addresses with the same file name do not share a cache entry", async () => {
    mkdirSync(join(folder, "cache", "sources", sha256), { recursive: true });
    writeFileSync(join(folder, "cache", "sources", sha256, "P.tgz"), archive);
    expect(await localArchive({ sha256: "0".repeat(64), urls: [`${address}/right/P.tgz`] })).toBeUndefined();
  });
});
