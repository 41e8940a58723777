import type * as pulumi from "@pulumi/pulumi";
import { createHash, randomBytes } from "node:crypto";
import { basename, posix } from "node:path";
import { z } from "zod";
import { HostError } from "../errors.js";
import { withCredentials } from "../provider/credentials.js";
import type { Answer } from "../remote/answer.js";
import type { Arguments, Given, ValuesOf, NoArguments } from "../remote/arguments.js";
import { withDisk, type Places } from "../remote/disks.js";
import { runStep } from "../remote/run-step.js";
import type { Place, Step } from "../remote/step.js";
import { connectionSchema, type Connection, type ConnectionArgs } from "../ssh/connection.js";
import { loginFailures } from "../ssh/diagnosis.js";
import type { Host } from "../ssh/host.js";
import { hostAt } from "../ssh/pool.js";

/** What every resource takes. */
export interface HostArgs {
  /** Logical name of the host. With `path` it is the resource's identity: a change replaces. */
  host: pulumi.Input<string>;
  /** How to get there. A change touches nothing on the host. */
  connection: pulumi.Input<ConnectionArgs>;
  /** Where the host keeps our records and caches, root's own. */
  directories?:
    | pulumi.Input<{
        /** Default: `/var/lib/python3jail`. */
        state?: pulumi.Input<string> | undefined;
        /** Only letters, digits and `. _ + @ ~ -` in its names. Default: `/var/cache/python3jail`. */
        cache?: pulumi.Input<string> | undefined;
      }>
    | undefined;
  /** Limits of time. */
  timeouts?:
    | pulumi.Input<{
        /** Seconds that one step on the host may take. Default: 120. */
        step?: pulumi.Input<number> | undefined;
        /** Seconds that a build of CPython may take. Default: 7200. */
        build?: pulumi.Input<number> | undefined;
      }>
    | undefined;
}

/** What every resource of a jail takes. */
export interface JailArgs extends HostArgs {
  /** Absolute path of the jail on the host. */
  path: pulumi.Input<string>;
}

const systemPaths = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/usr/bin",
  "/usr/include",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/libexec",
  "/usr/sbin",
  "/usr/share",
  "/var/lib/apt",
  "/var/lib/dpkg",
  "/var/lib/rpm",
  "/var/lib/python3jail/jails",
  "/var/lib/python3jail/programs",
];
const systemFolders = [
  "/",
  "/home",
  "/media",
  "/mnt",
  "/opt",
  "/root",
  "/srv",
  "/tmp",
  "/usr",
  "/usr/local",
  "/usr/local/bin",
  "/usr/local/lib",
  "/usr/local/sbin",
  "/usr/local/share",
  "/usr/src",
  "/var",
  "/var/backups",
  "/var/cache",
  "/var/lib",
  "/var/log",
  "/var/mail",
  "/var/spool",
  "/var/tmp",
  "/var/www",
];

const noControls = (value: string): boolean => !/[\u0000-\u001f\u007f]/.test(value);

/** An absolute, plain path on a host. */
export const absolutePath = z
  .string()
  .refine((value) => noControls(value), "must not contain a line break, a NUL or another control character")
  .refine((value) => value.startsWith("/"), "must be an absolute path (begin with /)")
  .refine((value) => !value.split("/").includes(".."), "must not contain '..'")
  .refine(
    (value) => posix.normalize(value) === value && (value === "/" || !value.endsWith("/")),
    "must be a plain path: no '.', no '//', no '/' at its end",
  );

/** Directories whose old content the system deletes by itself (systemd-tmpfiles). A confined step has a /tmp of its own, too. */
const temporaryDirectories = ["/tmp", "/var/tmp"];

/** A folder that is ours alone: never one that the system itself needs or cleans. */
export const ownFolder = absolutePath
  .refine(
    (value) => !temporaryDirectories.some((temporary) => value.startsWith(`${temporary}/`)),
    "is in a directory that the system cleans by itself; give one that stays, such as /srv/python3jail",
  )
  .refine(
    (value) =>
      !systemFolders.includes(value) &&
      !systemPaths.some((system) => value === system || value.startsWith(`${system}/`)),
    "is a system path; give a folder of its own, such as /srv/python3jail",
  );

/** The directory for caches: CPython and safeexec are built in it, and neither configure nor make knows how to quote a path. */
const cacheFolder = ownFolder.refine(
  (value) => /^[A-Za-z0-9._+@~/-]*$/.test(value),
  "must have only letters, digits and . _ + @ ~ - in its names: programs are built there, and make cannot quote others",
);

/** A path inside the jail, relative to it. */
export const pathInJail = z
  .string()
  .min(1, "must not be empty")
  .refine((value) => noControls(value), "must not contain a line break, a NUL or another control character")
  .refine((value) => !value.startsWith("/"), "must be relative to the jail (no / at its beginning)")
  .refine((value) => !value.split("/").includes(".."), "must stay inside the jail (no '..')")
  .refine(
    (value) => posix.normalize(value) === value && value !== "." && !value.endsWith("/"),
    "must be a plain path: no '.', no '//', no '/' at its end",
  );

/** Octal permissions, as text ("0666"), so that nobody's YAML turns them into a decimal number. */
export const octalMode = z
  .string()
  .regex(/^[0-7]{3,4}$/, 'must be an octal mode in quotation marks, such as "0666"')
  .refine((mode) => !/^[2-7]...$/.test(mode), "must not set setuid or setgid: such a file in a jail is a way out")
  .transform((mode) => mode.padStart(4, "0"));

/** The last user and group number; one more means "none" to the kernel. */
const lastAccount = 4_294_967_294;

/**
 * A user or group: a number, or a name that the host knows, also in a directory service's form (`judge@ad.example.org`, `CORP\judge`,
 * `domain users`). Tools read a leading `-` or `+` and a `:` as something else.
 */
export const accountName = z
  .string()
  .max(256, "must have at most 256 characters")
  .refine(
    (value) =>
      /^[0-9]+$/.test(value)
        ? String(Number(value)) === value && Number(value) <= lastAccount
        : /^[^\p{C}\p{Z}:+-](?:[^\p{C}\p{Zl}\p{Zp}:]*[^\p{C}\p{Z}:])?$/u.test(value),
    "must be a user's or group's name, or its number",
  );

/** A week, in seconds: nothing here takes longer, and a timer can wait for 24 days at most. */
const longest = 7 * 24 * 3600;
const seconds = z
  .number()
  .int("must be whole seconds")
  .min(1, "must be at least 1 second")
  .max(longest, `must be at most ${longest} seconds, a week`);

/** The fields of every resource's schema. */
export const hostFields = {
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a name: letters, digits, '.', '_' and '-'"),
  connection: connectionSchema,
  directories: z.strictObject({ state: ownFolder.optional(), cache: cacheFolder.optional() }).optional(),
  timeouts: z.strictObject({ step: seconds.optional(), build: seconds.optional() }).optional(),
};

/** The fields that the schema of a jail's resource begins with. */
export const jailFields = { ...hostFields, path: ownFolder };

/** Where a host keeps what is ours, unless `directories` says otherwise. */
export const defaultDirectories = { state: "/var/lib/python3jail", cache: "/var/cache/python3jail" } as const;

/** Why a jail cannot be where it is: what is of all jails of a host would be part of it, and go with it. */
export function overlapOf({ path, directories }: Pick<JailInputs, "path" | "directories">): string | undefined {
  // Not known yet.
  if (typeof directories === "string") return undefined;
  for (const name of ["state", "cache"] as const) {
    const folder = directories?.[name] ?? defaultDirectories[name];
    if (within(path, folder) || within(folder, path))
      return `path: must be apart from directories.${name} (by default ${defaultDirectories[name]}), which is for all jails of the host`;
  }
  return undefined;
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

export type JailInputs = z.output<z.ZodObject<typeof jailFields>>;

/** The folder of the records of hosts that build for others. */
const builders = "builders";
const thisProcess = randomBytes(4).toString("hex");

/** Where a step may write on a host, and what we keep there. */
export function placesOf({ path, records, cache }: Pick<Jail, "path" | "records" | "cache">): Places {
  return [
    ["the jail", path],
    ["our records", records],
    ["the cache", cache],
    ["temporary files", "/tmp"],
  ];
}

/** One jail on one host, for the steps that work in it; or another path that we keep there, such as a program's. */
export class Jail implements Place {
  readonly host: Host;
  readonly path: string;
  /** Our records of it on the host: root's own, outside the jail. */
  readonly records: string;
  /** Sources and finished builds on the host. */
  readonly cache: string;
  /** Whether a step of ours has run there, or may have: until then all there is as it was. */
  reached = false;

  /** `kept` is the folder of the records of its sort; `use` tells several of one place apart. */
  constructor(
    private readonly inputs: JailInputs,
    private readonly kept = "jails",
    use = "",
  ) {
    this.host = hostAt(inputs.host, withCredentials(inputs.host, inputs.connection));
    this.path = inputs.path;
    const digest = createHash("sha256").update(inputs.path).digest("hex").slice(0, 12);
    this.records = posix.join(
      inputs.directories?.state ?? defaultDirectories.state,
      kept,
      `${basename(inputs.path)}-${digest}${use}`,
    );
    this.cache = inputs.directories?.cache ?? defaultDirectories.cache;
  }

  /**
   * Another host, with which this one has its settings in common, as one that builds: the place is its cache. Its records are of one
   * build and of this process: whoever waits there for another build, or waited for this one before, ends neither by what it does.
   */
  builderAt(host: string, connection: Connection, key: string): Jail {
    return new Jail({ ...this.inputs, host, connection, path: this.cache }, builders, `-${key}-${thisProcess}`);
  }

  /** Whether it is no jail, but a host's cache that is built in. */
  get isBuilder(): boolean {
    return this.kept === builders;
  }

  /** Another jail on the same host. */
  jailAt(path: string): Jail {
    return new Jail({ ...this.inputs, path });
  }

  /** Seconds that a build may take. */
  get buildTimeout(): number {
    return this.inputs.timeouts?.build ?? 7200;
  }

  /** Runs a step that works there. */
  async run<Taken extends Arguments = NoArguments>(step: Step<Taken>, ...[values]: Given<Taken>): Promise<Answer> {
    try {
      const answer = await runStep(
        this.host,
        step,
        this,
        (values ?? {}) as ValuesOf<Taken>,
        step.slow ? this.buildTimeout : this.inputs.timeouts?.step,
      );
      this.reached = true;
      return answer;
    } catch (error) {
      this.reached ||= !(error instanceof HostError && loginFailures.includes(error.code));
      throw await withDisk(error, this.host, placesOf(this));
    }
  }
}
