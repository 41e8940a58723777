import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderProcess } from "../../src/provider/process.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareFiles, filesDigest, jailFiles } from "../../src/kinds/JailFiles.js";

const base = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
let source: string;
beforeEach(() => {
  source = mkdtempSync(join(tmpdir(), "jail-files-"));
  writeFileSync(join(source, "judge.py"), "one");
});
afterEach(() => rmSync(source, { recursive: true, force: true }));

describe("the inputs of a jail's files", () => {
  const reasons = (change: object): string[] =>
    checked(jailFiles.schema, { ...base, source: "site", ...change }).reasons ?? [];

  test("have defaults", () => {
    expect(checked(jailFiles.schema, { ...base, source: "site" }).value).toEqual({
      ...base,
      source: "site",
      ignore: [],
      target: "static",
      removeUnmanaged: false,
    });
  });

  const refused: [string, object, string][] = [
    ["without a source", { source: undefined }, "source: is missing: a text"],
    ["of an empty source", { source: "" }, "source: must not be empty"],
    ["outside static", { target: "lib" }, "target: must be `static` or a folder in it"],
    ["beside static", { target: "static2" }, "target: must be `static` or a folder in it"],
    ["out of static", { target: "static/../lib" }, "target: must stay inside the jail (no '..')"],
    [
      "ignoring an absolute path",
      { ignore: ["/etc"] },
      "ignore[0]: must be a name or a path from `source` (no / at its beginning)",
    ],
    ["removing unmanaged in words", { removeUnmanaged: "yes" }, "removeUnmanaged: must be true or false"],
    [
      "with an unknown key",
      { sources: [] },
      'unknown property "sources": did you mean "source"? (known: connection, digest, directories, files, host, ignore, path, removeUnmanaged, source, target, timeouts)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toContain(reason));
});

describe("in a preview, which asks no host", () => {
  type Files = Record<string, string>;
  const life = () => lifecycle(jailFiles, new ProviderProcess());
  const check = (change: object = {}) => life().check({}, { ...base, source, ...change });
  const inputsOf = (change: object = {}) => check(change).inputs as Record<string, unknown>;

  test("the files are inputs, so that it shows which come, go and change", () => {
    const before = inputsOf();
    expect(before).toMatchObject({
      files: { "judge.py": expect.stringMatching(/^[0-9a-f]{8}$/) },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(life().diff("", { ...before, count: 1, unmanaged: [] }, inputsOf())).toMatchObject({ changes: false });
    writeFileSync(join(source, "new.py"), "");
    writeFileSync(join(source, "judge.py"), "two");
    const after = inputsOf();
    expect(Object.keys(after.files as object)).toEqual(["judge.py", "new.py"]);
    expect((after.files as Files)["judge.py"]).not.toBe((before.files as Files)["judge.py"]);
    expect(life().diff("", before, after)).toMatchObject({ changes: true, replaces: [] });
  });

  test("another target replaces", () => {
    expect(life().diff("", inputsOf(), inputsOf({ target: "static/judge" }))).toMatchObject({
      changes: true,
      replaces: ["target"],
    });
  });

  test("what cannot be sent is refused, with the property", () => {
    symlinkSync("/etc/passwd", join(source, "link"));
    expect(check().failures).toEqual([
      { property: "", reason: expect.stringMatching(/^source: link in .* is a symbolic link/) },
    ]);
    expect(check({ ignore: ["link"] }).failures).toBeUndefined();
    expect(check({ source: "/nowhere" }).failures).toEqual([
      { property: "", reason: "source: there is no folder /nowhere on this machine" },
    ]);
  });

  test("nothing is read as long as the source is not known, and the rest may be unknown", () => {
    expect(check({ source: unknownValue }).inputs).toMatchObject({
      source: unknownValue,
      digest: unknownValue,
      files: unknownValue,
      target: "static",
    });
    expect(check({ connection: { host: unknownValue } }).inputs).toMatchObject({
      files: { "judge.py": expect.any(String) },
    });
  });

  test("the digest that others are told is the same", () => {
    expect(filesDigest(source)).toBe(inputsOf().digest);
    expect(filesDigest("/nowhere")).toBeUndefined();
  });
});

describe("what is seen of the files, in words", () => {
  const cases: [string, string, boolean, object][] = [
    ["all right", "made\tyes\ndiffering\t0\nunmanaged-file\tstatic/x\nunmanaged\t1", false, {}],
    ["not made wholly", "made\tno\ndiffering\t0\nunmanaged\t0", false, { static: "was not filled yet, or not wholly" }],
    [
      "some that differ, and more",
      "made\tyes\ndiffers\tstatic/a\tmissing\ndiffers\tstatic/b\taltered\ndiffering\t9\nunmanaged\t0",
      false,
      { "static/a": "is missing", "static/b": "was altered", "and more": "7 more files" },
    ],
    [
      "unmanaged files that are to be removed",
      "made\tyes\ndiffering\t0\nunmanaged-file\tstatic/x\nunmanaged\t3",
      true,
      { "static/x": "is not of the declared files", "and 2 more": "is not of the declared files" },
    ],
  ];
  test.each(cases)("%s", (_name, lines, removeUnmanaged, drift) =>
    expect(compareFiles({ target: "static", removeUnmanaged }, parseAnswer(`started\n${lines}\ndone\n`))).toEqual(
      drift,
    ),
  );
});
