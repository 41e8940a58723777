import { createHash } from "node:crypto";

/** One package of a requirements file: its version pinned, and what its wheels may be. */
export interface Requirement {
  /** In the form that tells packages apart: lower case, with single dashes. */
  readonly name: string;
  readonly extras: readonly string[];
  readonly version: string;
  /** An environment marker, empty where it applies everywhere: `sys_platform == "linux"`. */
  readonly marker: string;
  /** The sha256 of every file that is right; empty where any is. */
  readonly hashes: readonly string[];
}

export interface RequirementsFile {
  readonly requirements: readonly Requirement[];
  /** What is wrong, by line, with what would be right. Values are not repeated: an option may hold a password. */
  readonly problems: readonly string[];
}

/** The name of a package in the form that tells packages apart. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const pinned = new RegExp(
  `^(${name})\\s*(?:\\[([A-Za-z0-9._,\\s-]*)\\])?\\s*==\\s*([A-Za-z0-9.!+_-]+)\\s*(?:;\\s*(.+))?$`,
);
const named = new RegExp(`^(${name})\\s*(?:\\[[^\\]]*\\])?\\s*(?:[<>=!~;(]|$)`);
const hashOption = /\s--hash(?:=|\s+)(\S+)/g;
/** What we do anyway. */
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
 * Reads a requirements file in pip's own format, of which it takes what pins: `name[extra]==version; marker --hash=sha256:…`,
 * with comments and lines that go on after a `\`.
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

/** Lines without comments; those that go on are put together. As in pip, a line that is a comment ends what went before. */
function logicalLines(text: string): { number: number; content: string }[] {
  const lines: { number: number; content: string }[] = [];
  let open: { number: number; content: string } | undefined;
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const goesOn = line.endsWith("\\") && !/^\s*#/.test(line);
    const content = `${open?.content ?? ""}${goesOn ? line.slice(0, -1) : ` ${line}`}`;
    open = { number: open?.number ?? index + 1, content };
    if (goesOn) continue;
    lines.push(open);
    open = undefined;
  }
  if (open) lines.push(open);
  return lines
    .map(({ number, content }) => ({ number, content: content.replace(/(^|\s)#.*$/, "").trim() }))
    .filter(({ content }) => content !== "");
}

/** Identifies what is asked for, however it is written. */
export function digestOf(requirements: readonly Requirement[]): string {
  const lines = requirements
    .map((requirement) => JSON.stringify([specifierOf(requirement), requirement.hashes]))
    .sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}

/** A requirement as pip reads it, without its hashes. */
export function specifierOf({ name: of, extras, version, marker }: Requirement): string {
  return `${of}${extras.length > 0 ? `[${extras.join(",")}]` : ""}==${version}${marker === "" ? "" : ` ; ${marker}`}`;
}
