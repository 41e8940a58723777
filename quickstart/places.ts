import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "./failure.js";

/** Folder of the checkout, relative to build/quickstart. */
export const checkout = resolve(__dirname, "..", "..");

/**
 * Paths of the quickstart. All are in one folder, except the host's part (hostDirectoryFor) and the one of
 * privileged-folder.ts.
 */
export type Places = ReturnType<typeof placesIn>;

export function placesIn(directory: string, sharedCache?: string, host = directory) {
  const within = (...names: string[]): string => join(directory, ...names);
  return {
    directory,
    /** Marker file of a quickstart's folder. No folder without it is ever filled or removed. */
    mark: within("REM_this_is_a_quickstart"),
    /** Keys of the host and of the login, made once. */
    keys: within("keys"),
    hostKey: within("keys", "host_key"),
    loginKey: within("keys", "login_key"),
    knownHosts: within("known_hosts"),
    /** ssh's settings, used instead of the user's and the machine's. */
    sshConfig: within("ssh_config"),
    sshdConfig: within("sshd_config"),
    sshdLog: within("sshd.log"),
    sshdPid: within("sshd.pid"),
    /** Record of the directory that was made for sshd, and that `--destroy` removes. */
    madeFolder: within("made_folder"),
    /** The Pulumi project: a copy of this repository's, with the stack's config. */
    project: within("project"),
    backend: within("backend"),
    /** The engine's settings, so that the user's own (login, selected stacks) stay as they are. */
    engineHome: within("home"),
    /** The host's part: the jail, its records and its cache. */
    host,
    jail: join(host, "jail"),
    state: join(host, "state"),
    cache: sharedCache ?? join(host, "cache"),
  } as const;
}

/**
 * Returns the directory of the host's part: the quickstart's directory, if only root can change it and its parents;
 * else a directory of root, named after it. A checkout of an ordinary user, or one in /tmp, is not safe for a jail and
 * its records.
 */
export function hostDirectoryFor(directory: string): string {
  return isRootsAlone(directory)
    ? directory
    : `${hostDirectories}${createHash("sha256").update(directory).digest("hex").slice(0, 12)}`;
}

const hostDirectories = "/var/lib/python3jail-quickstart-";

function isRootsAlone(path: string): boolean {
  if (/^\/(var\/)?tmp(\/|$)/.test(path)) return false;
  for (let way = path; ; way = dirname(way)) {
    const stat = statSync(way, { throwIfNoEntry: false });
    // The user who runs this will own a directory that does not exist yet.
    if (stat ? stat.uid !== 0 || (stat.mode & 0o022) !== 0 : process.getuid?.() !== 0) return false;
    if (way === "/") return true;
  }
}

export const defaultDirectory = join(checkout, ".python3jail", "quickstart");

/**
 * Checks that every program can handle the path. ssh and sshd expand `%` and `$`, their settings have quotation marks,
 * and CPython's make cannot work in a directory with white space in its path.
 */
export function requirePlainPath(path: string): void {
  const found = /[^\p{L}\p{N}/_.,+@=~-]/u.exec(path)?.[0];
  if (found === undefined) return;
  throw new Failure(
    `the path ${JSON.stringify(path)} has the character ${JSON.stringify(found)} in it: CPython's build, or ssh, cannot do with that`,
    "let `--directory DIR` name a folder with a plainer path",
  );
}
