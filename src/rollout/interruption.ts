import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds within which signals are one wish: a terminal sends Ctrl-C to a whole process group, and `npx` passes it on once more. */
const sameWish = 500;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Signals by which a person or a supervisor asks us to stop. They reach this process alone, as whatever it starts is in a process
 * group of its own: `wished` decides what to do at the first, the second and so on.
 */
export class Interruption {
  private count = 0;
  private last = -Infinity;
  private readonly first = new AbortController();

  private constructor(private readonly wished: (times: number) => void) {}

  /** Listens until `end` is called. */
  static begin(wished: (times: number) => void): Interruption & { end(): void } {
    const interruption = new Interruption(wished);
    const listener = (): void => interruption.receive(performance.now());
    // A terminal that was closed takes no more text, and that is no reason to leave the engine alone.
    const ignored = (): void => undefined;
    for (const signal of signals) process.on(signal, listener);
    for (const stream of [process.stdout, process.stderr]) stream.on("error", ignored);
    return Object.assign(interruption, {
      end: () => {
        for (const signal of signals) process.off(signal, listener);
        for (const stream of [process.stdout, process.stderr]) stream.off("error", ignored);
      },
    });
  }

  /** Whether somebody asked to stop. */
  get wanted(): boolean {
    return this.count > 0;
  }

  /** Whether somebody asked so again: then the step that is in flight is cancelled too. */
  get cancelled(): boolean {
    return this.count > 1;
  }

  /** Resolves after so many seconds, or at once when somebody asks to stop. */
  async sleep(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: this.first.signal }).catch(() => undefined);
  }

  private receive(at: number): void {
    if (at - this.last < sameWish) return;
    this.last = at;
    this.count += 1;
    this.first.abort();
    this.wished(this.count);
  }
}
