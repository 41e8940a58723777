import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/base/errors.js";
import type { Requirement } from "../../src/python/requirements.js";
import { bestWheel, indexWheels, localWheels, wheelName } from "../../src/python/wheels.js";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const requirement = (change: Partial<Requirement> = {}): Requirement => ({
  name: "markup-safe",
  extras: [],
  version: "3.0",
  marker: "",
  hashes: [],
  ...change,
});
const tags = [
  "cp313-cp313-manylinux_2_28_x86_64",
  "cp313-cp313-manylinux_2_17_x86_64",
  "cp313-abi3-manylinux_2_17_x86_64",
  "py3-none-any",
];

test.each<[string, ReturnType<typeof wheelName>]>([
  [
    "Markup_Safe-3.0.2-py2.py3-none-any.whl",
    { name: "markup-safe", version: "3.0.2", tags: ["py2-none-any", "py3-none-any"] },
  ],
  [
    "a-1.0-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    { name: "a", version: "1.0", tags: ["cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux2014_x86_64"] },
  ],
  ["a-1.0.tar.gz", undefined],
  ["a-1.0.whl", undefined],
  ["../a-1.0-py3-none-any.whl", undefined],
])("the file name %s is parsed", (file, parsed) => expect(wheelName(file)).toEqual(parsed));

describe("of several wheels, the choice", () => {
  const at = (file: string): { file: string; place: string; sha256: string } => ({
    file,
    place: `/${file}`,
    sha256: sha(file),
  });
  const files = [
    "Markup.Safe-3.0.0-py3-none-any.whl",
    "markup_safe-3.0-cp313-abi3-manylinux_2_17_x86_64.whl",
    "markup_safe-3.0-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    "markup_safe-3.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    "markup_safe-3.0.1-cp313-cp313-manylinux_2_28_x86_64.whl",
    "markup-3.0-cp313-cp313-manylinux_2_28_x86_64.whl",
    "markup_safe-3.0.tar.gz",
  ].map(at);
  test("is the one whose tag the Python prefers", () =>
    expect(bestWheel(requirement(), files, tags)?.file).toBe(files[2]!.file));
  test("is among those that the hashes allow", () =>
    expect(
      bestWheel(requirement({ hashes: [files[0]!.sha256, files[1]!.sha256, files[3]!.sha256] }), files, tags)?.file,
    ).toBe(files[1]!.file));
  test("is none if the hashes allow only wheels that do not fit", () =>
    expect(bestWheel(requirement({ hashes: [files[3]!.sha256] }), files, tags)).toBeUndefined());
  test("is none if there are only other versions", () =>
    expect(bestWheel(requirement({ version: "3.0.2" }), files, tags)).toBeUndefined());
});

describe("wheels", () => {
  const folder = mkdtempSync(join(tmpdir(), "wheels-test-"));
  const good = "markup_safe-3.0-py3-none-any.whl";
  let server: Server;
  let address: string;
  let answers: Record<string, [type: string, content: string]>;
  let asked: string[];
  beforeAll(async () => {
    writeFileSync(join(folder, good), "wheel");
    process.env.PYTHON3JAIL_CACHE_DIR = join(folder, "cache");
    server = createServer((request, response) => {
      asked.push(request.url!);
      const answer = answers[request.url!];
      response.writeHead(answer ? 200 : 404, { "content-type": answer?.[0] ?? "text/plain" }).end(answer?.[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`;
  });
  afterAll(() => {
    server.close();
    delete process.env.PYTHON3JAIL_CACHE_DIR;
    rmSync(folder, { recursive: true });
  });

  test("are found in a folder", async () => {
    expect(await localWheels(folder, [requirement({ hashes: [sha("wheel")] })], tags)).toEqual([
      { file: good, path: join(folder, good) },
    ]);
    await expect(localWheels(folder, [requirement({ hashes: [sha("other")] })], tags)).rejects.toThrow(
      "markup-safe 3.0: there are wheels of this version, but none has one of its hashes",
    );
  });

  test("for other Pythons are named in the error, with and without hashes", async () => {
    const other = "other-1.0-cp39-cp39-win32.whl";
    writeFileSync(join(folder, other), "other");
    const missing = (hashes: string[]) =>
      localWheels(folder, [requirement({ name: "other", version: "1.0", hashes })], tags);
    await expect(missing([])).rejects.toThrow(
      "other 1.0: the wheels of this version are for other Pythons or platforms",
    );
    await expect(missing([sha("other")])).rejects.toThrow(
      "other 1.0: the wheels that its hashes allow are for other Pythons or platforms",
    );
  });

  const forms: [string, string, string][] = [
    [
      "HTML",
      "text/html; charset=utf-8",
      `<html><body><a class="x"\n href="../../files/a%2Fb/${good}?x=1&amp;y=2#sha256=${sha("wheel")}">${good}</a></body></html>`,
    ],
    [
      "JSON",
      "application/vnd.pypi.simple.v1+json",
      JSON.stringify({
        files: [{ filename: good, url: `/files/a%2Fb/${good}?x=1&y=2`, hashes: { sha256: sha("wheel") } }],
      }),
    ],
  ];
  test.each(forms)(
    "of an index in %s are downloaded once, into the control machine's cache",
    async (_form, type, page) => {
      rmSync(join(folder, "cache"), { recursive: true, force: true });
      asked = [];
      answers = {
        "/simple/markup-safe/": [type, page],
        [`/files/a%2Fb/${good}?x=1&y=2`]: ["application/zip", "wheel"],
      };
      const wheels = await Promise.all([0, 1].map(() => indexWheels(address, [requirement()], tags)));
      const path = join(folder, "cache", "wheels", sha("wheel"), good);
      expect(wheels).toEqual([[{ file: good, path }], [{ file: good, path }]]);
      await indexWheels(address, [requirement()], tags);
      expect(asked.filter((url) => url.startsWith("/files/"))).toHaveLength(1);
    },
  );

  test("that an index does not have right are all named in one error", async () => {
    asked = [];
    answers = {
      "/simple/markup-safe/": ["text/html", `<a href="/files/${good}#sha256=${sha("wheel")}">x</a>`],
      [`/files/${good}`]: ["application/zip", "changed"],
      "/simple/untold/": ["text/html", `<a href="untold-1.0-py3-none-any.whl">x</a>`],
      "/simple/nohash/": ["text/html", `<a href="nohash-1.0-py3-none-any.whl">x</a>`],
    };
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    const wanted = [
      requirement(),
      requirement({ name: "nohash", version: "1" }),
      requirement({ name: "untold", version: "1", hashes: [sha("x")] }),
      requirement({ name: "nowhere" }),
    ];
    const message = await indexWheels(address, wanted, tags).then(() => "no error", messageOf);
    expect(message.split("\n")).toEqual([
      expect.stringMatching(/^markup-safe 3\.0: http:.*: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}$/),
      "nohash 1: the index does not tell the sha256 of its wheels",
      "untold 1: the index does not tell the sha256 of its wheels",
      "nowhere 3.0: there is no wheel of it",
    ]);
  });
});
