import { execa } from "execa";
import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { withoutSecrets } from "../base/address.js";
import { messageOf } from "../base/errors.js";
import { oneLine } from "../base/text.js";
import { cachedFiles, cacheRoot } from "../local/cache.js";
import { passphraseSource, type PassphraseSource } from "../local/passphrase.js";
import { projectIn } from "../local/project-file.js";
import { pulumi } from "../local/pulumi.js";

/** A value, or the reason why it could not be read. */
type Found<T> = { readonly value: T } | { readonly problem: string };

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
