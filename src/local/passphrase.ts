import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Record<string, string | undefined>;

/** The source of the passphrase for a stack's secrets, in the order in which Pulumi searches. */
export type PassphraseSource =
  | { readonly from: "variable" }
  | { readonly from: "nowhere" }
  | {
      readonly from: "file";
      readonly path: string;
      readonly is: "there" | "missing" | "unreadable" | "open to others";
    };

/** Finds the source of the passphrase as Pulumi does, from the environment. */
export function passphraseSource(env: Readonly<Environment>): PassphraseSource {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return { from: "variable" };
  const given = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (given === undefined || given === "") return { from: "nowhere" };
  const path = given.replace(/^~(?=\/)/, homedir());
  const is = (state: "there" | "missing" | "unreadable" | "open to others"): PassphraseSource => ({
    from: "file",
    path: given,
    is: state,
  });
  if (!existsSync(path)) return is("missing");
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return is("unreadable");
  }
  return is((statSync(path).mode & 0o077) === 0 ? "there" : "open to others");
}

/** The file that `init` writes a passphrase to. */
export function ownPassphraseFile(): string {
  return join(homedir(), ".python3jail-passphrase");
}

/** Gives Pulumi the file of `init`, if there is one and the environment says nothing of a passphrase. */
export function useOwnPassphrase(env: Environment, file = ownPassphraseFile()): void {
  if (passphraseSource(env).from === "nowhere" && existsSync(file)) env.PULUMI_CONFIG_PASSPHRASE_FILE = file;
}
