import { cleaned } from "../base/text.js";

/** Why the engine did not do what it was asked to, and what to do about it where that is known. */
export interface EngineFailure {
  readonly reason: string;
  readonly remedy?: string;
}

const passphrase =
  "export PULUMI_CONFIG_PASSPHRASE_FILE=FILE, where FILE holds the passphrase that the stack was made with (or that itself as PULUMI_CONFIG_PASSPHRASE)";

/** What the engine, its command and the Automation API say, and what it means here. */
const known: readonly [RegExp, (said: RegExpExecArray) => EngineFailure][] = [
  [
    /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    () => ({ reason: "the stack's passphrase is not set", remedy: passphrase }),
  ],
  [/incorrect passphrase/, () => ({ reason: "the passphrase is not this stack's", remedy: passphrase })],
  [
    /unable to read PULUMI_CONFIG_PASSPHRASE_FILE: (?:open )?([^\n]*)/,
    ([, why]) => ({ reason: `the file of the stack's passphrase cannot be read: ${why}`, remedy: passphrase }),
  ],
  [
    /no stack named '([^'\n]*)' found/,
    ([, name]) => ({
      reason: `there is no stack ${name}`,
      remedy:
        "`pulumi stack ls` names those that there are; give one with --stack, and the project's folder with --cwd",
    }),
  ],
  [
    /PULUMI_ACCESS_TOKEN must be set for login/,
    () => ({
      reason: "nobody is logged in to the backend that keeps the stacks",
      remedy: "`pulumi login --local` for files of this machine, or another backend; or set PULUMI_BACKEND_URL",
    }),
  ],
  [
    /failed to find project settings file|no Pulumi\.yaml project file found/,
    () => ({ reason: "there is no Pulumi.yaml here", remedy: "give the project's folder with --cwd" }),
  ],
  [
    /Invalid workDir passed to local workspace: '([^'\n]*)'/,
    ([, folder]) => ({ reason: `there is no folder ${folder}`, remedy: "give the project's folder with --cwd" }),
  ],
  [
    /Downloading pulumi v(\d[\d.]*\d)[^]*fetch failed/,
    ([, version]) => ({
      reason: `Pulumi's engine ${version} is not on this machine, and cannot be fetched`,
      remedy: "see that this machine has a network, or install it: https://www.pulumi.com/docs/iac/download-install",
    }),
  ],
];

/** Lines of the Automation API about itself, and not about what went wrong. */
const frame =
  /^\s*(code: -?\d+|stdout:|stderr:|(err\?: Error: )?(stderr: )?Command failed with exit code \d+.*|err\?:)\s*$/;

/** What is wrong by what the engine, or who started it, printed. What is not known comes in its own last lines, each once. */
export function engineFailure(said: string, most = 15): EngineFailure {
  for (const [pattern, meaning] of known) {
    const match = pattern.exec(said);
    if (match) return meaning(match);
  }
  const lines = said
    .split(/\r?\n|\r/)
    .map((line) => cleaned(line).trimEnd())
    .filter((line) => line !== "" && !frame.test(line));
  // The Automation API tells all twice; what goes before the first error is what went well.
  const told = [...new Set(lines)];
  const first = told.findIndex((line) => line.startsWith("error: "));
  const reason = told.slice(Math.max(first, 0)).slice(-most);
  return { reason: reason.map((line) => line.replace(/^error: /, "")).join("\n") };
}

/** The failure as people read it: the reason, and below it what to do. */
export function engineFailureText({ reason, remedy }: EngineFailure): string {
  return remedy === undefined ? reason : `${reason}\n  what to do: ${remedy}`;
}
