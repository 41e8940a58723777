import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import { HostError, messageOf } from "../base/errors.js";
import { digestOfAll, filesBelow, mostFiles, type LocalFile } from "../local/folder.js";
import { summaryOf } from "../local/summary.js";
import { tarOf } from "../local/tar.js";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedNumber, recordedText, recordedTexts } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { plural } from "../base/text.js";
import { containsUnknown } from "../base/validation.js";
import { unknownValue } from "../base/pulumi-internals.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, one, upTo } from "../remote/declaration.js";
import { visPath, wholeNumber, hostPath, sha256Field, oneOf } from "../remote/fields.js";
import type { Step } from "../remote/step.js";
import { jailFields } from "../remote/target-inputs.js";
import { pathInJail } from "../remote/host-paths.js";
import type { Target } from "../remote/target.js";
import { differingAnswers, differingPaths } from "./differing.js";
import { flag, optionalText, text } from "../remote/arguments.js";

/** JailFiles' own inputs. */
const jailFilesFields = {
  source: z
    .string()
    .min(1, "must not be empty")
    .refine(
      (value) => !/[\u0000-\u001f\u007f]/.test(value),
      "must not contain a line break, a NUL or another control character",
    ),
  ignore: z
    .array(
      z
        .string()
        .regex(
          /^[^/\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/,
          "must be a name or a path from `source` (no / at its beginning)",
        ),
    )
    .default([]),
  target: pathInJail
    .refine((path) => path === "static" || path.startsWith("static/"), "must be `static` or a folder in it")
    .default("static"),
  removeUnmanaged: z.boolean().default(false),
};

/** The digest and the summary of the folder. `complete` sets them, never a program. */
const contentFields = { digest: z.string().optional(), files: z.record(z.string(), z.string()).optional() };

const schema = z.strictObject({ ...jailFields, ...jailFilesFields, ...contentFields });

type Inputs = z.output<typeof schema>;

interface Facts {
  readonly count: number;
  readonly unmanaged: string[];
}

const unmanaged = { "unmanaged-file": upTo(5, [visPath(80)]), unmanaged: maybe([wholeNumber]) };

export const filesSteps = {
  read: {
    does: "read the files",
    script: "jail-files/read.sh",
    args: { key: text, target: text, digest: optionalText },
    reads: true,
    remembered: {},
    answers: { ...noJail, made: maybe([oneOf("yes", "no")]), ...differingAnswers, ...unmanaged },
  },
  findLacking: {
    does: "find the files to send",
    script: "jail-files/find-lacking.sh",
    args: { key: text, target: text, digest: text, list: text },
    answers: {
      complete: one([oneOf("yes", "no")]),
      send: maybe([hostPath]),
      lacks: upTo(mostFiles, [sha256Field]),
      ...unmanaged,
    },
  },
  apply: {
    does: "put the files into the jail",
    script: "jail-files/apply.sh",
    args: { key: text, target: text, digest: text, list: text, removeUnmanaged: flag },
    slow: true,
    confined: true,
    answers: unmanaged,
  },
  remove: {
    does: "remove the files",
    script: "jail-files/remove.sh",
    args: { key: text },
    slow: true,
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

const outputs = z.object({ count: recordedNumber, digest: recordedText, unmanaged: recordedTexts });

export type FilesStatus = z.output<typeof outputs>;

const shown: Shown<FilesStatus> = {
  key: "files",
  status: (recorded) => outputs.parse(recorded),
  section: ({ count, digest, unmanaged }) => ({
    title: "Files",
    facts: [
      ["the site’s", count === undefined ? undefined : plural(count, "file")],
      ["digest", { code: digest?.slice(0, 16) }],
      ["unmanaged", unmanaged.join(", ")],
    ],
  }),
};

export const jailFiles: Kind<Inputs, Facts> = {
  type: "JailFiles",
  schema,
  // An earlier release called it `removeStrays`.
  earlier: { removeUnmanaged: false },
  steps: { files: filesSteps },
  shown,
  settings: {
    key: "files",
    example: "{source: site}",
    schema: settingsOf(jailFilesFields),
    description: "The site's modules: the local folder `source`, `ignore`, `target`, `removeUnmanaged`. Default: none.",
    optional: true,
    localPaths: ["source"],
    check(settings, context) {
      if ((settings as Partial<Inputs>).source === undefined)
        context.addIssue({ path: ["source"], message: "is missing: the path of a folder" });
    },
  },
  identity: ["target"],
  deleteFirst: ["target"],
  // `digest` tells whether the wanted files changed.
  quiet: ["source", "ignore", "files"],

  complete(inputs) {
    if (containsUnknown([inputs.source, inputs.ignore]))
      return { value: { ...inputs, digest: unknownValue, files: unknownValue as never }, reasons: undefined };
    try {
      const content = contentOf(inputs);
      return { value: { ...inputs, digest: digestOfAll(content), files: summaryOf(content) }, reasons: undefined };
    } catch (error) {
      return { value: undefined, reasons: [messageOf(error)] };
    }
  },

  async read(jail, inputs, { count }) {
    const { target, digest } = inputs;
    const answer = await jail.run(filesSteps.read, { key: keyOf(inputs), target, digest });
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareFiles(inputs, answer), facts: { count, unmanaged: unmanagedOf(answer) } };
  },

  async apply(jail, inputs) {
    const content = contentOf(inputs);
    const changed = (reason: string): HostError =>
      new HostError({
        host: jail.host.name,
        step: filesSteps.findLacking.does,
        code: "source-changed",
        reason,
        remedy: "run the same command again, when nobody writes there",
      });
    const { target, digest, removeUnmanaged } = inputs;
    if (digestOfAll(content) !== digest) throw changed(`${inputs.source} was changed while it was read`);
    const list = content
      .map(({ path, sha256, program }) => `${sha256}\t${program ? "0755" : "0644"}\t${target}/${path}`)
      .join("\n");
    const wanted = { key: keyOf(inputs), target, digest, list };
    const seen = await jail.run(filesSteps.findLacking, wanted);
    const facts = (answer: Answer): Facts => ({ count: content.length, unmanaged: unmanagedOf(answer) });
    const unwanted = removeUnmanaged && seen.one("unmanaged")[0] !== "0";
    if (seen.one("complete")[0] === "yes" && !unwanted) return facts(seen);
    const archive = seen.maybe("send");
    if (archive !== undefined) {
      const lacking = lackingFiles(content, seen);
      console.log(`${jail.host.name}: files: sends ${listOf(lacking.map(({ path }) => path))}`);
      await jail.host.upload(
        filesSteps.apply.does,
        archive,
        () => tarOfFiles(inputs.source, lacking, changed),
        jail.buildTimeout,
      );
    }
    return facts(await jail.run(filesSteps.apply, { ...wanted, removeUnmanaged }));
  },

  async remove(jail: Target, inputs) {
    await jail.run(filesSteps.remove, { key: keyOf(inputs) });
  },
};

/** Reads the files of the source. Throws an error that names the property. */
function contentOf({ source, ignore }: Pick<Inputs, "source" | "ignore">): LocalFile[] {
  try {
    return filesBelow(resolve(source), ignore);
  } catch (error) {
    throw new Error(`source: ${messageOf(error)}`);
  }
}

/** A digest of the files of a source; undefined if it cannot be read. JailFiles' own check reports why. */
export function filesDigest(source: string, ignore: readonly string[] = []): string | undefined {
  try {
    return digestOfAll(filesBelow(resolve(source), ignore));
  } catch {
    return undefined;
  }
}

/** The name of a target's records on the host. */
function keyOf({ target }: Inputs): string {
  return createHash("sha256").update(target).digest("hex").slice(0, 12);
}

/** Selects one file for each content that the jail lacks. */
function lackingFiles(content: readonly LocalFile[], seen: Answer): LocalFile[] {
  const lacks = new Set(seen.all("lacks").map(([sha256]) => sha256));
  return content.filter(({ sha256 }) => lacks.delete(sha256));
}

function tarOfFiles(source: string, lacking: readonly LocalFile[], changed: (reason: string) => HostError): Readable {
  return Readable.from(
    (function* () {
      try {
        // Files are named by their sha256: the host unpacks only such names, and equal contents are sent once.
        yield* tarOf(resolve(source), lacking, ({ sha256 }) => sha256);
      } catch (error) {
        throw changed(messageOf(error));
      }
    })(),
  );
}

const mostShown = 5;

function listOf(paths: readonly string[]): string {
  const more = paths.length - mostShown;
  return more > 0 ? `${paths.slice(0, mostShown).join(", ")} and ${more} more` : paths.join(", ");
}

function unmanagedOf(answer: Answer): string[] {
  const named = answer.all("unmanaged-file", 1).map(([path]) => path);
  const more = Number(answer.maybe("unmanaged") ?? 0) - named.length;
  return more > 0 ? [...named, `and ${more} more`] : named;
}

/** The drift of the files, from the answer of `read.sh`. */
export function compareFiles(
  { target, removeUnmanaged }: Pick<Inputs, "target" | "removeUnmanaged">,
  answer: Answer,
): Drift {
  const drift: Drift = differingPaths(answer, "files");
  if (answer.one("made")[0] !== "yes") drift[target] = "was not filled yet, or not wholly";
  if (removeUnmanaged) for (const path of unmanagedOf(answer)) drift[path] = "is not of the declared files";
  return drift;
}
