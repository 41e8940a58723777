import { join, resolve } from "node:path";
import { Failure } from "./failure.js";

/** The checkout's folder, seen from build/quickstart. */
export const checkout = resolve(__dirname, "..", "..");

/** Where everything is: all of it in one folder, and nothing of the quickstart's is outside (but see privileged-folder.ts). */
export type Places = ReturnType<typeof placesIn>;

export function placesIn(directory: string, sharedCache?: string) {
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
    /** What the host knows as the jail, its records, its cache. */
    jail: within("jail"),
    state: within("state"),
    cache: sharedCache ?? within("cache"),
  } as const;
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

