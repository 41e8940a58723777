import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import type { Answer } from "../remote/answer.js";
import type { Step } from "../remote/step.js";
import { absolutePath, jailFields, type Jail, type JailArgs } from "./jail.js";
import { JailResource } from "./resource.js";

export interface JailLibrariesArgs extends JailArgs {
  /**
   * `closure`: what the jail's executables and extension modules need, with all that this needs in turn, and what no
   * header names (`libgcc_s.so.1`, and the name services of an old glibc). `all`: besides that, every library in the
   * loader's own folders, as the manual procedure's `cp` does. Default: `closure`.
   */
  mode?: pulumi.Input<"closure" | "all">;
  /** Further libraries, with all that they need: by name (`libstdc++.so.6`) or absolute path on the host. Default: none. */
  extra?: pulumi.Input<pulumi.Input<string>[]>;
  /** Any values: the closure is looked for again when one of them changes (after another build, say). */
  triggers?: pulumi.Input<pulumi.Input<string>[]>;
}

const libraryName = z.string().regex(/^[A-Za-z0-9._+-]+$/, "must be a library's name (libstdc++.so.6) or its absolute path on the host");

/** JailLibraries' own inputs. */
export const librariesFields = {
  mode: z.enum(["closure", "all"]).default("closure"),
  extra: z.array(z.union([libraryName, absolutePath])).default([]),
  triggers: z.array(z.string()).default([]),
};
const schema = z.strictObject({ ...jailFields, ...librariesFields });
type Inputs = z.output<typeof schema>;

interface Facts {
  readonly count: number;
  readonly digest: string;
  readonly loader: string;
  readonly libc: string;
}

const files = ["jail-libraries/look.sh", "jail-libraries/closure.sh", "jail-libraries/elf.sh"];
const changing = ["jail-libraries/put.sh", "jail-libraries/resolves.sh", "remove-paths.sh"];
export const librarySteps = {
  observe: { does: "look at the libraries", files: ["jail-libraries/observe.sh", ...files] },
  ensure: { does: "copy the libraries", files: ["jail-libraries/ensure.sh", ...files, ...changing] },
  remove: { does: "remove the libraries", files: ["jail-libraries/remove.sh", "remove-paths.sh"] },
} satisfies Record<string, Step>;

export const jailLibraries: Kind<Inputs, Facts> = {
  type: "JailLibraries",
  schema,

  async observe(jail, inputs, facts) {
    const answer = await jail.run(librarySteps.observe, ...argumentsOf(inputs));
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareLibraries(answer), facts: answer.maybe("made") === "yes" ? factsOf(answer) : facts };
  },

  async ensure(jail: Jail, inputs) {
    return factsOf(await jail.run(librarySteps.ensure, ...argumentsOf(inputs)));
  },

  async remove(jail) {
    await jail.run(librarySteps.remove);
  },
};

function argumentsOf({ mode, extra }: Inputs): string[] {
  return [mode, "no", ...extra];
}

function factsOf(answer: Answer): Facts {
  return {
    count: Number(answer.one("count")[0]),
    digest: answer.one("digest")[0]!,
    loader: answer.one("loader")[0]!,
    libc: answer.one("libc")[0]!,
  };
}

const inWords: Record<string, string> = {
  missing: "is missing",
  altered: "was altered",
  stale: "is out of date: the host's own was updated",
  other: "is not the host's",
  "no-file": "is no regular file",
  "no-link": "is not the link to the library that was put there",
  "other-set": "does not lead to the libraries that were put there",
  read: "could not be read",
  unneeded: "is not needed any more",
};

/** What `observe.sh` saw differ, in words. */
export function compareLibraries(answer: Answer): Drift {
  if (answer.one("made")[0] !== "yes") return { libraries: "were not copied yet, or not wholly" };
  const problem = answer.maybe("problem");
  if (problem !== undefined) return { libraries: problem };
  const drift: Drift = {};
  for (const [folder] of answer.all("bent")) drift[folder!] = "is a symbolic link or no directory";
  const folders = Object.keys(drift).length;
  for (const [name, file] of answer.all("unresolved")) drift[name!] = `is needed by ${file} and is not on the host`;
  for (const [place, state] of answer.all("differs")) drift[place!] = inWords[state!] ?? state!;
  const more = Number(answer.maybe("differing") ?? 0) - (Object.keys(drift).length - folders);
  if (more > 0) drift["and more"] = `${more} more libraries`;
  return drift;
}

/**
 * The shared libraries that the jail needs, copied from the host to where the jail's loader looks for them. What is needed
 * is read from the programs themselves, without compiler, binutils or `ldd`, and nothing of the jail is run. All are staged
 * before the first is put into place. A refresh tells which ones the host's updates have left behind.
 *
 * @example
 * new JailLibraries("judge-1", { host: "judge-1", connection, path: "/srv/python3jail", triggers: [python.digest] });
 */
export class JailLibraries extends JailResource {
  /** How many libraries there are, the loader counted. */
  declare public readonly count: pulumi.Output<number>;
  /** Changes when a library comes, goes or gets other content. */
  declare public readonly digest: pulumi.Output<string>;
  /** The loader that the jail's executables ask for: `/lib64/ld-linux-x86-64.so.2`. */
  declare public readonly loader: pulumi.Output<string>;
  /** The C library and its version: `glibc 2.36`. */
  declare public readonly libc: pulumi.Output<string>;

  constructor(name: string, args: JailLibrariesArgs, options?: pulumi.CustomResourceOptions) {
    super("JailLibraries", name, args, ["count", "digest", "loader", "libc"], options);
  }
}
