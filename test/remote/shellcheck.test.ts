import { describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { assemble } from "../../src/remote/program.js";
import { librariesOf, scriptText } from "../../src/remote/scripts.js";
import type { Step } from "../../src/remote/step.js";
import { everyStep as steps, sampleValues } from "./every-step.js";
import { repositoryRoot } from "../hosts/repository.js";

const place = { path: "/srv/jail", records: "/var/lib/records", cache: "/var/cache/one" };
/** A step does not call all functions of its libraries. step-arguments.test.ts checks which variables a step needs. */
const everyPath = ["jail", "records", "cache"] as const;
const found = new Map<Step, Promise<string[]>>();

/** The warnings of shellcheck about a step's whole program, with every check enabled, regardless of `.shellcheckrc`. */
function findings(step: Step): Promise<string[]> {
  const shellcheck = async (): Promise<string[]> => {
    const { stdout } = await execa("shellcheck", ["--norc", "--shell=sh", "--format=gcc", "-"], {
      input: assemble({ step: { ...step, gets: everyPath }, place, values: sampleValues(step) }, "judge-1", scriptText),
      reject: false,
    });
    return stdout.split("\n").filter((line) => line !== "");
  };
  const its = found.get(step) ?? shellcheck();
  found.set(step, its);
  return its;
}

const scriptsOf = ({ script }: Step): string[] => [script, ...librariesOf(script)];

// No step uses all of its libraries. A test below finds names and functions that no step uses.
const ofLibraries = /\[SC(2034|2317)\]$/;

describe("an assembled step has nothing that shellcheck warns of", () => {
  test.each(Object.keys(steps))("%s", async (name) => {
    expect((await findings(steps[name]!)).filter((line) => !ofLibraries.test(line))).toEqual([]);
  });
});

test("no file sets a variable that no step reads", async () => {
  const unused = new Map(
    await Promise.all(
      Object.values(steps).map(async (step) => {
        const names = (await findings(step)).map((line) => /: (\w+) appears unused.*\[SC2034\]$/.exec(line)?.[1]);
        return [step, new Set(names)] as const;
      }),
    ),
  );
  const setInVain = ["base.sh", ...new Set(Object.values(steps).flatMap(scriptsOf))].flatMap((file) => {
    const its = [...unused]
      .filter(([step]) => file === "base.sh" || scriptsOf(step).includes(file))
      .map(([, names]) => names);
    const inVain = [...its[0]!].filter(
      (name) =>
        name !== undefined && new RegExp(`\\b${name}=`).test(scriptText(file)) && its.every((names) => names.has(name)),
    );
    return inVain.map((name) => `${file}: ${name}`);
  });
  expect(setInVain).toEqual([]);
});

test("every script is part of a step, or is sent by one", () => {
  const used = new Set(Object.values(steps).flatMap(scriptsOf));
  const scripts = readdirSync(join(repositoryRoot, "src", "remote"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".sh"),
  );
  expect(scripts.filter((file) => !used.has(file)).sort()).toEqual([
    "base.sh",
    "python-build/recipe.sh",
    "python-build/trim.sh",
    "readings/fingerprint.sh",
    "readings/keep.sh",
    "readings/recall.sh",
  ]);
});
