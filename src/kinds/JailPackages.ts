import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { HostError, messageOf } from "../base/errors.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedMap } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { containsUnknown, type Checked } from "../base/validation.js";
import { packageSteps, packagesKey, providePackages, setArguments, setOf } from "../python/packages.js";
import { digestOf, parseRequirements, type Requirement } from "../python/requirements.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, one, upTo } from "../remote/declaration.js";
import { hex, plainName, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { installFromCache } from "./installed.js";
import { differingAnswers, differingPaths } from "./differing.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { coherent, pythonFields } from "./PythonBuild.js";
import { webAddress } from "./sources.js";

/** JailPackages' own inputs that an operator sets. */
const packagesFields = {
  requirements: z.string().min(1, "must be the path of a requirements file"),
  wheels: z.string().min(1, "must be the path of a folder").optional(),
  index: webAddress.optional(),
  allowUnhashed: z.boolean().default(false),
};

const schema = z
  .strictObject({
    ...jailFields,
    ...packagesFields,
    python: z.strictObject(pythonFields).superRefine(coherent),
    // `complete` sets these two from the file, so that a preview shows when its content changes.
    requirementsDigest: z.string().optional(),
    pins: z.record(z.string(), z.string()).optional(),
  })
  .superRefine(({ wheels, index, allowUnhashed }, context) => {
    if (wheels !== undefined && index !== undefined)
      context.addIssue({ code: "custom", path: ["index"], message: "must not be given together with `wheels`" });
    if (allowUnhashed && index?.startsWith("http:"))
      context.addIssue({
        code: "custom",
        path: ["index"],
        message: "must be https with `allowUnhashed`: nothing else would tell what arrives",
      });
  });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly key: string;
  readonly digest: string;
  readonly packages: Record<string, string>;
}

const facts = { package: upTo(5000, [said(200), said(200)]), digest: maybe([hex(16)]) };

export const packagesSteps = {
  read: {
    does: "read the packages",
    script: "jail-packages/read.sh",
    reads: true,
    remembered: {},
    answers: {
      ...noJail,
      installed: maybe([plainName]),
      python: maybe([oneOf("same", "other")]),
      ...facts,
      ...differingAnswers,
    },
  },
  install: {
    does: "install the packages",
    script: "jail-packages/install.sh",
    gets: ["jail", "records", "cache"],
    args: setArguments,
    slow: true,
    confined: true,
    answers: { damaged: maybe([oneOf("yes")]), ...facts },
  },
  repair: {
    does: "repair the packages",
    script: "jail-packages/repair.sh",
    gets: ["jail", "records", "cache"],
    args: setArguments,
    slow: true,
    confined: true,
    answers: { repaired: one([oneOf("yes", "no")]) },
  },
  remove: {
    does: "remove the packages",
    script: "jail-packages/remove.sh",
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

/** The third-party packages: name to version. */
export type PackagesStatus = Readonly<Record<string, string>> | undefined;

const shown: Shown<PackagesStatus> = {
  key: "packages",
  status: ({ packages }) => recordedMap.parse(packages),
  section: (packages) => ({ title: "Packages", names: Object.entries(packages ?? {}) }),
};

export const jailPackages: Kind<Inputs, Facts> = {
  type: "JailPackages",
  schema,
  steps: { packages: packagesSteps, "package set": packageSteps },
  shown,
  settings: {
    key: "packages",
    example: "{requirements: requirements.txt}",
    schema: settingsOf(packagesFields),
    description:
      "Third-party packages: `requirements` (a file, pinned and hashed), `wheels` (a local folder) or `index`, `allowUnhashed`.",
    optional: "requirements",
    localPaths: ["requirements", "wheels"],
    check(settings, context) {
      if ((settings as Partial<Inputs>).requirements === undefined)
        context.addIssue({ path: ["requirements"], message: "is missing: the path of a requirements file" });
    },
  },
  // A package is pinned, so it is the same wherever it comes from.
  quiet: ["requirements", "wheels", "index", "allowUnhashed"],

  complete(inputs) {
    const { requirements: path, allowUnhashed, wheels } = inputs;
    const reasons =
      wheels === undefined || containsUnknown(wheels) || isFolder(wheels)
        ? []
        : ["wheels: there is no such folder on this machine"];
    if (containsUnknown([path, allowUnhashed]))
      return reasons.length > 0 ? { value: undefined, reasons } : { value: inputs, reasons: undefined };
    const file = readRequirements(inputs);
    reasons.push(...(file.reasons ?? []));
    if (!file.value || reasons.length > 0) return { value: undefined, reasons };
    const pins = bounded(file.value.map(({ name, version }) => [name, version]));
    return { value: { ...inputs, requirementsDigest: digestOf(file.value), pins }, reasons: undefined };
  },

  async read(jail, inputs, facts) {
    const answer = await jail.run(packagesSteps.read);
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: comparePackages(facts.key ?? keyOf(inputs), answer), facts };
  },

  async apply(jail, inputs) {
    const key = keyOf(inputs);
    const set = setOf(key, inputs);
    const seen = await jail.run(packagesSteps.read);
    const drift = comparePackages(key, seen);
    if (Object.keys(drift).length === 0) return factsOf(key, seen);
    if (isInstalled(key, seen) && (await jail.run(packagesSteps.repair, set)).one("repaired")[0] === "yes")
      return factsOf(key, seen);
    const { answer } = await installFromCache(
      jail,
      packagesSteps.install.does,
      () => jail.run(packagesSteps.install, set),
      () => providePackages(jail, inputs, sameRequirements(jail, inputs), key),
    );
    return factsOf(key, answer);
  },

  async remove(jail) {
    await jail.run(packagesSteps.remove);
  },
};

function keyOf({ requirementsDigest }: Inputs): string {
  return packagesKey(requirementsDigest ?? "");
}

/** Reads a requirements file, or returns the reasons why it cannot be installed. */
export function readRequirements({
  requirements: path,
  allowUnhashed,
}: Pick<Inputs, "requirements" | "allowUnhashed">): Checked<readonly Requirement[]> {
  let text;
  try {
    text = decoded(readFileSync(path));
  } catch (error) {
    return {
      value: undefined,
      reasons: [
        `requirements: cannot be read (${(error as NodeJS.ErrnoException).code ?? messageOf(error)}): must be the path of a requirements file on this machine`,
      ],
    };
  }
  if (text.includes("\0"))
    return { value: undefined, reasons: ["requirements: is no text in UTF-8: save it as such, and without NUL bytes"] };
  const { requirements, problems } = parseRequirements(text, { allowUnhashed });
  return problems.length > 0
    ? { value: undefined, reasons: problems.map((problem) => `requirements: ${problem}`) }
    : { value: requirements, reasons: undefined };
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, which PowerShell's `>` writes. pip accepts both, too. */
function decoded(content: Buffer): string {
  const mark = content.subarray(0, 2).toString("latin1");
  const encoding = mark === "\xff\xfe" ? "utf-16le" : mark === "\xfe\xff" ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(content);
}

/** Reads the requirements file again. Throws HostError if it has changed since it was checked. */
function sameRequirements(jail: Target, inputs: Inputs): readonly Requirement[] {
  const { value, reasons } = readRequirements(inputs);
  if (value && digestOf(value) === inputs.requirementsDigest) return value;
  throw new HostError({
    host: jail.host.name,
    step: packagesSteps.install.does,
    code: "source-changed",
    reason: reasons?.join("; ") ?? "the requirements file has changed since it was checked",
    remedy: "run `pulumi up` again",
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Keeps as many entries as the state should hold, and adds the number of the others as "and more". */
function bounded(entries: readonly (readonly [string, string])[]): Record<string, string> {
  let room = 1200;
  const shown = [...entries].sort().filter(([name, version]) => (room -= name.length + version.length + 6) > 0);
  const more = entries.length - shown.length;
  return Object.fromEntries(more > 0 ? [...shown, ["and more", `${more} more packages`]] : shown);
}

function factsOf(key: string, answer: Answer): Facts {
  return {
    key,
    digest: answer.one("digest", 1)[0],
    packages: bounded(answer.all("package", 2).map(([name, version]) => [name, version])),
  };
}

function isInstalled(key: string, answer: Answer): boolean {
  return answer.one("installed")[0] === key && answer.one("python")[0] === "same";
}

/** The drift of the packages: the wanted key compared with the answer of `read.sh`. */
export function comparePackages(key: string, answer: Answer): Drift {
  const is = answer.one("installed")[0];
  if (is === "none") return { packages: "are not installed, or not wholly" };
  if (is !== key) return { packages: "are others than those that were declared" };
  if (answer.one("python")[0] !== "same")
    return { packages: "were installed for another python than the one that is there" };
  return differingPaths(answer);
}
