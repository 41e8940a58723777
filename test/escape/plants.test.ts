import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { everyStep } from "../remote/every-step.js";
import { machineLibraryFolder } from "../remote/jail-libraries/compile.js";
import { changingSteps, type ChangingStep } from "./changing-steps.js";
import { independent, pathsOf, planting, plants, type Plant } from "./plants.js";
import type { StepSurroundings } from "../remote/run-step.js";
import { resultOf, Scene, user } from "./scene.js";

// What a jail's own user plants at the places that a step touches: nothing outside the jail changes, and no mount is lost.
const confined = Object.keys(everyStep).filter((name) => everyStep[name]!.confined);
let steps: Readonly<Record<string, ChangingStep>>;
beforeAll(async () => {
  steps = changingSteps(await machineLibraryFolder());
});

/** `STEP (SURROUNDINGS)`, and what came of each plant. */
const table: Record<string, Record<string, string>> = {};
beforeAll(() => void jest.spyOn(console, "log").mockImplementation(() => undefined));
afterAll(() => {
  jest.restoreAllMocks();
  const print = (words: readonly string[], widths: readonly number[]): string =>
    words
      .map((word, index) => word.padEnd(widths[index]!))
      .join("  ")
      .trimEnd();
  const rows = [
    ["step", ...plants.map(({ name }) => name)],
    ...Object.entries(table).map(([name, results]) => [name, ...plants.map(({ name: plant }) => results[plant] ?? "")]),
  ];
  const widths = rows[0]!.map((_word, index) => Math.max(...rows.map((row) => row[index]!.length)));
  console.log(rows.map((row) => print(row, widths)).join("\n"));
});

/**
 * Runs the step with a plant at each of its places, where `surroundings` have namespaces again without that which it names when it refuses, and
 * so on. Says what came of it, and adds to the problems what should not have.
 */
async function tryPlant(
  scene: Scene,
  plant: Plant,
  surroundings: StepSurroundings,
  problems: string[],
): Promise<string> {
  const apart = surroundings.namespaces !== false;
  const results = new Set<string>();
  const attempt = async (paths: readonly string[]): Promise<void> => {
    const run = await scene.run({ ...plant, before: planting(plant, paths), surroundings });
    const result = resultOf(run);
    const told = `${plant.name} at ${paths.join(", ")}: ${result}`;
    if (run.after !== "") problems.push(`${told}, and outside\n${run.after.split("\n").slice(0, 12).join("\n")}`);
    if (result === "ended")
      problems.push(
        `${told}\n${run.stderr
          .trimEnd()
          .split("\n")
          .slice(-4)
          .map((line) => line.slice(0, 200))
          .join("\n")}`,
      );
    if (result === "done" || paths.length === 1 || !apart) {
      results.add(result);
      return;
    }
    // A refusal hides what the others would have done.
    const refused = paths.find((path) => run.answer.failure?.reason.includes(path));
    if (refused === undefined) for (const path of paths) await attempt([path]);
    else {
      results.add(result);
      await attempt(paths.filter((path) => path !== refused));
    }
  };
  for (const paths of independent(pathsOf(plant, scene.changing.places))) await attempt(paths);
  return [...results].sort().join(", ");
}

/** What should not have been, of a step with each plant. */
async function tryAll(
  scene: Scene,
  column: string,
  surroundings: StepSurroundings = {},
  tried: readonly Plant[] = plants,
): Promise<string> {
  const problems: string[] = [];
  const plain = await scene.run({ surroundings });
  if (resultOf(plain) !== "done" || plain.after !== "")
    throw new Error(`without a plant it is ${resultOf(plain)}:\n${plain.stdout}\n${plain.stderr}\n${plain.after}`);
  const row: Record<string, string> = (table[column] = {});
  for (const plant of tried) {
    const found: string[] = [];
    const result = await tryPlant(scene, plant, surroundings, found);
    row[plant.name] = found.length > 0 ? `${result} !` : result;
    problems.push(...found);
  }
  return problems.join("\n\n");
}

test("the table has every step that changes something in a jail", () => {
  expect(Object.keys(steps).sort()).toEqual(confined.sort());
});

// The primitives are the same for all steps: of each sort that changes something, one is tried with every shell.
const triedWithEveryShell = ["root: apply", "root: remove", "permissions: apply", "files: apply", "libraries: apply"];
const triedInEveryShell = plants.filter(({ name }) =>
  ["symlink to a directory", "symlinked parent", "hard link", "bind mount below", "FIFO"].includes(name),
);
// In a jail that is root's alone they take another way, many paths at once.
const takesAnotherWayAsRoot = ["permissions: apply", "permissions: remove"];

describe.each(confined)("%s", (name) => {
  let its: Scene;
  let roots: Scene;
  beforeAll(async () => {
    its = await Scene.make(steps[name]!, { owner: user });
    roots = await Scene.make(steps[name]!);
  });
  afterAll(() => {
    its.remove();
    roots.remove();
  });

  test("changes nothing outside, in a jail that belongs to its user, and without a namespace in one that belongs to root", async () => {
    const problems = await Promise.all([
      tryAll(its, `${name} (user's)`),
      tryAll(roots, `${name} (root's, no namespace)`, { namespaces: false }),
    ]);
    expect(problems).toEqual(["", ""]);
  });

  test("is refused without a namespace where the jail belongs to its user", async () => {
    const run = await its.run({ surroundings: { namespaces: false } });
    expect([resultOf(run), run.after]).toEqual(["no-namespace", ""]);
  });

  if (takesAnotherWayAsRoot.includes(name))
    test("changes nothing outside a jail that belongs to root", async () => {
      expect(await tryAll(roots, `${name} (root's)`)).toBe("");
    });

  if (triedWithEveryShell.includes(name))
    test.each(["bash", "busybox"] as const)("changes nothing outside either with %s", async (shell) => {
      expect(await tryAll(its, `${name} (user's, ${shell})`, { shell }, triedInEveryShell)).toBe("");
    });
});
