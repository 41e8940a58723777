import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../errors.js";
import type { Host } from "../ssh/host.js";
import { assemble, assembleTogether, shellCommand } from "./program.js";
import type { Step } from "./step.js";

/** What a look came to: of a channel's result, what parsing needs. */
export interface LookResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

interface Look {
  readonly step: Step;
  readonly args: readonly string[];
  readonly timeoutSeconds: number;
  resolve(result: LookResult): void;
  reject(error: unknown): void;
}

/** How long a look waits for others at the same host, in milliseconds: a refresh asks for all of a jail's at once. */
const company = 20;
/** Looks in one program. */
const mostTogether = 40;

const waiting = new WeakMap<Host, Look[]>();

/** Looks at a host, in one round trip with all other looks at it that are asked for now. Throws HostError. */
export function lookTogether(
  host: Host,
  step: Step,
  args: readonly string[],
  timeoutSeconds: number,
): Promise<LookResult> {
  return new Promise((resolve, reject) => {
    const look: Look = { step, args, timeoutSeconds, resolve, reject };
    const queue = waiting.get(host);
    if (queue) queue.push(look);
    else {
      const first = [look];
      waiting.set(host, first);
      void runAll(host, first);
    }
  });
}

/** One round trip after another, until nobody waits: what is asked for while we log in, or while one is under way, goes together. */
async function runAll(host: Host, queue: Look[]): Promise<void> {
  for (let next = queue[0]; next; next = queue[0]) {
    const { does } = next.step;
    await host.using(async () => {
      try {
        await host.ready(does);
      } catch {
        // The round trip fails for the same reason, and says it to each.
      }
      await sleep(company);
      const [first, ...others] = queue.splice(0, mostTogether);
      if (first) await run(host, [first, ...others]);
    });
  }
  waiting.delete(host);
}

async function run(host: Host, looks: readonly [Look, ...Look[]]): Promise<void> {
  const [only, ...others] = looks;
  const mark = `looked-${randomUUID()}`;
  try {
    const program =
      others.length === 0 ? assemble(only.step, only.args, host.name) : assembleTogether(looks, mark, host.name);
    const result = await host.shell(only.step.does, program, secondsFor(looks), shellCommand(false));
    if (others.length === 0) {
      only.resolve(result);
      return;
    }
    const [stdout, stderr] = [parted(result.stdout, mark), parted(result.stderr, mark)];
    looks.forEach((look, number) =>
      look.resolve({
        stdout: stdout[number]?.text ?? "",
        stderr: stderr[number]?.text ?? "",
        exitCode: stdout[number]?.code ?? result.exitCode,
      }),
    );
  } catch (error) {
    for (const look of looks)
      look.reject(error instanceof HostError ? new HostError({ ...error.failure, step: look.step.does }) : error);
  }
}

/** Some looks take long on a slow host, and none of them all that it may: one that hangs is not to keep the others waiting for the sum. */
function secondsFor(looks: readonly Look[]): number {
  const limits = looks.map(({ timeoutSeconds }) => timeoutSeconds);
  return Math.min(
    limits.reduce((sum, one) => sum + one, 0),
    3 * Math.max(...limits),
  );
}

/** The parts of an output, each ended by its mark; what comes after the last one belongs to the look that did not end. */
function parted(output: string, mark: string): { readonly text: string; readonly code: number | undefined }[] {
  const parts = [];
  let text: string[] = [];
  for (const line of output.split("\n")) {
    if (line.startsWith(`${mark} `)) {
      parts.push({ text: text.join("\n"), code: Number(line.split(" ")[2]) });
      text = [];
    } else {
      text.push(line);
    }
  }
  return [...parts, { text: text.join("\n"), code: undefined }];
}
