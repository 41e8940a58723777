import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { HostError, messageOf } from "../base/errors.js";
import { LocalDiskError } from "../local/disk.js";
import type { Answer } from "../remote/answer.js";
import { scriptText } from "../remote/scripts.js";
import { one, upTo } from "../remote/declaration.js";
import { wholeNumber, hostPath, plainName, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import type { Target } from "../remote/target.js";
import { buildKey, type BuildInputs } from "./build.js";
import { provideBuild } from "./provide.js";
import { specifierOf, type Requirement } from "./requirements.js";
import { indexWheels, localWheels, type Wheel } from "./wheels.js";
import { list, optionalText, rest, text, type ValuesOf } from "../remote/arguments.js";

/** The inputs that decide where packages come from, and which Python they are for. */
export interface PackagesInputs {
  readonly python: BuildInputs;
  readonly wheels?: string | undefined;
  readonly index?: string | undefined;
}

/** The default index, which is pip's default as well. */
const publicIndex = "https://pypi.org/simple";

const describeProgram = "jail-packages/describe.py";
const yesOrNo = oneOf("yes", "no");
/** The arguments that identify a set of packages: its key, and the key of the build it is for. */
export const setArguments = { key: text, buildKey: text };
export const packageSteps = {
  findSet: {
    does: "find the packages",
    script: "jail-packages/find-set.sh",
    gets: ["jail", "records", "cache"],
    args: setArguments,
    answers: { set: one([yesOrNo]), pip: one([yesOrNo]) },
  },
  download: {
    does: "download the packages",
    script: "jail-packages/download.sh",
    gets: ["jail", "records", "cache"],
    args: { ...setArguments, token: text, index: optionalText, hashed: list, unhashed: list },
    slow: true,
    answers: { downloaded: one([yesOrNo]) },
  },
  describe: {
    does: "ask which packages fit",
    script: "jail-packages/describe.sh",
    gets: ["jail", "records", "cache"],
    args: { ...setArguments, token: text, describePy: text, markers: rest },
    answers: {
      tag: upTo(10_000, [plainName]),
      applies: upTo(10_000, [wholeNumber]),
      "own-settings": upTo(20, [plainName]),
      place: one([hostPath]),
    },
  },
  make: {
    does: "make the packages ready",
    script: "jail-packages/make.sh",
    gets: ["jail", "records", "cache"],
    args: { ...setArguments, token: text, requirements: text, hashes: text },
    slow: true,
    answers: {},
  },
} satisfies Record<string, Step>;

/**
 * The first lines of make.sh in the release that introduced keys. Hashing them, not today's, keeps the keys of earlier
 * releases valid.
 */
const originalHead = `# make.sh JAIL RECORDS CACHE KEY BUILD_KEY TOKEN REQUIREMENTS HASHES: makes a set of the wheels that have arrived. REQUIREMENTS: one a
# line, without hashes. HASHES: lines \`NAME SHA256...\`; a name that has none there is not checked.
jail=$1 records=$2 cache=$3 key=$4 build_key=$5 token=$6 requirements=$7 hashes=$8
`;

/** The digest of make.sh with `originalHead` in place of its first paragraph. */
function makeDigest(): string {
  const text = scriptText("jail-packages/make.sh");
  return createHash("sha256")
    .update(originalHead + text.slice(text.indexOf("\n\n") + 1))
    .digest("hex");
}

/** The key of a set of packages: equal keys make equal sets for one build. The host adds the build's key to it. */
export function packagesKey(requirementsDigest: string): string {
  return createHash("sha256")
    .update(JSON.stringify([requirementsDigest, makeDigest()]))
    .digest("hex")
    .slice(0, 16);
}

/** The arguments of every step that works on a set. */
export function setOf(key: string, { python }: Pick<PackagesInputs, "python">): ValuesOf<typeof setArguments> {
  return { key, buildKey: buildKey(python) };
}

/** A set that is being made. `token` names its directory on the host. */
type UnfinishedSet = ReturnType<typeof setOf> & { readonly token: string };

/**
 * Puts a set of packages into the host's cache, unless it is there. The host downloads the wheels. If it cannot, the
 * control machine downloads and uploads them. Throws HostError.
 */
export async function providePackages(
  jail: Target,
  inputs: PackagesInputs,
  requirements: readonly Requirement[],
  key: string,
): Promise<void> {
  const set = setOf(key, inputs);
  const readCache = (): Promise<Answer> => jail.run(packageSteps.findSet, set);
  let cached = await readCache();
  if (cached.one("set")[0] === "yes") return;
  if (cached.one("pip")[0] !== "yes") {
    // The cache was cleared since the build, or an earlier release, whose builds had no pip, made the build.
    say(jail, "the host's cache has lost the build, which is needed for its pip");
    await provideBuild(jail, inputs.python, false);
    cached = await readCache();
    if (cached.one("pip")[0] !== "yes") {
      throw new HostError({
        host: jail.host.name,
        step: packageSteps.findSet.does,
        code: "no-pip",
        reason: "the build of python came without pip",
        remedy: "give a source of CPython that has Lib/ensurepip/_bundled/pip-….whl, as python.org's have",
      });
    }
  }
  const unfinished = { ...set, token: randomUUID() };
  const refusal = inputs.wheels === undefined ? await downloadOnHost(jail, unfinished, inputs, requirements) : "";
  if (refusal !== undefined) await uploadWheels(jail, unfinished, inputs, requirements, refusal);
  await jail.run(packageSteps.make, {
    ...unfinished,
    requirements: requirements.map(specifierOf).join("\n"),
    hashes: hashesOf(requirements),
  });
}

/** One line for each requirement with hashes: its name and its hashes. */
function hashesOf(requirements: readonly Requirement[]): string {
  return requirements
    .filter(({ hashes }) => hashes.length > 0)
    .map(({ name, hashes }) => [name, ...hashes].join(" "))
    .join("\n");
}

/** Has the host download the wheels. Returns pip's output if it could not, and undefined if it could. */
async function downloadOnHost(
  jail: Target,
  set: UnfinishedSet,
  { index }: PackagesInputs,
  requirements: readonly Requirement[],
): Promise<string | undefined> {
  say(jail, "the host downloads them");
  const hashed = requirements
    .filter(({ hashes }) => hashes.length > 0)
    .map((requirement) =>
      [specifierOf(requirement), ...requirement.hashes.map((hash) => `--hash=sha256:${hash}`)].join(" "),
    );
  const unhashed = requirements.filter(({ hashes }) => hashes.length === 0).map(specifierOf);
  const answer = await jail.run(packageSteps.download, { ...set, index, hashed, unhashed });
  return answer.one("downloaded")[0] === "yes" ? undefined : answer.output;
}

/**
 * Chooses and downloads the wheels on the control machine, and uploads them. `refusal`: pip's output, if the host could
 * not download.
 */
async function uploadWheels(
  jail: Target,
  set: UnfinishedSet,
  { wheels, index }: PackagesInputs,
  requirements: readonly Requirement[],
  refusal: string,
): Promise<void> {
  const answer = await jail.run(packageSteps.describe, {
    ...set,
    describePy: scriptText(describeProgram),
    markers: requirements.map(({ marker }) => marker),
  });
  const tags = answer.all("tag", 1).map(([tag]) => tag);
  const applying = new Set(answer.all("applies").map(([number]) => Number(number)));
  const wanted = requirements.filter((_requirement, number) => applying.has(number));
  let found: Wheel[];
  if (wheels === undefined) {
    refuseOtherIndex(
      jail,
      index,
      answer.all("own-settings", 1).map(([setting]) => setting),
      wanted,
      refusal,
    );
    say(jail, "the host cannot download them: fetched here, to be sent there");
    found = await indexWheels(index ?? publicIndex, wanted, tags).catch((error: unknown) => {
      if (error instanceof LocalDiskError) throw error.at(jail.host.name, packageSteps.download.does);
      throw new HostError({
        host: jail.host.name,
        step: packageSteps.download.does,
        code: "download",
        reason: "neither the host nor this machine can get all the packages",
        output: `${refusal}\nthis machine:\n${messageOf(error)}`,
        remedy:
          "correct `requirements`, give an `index` that can be reached, or a folder of wheels on this machine (`wheels`)",
      });
    });
  } else {
    found = await localWheels(wheels, wanted, tags).catch((error: unknown) => {
      throw new HostError({
        host: jail.host.name,
        step: packageSteps.describe.does,
        code: "no-wheel",
        reason: "the folder `wheels` does not have all the packages",
        output: messageOf(error),
        remedy:
          "put the wheels for this Python and platform there (`pip download --only-binary :all: --platform … --python-version …`)",
      });
    });
  }
  say(jail, `${found.length} sent there`);
  const [place] = answer.one("place", 1);
  for (const { file, path } of found) {
    await jail.host.upload(
      packageSteps.make.does,
      posix.join(place, file),
      () => createReadStream(path),
      jail.buildTimeout,
    );
  }
}

/**
 * Throws if the host's pip has an index of its own and a wanted package has no hash. On another index the same name may
 * be somebody else's package, and only a hash would tell.
 */
function refuseOtherIndex(
  jail: Target,
  index: string | undefined,
  ownSettings: readonly string[],
  wanted: readonly Requirement[],
  refusal: string,
): void {
  const unhashed = wanted.filter(({ hashes }) => hashes.length === 0).map(({ name }) => name);
  if (index !== undefined || ownSettings.length === 0 || unhashed.length === 0) return;
  throw new HostError({
    host: jail.host.name,
    step: packageSteps.download.does,
    code: "download",
    output: refusal,
    reason: `the host cannot download them from where its own settings of pip say (${[...new Set(ownSettings)].join(", ")}), and no other index is asked for what has no hash: ${unhashed.join(", ")}`,
    remedy: "see that the host reaches it, give that index as `index`, or pin these with hashes",
  });
}

function say(jail: Target, text: string): void {
  jail.session.progress.say(jail.host.name, "packages", text);
}
