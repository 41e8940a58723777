import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../base/errors.js";
import type { ProgramResult, Transport } from "../ssh/transport.js";
import { assembleReads, shellCommand, type Call, type Remembering } from "./program.js";
import { readAnswer } from "./read-answer.js";
import type { Step } from "./step.js";

interface Look extends Call {
  readonly timeoutSeconds: number;
  resolve(result: ProgramResult): void;
  reject(error: unknown): void;
}

/** How long a look waits for others at the same host, in milliseconds: a refresh asks for all of a jail's at once. */
const company = 20;
/** Looks in one program. */
const mostTogether = 40;

/** The looks of one session: those at one host that are asked for within a moment go together. */
export class Looks {
  private readonly waiting = new WeakMap<Transport, Look[]>();
  /** Hosts on which this session has changed something. */
  private readonly changed = new WeakSet<Transport>();

  /** Notes that a step has changed something on a host: it neither has nor keeps answers that hold, so nobody asks for them any more. */
  noteChange(host: Transport): void {
    this.changed.add(host);
  }

  /** Looks at a host, together with all other looks at it that are asked for now. Throws HostError. */
  together(host: Transport, call: Call, timeoutSeconds: number): Promise<ProgramResult> {
    return new Promise((resolve, reject) => {
      const look: Look = { ...call, timeoutSeconds, resolve, reject };
      const queue = this.waiting.get(host);
      if (queue) queue.push(look);
      else {
        const first = [look];
        this.waiting.set(host, first);
        void this.runAll(host, first);
      }
    });
  }

  /** One round trip after another, until nobody waits: what is asked for while we log in, or while one is under way, goes together. */
  private async runAll(host: Transport, queue: Look[]): Promise<void> {
    while (queue.length > 0) {
      await host.using(async () => {
        const unknown = await roundTrip(host, queue, this.changed.has(host) ? undefined : "recall");
        if (unknown.length > 0) await roundTrip(host, unknown, "keep");
      });
    }
    this.waiting.delete(host);
  }
}

/** Waits until no more looks come, or the host waits for us. */
async function quiet(queue: readonly Look[], connected: Promise<void>): Promise<void> {
  const login = { ended: false };
  const end = (): void => {
    login.ended = true;
  };
  connected.then(end, end);
  let seen: number;
  do {
    seen = queue.length;
    await sleep(company);
  } while (queue.length > seen && queue.length < mostTogether && !login.ended);
}

/** Takes looks from those that wait and settles them. Returns those for which the host has kept no answer. */
async function roundTrip(host: Transport, queue: Look[], remembering: Remembering | undefined): Promise<Look[]> {
  const mark = `looked-${randomUUID()}`;
  let looks: readonly Look[] = [];
  const program = async (connected: Promise<void>): Promise<string> => {
    // Those that are read anew have waited already.
    if (remembering !== "keep") await quiet(queue, connected);
    // Asked for once more where a login is tried again.
    looks = [...looks, ...queue.splice(0, mostTogether)];
    return assembleReads(looks, mark, host.name, remembering);
  };
  try {
    const does = queue[0]?.step.does ?? "";
    const result = await host.shell(does, program, () => secondsFor(looks), shellCommand(false));
    const [stdout, stderr] = [parted(result.stdout, mark), parted(result.stderr, mark)];
    return looks.filter((look, number) => {
      const { text = "", code } = stdout[number] ?? {};
      // A kept answer that is damaged is none.
      if (
        remembering === "recall" &&
        look.step.remembered &&
        (code === "unknown" || !isWhole(host.name, look.step, text))
      )
        return true;
      look.resolve({
        stdout: text,
        stderr: stderr[number]?.text ?? "",
        exitCode: code === undefined ? result.exitCode : Number(code),
      });
      return false;
    });
  } catch (error) {
    // A login that failed has failed for all who wait for it.
    for (const look of [...looks, ...(looks.length === 0 ? queue.splice(0) : [])])
      look.reject(error instanceof HostError ? new HostError({ ...error.failure, step: look.step.does }) : error);
    return [];
  }
}

function isWhole(host: string, step: Step, text: string): boolean {
  try {
    return readAnswer(host, step, text, "").complete;
  } catch {
    return false;
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
function parted(output: string, mark: string): { readonly text: string; readonly code: string | undefined }[] {
  const parts = [];
  let text: string[] = [];
  for (const line of output.split("\n")) {
    if (line.startsWith(`${mark} `)) {
      parts.push({ text: text.join("\n"), code: line.split(" ")[2] });
      text = [];
    } else {
      text.push(line);
    }
  }
  return [...parts, { text: text.join("\n"), code: undefined }];
}
