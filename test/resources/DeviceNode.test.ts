import { describe, expect, test } from "@jest/globals";
import { checked } from "../../src/base/validation.js";
import { parseAnswer } from "../../src/remote/answer.js";
import { compareNode, deviceNode } from "../../src/kinds/DeviceNode.js";
import { devicePresets } from "../../src/jail/device-presets.js";

const base = {
  host: "judge-1",
  connection: { host: "h" },
  path: "/srv/jail",
  node: "dev/null",
  major: 1,
  minor: 3,
  mode: "0666",
};
const reasons = (change: object): string[] => checked(deviceNode.schema, { ...base, ...change }).reasons ?? [];

describe("a device node's inputs", () => {
  test("have defaults", () => {
    expect(checked(deviceNode.schema, base).value).toEqual({ ...base, type: "c", owner: "root", group: "root" });
  });

  test.each(Object.entries(devicePresets))("may be those of the preset %s", (_name, preset) =>
    expect(reasons(preset)).toEqual([]),
  );

  const refused: [string, object, string][] = [
    ["a path outside the jail", { node: "../dev/null" }, "node: must stay inside the jail (no '..')"],
    ["an absolute path", { node: "/dev/null" }, "node: must be relative to the jail (no / at its beginning)"],
    ["no path", { node: undefined }, "node: is missing: a text"],
    ["a mode that is none", { mode: "rw-rw-rw-" }, 'mode: must be an octal mode in quotation marks, such as "0666"'],
    ["a mode as a number", { mode: 666 }, "mode: must be a text: put it in quotation marks"],
    ["another type", { type: "p" }, 'type: must be one of "c"|"b"'],
    ["a negative number", { major: -1 }, "major: must be at least 0"],
    ["a number that no kernel has", { minor: 1048576 }, "minor: must be at most 1048575"],
    ["half a number", { minor: 1.5 }, "minor: must be a whole number"],
    ["an owner that is none", { owner: "a:b" }, "owner: must be a user's or group's name, or its number"],
    [
      "the preset's own name",
      { preset: "null" },
      'unknown property "preset" (known: connection, directories, group, host, major, minor, mode, node, owner, path, timeouts, type)',
    ],
    [
      "an unknown key",
      { majro: 1 },
      'unknown property "majro": did you mean "major"? (known: connection, directories, group, host, major, minor, mode, node, owner, path, timeouts, type)',
    ],
  ];
  test.each(refused)("may not be %s", (_name, change, reason) => expect(reasons(change)).toEqual([reason]));
});

describe("what is seen of a node, in words", () => {
  const wanted = {
    node: "dev/null",
    type: "c" as const,
    major: 1,
    minor: 3,
    mode: "0666",
    owner: "root",
    group: "root",
  };
  const right = "node\tc\t1\t3\t0666\troot\t0\troot\t0";
  const cases: [string, string, object, string | undefined][] = [
    ["all right", right, {}, undefined],
    [
      "right by numbers of owner and group",
      "node\tc\t1\t3\t0666\tUNKNOWN\t1000\tUNKNOWN\t1001",
      { owner: "1000", group: "1001" },
      undefined,
    ],
    ["missing", "node\tmissing", {}, "is missing"],
    ["a symbolic link", "node\ta symbolic link", {}, "is a symbolic link, should be a device node"],
    ["a folder", "node\ta folder", {}, "is a folder, should be a device node"],
    ["a file", "node\ta regular file", {}, "is a regular file, should be a device node"],
    ["of another type", "node\tb\t1\t3\t0666\troot\t0\troot\t0", {}, "is device b 1:3, should be c 1:3"],
    ["of another number", "node\tc\t1\t5\t0666\troot\t0\troot\t0", {}, "is device c 1:5, should be c 1:3"],
    ["of another mode", "node\tc\t1\t3\t0655\troot\t0\troot\t0", {}, "mode is 0655, should be 0666"],
    ["of another owner", "node\tc\t1\t3\t0666\tjudge\t1000\troot\t0", {}, "owner is judge, should be root"],
    ["of another group", "node\tc\t1\t3\t0666\troot\t0\tjudge\t1000", {}, "group is judge, should be root"],
    ["dead", `${right}\nnodev\tyes`, {}, "is dead: its file system is mounted nodev"],
    [
      "several things at once",
      "node\tc\t1\t9\t0600\troot\t0\tjudge\t5\nnodev\tyes",
      {},
      "is device c 1:9, should be c 1:3; mode is 0600, should be 0666; group is judge, should be root; is dead: its file system is mounted nodev",
    ],
  ];
  test.each(cases)("%s", (_name, lines, change, words) => {
    expect(compareNode({ ...wanted, ...change }, parseAnswer(`started\n${lines}\ndone\n`))).toEqual(
      words === undefined ? {} : { "dev/null": words },
    );
  });
});
