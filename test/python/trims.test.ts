import { describe, expect, test } from "@jest/globals";
import { trimOf, type Trim } from "../../src/python/trims.js";

describe("the part that `include` must name for a module", () => {
  const cases: [string, Trim | undefined][] = [
    ["tkinter", "tkinter"],
    ["tkinter.ttk", "tkinter"],
    ["_tkinter", "tkinter"],
    ["turtle", "tkinter"],
    ["turtledemo.clock", "tkinter"],
    ["idlelib", "tkinter"],
    ["test", "tests"],
    ["test.support", "tests"],
    ["_testcapi", "tests"],
    ["_ctypes_test", "tests"],
    ["xxlimited_35", "tests"],
    ["unittest.test", "tests"],
    ["lib2to3.tests.support", "tests"],
    ["idlelib.idle_test", "tests"],
    ["ensurepip", "ensurepip"],
    ["pydoc_data.topics", "docs"],
    ["unittest", undefined],
    ["doctest", undefined],
    ["pydoc", undefined],
    ["testing", undefined],
    ["turtles", undefined],
    ["lib2to3", undefined],
    ["numpy.testing", undefined],
    ["venv", undefined],
    ["_xxsubinterpreters", undefined],
  ];
  test.each(cases)("of %s is %s", (module, trim) => expect(trimOf(module)).toBe(trim));
});
