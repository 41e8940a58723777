import { afterAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProviderProcess } from "../../src/provider/process.js";
import { lifecycle } from "../../src/provider/lifecycle.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { comparePackages, jailPackages } from "../../src/kinds/JailPackages.js";

const folder = mkdtempSync(join(tmpdir(), "requirements-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const hash = "0123456789abcdef".repeat(4);
const good = file("good.txt", `six==1.16.0 --hash=sha256:${hash}\n`);
const place = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail", python: { version: "3.13.5" } };
const life = lifecycle(jailPackages, new ProviderProcess());
const reasons = (inputs: object): string[] =>
  (life.check({}, { ...place, ...inputs }).failures ?? []).map(({ reason }) => reason);
const inputsOf = (requirements: string) => life.check({}, { ...place, requirements }).inputs as Record<string, unknown>;

describe("what check makes of the inputs", () => {
  test("has defaults, the versions that are pinned, and a digest of all", () => {
    expect(life.check({}, { ...place, requirements: good })).toEqual({
      inputs: {
        ...place,
        python: expect.objectContaining({ version: "3.13.5", optimize: false }),
        requirements: good,
        allowUnhashed: false,
        pins: { six: "1.16.0" },
        requirementsDigest: expect.stringMatching(/^[0-9a-f]{16}$/),
        revision: "1",
      },
    });
  });

  test("shows another content of the same file as a change, and its comments not", () => {
    const changing = file("changing.txt", `six==1.16.0 --hash=sha256:${hash}\n`);
    const olds = inputsOf(changing);
    file("changing.txt", `# why\nsix == 1.16.0 \\\n  --hash=sha256:${hash}\n`);
    expect(life.diff("id", olds, inputsOf(changing)).changes).toBe(false);
    file("changing.txt", `six==1.16.1 --hash=sha256:${hash}\n`);
    const news = inputsOf(changing);
    expect(life.diff("id", olds, news)).toMatchObject({ changes: true, replaces: [] });
    expect(news.pins).toEqual({ six: "1.16.1" });
  });

  test("of what the program says itself of that, takes nothing", () => {
    expect(life.check({}, { ...place, requirements: good, requirementsDigest: "mine", pins: {} }).inputs).toMatchObject(
      {
        pins: { six: "1.16.0" },
        requirementsDigest: expect.not.stringContaining("mine"),
      },
    );
  });

  test.each<[string, (text: string) => Buffer]>([
    ["UTF-8 with its mark", (text) => Buffer.from(`\ufeff${text}`)],
    ["UTF-16, as PowerShell writes it", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16 of the other order", (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ])("may be in %s", (_encoding, encoded) => {
    const text = `six==1.16.0 --hash=sha256:${hash}\r\n`;
    writeFileSync(join(folder, "encoded.txt"), encoded(text));
    expect(inputsOf(join(folder, "encoded.txt")).pins).toEqual({ six: "1.16.0" });
  });

  test("may not be in UTF-16 that nothing marks: said once, and not of each line", () => {
    writeFileSync(join(folder, "bare.txt"), Buffer.from("six==1.16.0\nattrs==24.2.0\n", "utf16le"));
    expect(reasons({ requirements: join(folder, "bare.txt") })).toEqual([
      "requirements: is no text in UTF-8: save it as such, and without NUL bytes",
    ]);
  });

  test("stays small, however many packages there are", () => {
    const many = file(
      "many.txt",
      Array.from({ length: 900 }, (_, number) => `package-${number}==1.0 --hash=sha256:${hash}`).join("\n"),
    );
    const pins = inputsOf(many).pins as Record<string, string>;
    expect(JSON.stringify(pins).length).toBeLessThan(1400);
    expect(pins["and more"]).toMatch(/^8\d\d more packages$/);
  });

  test.each<[string, object]>([
    ["a file", { requirements: unknownValue }],
    ["a folder", { requirements: good, wheels: unknownValue }],
    ["an index", { requirements: good, index: unknownValue }],
    ["a python", { requirements: good, python: { version: unknownValue } }],
    ["all of python", { requirements: good, python: unknownValue }],
  ])("may be %s that is not known yet", (_name, inputs) => expect(reasons(inputs)).toEqual([]));

  test.each<[string, object, string]>([
    [
      "no file",
      { requirements: join(folder, "none.txt") },
      "requirements: cannot be read (ENOENT): must be the path of a requirements file on this machine",
    ],
    ["no requirements", {}, "requirements: is missing: a text"],
    [
      "a package without its hash",
      { requirements: file("unhashed.txt", "six==1.16.0\n") },
      "requirements: line 1: six has no --hash=sha256:… (`uv pip compile --generate-hashes` and `pip-compile --generate-hashes` write them), and `allowUnhashed` is not set",
    ],
    [
      "no folder",
      { requirements: good, wheels: join(folder, "none") },
      "wheels: there is no such folder on this machine",
    ],
    ["a file as folder", { requirements: good, wheels: good }, "wheels: there is no such folder on this machine"],
    [
      "a folder and an index",
      { requirements: good, wheels: folder, index: "https://index.example/simple" },
      "index: must not be given together with `wheels`",
    ],
    [
      "an index with a query",
      { requirements: good, index: "https://index.example/simple?token=geheim" },
      "index: must not hold a query (?…): give a user and password instead (https://USER:PASSWORD@…)",
    ],
    [
      "an index with a password that is not encoded",
      { requirements: good, index: "https://user:ge/heim@index.example/simple" },
      "index: must be a URL in which the special characters of a user and password are percent-encoded",
    ],
    [
      "an index that is no address",
      { requirements: good, index: "index.example/simple" },
      "index: must be an http or https URL",
    ],
    [
      "an index without encryption, where nothing else tells what arrives",
      { requirements: good, index: "http://index.example/simple", allowUnhashed: true },
      "index: must be https with `allowUnhashed`: nothing else would tell what arrives",
    ],
    ["no python", { requirements: good, python: {} }, "python.version: is missing: give a version"],
    ["an unknown key", { requirements: good, wheel: folder }, 'unknown property "wheel"'],
  ])("may not be %s", (_name, inputs, reason) => {
    expect(reasons(inputs)).toEqual([expect.stringContaining(reason)]);
    expect(reasons(inputs).join()).not.toMatch(/geheim|ge.heim/);
  });

  test("may leave hashes out where that is said", () => {
    expect(
      life.check({}, { ...place, requirements: file("unhashed.txt", "six==1.16.0\n"), allowUnhashed: true }).failures,
    ).toBeUndefined();
  });
});

describe("what is seen of the packages, in words", () => {
  const installed = "jail\tours\ninstalled\tthe-key\npython\tsame";
  test.each<[string, string, object]>([
    ["all right", `${installed}\ndiffering\t0`, {}],
    ["none", "jail\tours\ninstalled\tnone", { packages: "are not installed, or not wholly" }],
    [
      "others",
      "jail\tours\ninstalled\tanother\npython\tsame\ndiffering\t0",
      { packages: "are others than those that were declared" },
    ],
    [
      "for another python",
      "jail\tours\ninstalled\tthe-key\npython\tother\ndiffering\t0",
      { packages: "were installed for another python than the one that is there" },
    ],
    [
      "what is missing, what was altered, and more",
      `${installed}\ndiffers\tlib/a b.py\tmissing\ndiffers\tlib/c.py\taltered\ndiffering\t9`,
      { "lib/a b.py": "is missing", "lib/c.py": "was altered", "and more": "7 more paths" },
    ],
  ])("%s", (_name, lines, drift) =>
    expect(comparePackages("the-key", parseAnswer(`started\n${lines}\ndone\n`))).toEqual(drift),
  );
});
