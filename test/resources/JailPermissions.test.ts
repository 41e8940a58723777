import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { unknownValue } from "../../src/base/pulumi-internals.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareWithPolicy, jailPermissions, leftAlone } from "../../src/kinds/JailPermissions.js";

const base = { host: "judge-1", connection: { host: "h" }, path: "/srv/jail" };
const reasons = (change: object): string[] => checked(jailPermissions.schema, { ...base, ...change }).reasons ?? [];

describe("the inputs of a jail's permissions", () => {
  test("have defaults, and modes are put into one form", () => {
    expect(checked(jailPermissions.schema, { ...base, modes: { "static/run": "755" } }).value).toEqual({
      ...base,
      owner: "root",
      group: "root",
      modes: { "static/run": "0755" },
      emptyScratch: false,
      triggers: [],
    });
  });

  test("may have triggers that are not known yet, and lose no default by it", () => {
    expect(checked(jailPermissions.schema, { ...base, triggers: [unknownValue] })).toMatchObject({
      value: { owner: "root", triggers: [unknownValue] },
      reasons: undefined,
    });
  });

  const refused: [string, object, string][] = [
    [
      "a mode that is none",
      { modes: { bin: "rwxr-xr-x" } },
      'modes.bin: must be an octal mode in quotation marks, such as "0666"',
    ],
    ["a mode of a path outside", { modes: { "../etc": "0755" } }, "modes.../etc: must stay inside the jail (no '..')"],
    [
      "a mode of an absolute path",
      { modes: { "/etc": "0755" } },
      "modes./etc: must be relative to the jail (no / at its beginning)",
    ],
    [
      "a mode of a path of two lines",
      { modes: { "a\nb": "0755" } },
      "modes.a\nb: must not contain a line break, a NUL or another control character",
    ],
    [
      "an account that is none",
      { scratchGroup: "www:data" },
      "scratchGroup: must be a user's or group's name, or its number",
    ],
    ["triggers that are no texts", { triggers: [1] }, "triggers[0]: must be a text: put it in quotation marks"],
    ["emptyScratch in words", { emptyScratch: "no" }, "emptyScratch: must be true or false"],
    [
      "an unknown key",
      { mode: "0755" },
      'unknown property "mode": did you mean "modes"? (known: connection, directories, emptyScratch, group, host, modes, owner, path, scratchGroup, timeouts, triggers)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toContain(reason));
});

describe("what is seen of the permissions, in words", () => {
  const cases: [string, string, object][] = [
    ["all right", "offenders\t0", {}],
    ["one offender", "offender\tbin\t0700 0:0\t0755 0:0\noffenders\t1", { bin: "is 0700 0:0, should be 0755 0:0" }],
    [
      "more than are named",
      "offender\ta\t0600 0:0\t0644 0:0\noffender\tb\t0600 0:0\t0644 0:0\noffenders\t9",
      {
        a: "is 0600 0:0, should be 0644 0:0",
        b: "is 0600 0:0, should be 0644 0:0",
        "and more": "7 more paths",
      },
    ],
  ];
  test.each(cases)("%s", (_name, lines, drift) =>
    expect(compareWithPolicy(parseAnswer(`started\n${lines}\ndone\n`))).toEqual(drift),
  );

  test("what is left alone, and why", () => {
    expect(
      leftAlone(
        parseAnswer(
          "started\nleft-alone\tlib/x\thas a second name (hard link)\nleft-alone\tscratch.sock\tis a socket\ndone\n",
        ),
      ),
    ).toEqual(["lib/x: has a second name (hard link)", "scratch.sock: is a socket"]);
  });
});
