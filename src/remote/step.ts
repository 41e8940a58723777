import { withoutSecrets } from "../address.js";
import { HostError } from "../errors.js";
import type { Host } from "../ssh/host.js";
import { Answer, parseAnswer } from "./answer.js";
import { lookTogether } from "./batch.js";
import { assemble, shellCommand } from "./program.js";
import { refuseLackingTools } from "./tools.js";

/** A POSIX sh script of ours that runs on a host as root; its arguments travel with it on standard input. */
export interface Step {
  /** What it does, in words, for messages: "make the device node". */
  readonly does: string;
  /** Its file below src/remote, and the libraries that it needs besides lib.sh. */
  readonly files: readonly string[];
  /** It looks and changes nothing: looks at one host that come together share one round trip (batch.ts). */
  readonly looks?: boolean;
  /** It changes something in a jail, in a mount namespace of its own (`confine` in lib.sh). */
  readonly confined?: boolean;
  /** It may take as long as a build: it copies, downloads or installs much. */
  readonly slow?: boolean;
}

/** Seconds that a step may take where nothing else is said. */
export const defaultStepTimeout = 120;

/** Runs a step on a host and parses its answer. Throws HostError. */
export async function runStep(host: Host, step: Step, args: readonly string[], timeoutSeconds = defaultStepTimeout): Promise<Answer> {
  const result = step.looks ? await lookTogether(host, step, args, timeoutSeconds) : await host.shell(step.does, assemble(step, args, host.name), timeoutSeconds, shellCommand(step.confined ?? false));
  const answer = parseAnswer(result.stdout, result.stderr);
  for (const [text] of answer.all("warn")) console.warn(`warning: ${host.name}: ${withoutSecrets(text ?? "")}`);
  refuseLackingTools(answer, host.name, step.does);
  const failure = answer.failure;
  if (failure) throw new HostError({ host: host.name, step: step.does, ...failure, output: result.stderr });
  if (!answer.complete) {
    throw new HostError({
      host: host.name, step: step.does, code: answer.started ? "step-failed" : "no-shell",
      reason: answer.started ? `it ended early (exit code ${result.exitCode ?? "unknown"})` : "no sh ran there",
      output: result.stderr || result.stdout,
      remedy: answer.started ? "see its last lines; running the same command again goes on from here" : "check the user's login shell, and that `sh` is on its PATH",
    });
  }
  return answer;
}
