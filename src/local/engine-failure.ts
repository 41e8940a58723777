import { cleaned } from "../base/text.js";

/** The reason of an engine's failure, and a remedy if one is known. */
export interface EngineFailure {
  readonly reason: string;
  readonly remedy?: string;
}

const passphrase =
  "export PULUMI_CONFIG_PASSPHRASE_FILE=FILE, where FILE holds the passphrase that the stack was made with (or that itself as PULUMI_CONFIG_PASSPHRASE)";

/** Known error texts of the engine, its command line and the Automation API, with their meaning. */
const knownFailures: readonly [RegExp, (match: RegExpExecArray) => EngineFailure][] = [
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

/** Lines that the Automation API adds around the engine's output. */
const frame =
  /^\s*(code: -?\d+|stdout:|stderr:|(err\?: Error: )?(stderr: )?Command failed with exit code \d+.*|err\?:)\s*$/;

/**
 * Returns the failure that the output of the engine, or of the API that started it, describes. For an unknown failure,
 * the reason is the last `most` lines of the output, each of them once.
 */
export function engineFailure(output: string, most = 15): EngineFailure {
  for (const [pattern, meaning] of knownFailures) {
    const match = pattern.exec(output);
    if (match) return meaning(match);
  }
  const lines = output
    .split(/\r?\n|\r/)
    .map((line) => cleaned(line).trimEnd())
    .filter((line) => line !== "" && !frame.test(line));
  // The Automation API repeats the output. Lines before the first error are about what succeeded.
  const unique = [...new Set(lines)];
  const first = unique.findIndex((line) => line.startsWith("error: "));
  const reason = unique.slice(Math.max(first, 0)).slice(-most);
  return { reason: reason.map((line) => line.replace(/^error: /, "")).join("\n") };
}

/** Formats a failure: the reason, and below it the remedy. */
export function engineFailureText({ reason, remedy }: EngineFailure): string {
  return remedy === undefined ? reason : `${reason}\n  what to do: ${remedy}`;
}
