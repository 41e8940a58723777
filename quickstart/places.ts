import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Failure } from "./failure.js";

/** The checkout's folder, seen from build/quickstart. */
export const checkout = resolve(__dirname, "..", "..");

/** Where everything is: all of it in one folder, but for the host's part (hostDirectoryFor) and what privileged-folder.ts says. */
export type Places = ReturnType<typeof placesIn>;

export function placesIn(directory: string, sharedCache?: string, host = directory) {
  const within = (...names: string[]): string => join(directory, ...names);
  return {
    directory,
    /** The mark by which this folder is known for a quickstart's: no other folder is ever filled or removed. */
    mark: within("REM_this_is_a_quickstart"),
    /** Keys of the host and for the login, made once. */
    keys: within("keys"),
    hostKey: within("keys", "host_key"),
    loginKey: within("keys", "login_key"),
    knownHosts: within("known_hosts"),
    /** ssh's settings, in place of the user's own and the machine's. */
    sshConfig: within("ssh_config"),
    sshdConfig: within("sshd_config"),
    sshdLog: within("sshd.log"),
    sshdPid: within("sshd.pid"),
    /** Which folder for sshd was made by us, and is to be removed again. */
    madeFolder: within("made_folder"),
    /** The Pulumi project: a copy of this one's, with the stack's config. */
    project: within("project"),
    backend: within("backend"),
    /** The engine's settings, so that the user's own (his login, his selected stacks) stay as they are. */
    engineHome: within("home"),
    /** What the host has: the jail, its records, its cache. */
    host,
    jail: join(host, "jail"),
    state: join(host, "state"),
    cache: sharedCache ?? join(host, "cache"),
  } as const;
}

/**
 * Where the host has its part: in the quickstart's directory, if nobody but root can change that or a directory on the way to it; else in
 * a directory of root's own, named after it. A checkout of an ordinary user, or one in /tmp, is no safe place for a jail and its records.
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
    // What is not there yet is made by whoever runs this.
    if (stat ? stat.uid !== 0 || (stat.mode & 0o022) !== 0 : process.getuid?.() !== 0) return false;
    if (way === "/") return true;
  }
}

export const defaultDirectory = join(checkout, ".python3jail", "quickstart");

/**
 * A path that everybody on its way can do with: ssh and sshd expand `%` and `$`, their settings have quotation marks, and
 * CPython's make cannot work in a folder with white space in its path.
 */
export function requirePlainPath(path: string): void {
  const found = /[^\p{L}\p{N}/_.,+@=~-]/u.exec(path)?.[0];
  if (found === undefined) return;
  throw new Failure(
    `the path ${JSON.stringify(path)} has the character ${JSON.stringify(found)} in it: CPython's build, or ssh, cannot do with that`,
    "let `--directory DIR` name a folder with a plainer path",
  );
}
