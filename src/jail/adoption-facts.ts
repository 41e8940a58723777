import { z } from "zod";
import type { Answer } from "../remote/answer.js";
import { one, upTo } from "../remote/declaration.js";
import { oneOf, said, visPath, wholeNumber } from "../remote/fields.js";
import { defineStep } from "../remote/step.js";

const counted = ["static", "scratch", "libraries", "setuid", "writable"] as const;
const kindsOfJail = ["none", "ours", "lost", "marked", "empty", "foreign"] as const;
const pythonLine = z.string().regex(/^3\.\d{1,3}$/);
const hexNumber = z.string().regex(/^[0-9a-f]{1,8}$/);

export const adoptionStep = defineStep({
  does: "read what the jail holds",
  script: "adoption/read.sh",
  reads: true,
  answers: {
    jail: one([z.enum(kindsOfJail)]),
    python: upTo(20, [pythonLine, z.string().regex(/^(\d+(\.\d+){0,3})?$/)]),
    package: upTo(10_000, [pythonLine, visPath(120)]),
    owner: upTo(10, [z.string().regex(/^\d{1,10}:\d{1,10}$/), said(120), wholeNumber]),
    count: upTo(counted.length, [z.enum(counted), wholeNumber]),
    device: upTo(50, [oneOf("c", "b"), hexNumber, hexNumber, z.string().regex(/^[0-7]{1,5}$/), visPath(120)]),
    other: upTo(200, [visPath(200)]),
  },
});

/** The contents of a jail made by hand, as `adopt --plan` needs them. */
export interface AdoptionFacts {
  readonly jail: (typeof kindsOfJail)[number];
  /** The Pythons in the jail, by release line ("3.11"). The version is known only if the jail has Python's headers. */
  readonly pythons: readonly {
    readonly line: string;
    readonly version: string | undefined;
    readonly packages: readonly string[];
  }[];
  /** The owners of paths, as numbers (`1000:1000`) and names, those of most paths first. */
  readonly owners: readonly { readonly ids: string; readonly names: string; readonly paths: number }[];
  readonly counts: Readonly<Record<(typeof counted)[number], number>>;
  /** Device nodes by path, such as `c 1:3 0666`. */
  readonly devices: Readonly<Record<string, string>>;
  /** Entries of the jail's directory that neither a jail made by hand nor one of ours has. */
  readonly others: readonly string[];
}

/** Parses the answer of `adoptionStep`. */
export function adoptionFactsIn(answer: Answer): AdoptionFacts {
  const packages = answer.all("package", 2);
  const counts = new Map(answer.all("count", 2).map(([name, count]) => [name, Number(count)]));
  return {
    jail: answer.one("jail", 1)[0] as AdoptionFacts["jail"],
    pythons: answer.all("python", 2).map(([line, version]) => ({
      line,
      version: version === "" ? undefined : version,
      packages: packages.filter(([of]) => of === line).map(([, name]) => name),
    })),
    owners: answer.all("owner", 3).map(([ids, names, paths]) => ({ ids, names, paths: Number(paths) })),
    counts: Object.fromEntries(counted.map((name) => [name, counts.get(name) ?? 0])) as AdoptionFacts["counts"],
    devices: Object.fromEntries(
      answer
        .all("device", 5)
        .map(([kind, major, minor, mode, path]) => [
          path,
          `${kind} ${parseInt(major, 16)}:${parseInt(minor, 16)} ${mode.padStart(4, "0")}`,
        ]),
    ),
    others: answer.all("other", 1).map(([path]) => path),
  };
}
