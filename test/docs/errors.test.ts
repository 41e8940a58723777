import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeIn, failureCodes } from "../../src/base/failure-codes.js";
import { HostError } from "../../src/base/errors.js";
import { repositoryRoot } from "../hosts/repository.js";
import { errorsPage, samplesOf } from "./errors-page.js";
import { codesInTypeScript, failuresInShell, failuresInSource, failuresInTypeScript } from "./failures-in-source.js";

const failures = failuresInSource();

describe("the catalogue of failures", () => {
  test("has every code that a shell script fails with", () => {
    const ofShell = failures.filter(({ file }) => file.endsWith(".sh"));
    expect(ofShell.length).toBeGreaterThan(120);
    expect(ofShell.filter(({ code }) => !(failureCodes as string[]).includes(code))).toEqual([]);
  });

  test("has no code that nothing fails with", () => {
    const used = new Set([...failures.map(({ code }) => code), ...codesInTypeScript()]);
    expect(failureCodes.filter((code) => !used.has(code))).toEqual([]);
  });

  test("names each code once", () => {
    expect(failureCodes.filter((code, index) => failureCodes.indexOf(code) !== index)).toEqual([]);
  });

  test("has a sample message for each code", () => {
    const samples = samplesOf(failures);
    // What the engine says is the engine's own.
    expect(failureCodes.filter((code) => !samples.has(code))).toEqual(["stack-locked", "engine"]);
  });

  test("is what docs/errors.md tells: `npm run generate` writes it", () => {
    expect(readFileSync(join(repositoryRoot, "docs/errors.md"), "utf8")).toBe(errorsPage());
  });
});

describe("a failure in the source", () => {
  test("is found in a shell script, with what is unknown marked", () => {
    const text = `
\t[ -d "$a" ] || fail not-a-jail "$jail is $(kind_of "$1" (x)) and \${name:-no} \\\`file\\\`" "remove $1"
\tlacks no-locale "none" \\
\t\t"install it"
\t# fail code "in a comment" "x"
\t./configure || give_up configure "configure failed"
\t\tif (x) problem("musl", substr(file, 3) " needs " path, "take another")
\tfound x fail "no code" "y"`;
    expect(failuresInShell("a.sh", text)).toEqual([
      { file: "a.sh", code: "not-a-jail", reason: "JAIL is … and NAME `file`", remedy: "remove …" },
      { file: "a.sh", code: "no-locale", reason: "none", remedy: "install it" },
      { file: "a.sh", code: "build", reason: "configure failed", remedy: "" },
      { file: "a.sh", code: "musl", reason: "… needs …", remedy: "take another" },
    ]);
  });

  test("is found in TypeScript, also where a function makes it of its parameters", () => {
    const text = `
      throw new HostError({ host, code: "timeout", reason: \`after \${x} s\`, remedy: "wait" });
      const failed = (code: Code, reason: string, remedy: string) => new HostError({ code, reason, remedy });
      throw failed("download", "no network", "look");
      function refused(reason: string, remedy: string) { return { code: "no-sudo", reason, remedy }; }
      refused("asks", "allow");`;
    expect(failuresInTypeScript("a.ts", text)).toEqual([
      { file: "a.ts", code: "timeout", reason: "after … s", remedy: "wait" },
      { file: "a.ts", code: "download", reason: "no network", remedy: "look" },
      { file: "a.ts", code: "no-sudo", reason: "asks", remedy: "allow" },
    ]);
  });
});

describe("the code of a message", () => {
  const failure = { host: "judge-1", step: "log in", reason: "there is no sudo [x]", code: "no-sudo" } as const;

  test("is at the end of its first line", () => {
    expect(codeIn(new HostError(failure).message)).toBe("no-sudo");
    expect(codeIn(new HostError({ ...failure, remedy: "install sudo", output: "sudo: not found [gone]" }).message)).toBe("no-sudo");
  });

  test.each(["no code", "an unknown one [strange]", "in the middle [gone] of it", "below\n[gone]"])(
    "is nothing in %j",
    (message) => expect(codeIn(message)).toBeUndefined(),
  );
});
