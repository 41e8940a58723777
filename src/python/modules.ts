import { z } from "zod";
import type { Answer } from "../remote/answer.js";
import { maybe, upTo } from "../remote/declaration.js";
import { familyOf, same, type Family, type Packaged } from "../remote/distributions.js";
import { said } from "../remote/fields.js";

/**
 * A program or header that a host needs to build CPython or one of its modules: how to detect it, and which packages
 * provide it.
 */
export interface BuildNeed extends Packaged {
  /** The header that the compiler must find. Either this or `command` is set. */
  readonly header?: string;
  readonly command?: string;
}

const anyBuild = {
  "a C compiler": { command: "cc", packages: same("gcc") },
  "the C library's headers": {
    header: "stdio.h",
    packages: { debian: "libc6-dev", fedora: "glibc-devel", alpine: "musl-dev", suse: "glibc-devel" },
  },
  make: { command: "make", packages: same("make") },
  tar: { command: "tar", packages: same("tar") },
  sha256sum: { command: "sha256sum", packages: same("coreutils") },
  setsid: { command: "setsid", packages: same("util-linux") },
  flock: {
    command: "flock",
    packages: { debian: "util-linux", fedora: "util-linux", alpine: "flock", suse: "util-linux" },
  },
} satisfies Record<string, BuildNeed>;

/** What every build needs, by name. */
export const tools: Readonly<Record<keyof typeof anyBuild, BuildNeed>> = anyBuild;

/** What unpacking a `.tar.xz` needs. */
export const xz: BuildNeed = {
  command: "xz",
  packages: { debian: "xz-utils", fedora: "xz", alpine: "xz", suse: "xz" },
};

const openssl: BuildNeed = {
  header: "openssl/ssl.h",
  packages: { debian: "libssl-dev", fedora: "openssl-devel", alpine: "openssl-dev", suse: "libopenssl-devel" },
};

const uuid: BuildNeed = {
  header: "uuid/uuid.h",
  packages: { debian: "uuid-dev", fedora: "libuuid-devel", alpine: "util-linux-dev", suse: "libuuid-devel" },
};

/** The modules that CPython omits without an error if a header is missing, and the need of each. */
export const moduleNeeds: Readonly<Record<string, BuildNeed>> = {
  ssl: openssl,
  hashlib: openssl,
  zlib: {
    header: "zlib.h",
    packages: { debian: "zlib1g-dev", fedora: "zlib-devel", alpine: "zlib-dev", suse: "zlib-devel" },
  },
  bz2: {
    header: "bzlib.h",
    packages: { debian: "libbz2-dev", fedora: "bzip2-devel", alpine: "bzip2-dev", suse: "libbz2-devel" },
  },
  lzma: {
    header: "lzma.h",
    packages: { debian: "liblzma-dev", fedora: "xz-devel", alpine: "xz-dev", suse: "xz-devel" },
  },
  sqlite3: {
    header: "sqlite3.h",
    packages: { debian: "libsqlite3-dev", fedora: "sqlite-devel", alpine: "sqlite-dev", suse: "sqlite3-devel" },
  },
  ctypes: {
    header: "ffi.h",
    packages: { debian: "libffi-dev", fedora: "libffi-devel", alpine: "libffi-dev", suse: "libffi-devel" },
  },
  readline: {
    header: "readline/readline.h",
    packages: { debian: "libreadline-dev", fedora: "readline-devel", alpine: "readline-dev", suse: "readline-devel" },
  },
  curses: {
    header: "ncurses.h",
    packages: { debian: "libncurses-dev", fedora: "ncurses-devel", alpine: "ncurses-dev", suse: "ncurses-devel" },
  },
  "dbm.gnu": {
    header: "gdbm.h",
    packages: { debian: "libgdbm-dev", fedora: "gdbm-devel", alpine: "gdbm-dev", suse: "gdbm-devel" },
  },
  // Since 3.14.
  "compression.zstd": {
    header: "zstd.h",
    packages: { debian: "libzstd-dev", fedora: "libzstd-devel", alpine: "zstd-dev", suse: "libzstd-devel" },
  },
  uuid,
  _uuid: uuid,
  tkinter: { header: "tk.h", packages: { debian: "tk-dev", fedora: "tk-devel", alpine: "tk-dev", suse: "tk-devel" } },
};

/** The modules that `requireModules` has by default. */
export const defaultModules = ["ssl", "zlib", "bz2", "lzma", "sqlite3", "ctypes", "hashlib"] as const;

/** The needs of a build with these modules, by a name for messages. */
export function headersFor(modules: readonly string[]): Record<string, BuildNeed> {
  return Object.fromEntries(
    modules.flatMap((module) => {
      const need = moduleNeeds[module];
      return need ? [[`a header for the module ${module}`, need]] : [];
    }),
  );
}

/** The lines that `needs.sh` answers. */
export const needLines = {
  distribution: maybe([said(64), said(200)]),
  lacks: upTo(100, [
    z
      .string()
      .max(100)
      .regex(/^(command|header) [\w./+-]+$/),
  ]),
};

/** The distribution family of the host, from the answer of `needs.sh`; undefined if it is unknown. */
export function familyIn(answer: Answer): Family | undefined {
  const [id = "", like = ""] = answer.all("distribution")[0] ?? [];
  return familyOf(id, like);
}

/** A need in the form that `needs.sh` takes and answers: `command cc`, `header zlib.h`. */
export function needText(need: BuildNeed): string {
  return need.command ? `command ${need.command}` : `header ${need.header}`;
}

/** The needs that the host lacks, each with its name, from the answer of `needs.sh`. */
export function lackingOf(
  needs: Iterable<readonly [string, BuildNeed]>,
  answer: Answer,
): (readonly [string, BuildNeed])[] {
  const texts = new Set(answer.all("lacks").map(([text]) => text));
  return [...needs].filter(([, need]) => texts.has(needText(need)));
}

/** A sentence that names all missing needs: "there is no C compiler, no make". */
export function lacksInWords(lacking: readonly (readonly [string, BuildNeed])[]): string {
  return `there is no ${lacking.map(([name]) => name.replace(/^an? /, "")).join(", no ")}`;
}
