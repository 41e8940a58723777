import { createHash } from "node:crypto";

/** A pinned package of a requirements file. */
export interface Requirement {
  /** The canonical name: lower case, with single dashes (PEP 503). */
  readonly name: string;
  readonly extras: readonly string[];
  readonly version: string;
  /** The environment marker, such as `sys_platform == "linux"`; empty if there is none. */
  readonly marker: string;
  /** The sha256 digests of the allowed files; empty if any file is allowed. */
  readonly hashes: readonly string[];
}

export interface RequirementsFile {
  readonly requirements: readonly Requirement[];
  /**
   * The problems, each with its line and what would be right. They repeat no values, as an option may hold a password.
   */
  readonly problems: readonly string[];
}

/** The canonical form of a package's name (PEP 503). */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const pinned = new RegExp(
  `^(${name})\\s*(?:\\[([A-Za-z0-9._,\\s-]*)\\])?\\s*==\\s*([A-Za-z0-9.!+_-]+)\\s*(?:;\\s*(.+))?$`,
);
const named = new RegExp(`^(${name})\\s*(?:\\[[^\\]]*\\])?\\s*(?:[<>=!~;(]|$)`);
const hashOption = /\s--hash(?:=|\s+)(\S+)/g;
/** Options that have no effect here, as they are always on. */
const redundant = /^--(require-hashes|only-binary[= ]+:all:)$/;

const oneFile =
  "is not taken: put all requirements into this one file, pinned and hashed (`uv pip compile --generate-hashes`, `pip-compile --generate-hashes`)";
const options: readonly [RegExp, string][] = [
  [/^(-r|--requirement|-c|--constraint)\b/, oneFile],
  [
    /^(-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host)\b/,
    "is not taken here: give `index`, or `wheels` for a local folder",
  ],
  [/^(-e|--editable)\b/, "is not taken: build a wheel of it, and give its folder as `wheels`"],
  [
    /^(--no-binary|--only-binary|--prefer-binary)\b/,
    "is not taken: only wheels are installed, as building a package would run its code as root on the host",
  ],
  [/^-/, "is not taken: each line is a package, `name==version --hash=sha256:…`"],
];

/**
 * Parses a requirements file. Of pip's format it takes pinned packages, `name[extra]==version; marker --hash=sha256:…`,
 * comments, and lines continued with a `\`. Anything else is a problem in the result.
 */
export function parseRequirements(text: string, { allowUnhashed = false } = {}): RequirementsFile {
  const requirements: Requirement[] = [];
  const problems: string[] = [];
  for (const { number, content } of logicalLines(text)) {
    if (redundant.test(content)) continue;
    const refuse = (problem: string): void => void problems.push(`line ${number}: ${problem}`);
    const option = options.find(([pattern]) => pattern.test(content));
    if (option) {
      refuse(`${/^--?[a-z-]+/.exec(content)?.[0] ?? "this option"} ${option[1]}`);
      continue;
    }
    const hashes = [...content.matchAll(hashOption)].map(([, hash = ""]) => hash.toLowerCase());
    const specifier = content.replace(hashOption, "").trim();
    const [, written, extras = "", version = "", marker = ""] = pinned.exec(specifier) ?? [];
    const other = /\s(--?[A-Za-z][A-Za-z-]*)/.exec(specifier)?.[1];
    if (other !== undefined) {
      const of = named.exec(specifier)?.[1] ?? "this package";
      refuse(`${of} has the option ${other}: only --hash is taken, as wheels are installed and nothing is built`);
    } else if (written === undefined) {
      const known = named.exec(specifier)?.[1];
      refuse(
        known === undefined
          ? "must be a pinned package, `name==version`; addresses, paths and repositories are not taken: build a wheel, and give its folder as `wheels`"
          : `${known} must be pinned to one version: \`${known}==…\``,
      );
    } else if (hashes.some((hash) => !/^sha256:[0-9a-f]{64}$/.test(hash))) {
      refuse(`${written} has a --hash that is no sha256: and 64 hexadecimal digits`);
    } else if (hashes.length === 0 && !allowUnhashed) {
      refuse(
        `${written} has no --hash=sha256:… (\`uv pip compile --generate-hashes\` and \`pip-compile --generate-hashes\` write them), and \`allowUnhashed\` is not set`,
      );
    } else {
      const requirement: Requirement = {
        name: canonicalName(written),
        version,
        marker: marker.trim(),
        extras: extras
          .split(",")
          .map((extra) => extra.trim())
          .filter((extra) => extra !== "")
          .sort(),
        hashes: hashes.map((hash) => hash.slice("sha256:".length)).sort(),
      };
      if (
        requirements.some(
          (other) => other.name === requirement.name && (other.marker === requirement.marker || other.marker === ""),
        )
      )
        refuse(`${written} is there twice`);
      else requirements.push(requirement);
    }
  }
  if (requirements.length === 0 && problems.length === 0) problems.push("names no package");
  return { requirements, problems };
}

/**
 * Joins continued lines and removes comments, as pip does: a comment line ends a continued line. `number` is the first
 * line's.
 */
function logicalLines(text: string): { number: number; content: string }[] {
  const lines: { number: number; content: string }[] = [];
  let unfinished: { number: number; content: string } | undefined;
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const continues = line.endsWith("\\") && !/^\s*#/.test(line);
    const content = `${unfinished?.content ?? ""}${continues ? line.slice(0, -1) : ` ${line}`}`;
    unfinished = { number: unfinished?.number ?? index + 1, content };
    if (continues) continue;
    lines.push(unfinished);
    unfinished = undefined;
  }
  if (unfinished) lines.push(unfinished);
  return lines
    .map(({ number, content }) => ({ number, content: content.replace(/(^|\s)#.*$/, "").trim() }))
    .filter(({ content }) => content !== "");
}

/** A digest of the requirements that ignores their order and formatting. */
export function digestOf(requirements: readonly Requirement[]): string {
  const lines = requirements
    .map((requirement) => JSON.stringify([specifierOf(requirement), requirement.hashes]))
    .sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}

/** A requirement as pip reads it, without hashes: `name[extra]==version ; marker`. */
export function specifierOf({ name: of, extras, version, marker }: Requirement): string {
  return `${of}${extras.length > 0 ? `[${extras.join(",")}]` : ""}==${version}${marker === "" ? "" : ` ; ${marker}`}`;
}
