import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { parseAnswer, type Answer } from "../../src/remote/answer.js";
import { compareLibraries, jailLibraries } from "../../src/kinds/JailLibraries.js";

const said = (...lines: string[][]): Answer =>
  parseAnswer([["started"], ...lines, ["done"]].map((fields) => fields.join("\t")).join("\n"));

describe("what differs, in words", () => {
  test.each<[string, string[][], Record<string, string>]>([
    [
      "nothing",
      [
        ["made", "yes"],
        ["differing", "0"],
      ],
      {},
    ],
    ["no record", [["made", "no"]], { libraries: "were not copied yet, or not wholly" }],
    [
      "no closure",
      [
        ["made", "yes"],
        ["problem", "there is no python yet"],
      ],
      { libraries: "there is no python yet" },
    ],
    [
      "every state",
      [
        ["made", "yes"],
        ["differs", "lib/a", "missing"],
        ["differs", "lib/b", "altered"],
        ["differs", "lib/c", "stale"],
        ["differs", "lib/d", "other"],
        ["differs", "lib/e", "no-file"],
        ["differs", "lib/f", "unneeded"],
        ["differs", "lib/g", "read"],
        ["differs", "lib/h", "no-link"],
        ["differs", ".libraries/current", "other-set"],
        ["differing", "9"],
      ],
      {
        "lib/a": "is missing",
        "lib/b": "was altered",
        "lib/c": "is out of date: the host's own was updated",
        "lib/d": "is not the host's",
        "lib/e": "is no regular file",
        "lib/f": "is not needed any more",
        "lib/g": "could not be read",
        "lib/h": "is not the link to the library that was put there",
        ".libraries/current": "does not lead to the libraries that were put there",
      },
    ],
    [
      "more than can be named, a name that is nowhere, and a link on the way",
      [
        ["made", "yes"],
        ["bent", "lib"],
        ["unresolved", "libx.so.1", "bin/x"],
        ["differs", "lib/a", "missing"],
        ["differing", "9"],
      ],
      {
        lib: "is a symbolic link or no directory",
        "libx.so.1": "is needed by bin/x and is not on the host",
        "lib/a": "is missing",
        "and more": "7 more libraries",
      },
    ],
  ])("%s", (_, lines, drift) => expect(compareLibraries(said(...lines))).toEqual(drift));
});

describe("inputs", () => {
  const jail = { host: "judge-1", connection: { host: "192.0.2.1" }, path: "/srv/jail" };
  test("have defaults", () => {
    expect(checked(jailLibraries.schema, jail).value).toMatchObject({
      mode: "closure",
      extra: [],
      trace: [],
      triggers: [],
    });
  });
  test("traced commands may have any words", () => {
    const trace = [["/bin/python3", "-c", "import numpy\nprint('it\u2019s')", ""], ["/bin/python3"]];
    expect(checked(jailLibraries.schema, { ...jail, trace }).value).toMatchObject({ trace });
  });
  test.each<[object, string]>([
    [{ mode: "some" }, "mode"],
    [{ extra: ["../libx.so"] }, "extra[0]"],
    [{ extra: ["libm.so.6", "/opt/../libx.so"] }, "extra[1]"],
    [{ extra: ["lib x"] }, "extra[0]"],
    [{ extras: [] }, '"extras"'],
    [{ trace: [["python3"]] }, "trace[0][0]"],
    [{ trace: [["/bin/python3"], []] }, "trace[1]"],
    [{ trace: [["/bin/python3", "a\0b"]] }, "trace[0][1]"],
    [{ trace: ["/bin/python3"] }, "trace[0]"],
    [{ trace: Array.from({ length: 21 }, () => ["/bin/true"]) }, "trace"],
  ])("%j is refused, and the property named", (inputs, property) => {
    const { reasons } = checked(jailLibraries.schema, { ...jail, ...inputs });
    expect(reasons).toHaveLength(1);
    expect(reasons![0]).toContain(property);
  });
});
