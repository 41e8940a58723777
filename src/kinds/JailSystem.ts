import { z } from "zod";
import type { Drift, Kind } from "../provider/kind.js";
import { recordedNumber } from "../provider/recorded.js";
import { settingsOf } from "../provider/settings.js";
import type { Shown } from "../provider/shown.js";
import { plural } from "../base/text.js";
import type { Answer } from "../remote/answer.js";
import { maybe, noJail, one, upTo } from "../remote/declaration.js";
import { wholeNumber, said, oneOf } from "../remote/fields.js";
import { defineStep, type Step } from "../remote/step.js";
import { absolutePath } from "../remote/host-paths.js";
import { jailFields } from "../remote/target-inputs.js";
import type { Target } from "../remote/target.js";
import { differingAnswers, differingPaths } from "./differing.js";
import { hostCopies, hostCopyValues, lackingWords, type HostCopiesSetting } from "./host-copies.js";
import { flag, list, rest, text, type ValuesOf } from "../remote/arguments.js";

const id = z
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1 (root is there already)")
  .max(4_294_967_294, "must be at most 4294967294");

const field = absolutePath.refine((path) => !path.includes(":"), "must not contain ':'");

/** The most entries of one user. An entry takes about 45 bytes, and every lookup reads the file from its beginning. */
const mostUids = 100_000;

/** The largest kernel.pid_max that `lastUid: pid_max` accepts. */
const mostPids = 32_768;

const user = z
  .strictObject({
    name: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a user's name: small letters, digits, '_' and '-'"),
    uid: id,
    gid: id,
    lastUid: z.union([id, z.literal("pid_max")]).optional(),
    home: field.default("/"),
    shell: field.default("/usr/sbin/nologin"),
  })
  .refine(({ uid, lastUid }) => typeof lastUid !== "number" || (lastUid >= uid && lastUid - uid < mostUids), {
    path: ["lastUid"],
    error: `must be \`uid\` or more, and at most ${mostUids} entries`,
  });

type User = z.output<typeof user>;

const zone = z.string().regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'must be a time zone, such as "Europe/Berlin"');

const localeForm = /^[a-z]{2,3}_[A-Z]{2}(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/;
const locale = z.string().regex(localeForm, 'must be a locale with its country, such as "de_DE.UTF-8"');

/** The most locales. Each takes 1 to 3 MB. */
const mostLocales = 20;

const space = z.enum(["none", "directory"]).default("none");

/** JailSystem's own inputs. */
const jailSystemFields = {
  users: z
    .array(user)
    .superRefine(refuseEqualUsers)
    .default([{ name: "sandbox", uid: 10000, gid: 1000, home: "/", shell: "/usr/sbin/nologin" }]),
  localhost: z.boolean().default(true),
  hostname: z.boolean().default(true),
  services: z.boolean().default(true),
  certificates: z.boolean().default(true),
  terminfo: z.boolean().default(true),
  shebangs: z.boolean().default(true),
  locale: z.enum(["C.UTF-8", "none"]).default("C.UTF-8"),
  locales: z.array(locale).max(mostLocales, `must be at most ${mostLocales} locales`).default([]),
  timezones: z.union([z.enum(["all", "none"]), z.array(zone)]).default("all"),
  timezone: zone.default("UTC"),
  tmp: space,
  shm: space,
};

const schema = z.strictObject({ ...jailFields, ...jailSystemFields });

type Inputs = z.output<typeof schema>;

/** The values of inputs that the state of an older release lacks. */
const earlier = {
  locales: [],
  hostname: false,
  services: false,
  certificates: false,
  terminfo: false,
  shebangs: false,
} satisfies Partial<Inputs>;

/** The texts for what each switch adds to the jail. */
const switchTexts: Readonly<Record<HostCopiesSetting | "hostname" | "shebangs", string>> = {
  services: hostCopies.services.what,
  certificates: hostCopies.certificates.what,
  terminfo: hostCopies.terminfo.what,
  hostname: "the host's name (etc/hosts)",
  shebangs: "usr/bin/python3 and usr/bin/env for scripts",
};

/** The largest uid that an entry can use. The host's kernel.pid_max is unknown here, so its maximum counts. */
function lastPossible({ uid, lastUid = uid }: Pick<User, "uid" | "lastUid">): number {
  return lastUid === "pid_max" ? uid + mostPids : lastUid;
}

/** Refuses entries with the same name or uid: programs would find the first of them only. */
function refuseEqualUsers(users: readonly User[], context: z.RefinementCtx): void {
  const nobody = 65534;
  users.forEach(({ name, uid, ...user }, index) => {
    const lastUid = lastPossible({ uid, ...user });
    const clash = (what: string, message: string): void =>
      context.addIssue({ code: "custom", path: [index, what], message });
    if (["root", "nobody"].includes(name) || users.slice(0, index).some((other) => other.name === name))
      clash("name", "is another entry's name");
    if (
      (uid <= nobody && nobody <= lastUid) ||
      users.slice(0, index).some((other) => uid <= lastPossible(other) && other.uid <= lastUid)
    )
      clash("uid", "is another entry's uid");
  });
}

/** The directories that everybody may write to, each with its mode for JailPermissions. */
export function writableSpaces({
  tmp,
  shm,
}: {
  readonly tmp?: string | undefined;
  readonly shm?: string | undefined;
}): Record<string, string> {
  return { ...(tmp === "directory" && { tmp: "1777" }), ...(shm === "directory" && { "dev/shm": "1777" }) };
}

interface Facts {
  readonly fileCount: number;
  readonly zoneCount: number;
}

const systemArguments = {
  locales: list,
  localhost: flag,
  hostname: flag,
  copies: list,
  links: list,
  shebangs: flag,
  timezone: text,
  allTimezones: flag,
  timezones: list,
  tmp: text,
  shm: text,
  users: rest,
};

export const systemSteps = {
  read: defineStep({
    does: "read what programs expect of a system",
    script: "jail-system/read.sh",
    args: systemArguments,
    reads: true,
    remembered: { follows: followedFiles },
    answers: {
      ...noJail,
      made: maybe([oneOf("yes", "no")]),
      lacks: maybe([said()]),
      files: maybe([wholeNumber]),
      zones: maybe([wholeNumber]),
      ...differingAnswers,
    },
  }),
  apply: {
    does: "put there what programs expect of a system",
    script: "jail-system/apply.sh",
    args: systemArguments,
    confined: true,
    answers: { files: one([wholeNumber]), zones: one([wholeNumber]), lacking: upTo(100, [said()]) },
  },
  remove: {
    does: "remove what programs expect of a system",
    script: "jail-system/remove.sh",
    confined: true,
    answers: noJail,
  },
} satisfies Record<string, Step>;

export interface SystemStatus {
  readonly files?: number | undefined;
  readonly zones?: number | undefined;
}

const shown: Shown<SystemStatus> = {
  key: "system",
  status: ({ fileCount, zoneCount }) => ({
    files: recordedNumber.parse(fileCount),
    zones: recordedNumber.parse(zoneCount),
  }),
  section: ({ files, zones }) => ({
    title: "Files",
    facts: [
      ["of the system", files === undefined ? undefined : plural(files, "file")],
      ["time zones", zones],
    ],
  }),
};

export const jailSystem: Kind<Inputs, Facts> = {
  type: "JailSystem",
  schema,
  steps: { system: systemSteps },
  shown,
  settings: {
    key: "system",
    example: "{timezone: Europe/Berlin}",
    schema: settingsOf(jailSystemFields),
    description:
      "What programs expect of a system: `users`, `locales`, `timezones`, `timezone`, `tmp`, `shm`, and switches such as `certificates`.",
  },
  earlier,

  announce(olds, news) {
    const added = (Object.keys(switchTexts) as (keyof typeof switchTexts)[]).filter(
      (name) => news[name] && !olds[name],
    );
    return added.length === 0
      ? undefined
      : `the jail also gets ${added.map((name) => switchTexts[name]).join(", ")}; \`system: {${added[0]}: false}\` leaves such a thing out`;
  },

  async read(jail, inputs, facts) {
    const answer = await jail.run(systemSteps.read, valuesOf(inputs));
    if (answer.maybe("jail") === "none") return undefined;
    return { drift: compareSystem(answer), facts: answer.one("made")[0] === "yes" ? factsOf(answer) : facts };
  },

  async apply(jail: Target, inputs) {
    const answer = await jail.run(systemSteps.apply, valuesOf(inputs));
    const lacking = answer.all("lacking", 1).map(([path]) => path);
    for (const words of lackingWords(inputs, lacking)) console.warn(`warning: ${jail.host.name}: ${words}`);
    return factsOf(answer);
  },

  async remove(jail) {
    await jail.run(systemSteps.remove);
  },
};

/**
 * The host's files that change the answer when they appear or disappear. Sources of existing copies are followed
 * anyway.
 */
function followedFiles({ copies, locales }: ValuesOf<typeof systemArguments>): string[] {
  const localesOfHost = "/usr/lib/locale";
  const names = locales.flatMap((one) => one.split(":"));
  return [
    ...copies.flatMap((copy) => copy.split(":").slice(1)),
    ...["locale-archive", ...names].map((name) => `${localesOfHost}/${name}`),
  ];
}

/** The names of a locale's directory, separated by `:`. The first has the character set as glibc spells it (`utf8`). */
export function localeNames(locale: string): string {
  const spelled = locale.replace(/\.([^@]+)/, (_, charset: string) => {
    const plain = charset.replaceAll("-", "").toLowerCase();
    return `.${/^\d+$/.test(plain) ? "iso" : ""}${plain}`;
  });
  return [...new Set([spelled, locale])].join(":");
}

function valuesOf({
  locale,
  locales,
  localhost,
  hostname,
  shebangs,
  timezone,
  timezones,
  tmp,
  shm,
  users,
  ...switches
}: Inputs): ValuesOf<typeof systemArguments> {
  const entries = users.map(({ name, uid, lastUid = uid, gid, home, shell }) =>
    [name, uid, lastUid, gid, home, shell].join(":"),
  );
  return {
    locales: [...(locale === "none" ? [] : [locale]), ...locales].map(localeNames),
    localhost,
    hostname,
    ...hostCopyValues(switches),
    shebangs,
    timezone,
    allTimezones: timezones === "all",
    timezones: typeof timezones === "string" ? [] : [...timezones].sort(),
    tmp,
    shm,
    users: entries,
  };
}

function factsOf(answer: Answer): Facts {
  return { fileCount: Number(answer.one("files")[0]), zoneCount: Number(answer.one("zones")[0]) };
}

/** The drift of the system's files, from the answer of `read.sh`. */
export function compareSystem(answer: Answer): Drift {
  if (answer.one("made")[0] !== "yes") return { system: "was not put there yet, or not wholly" };
  const drift = differingPaths(answer, "files", {
    stale: "is out of date: the host's own was updated, or another is declared",
    other: "is not ours",
  });
  const lacks = answer.maybe("lacks");
  if (lacks !== undefined) drift["host"] = lacks;
  return drift;
}
