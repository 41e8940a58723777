import { z } from "zod";
import { HostError } from "../base/errors.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedText, recordedTexts } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { buildKey } from "../python/build.js";
import { defaultModules, headersFor } from "../python/modules.js";
import { artifactSteps } from "../python/artifacts.js";
import { buildSteps } from "../python/building.js";
import { provideBuild } from "../python/provide.js";
import { newestPatch, newestPatches, newestVersion, pinnedVersion, pythonOrg, releaseOf } from "../python/releases.js";
import { trimOf, trims } from "../python/trims.js";
import type { Answer } from "../remote/answer.js";
import { rest, text } from "../remote/arguments.js";
import { maybe, noJail, one, upTo } from "../remote/declaration.js";
import { installCommand } from "../remote/distributions.js";
import { hex, plainName, said, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { connectionSchema } from "../ssh/connection.js";
import { installFromCache } from "./installed.js";
import { differingAnswers, differingPaths } from "./differing.js";
import { defaultDirectories, hostFields, jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { archiveByPath, archiveByUrl, artifactUrl, sha256, url } from "./sources.js";

/** Flags that the build sets itself, or that would change the layout that a jail needs. */
const reservedFlag =
  /^--?(prefix|exec-prefix|bindir|libdir|includedir|datarootdir|srcdir|enable-framework|host|target|enable-optimizations|with-lto)(=|$)/;

/** The error text for a version that YAML parsed as a number. */
function numberAsVersion({ input }: { readonly input?: unknown }): string | undefined {
  if (typeof input !== "number") return undefined;
  const [short, long] = [String(input), `${input}0`];
  if (newestPatch(short) !== undefined) return `unquoted ${short} is a number: write "${newestPatch(short)}"`;
  return newestPatch(long) === undefined
    ? `is a number: write it in quotation marks, such as "${newestVersion()}"`
    : `unquoted ${long} is the number ${short}: write "${newestPatch(long)}"`;
}

/** PythonBuild's own inputs. */
export const pythonFields = {
  // Replaced by the exact version, so that the state and the preview have it even after newer ones appear.
  version: z.string({ error: numberAsVersion }).transform(pinnedVersion).optional(),
  source: z.union([archiveByUrl, archiveByPath]).optional(),
  artifact: z.strictObject({ url: artifactUrl, sha256 }).optional(),
  builder: z
    .union([z.enum(["self", "shared"]), z.strictObject({ host: hostFields.host, connection: connectionSchema })])
    .default("shared"),
  mirrors: z.array(url).default([]),
  configureFlags: z
    .array(
      z
        .string()
        .regex(
          /^(-[A-Za-z0-9=_./,+-]+|[A-Z][A-Z0-9_]*=[^\u0000-\u001f]*)$/,
          "must be a flag (--with-…) or a variable (CFLAGS=…)",
        )
        .refine(
          (flag) => !reservedFlag.test(flag),
          "is set by us (for --enable-optimizations and --with-lto use `optimize`)",
        ),
    )
    .default([]),
  optimize: z.boolean().default(false),
  include: z.array(z.enum(trims)).default([]),
  jobs: z.number().int("must be a whole number").min(0).max(1024).default(0),
  requireModules: z
    .array(z.string().regex(/^[A-Za-z_][\w.]*$/, "must be a module's name"))
    .default([...defaultModules]),
  installBuildDependencies: z.boolean().default(false),
};

/** The inputs of PythonBuild that depend on each other. In a fleet's settings each of them may be missing. */
interface Dependent {
  readonly version?: string | undefined;
  readonly source?: object | undefined;
  readonly artifact?: object | undefined;
  readonly optimize?: boolean | undefined;
  readonly configureFlags?: readonly string[] | undefined;
  readonly include?: readonly string[] | undefined;
  readonly requireModules?: readonly string[] | undefined;
}

/** Checks inputs together: exactly one source, a pinned version, and no module that is both required and left out. */
export function coherent<T extends Dependent>(value: T, context: z.RefinementCtx<T>): void {
  oneSource(value, context);
  value.requireModules?.forEach((module, index) => {
    const trim = trimOf(module);
    if (trim !== undefined && !value.include?.includes(trim)) {
      context.addIssue({
        code: "custom",
        path: ["requireModules", index],
        message: `is a module that is left out: add "${trim}" to \`include\``,
      });
    }
  });
}

function oneSource<T extends Dependent>(value: T, context: z.RefinementCtx<T>): void {
  const wrong = (property: string, message: string): void =>
    context.addIssue({ code: "custom", path: [property], message });
  if (value.artifact !== undefined) {
    // `version` is allowed: the archive must then hold it.
    for (const property of ["source", "optimize", "configureFlags"] as const) {
      const given = value[property];
      if (given !== undefined && given !== false && !(Array.isArray(given) && given.length === 0))
        wrong(property, "must not be given together with `artifact`, which is built already");
    }
  } else if (value.source === undefined && value.version === undefined) {
    wrong("version", `is missing: give a version (the newest known is ${newestVersion()}), \`source\` or \`artifact\``);
  } else if (value.source !== undefined && value.version !== undefined) {
    wrong("version", "must not be given together with `source`");
  } else if (value.version !== undefined && !releaseOf(value.version)) {
    wrong("version", notPinned(value.version));
  }
}

const schema = z.strictObject({ ...jailFields, ...pythonFields }).superRefine(coherent);

type Inputs = z.output<typeof schema>;

/** The error text for a version that is not in the table; it shows how to give it as `source`. */
function notPinned(version: string): string {
  // A text that is not a version is not repeated in the error, as it may hold a secret.
  const known = /^\d+\.\d+\.\d+$/.test(version) ? version : "VERSION";
  const address = `${pythonOrg}/${known}/Python-${known}.tar.xz`;
  return `is not in the table of pinned releases, of which the newest are ${newestPatches().join(", ")}; give another, in place of \`version\`, as \`source: {url: "${address}", sha256: …}\` with the sha256 that python.org publishes`;
}

interface Facts {
  readonly pythonVersion: string;
  readonly buildKey: string;
  readonly digest: string;
  readonly missingModules: string[];
}

const facts = { version: maybe([plainName]), digest: maybe([hex(16)]), "missing-module": upTo(200, [plainName]) };

export const pythonSteps = {
  read: {
    does: "read python",
    script: "python-build/read.sh",
    reads: true,
    remembered: {},
    answers: { ...noJail, installed: maybe([plainName]), ...facts, ...differingAnswers },
  },
  install: {
    does: "install python",
    script: "python-build/install.sh",
    gets: ["jail", "records", "cache"],
    args: { key: text, modules: rest },
    slow: true,
    confined: true,
    answers: { damaged: maybe([oneOf("yes")]), lacking: maybe([said(4000)]), ...facts },
  },
  repair: {
    does: "repair python",
    script: "python-build/repair.sh",
    gets: ["jail", "records", "cache"],
    args: { key: text },
    slow: true,
    confined: true,
    answers: { repaired: one([oneOf("yes", "no")]) },
  },
  remove: {
    does: "remove python",
    script: "python-build/remove.sh",
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

/** The jail's CPython. */
export interface PythonStatus {
  readonly version?: string | undefined;
  readonly build?: string | undefined;
  readonly digest?: string | undefined;
  readonly missingModules: readonly string[];
  readonly log?: string | undefined;
}

const outputs = z.object({
  pythonVersion: recordedText,
  buildKey: recordedText,
  digest: recordedText,
  missingModules: recordedTexts,
  directories: z.object({ cache: recordedText }).default({}).catch({}),
});

const shown: Shown<PythonStatus> = {
  key: "python",
  status(recorded) {
    const { pythonVersion: version, buildKey: build, digest, missingModules, directories } = outputs.parse(recorded);
    const builds = `${directories.cache ?? defaultDirectories.cache}/builds`;
    return { version, build, digest, missingModules, log: build && `${builds}/${build}-*/log.gz` };
  },
  columns: [{ title: "Python", inStatus: "always", cell: ({ version }) => version }],
  section: ({ version, build, digest, missingModules }) => ({
    title: "Python",
    facts: [
      ["version", version],
      ["build", { code: build }],
      ["digest", { code: digest }],
      ["modules left out", missingModules.join(", ")],
    ],
  }),
};

export const pythonBuild: Kind<Inputs, Facts> = {
  type: "PythonBuild",
  schema,
  steps: { python: pythonSteps, build: buildSteps, artifact: artifactSteps },
  settings: {
    key: "python",
    example: `{version: "${newestVersion()}"}`,
    // In a stack's settings, `builder` may also be the name of another host of the stack.
    schema: settingsOf({
      ...pythonFields,
      builder: z.union([...pythonFields.builder.unwrap().options, jailFields.host]),
    }),
    description: "CPython: `version` (or `source` with its sha256), `configureFlags`, `optimize`, `requireModules`…",
    localPaths: [
      "source.path",
      ...["sshConfigFile", "identityFile", "knownHostsFile"].map((file) => `builder.connection.${file}`),
    ],
    check: (settings, context) => coherent(settings, context as never),
  },
  shown,
  quiet: ["jobs", "mirrors", "installBuildDependencies", "builder"],

  async read(jail, inputs, facts) {
    const answer = await jail.run(pythonSteps.read);
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareBuild(facts.buildKey ?? buildKey(inputs), answer), facts };
  },

  async apply(jail, inputs) {
    const key = buildKey(inputs);
    const seen = await jail.run(pythonSteps.read);
    const lacks = seen.all("missing-module", 1).some(([module]) => inputs.requireModules.includes(module));
    if (isInstalled(key, seen) && !lacks) {
      if (Object.keys(compareBuild(key, seen)).length === 0) return factsOf(key, seen);
      if ((await jail.run(pythonSteps.repair, { key })).one("repaired")[0] === "yes") return factsOf(key, seen);
    }
    for (let anew = false; ; anew = true) {
      const { answer, provided } = await installFromCache(
        jail,
        pythonSteps.install.does,
        () => jail.run(pythonSteps.install, { key, modules: inputs.requireModules }),
        () => provideBuild(jail, inputs, anew),
      );
      const lacking = (answer.maybe("lacking") ?? "").split(" ").filter((module) => module !== "");
      if (lacking.length === 0) return factsOf(key, answer);
      // A build from the cache or another host may be older than the headers on this host, so build once here.
      if (provided === "built" || inputs.artifact) throw lackingModules(jail, lacking);
    }
  },

  async remove(jail: Target) {
    await jail.run(pythonSteps.remove);
  },
};

function factsOf(key: string, answer: Answer): Facts {
  return {
    pythonVersion: answer.one("version", 1)[0],
    buildKey: key,
    digest: answer.one("digest", 1)[0],
    missingModules: answer.all("missing-module", 1).map(([module]) => module),
  };
}

function isInstalled(key: string, answer: Answer): boolean {
  return answer.one("installed")[0] === key;
}

/** The drift of a build: the wanted key compared with the answer of `read.sh`. */
export function compareBuild(key: string, answer: Answer): Drift {
  const is = answer.one("installed")[0];
  if (is === "none") return { python: "is not installed, or not wholly" };
  if (!isInstalled(key, answer)) return { python: "is another build than the one that was declared" };
  return differingPaths(answer);
}

function lackingModules(jail: Target, lacking: string[]): HostError {
  const needs = Object.values(headersFor(lacking));
  return new HostError({
    host: jail.host.name,
    step: pythonSteps.install.does,
    code: "missing-modules",
    reason: `CPython was built without ${lacking.join(", ")}: the python that was there before stays in use`,
    remedy:
      needs.length > 0
        ? `install what they need: ${installCommand(needs, undefined)}; or take them out of \`requireModules\``
        : "take them out of `requireModules`",
  });
}
