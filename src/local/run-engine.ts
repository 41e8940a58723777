import type { EngineRun, EngineRunEnd } from "../base/pulumi-internals.js";
import { startInOwnGroup } from "./own-group.js";

/** Runs the engine in a process group of its own. It is interrupted by the run's signal alone. */
export async function runEngine(file: string, run: EngineRun): Promise<EngineRunEnd> {
  const { args, cwd, env, onOutput, onError, signal } = run;
  const child = startInOwnGroup(file, args, { cwd, env });
  child.stdout.on("data", (text: Buffer) => onOutput?.(text.toString()));
  child.stderr.on("data", (text: Buffer) => onError?.(text.toString()));
  signal?.addEventListener("abort", () => child.kill("SIGINT"));
  const { stdout, stderr, exitCode, failed, shortMessage } = await child;
  return { stdout, stderr, code: exitCode, ...(failed && { failure: shortMessage }) };
}
