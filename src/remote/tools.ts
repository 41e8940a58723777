import { HostError } from "../base/errors.js";
import type { Answer } from "./answer.js";
import { familyOf, installCommand, same, type Packaged } from "./distributions.js";
import { librariesOf } from "./scripts.js";
import type { Step } from "./step.js";

const coreutils = same("coreutils");
const utilLinux = same("util-linux");

/** The packages of the tools that steps need, by tool. */
const tools: Readonly<Record<string, Packaged["packages"]>> = {
  ...Object.fromEntries(
    "basename cat chmod chown chroot comm cp cut date df dirname du env head id ln ls mkdir mknod mktemp mv nice od readlink rm rmdir sha256sum sleep sort stat tail timeout touch tr uname uniq wc"
      .split(" ")
      .map((name) => [name, coreutils]),
  ),
  awk: { debian: "mawk", fedora: "gawk", alpine: "gawk", suse: "gawk" },
  cmp: same("diffutils"),
  find: same("findutils"),
  getconf: { debian: "libc-bin", fedora: "glibc-common", alpine: "musl-utils", suse: "glibc" },
  grep: same("grep"),
  gzip: same("gzip"),
  sed: same("sed"),
  setsid: utilLinux,
  tar: same("tar"),
  unshare: utilLinux,
  xargs: same("findutils"),
};

/** The tools that every step checks for. A step that needs `flock`, `git` or `curl` checks for it itself. */
const always =
  "awk cat chmod chown cmp comm cp cut date df dirname find grep head ls mkdir mktemp mv readlink rm rmdir sed sha256sum sort stat tail touch tr wc xargs".split(
    " ",
  );

/** The further tools of a script, by its path below src/remote. */
export const toolsOf: Readonly<Record<string, readonly string[]>> = {
  "adoption/read.sh": ["uniq"],
  "device-node/apply.sh": ["mknod"],
  "exchange.sh": ["uname"],
  "facts/read.sh": ["uname"],
  "git.sh": ["tar"],
  "apply.sh": ["ln"],
  "jail-files/apply.sh": ["tar"],
  "jail-packages/install.sh": ["du"],
  "jail-permissions/policy.sh": ["ln"],
  "jail-releases/flip.sh": ["ln"],
  "jail-status/read.sh": ["du", "gzip"],
  "jail-system/locale-archive.sh": ["od"],
  "python-build/adopt.sh": ["gzip", "tar"],
  "python-build/begin.sh": ["getconf", "gzip", "nice", "od", "setsid", "tar"],
  "python-build/cache.sh": ["uname"],
  "python-build/install.sh": ["du"],
  "python-build/layout.sh": ["ln"],
  "python-build/pack.sh": ["du", "gzip", "tar"],
  "safeexec/build.sh": ["nice", "od", "tar", "unshare"],
};

/** The tools that a step needs, each once. */
export function toolsFor({ script, needsNoTools = false }: Pick<Step, "script" | "needsNoTools">): string[] {
  if (needsNoTools) return [];
  const scripts = [script, ...librariesOf(script)];
  return [...new Set([...always, ...scripts.flatMap((file) => toolsOf[file] ?? [])])].sort();
}

/** Every tool that some step needs. */
export const everyTool: readonly string[] = [
  ...new Set([...always, ...Object.values(toolsOf).flat(), "chroot", "env", "timeout"]),
].sort();

/** The packages that provide these tools. */
export function toolPackages(names: readonly string[]): Packaged[] {
  return names.flatMap((name) => (tools[name] ? [{ packages: tools[name] }] : []));
}

/**
 * Throws if a step ended because the host lacks tools. The error names all of them and the command that installs them.
 */
export function refuseLackingTools(answer: Answer, host: string, step: string): void {
  const [names, id = "", like = ""] = answer.all("lacks-tools")[0] ?? [];
  if (names === undefined) return;
  const lacking = names.split(" ");
  throw new HostError({
    host,
    step,
    code: "missing-tool",
    reason: `the host has no ${lacking.join(", no ")}`,
    remedy: `install what is missing: ${installCommand(toolPackages(lacking), familyOf(id, like))}`,
  });
}
