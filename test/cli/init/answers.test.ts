import { describe, expect, test } from "@jest/globals";
import { UsageError } from "../../../src/base/usage-error.js";
import { readCount, readName, readPath, readVersion, stackNames, usualName } from "../../../src/cli/init/answers.js";
import { answerTo, type Question } from "../../../src/cli/init/question.js";
import { newestPatch, newestVersion } from "../../../src/python/releases.js";

describe("stack names", () => {
  test.each<[count: number, there: string[], names: string[]]>([
    [1, [], ["dev"]],
    [2, [], ["dev", "prod"]],
    [3, [], ["dev", "staging", "prod"]],
    [1, ["dev"], ["my-dev"]],
    [2, ["prod"], ["my-dev", "my-prod"]],
    [1, ["prod"], ["dev"]],
  ])("for %d environments, if %j exist, are %j", (count, there, names) =>
    expect(stackNames(count, (stack) => there.includes(stack))).toEqual(names),
  );
});

describe("answers", () => {
  test.each<[address: string, name: string]>([
    ["judge-1.example.org", "judge-1"],
    ["judge-1", "judge-1"],
    ["192.0.2.10", "jail-1"],
    ["2001:db8::1", "jail-1"],
  ])("the suggested name for %s is %s", (address, name) => expect(usualName(address)).toBe(name));
  test("a release line means its newest version", () => {
    expect(readVersion("3.13")).toBe(newestPatch("3.13"));
    expect(readVersion("3.13.5")).toBe("3.13.5");
    expect(readVersion(newestVersion())).toBe(newestVersion());
  });
  test.each<[what: string, read: (text: string) => unknown, text: string, reason: RegExp]>([
    ["a version", readVersion, "2.7", /there is no "2\.7" in the table of releases; the newest is 3\./],
    ["a version", readVersion, "", /there is no ""/],
    ["a path", readPath, "/usr/lib", /is a system path/],
    ["a path", readPath, "srv", /must be an absolute path/],
    ["a name", readName, "a b", /must be a name/],
    ["a count", readCount, "0", /must be 1 to 3/],
    ["a count", readCount, "4", /must be 1 to 3/],
    ["a count", readCount, "two", /must be 1 to 3/],
  ])("%s that is not valid is refused: %#", (_, read, text, reason) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(reason);
  });
});

describe("a question", () => {
  const question: Question<string> = {
    option: "path",
    given: undefined,
    asks: "Where?",
    usual: "/srv/python3jail",
    read: readPath,
  };
  /** Answers one after another, and keeps what was asked. */
  const person = (...answers: string[]) => {
    const asked: string[] = [];
    const ask = (text: string): Promise<string> => {
      asked.push(text);
      return Promise.resolve(answers.shift()!);
    };
    return { asked, ask };
  };

  test("is not asked if its option is given", async () => {
    const { asked, ask } = person();
    expect(await answerTo({ ...question, given: "/srv/a" }, ask)).toBe("/srv/a");
    expect(asked).toEqual([]);
  });
  test("names the option if its value is wrong", () =>
    expect(answerTo({ ...question, given: "srv" }, person().ask)).rejects.toThrow(/^--path: must be an absolute path/));
  test("takes the default for an empty answer", async () => {
    const { asked, ask } = person("  ");
    expect(await answerTo(question, ask)).toBe("/srv/python3jail");
    expect(asked).toEqual(["Where? [/srv/python3jail]: "]);
  });
  test("is asked again, with the reason, until the answer is valid", async () => {
    const { asked, ask } = person("srv", "/usr", "/srv/a");
    expect(await answerTo(question, ask)).toBe("/srv/a");
    expect(asked.slice(1)).toEqual([
      expect.stringMatching(/^ {2}must be an absolute path.*\nWhere\?/),
      expect.stringMatching(/^ {2}is a system path.*\nWhere\?/),
    ]);
  });
  test("takes the default if nobody can be asked, or names the option", async () => {
    expect(await answerTo(question, undefined)).toBe("/srv/python3jail");
    await expect(answerTo({ ...question, usual: undefined }, undefined)).rejects.toThrow(/^give --path$/);
  });
});
