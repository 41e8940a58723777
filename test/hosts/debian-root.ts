import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { hostScript } from "./repository.js";
import { PATH, requireTools } from "./tools.js";

/** A bare Debian, made by debootstrap on first use and kept. */
export interface DebianRoot {
  /** The release's code name, such as "trixie". */
  debian: string;
  /** Debian's name for the processor; otherwise the machine's own. */
  architecture?: string;
  /** Packages on top of the bare minimum and openssh-server. */
  include?: string[];
  /** Whether /bin, /lib and /sbin are links into /usr, as they are since bookworm. Default: as debootstrap does for the release. */
  mergedUsr?: boolean;
}

export interface MadeRoot {
  /** For use as an overlay's lower layer; nobody ever writes in it. */
  folder: string;
  /** Whether its processor is one of 32 bits, which the host then has to be told that it has. */
  bits: 32 | 64;
}

const ARCHITECTURES_OF_32_BITS = ["i386", "armhf", "armel"];

/** Makes the root, unless that was done before. */
export async function debianRoot(root: DebianRoot): Promise<MadeRoot> {
  const architecture = root.architecture ?? (await execa("dpkg", ["--print-architecture"])).stdout;
  const include = [...new Set(["openssh-server", ...(root.include ?? [])])].sort().join(",");
  const digest = createHash("sha256").update(include).digest("hex").slice(0, 12);
  const merged = root.mergedUsr === undefined ? "" : root.mergedUsr ? "--merged-usr" : "--no-merged-usr";
  const key = `${root.debian}-${architecture}${merged.slice(1)}-${digest}`;
  const store = join(cacheDirectory(), "test-roots");
  const made: MadeRoot = { folder: join(store, key), bits: ARCHITECTURES_OF_32_BITS.includes(architecture) ? 32 : 64 };
  if (existsSync(made.folder)) {
    return made;
  }
  await requireTools("debootstrap");
  // It will hold setuid files: not for others to reach.
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const source = machineSource();
  await execa(
    "setpriv",
    "--pdeathsig KILL unshare --mount --pid --mount-proc --fork --kill-child sh"
      .split(" ")
      .concat(hostScript("debian-root.sh")),
    {
      env: {
        PATH,
        STORE: store,
        KEY: key,
        SUITE: root.debian,
        ARCHITECTURE: architecture,
        MIRROR: source.mirror,
        KEYRING: source.keyring,
        INCLUDE: include,
        MERGED: merged,
      },
    },
  );
  return made;
}

function cacheDirectory(): string {
  return (
    process.env.PYTHON3JAIL_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "python3jail")
  );
}

interface AptSource {
  mirror: string;
  keyring: string;
}

/** Where the machine itself has its release from: that mirror is reachable and trusted here. */
function machineSource(): AptSource {
  const release = /^VERSION_CODENAME=(?<name>\S+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.groups?.name ?? "";
  for (const file of aptSourceFiles()) {
    const text = readFileSync(file, "utf8");
    const source = file.endsWith(".sources") ? fromStanzas(text, release) : fromLines(text, release);
    if (source !== undefined) {
      return source;
    }
  }
  throw new Error(
    `no mirror of ${release || "this machine's release"} in /etc/apt/sources.list or sources.list.d, to make Debian roots from`,
  );
}

function aptSourceFiles(): string[] {
  const folder = "/etc/apt/sources.list.d";
  const parts = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
    : [];
  return ["/etc/apt/sources.list", ...parts].filter((file) => /\.(list|sources)$/.test(file) && existsSync(file));
}

/** The newer form: paragraphs of "Field: values". */
function fromStanzas(text: string, release: string): AptSource | undefined {
  const withoutComments = text.replace(/^#.*\n/gm, "");
  for (const stanza of withoutComments.split(/\n\s*\n/)) {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:(.*)$`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const mirror = field("URIs").find(isMirror);
    if (mirror !== undefined && field("Types").includes("deb") && field("Suites").includes(release)) {
      const keyring = field("Signed-By").find((value) => value.startsWith("/"));
      return { mirror, keyring: keyring ?? "" };
    }
  }
  return undefined;
}

/** The older form: "deb [options] mirror suite components". */
function fromLines(text: string, release: string): AptSource | undefined {
  for (const line of text.split("\n")) {
    const words = /^\s*deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<mirror>\S+)\s+(?<suite>\S+)/.exec(line)?.groups;
    if (words?.mirror !== undefined && isMirror(words.mirror) && words.suite === release) {
      return { mirror: words.mirror, keyring: /signed-by=(\/[^\s,]+)/.exec(words.options ?? "")?.[1] ?? "" };
    }
  }
  return undefined;
}

function isMirror(uri: string): boolean {
  return /^(https?|file):/.test(uri);
}
