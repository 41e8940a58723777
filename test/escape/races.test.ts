import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../hosts/repository.js";
import { everyStep } from "../remote/every-step.js";
import { machineLibraryFolder } from "../remote/jail-libraries/compile.js";
import { quote } from "../../src/ssh/openssh.js";
import { changingSteps, type ChangingStep } from "./changing-steps.js";
import { resultOf, Scene, user, type SceneSettings } from "./scene.js";

// Another user exchanges, while a step works, what it works on: nothing outside the jail changes.
/** More of them find more; a round is a run of a step. */
const rounds = Number(process.env.PYTHON3JAIL_TEST_ROUNDS ?? 6);
const confined = Object.keys(everyStep).filter((name) => everyStep[name]!.confined);
let steps: Readonly<Record<string, ChangingStep>>;
beforeAll(async () => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  steps = changingSteps(await machineLibraryFolder());
});
afterAll(() => void jest.restoreAllMocks());

/** Shell commands that start the program of the jail's user, and those that end it. */
function exchanging(paths: readonly string[]): { before: string; after: string } {
  const program = quote(join(repositoryRoot, "test", "escape", "exchange.py"));
  return {
    before: `python3 ${program} ${user} "$folder/exchanged" "$o/directory" "$o/secret" ${paths.join(" ")} </dev/null >/dev/null 2>&1 3>&- & exchanger=$!\nuntil [ -e "$folder/exchanged" ]; do sleep 0.01; done`,
    after: "kill $exchanger; wait $exchanger 2>/dev/null",
  };
}

/** Runs the step again and again; throws where something outside has changed. Says how often something was exchanged meanwhile. */
async function race(scene: Scene, { before, after }: { before: string; after: string }): Promise<number> {
  let exchanged = 0;
  for (let round = 0; round < rounds; round += 1) {
    const run = await scene.run({ before: `rm -f "$folder/exchanged"\n${before}`, after });
    if (run.after !== "")
      throw new Error(`round ${round}, ${resultOf(run)}: outside has changed\n${run.after}\n${run.stderr}`);
    exchanged += Number(readFileSync(join(scene.jail.folder, "exchanged"), "utf8"));
  }
  return exchanged;
}

describe.each(confined)("%s", (name) => {
  const racing = async (settings: SceneSettings, use: (scene: Scene) => Promise<void>): Promise<void> => {
    const scene = await Scene.make(steps[name]!, settings);
    await use(scene).finally(() => scene.remove());
  };

  test("changes nothing outside while the jail's user exchanges what it works on", async () => {
    await racing({ owner: user }, async (scene) => {
      const { places } = scene.changing;
      const parents = places
        .filter((place) => place.includes("/"))
        .map((place) => place.slice(0, place.lastIndexOf("/")));
      const paths = [...new Set([...places, ...parents, ".python3jail.swap"])].map((place) =>
        quote(scene.jail.at(place)),
      );
      expect(await race(scene, exchanging(paths))).toBeGreaterThan(rounds);
    });
  });

  test("changes nothing of a directory that the owner of the jail's parent exchanges with the jail", async () => {
    await racing({ place: "srv/jail" }, async (scene) => {
      const { folder, path } = scene.jail;
      const { before, after } = exchanging([
        quote(`${path}=${join(folder, "srv/roots")}`),
        quote(`${path}=${join(folder, "srv/link")}`),
      ]);
      // Beside the jail a directory like it, which is somebody else's, and a link to one.
      const beside = [
        `chown ${user}:${user} srv`,
        "rm -rf srv/roots srv/link",
        'cp -a "$j" srv/roots',
        'cp -a "$j" outside/jail',
        "echo another >srv/roots/.python3jail; : >srv/roots/canary",
        'ln -s "$o/jail" srv/link',
        // Wherever it is by now.
        'canary_seen() { for place in srv/jail srv/roots; do [ ! -e "$folder/$place/canary" ] || /usr/bin/find "$folder/$place/." -mindepth 1 -printf "%P|%y|%m|%U:%G|%s|%T@|%C@|%n|%l\\n" | /usr/bin/sort; done; }',
        'canary_seen >"$folder/canary.before"',
      ].join("\n");
      const unchanged =
        'canary_seen >"$folder/canary.after"; /usr/bin/diff "$folder/canary.before" "$folder/canary.after"';
      expect(await race(scene, { before: `${beside}\n${before}`, after: `${after}\n${unchanged}` })).toBeGreaterThan(
        rounds,
      );
    });
  });
});
