import { setTimeout as sleep } from "node:timers/promises";

/**
 * Milliseconds within which signals count as one request: a terminal sends Ctrl-C to a whole process group, and `npx`
 * passes it on again.
 */
const sameWish = 500;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Handles the signals by which a user or a supervisor asks this process to stop. They reach this process alone, as its
 * children have process groups of their own. `wished` is called with the number of the request: 1 for the first, and so
 * on.
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
    // Writing to a closed terminal fails. Ignore that, or this process would end and leave the engine alone.
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

  /** True once somebody asked to stop. */
  get wanted(): boolean {
    return this.count > 0;
  }

  /** True once somebody asked again: the step that is in flight is then cancelled too. */
  get cancelled(): boolean {
    return this.count > 1;
  }

  /** Resolves after so many seconds, or as soon as somebody asks to stop. */
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
