import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HostError } from "../base/errors.js";
import type { ProgramResult, Transport } from "../ssh/transport.js";
import { assembleReads, shellCommand, type Call, type Remembering } from "./program.js";
import { readAnswer } from "./read-answer.js";
import type { Step } from "./step.js";

interface PendingRead extends Call {
  readonly timeoutSeconds: number;
  resolve(result: ProgramResult): void;
  reject(error: unknown): void;
}

/**
 * How long a read waits for further reads of the same host, in milliseconds. A refresh asks for all reads of a jail at
 * once.
 */
const batchDelay = 20;
/** The maximum number of reads in one program. */
const maxBatch = 40;

/** The reads of one session. Reads of one host that are asked for within a moment run in one program. */
export class ReadBatches {
  private readonly waiting = new WeakMap<Transport, PendingRead[]>();
  /** The hosts on which this session has changed something. */
  private readonly changed = new WeakSet<Transport>();

  /** Records that a step has changed a host. From then on reads there use no kept answers, and keep none. */
  noteChange(host: Transport): void {
    this.changed.add(host);
  }

  /**
   * Runs a read on a host, in one program with all other reads of the host that are asked for now. Throws HostError.
   */
  read(host: Transport, call: Call, timeoutSeconds: number): Promise<ProgramResult> {
    return new Promise((resolve, reject) => {
      const read: PendingRead = { ...call, timeoutSeconds, resolve, reject };
      const queue = this.waiting.get(host);
      if (queue) queue.push(read);
      else {
        const first = [read];
        this.waiting.set(host, first);
        void this.runAll(host, first);
      }
    });
  }

  /**
   * Runs round trips until the queue is empty. Reads that are asked for during a login or a round trip go into the next
   * one.
   */
  private async runAll(host: Transport, queue: PendingRead[]): Promise<void> {
    while (queue.length > 0) {
      await host.using(async () => {
        const unknown = await roundTrip(host, queue, this.changed.has(host) ? undefined : "recall");
        if (unknown.length > 0) await roundTrip(host, unknown, "keep");
      });
    }
    this.waiting.delete(host);
  }
}

/** Waits until no further reads come, the batch is full, or the login has ended. */
async function gather(queue: readonly PendingRead[], connected: Promise<void>): Promise<void> {
  const login = { ended: false };
  const end = (): void => {
    login.ended = true;
  };
  connected.then(end, end);
  let before: number;
  do {
    before = queue.length;
    await sleep(batchDelay);
  } while (queue.length > before && queue.length < maxBatch && !login.ended);
}

/**
 * Takes reads from the queue, runs them in one program, and settles them. Returns those for which the host has kept no
 * valid answer.
 */
async function roundTrip(
  host: Transport,
  queue: PendingRead[],
  remembering: Remembering | undefined,
): Promise<PendingRead[]> {
  const mark = `read-${randomUUID()}`;
  let reads: readonly PendingRead[] = [];
  const program = async (connected: Promise<void>): Promise<string> => {
    // Reads whose kept answers were not valid have waited already.
    if (remembering !== "keep") await gather(queue, connected);
    // A retried login calls this again, so the reads taken before stay in the program.
    reads = [...reads, ...queue.splice(0, maxBatch)];
    return assembleReads(reads, mark, host.name, remembering);
  };
  try {
    const does = queue[0]?.step.does ?? "";
    const result = await host.shell(does, program, () => timeoutFor(reads), shellCommand(false));
    const [stdout, stderr] = [splitAtMarks(result.stdout, mark), splitAtMarks(result.stderr, mark)];
    return reads.filter((read, number) => {
      const { text = "", code } = stdout[number] ?? {};
      // A damaged kept answer is read again.
      if (
        remembering === "recall" &&
        read.step.remembered &&
        (code === "unknown" || !isValidAnswer(host.name, read.step, text))
      )
        return true;
      read.resolve({
        stdout: text,
        stderr: stderr[number]?.text ?? "",
        exitCode: code === undefined ? result.exitCode : Number(code),
      });
      return false;
    });
  } catch (error) {
    // No reads were taken if the login failed, so that is the error of all that wait.
    for (const read of [...reads, ...(reads.length === 0 ? queue.splice(0) : [])])
      read.reject(error instanceof HostError ? new HostError({ ...error.failure, step: read.step.does }) : error);
    return [];
  }
}

/** True if a text is a complete answer of a step. */
function isValidAnswer(host: string, step: Step, text: string): boolean {
  try {
    return readAnswer(host, step, text, "").complete;
  } catch {
    return false;
  }
}

/**
 * The time limit of a program, in seconds: the sum of its reads' limits, but at most three times the longest, in case
 * one hangs.
 */
function timeoutFor(reads: readonly PendingRead[]): number {
  const limits = reads.map(({ timeoutSeconds }) => timeoutSeconds);
  return Math.min(
    limits.reduce((sum, one) => sum + one, 0),
    3 * Math.max(...limits),
  );
}

/** Splits an output at its marks, one part for each read. Text after the last mark is of a read that did not end. */
function splitAtMarks(output: string, mark: string): { readonly text: string; readonly code: string | undefined }[] {
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
