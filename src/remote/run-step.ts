import { withoutSecrets } from "../base/address.js";
import { HostError } from "../base/errors.js";
import type { ProgramResult, Transport } from "../ssh/transport.js";
import type { Answer } from "./answer.js";
import { ReadBatches } from "./batch.js";
import { assemble, callOf, shellCommand, type Call } from "./program.js";
import { readAnswer } from "./read-answer.js";
import type { Session } from "./session.js";
import type { Step, Place } from "./step.js";
import { refuseLackingTools } from "./tools.js";
import type { Arguments, ValuesOf, NoArguments } from "./arguments.js";

/** The default time limit of a step, in seconds. */
const defaultStepTimeout = 120;

/** The maximum number of warnings that are shown of one step. */
const maxWarnings = 20;

/** A host that a session works on. Every Target is at one. */
export interface HostInSession {
  readonly host: Transport;
  readonly session: Session;
}

/** Runs a step on a host, at a place there, and parses its answer. Prints the step's warnings. Throws HostError. */
export async function runStep<Taken extends Arguments = NoArguments>(
  at: HostInSession,
  step: Step<Taken>,
  place: Place | undefined,
  values: NoInfer<ValuesOf<Taken>>,
  timeoutSeconds = defaultStepTimeout,
): Promise<Answer> {
  const call = callOf(step, place, values);
  const { host } = at;
  const result = step.reads
    ? await at.session.part(ReadBatches).read(host, call, timeoutSeconds)
    : await runChange(at, call, timeoutSeconds);
  const answer = readAnswer(host.name, step, result.stdout, result.stderr);
  const warnings = answer.all("warn", 1).map(([text]) => withoutSecrets(text));
  if (warnings.length > maxWarnings)
    warnings.splice(maxWarnings, Infinity, `and ${warnings.length - maxWarnings} more warnings`);
  for (const text of warnings) console.warn(`warning: ${host.name}: ${text}`);
  refuseLackingTools(answer, host.name, step.does);
  const failure = answer.failure;
  if (failure) throw new HostError({ host: host.name, step: step.does, ...failure, output: result.stderr });
  const output = result.stderr || result.stdout;
  if (!answer.started)
    throw new HostError({
      host: host.name,
      step: step.does,
      code: "no-shell",
      reason: "no sh ran there",
      output,
      remedy: "check the user's login shell, and that `sh` is on its PATH",
    });
  if (!answer.complete)
    throw new HostError({
      host: host.name,
      step: step.does,
      code: "step-failed",
      reason: `it ended early (exit code ${result.exitCode ?? "unknown"})`,
      output,
      remedy: "see its last lines; running the same command again goes on from here",
    });
  return answer;
}

/** Runs a step that may change the host. */
async function runChange({ host, session }: HostInSession, call: Call, timeoutSeconds: number): Promise<ProgramResult> {
  const { does, confined = false } = call.step;
  try {
    return await host.shell(does, assemble(call, host.name), timeoutSeconds, shellCommand(confined));
  } finally {
    session.part(ReadBatches).noteChange(host);
  }
}
