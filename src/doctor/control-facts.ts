import { execa } from "execa";
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { withoutSecrets } from "../base/address.js";
import { messageOf } from "../base/errors.js";
import { oneLine } from "../base/text.js";
import { cachedFiles, cacheRoot } from "../local/cache.js";
import { projectIn } from "../local/project-file.js";
import { pulumi } from "../local/pulumi.js";

/** A value, or the reason why it could not be read. */
type Found<T> = { readonly value: T } | { readonly problem: string };

/** The source of the passphrase for a stack's secrets, in the order in which Pulumi searches. */
export type PassphraseSource =
  | { readonly from: "variable" }
  | { readonly from: "nowhere" }
  | {
      readonly from: "file";
      readonly path: string;
      readonly is: "there" | "missing" | "unreadable" | "open to others";
    };

/** Facts of the control machine. */
export interface ControlFacts {
  readonly node: string;
  /** The first part of `ssh -V`'s output; undefined if there is no ssh. */
  readonly ssh: string | undefined;
  readonly engine: Found<string>;
  readonly backend: Found<string>;
  readonly cache: {
    readonly path: string;
    readonly usedBytes: number;
    readonly freeBytes: number;
    readonly writable: boolean;
  };
  /** Undefined if the stack's secrets need no passphrase. */
  readonly passphrase: PassphraseSource | undefined;
}

/** Reads the control machine, and the project in a folder. `stack`: the stack whose secrets need a passphrase. */
export async function readControlFacts(folder: string, stack: string | undefined): Promise<ControlFacts> {
  const [ssh, engine, backend] = await Promise.all([
    sshVersion(),
    found(() => pulumi(folder, "version")),
    found(async () => (JSON.parse(await pulumi(folder, "whoami", "--json")) as { url: string }).url),
  ]);
  const url = "value" in backend ? backend.value : "";
  return {
    node: process.versions.node,
    ssh,
    engine,
    backend: "value" in backend ? { value: withoutSecrets(url) } : backend,
    cache: cacheFacts(),
    passphrase: needsPassphrase(url, stackFile(folder, stack)) ? passphraseSource(process.env) : undefined,
  };
}

async function found(ask: () => Promise<string>): Promise<Found<string>> {
  try {
    return { value: (await ask()).trim() };
  } catch (error) {
    return { problem: oneLine(messageOf(error).split("\n")[0] ?? "") };
  }
}

async function sshVersion(): Promise<string | undefined> {
  const { stderr, failed } = await execa("ssh", ["-V"], { reject: false, stdin: "ignore" });
  return failed ? undefined : oneLine(stderr.split(",")[0] ?? "");
}

function cacheFacts(): ControlFacts["cache"] {
  const path = cacheRoot();
  const existing = existingParent(path);
  const { bavail, bsize } = statfsSync(existing);
  return {
    path,
    usedBytes: cachedFiles().reduce((sum, { bytes }) => sum + bytes, 0),
    freeBytes: bavail * bsize,
    writable: mayWrite(existing),
  };
}

/** The path itself, or its nearest parent that exists. */
function existingParent(path: string): string {
  return existsSync(path) ? path : existingParent(dirname(path));
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The keys of a stack's config file that concern its secrets. */
interface StackFile {
  readonly secretsprovider?: string;
  readonly encryptionsalt?: string;
}

function stackFile(folder: string, stack: string | undefined): StackFile {
  const file = join(projectIn(folder)?.stackConfigDir ?? folder, `Pulumi.${stack ?? ""}.yaml`);
  try {
    return (parse(readFileSync(file, "utf8")) ?? {}) as StackFile;
  } catch {
    // The engine reports a missing or malformed file when it reads the stack.
    return {};
  }
}

/**
 * True if the stack's secrets need a passphrase. Pulumi's service keeps the keys of its stacks. Stacks in any other
 * backend have a passphrase, unless the stack names another secrets provider.
 */
export function needsPassphrase(backend: string, { secretsprovider, encryptionsalt }: StackFile): boolean {
  if (encryptionsalt !== undefined) return true;
  if (secretsprovider !== undefined) return secretsprovider === "passphrase";
  return backend !== "" && !backend.startsWith("http");
}

/** Finds the source of the passphrase as Pulumi does, from the environment. */
export function passphraseSource(env: Readonly<Record<string, string | undefined>>): PassphraseSource {
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
