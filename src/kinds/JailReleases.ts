import { posix } from "node:path";
import { z } from "zod";
import { HostError } from "../base/errors.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedText } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import type { Answer } from "../remote/answer.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { plainName, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { removeJail, rootSteps } from "./JailRoot.js";
import { optionalNumber, text } from "../remote/arguments.js";

/** JailReleases' own inputs, except the release itself. */
const releasesFields = {
  keep: z.number().int("must be a whole number").min(0, "must be 0 or more").max(100, "must be 100 at most").default(2),
  deleteContents: z.boolean().default(false),
};

const releaseName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be a release's id: letters, digits, '_' and '-'");

const schema = z.strictObject({ ...jailFields, release: releaseName, ...releasesFields });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly current: string;
  readonly kept: string[];
}

const releasesSteps = {
  read: {
    does: "read the releases",
    script: "jail-releases/read.sh",
    reads: true,
    answers: {
      base: one([oneOf("none", "there")]),
      current: maybe([said()]),
      recorded: maybe([oneOf("yes", "no")]),
      kept: upTo(300, [said(100)]),
    },
  },
  flip: { does: "make the release current", script: "jail-releases/flip.sh", args: { release: text }, answers: {} },
  all: {
    does: "read the releases",
    script: "jail-releases/all.sh",
    reads: true,
    answers: { release: upTo(1000, [plainName, said(64)]) },
  },
  old: {
    does: "let go of old releases",
    script: "jail-releases/old.sh",
    args: { keep: optionalNumber },
    answers: { old: upTo(1000, [plainName, said(64)]) },
  },
  remove: {
    does: "remove the releases",
    script: "jail-releases/remove.sh",
    answers: {},
  },
} satisfies Record<string, Step>;

/** The path of a release. */
export function releasePath(path: string, release: string): string {
  return posix.join(path, "releases", release);
}

/** The path of the symlink to the current release. */
export function currentPath(path: string): string {
  return posix.join(path, "current");
}

/** Shows the id of the current release. */
const shown: Shown<string | undefined> = {
  key: "release",
  status: ({ release }) => recordedText.parse(release),
  columns: [{ title: "Release", rank: -1, inStatus: "where-known", cell: (release) => release }],
};

export const jailReleases: Kind<Inputs, Facts> = {
  type: "JailReleases",
  schema,
  steps: { releases: releasesSteps },
  shown,
  settings: {
    key: "releases",
    example: "{keep: 3}",
    schema: settingsOf(releasesFields),
    description:
      "A whole new jail for every change in `<path>/releases/<id>`, with `<path>/current` leading to the one in use: `keep` (old ones that stay). Default: none, everything changes in place; `keep: 2` does it.",
    optional: true,
  },
  target: "releases",
  quiet: ["deleteContents"],

  announce(olds, news) {
    if (olds.release === news.release) return undefined;
    if (!olds.kept?.includes(news.release))
      return `makes one new release, ${news.release}, beside the current one: all that shows as replaced below ${releasePath(news.path, "…")} is that one; \`current\` leads to it once it is checked`;
    return `goes back to the release ${news.release}, which is kept there: nothing is built`;
  },

  async read(jail, inputs) {
    const answer = await jail.run(releasesSteps.read);
    if (answer.one("base")[0] === "none") return undefined;
    return { drift: compareReleases(inputs, answer), facts: factsOf(inputs, answer) };
  },

  async apply(jail, inputs) {
    await jail.run(releasesSteps.flip, { release: inputs.release });
    for (const error of await removeOld(jail, inputs, inputs.keep)) console.warn(`warning: ${error.message}`);
    return factsOf(inputs, await jail.run(releasesSteps.read));
  },

  async remove(jail, inputs) {
    // Ask about every release before the first one is removed.
    for (const [release, id] of (await jail.run(releasesSteps.all)).all("release", 2)) {
      await jail
        .jailAt(releasePath(inputs.path, release))
        .run(rootSteps.ask, { id, deleteContents: inputs.deleteContents, kept: true });
    }
    const [error] = await removeOld(jail, inputs);
    if (error) throw error;
    await jail.run(releasesSteps.remove);
  },
};

function factsOf({ path }: Inputs, answer: Answer): Facts {
  return { current: currentPath(path), kept: answer.all("kept", 1).map(([release]) => release) };
}

/** The drift of the releases: the wanted release compared with the answer of `read.sh`. */
function compareReleases({ release }: Pick<Inputs, "release">, answer: Answer): Drift {
  const [current] = answer.one("current");
  if (current === release)
    return answer.maybe("recorded") === "no" ? { current: "is not recorded as a release that is kept" } : {};
  return {
    current:
      current === "none"
        ? "is missing"
        : current === "other"
          ? "is not a link to a release"
          : `is the release ${current}, should be ${release}`,
  };
}

/**
 * Removes the old releases (`old.sh`) as JailRoot's delete would; without `keep`, all releases. Returns an error for
 * each release that could not be removed.
 */
async function removeOld(jail: Target, inputs: Inputs, keep?: number): Promise<HostError[]> {
  const errors: HostError[] = [];
  for (const [release, id] of (await jail.run(releasesSteps.old, { keep })).all("old", 2)) {
    try {
      // Deleting the host's last JailRoot empties the cache.
      await removeJail(jail.jailAt(releasePath(inputs.path, release)), id, {
        deleteContents: inputs.deleteContents,
        keepCache: true,
        kept: true,
      });
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      errors.push(error);
    }
  }
  return errors;
}
