import { setTimeout as sleep } from "node:timers/promises";

/** How long the engine may take to say that a signal reached it by itself, in milliseconds. */
const hearing = 2000;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A person's or a machine's wish to stop. At the first signal the engine's run comes to its end, and no further step begins; at
 * the second it ends at once. At a terminal, Ctrl-C reaches the engine by itself, and so does what is sent to a whole group of
 * processes; what is sent to us alone is passed on. Twice would be twice.
 */
export class Interruption {
  private count = 0;
  private heard = false;
  private readonly wished = new AbortController();

  private constructor(private readonly passOn: () => void) {}

  /** Listens until `end` is called. `passOn` interrupts the engine, where one runs. */
  static begin(passOn: () => void, said: (times: number) => void): Interruption & { end(): void } {
    const interruption = new Interruption(passOn);
    const listeners = signals.map((signal) => {
      const listener = (): void => {
        interruption.receive(signal);
        said(interruption.count);
      };
      return [signal, listener] as const;
    });
    for (const [signal, listener] of listeners) process.on(signal, listener);
    return Object.assign(interruption, {
      end: () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      },
    });
  }

  get wanted(): boolean {
    return this.count > 0;
  }

  /** What somebody says; the engine says it when a signal has reached it, and so do we. */
  hear(text: string): void {
    this.heard ||= /received; cancelling|stopping when what is under way/.test(text);
  }

  /** Resolves after so many seconds, or at once when the wish comes. */
  async sleep(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: this.wished.signal }).catch(() => undefined);
  }

  private receive(signal: (typeof signals)[number]): void {
    this.count += 1;
    this.wished.abort();
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    if (this.count > 1) {
      this.passOn();
      return;
    }
    setTimeout(() => {
      if (!this.heard) this.passOn();
    }, hearing).unref();
  }
}
