/** The current phase of a long piece of work. */
export interface Phase {
  /** Name of the phase, as shown: "make". */
  readonly phase: string;
  /** The fraction of the phase that is done, from 0 to 1. Undefined if it is not known. */
  readonly done?: number | undefined;
}

export interface ProgressOptions {
  readonly write: (line: string) => void;
  /** Most lines in a second, for all hosts together. Default: 5. */
  readonly linesPerSecond?: number;
  /** Returns the time in milliseconds. Default: the system clock. */
  readonly now?: () => number;
  /** Calls a function after some milliseconds, without keeping the process alive. Default: an unreferenced timer. */
  readonly later?: (milliseconds: number, call: () => void) => void;
}

/** A report that is not written yet. */
interface Waiting extends Phase {
  readonly host: string;
  readonly what: string;
}

/** Up to this many hosts, a summary line names them. For more, it says how many there are. */
const hostsNamed = 3;

/**
 * Writes progress lines for long work on many hosts. Each host gets a line for each phase, and for each tenth of a
 * phase.
 *
 * When there would be more than `linesPerSecond` lines, reports are collected for a second. Each phase then gets one
 * summary line: `38 hosts: python: make, 40 to 60 %`. The output moves no cursor, so it is the same at a terminal and
 * in a log.
 */
export class Progress {
  /** The last reported phase and tenth, by host and work. */
  private readonly reported = new Map<string, string>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly linesPerSecond: number;
  private readonly now: () => number;
  private readonly later: (milliseconds: number, call: () => void) => void;
  /** Lines that may be written now. The allowance grows by `linesPerSecond` each second, up to that number. */
  private allowance: number;
  /** When the allowance last grew, in milliseconds. */
  private filled: number;
  private flushing = false;

  constructor(private readonly options: ProgressOptions) {
    this.linesPerSecond = options.linesPerSecond ?? 5;
    this.now = options.now ?? Date.now;
    this.later = options.later ?? ((milliseconds, call) => void setTimeout(call, milliseconds).unref());
    this.allowance = this.linesPerSecond;
    this.filled = this.now();
  }

  /** Reports the phase of a host's work. `what` names the work: "python". A repeated phase and tenth writes no line. */
  report(host: string, what: string, { phase, done }: Phase): void {
    const key = `${host}\n${what}`;
    const state = `${phase} ${tenth(done)}`;
    if (this.reported.get(key) === state) return;
    this.reported.set(key, state);
    this.waiting.delete(key);
    this.waiting.set(key, { host, what, phase, done });
    this.flush();
  }

  /** Writes a line at once, whatever the allowance is. */
  say(host: string, what: string, text: string): void {
    this.options.write(`${host}: ${what}: ${text}`);
    this.allowance = Math.max(0, this.allowance - 1);
  }

  /** Ends a host's work, and drops its report if that is not written yet. */
  end(host: string, what: string): void {
    const key = `${host}\n${what}`;
    this.reported.delete(key);
    this.waiting.delete(key);
  }

  private flush(): void {
    const now = this.now();
    this.allowance = Math.min(this.linesPerSecond, this.allowance + ((now - this.filled) / 1000) * this.linesPerSecond);
    this.filled = now;
    if (this.waiting.size === 0) return;
    if (this.waiting.size <= this.allowance) {
      for (const { host, what, ...phase } of this.waiting.values())
        this.options.write(`${host}: ${what}: ${inWords(phase)}`);
      this.allowance -= this.waiting.size;
      this.waiting.clear();
      return;
    }
    if (this.flushing) return;
    // There are more reports than lines. Collect them for a second, then write summary lines.
    this.flushing = true;
    this.later(1000, () => {
      this.flushing = false;
      this.collect();
    });
  }

  /**
   * Writes a summary line for each phase, those of most hosts first. Phases beyond `linesPerSecond` wait for the next
   * second.
   */
  private collect(): void {
    const groups = new Map<string, Waiting[]>();
    for (const one of this.waiting.values()) {
      const key = `${one.what}\n${one.phase}`;
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    for (const group of [...groups.values()]
      .sort((one, other) => other.length - one.length)
      .slice(0, this.linesPerSecond)) {
      const [first] = group;
      if (!first) continue;
      const who = group.length <= hostsNamed ? group.map(({ host }) => host).join(", ") : `${group.length} hosts`;
      this.options.write(`${who}: ${first.what}: ${first.phase}${range(group.flatMap(({ done }) => done ?? []))}`);
      for (const { host, what } of group) this.waiting.delete(`${host}\n${what}`);
    }
    this.allowance = 0;
    this.filled = this.now();
    this.flush();
  }
}

/** "make, 40 %". */
function inWords({ phase, done }: Phase): string {
  return done === undefined ? phase : `${phase}, ${10 * tenth(done)} %`;
}

/** Returns the full tenths in a fraction, 0 to 10. The small summand absorbs rounding errors. */
function tenth(done: number | undefined): number {
  return Math.floor(Math.min(1, Math.max(0, done ?? 0)) * 10 + 1e-9);
}

/** ", 40 to 60 %". */
function range(parts: readonly number[]): string {
  if (parts.length === 0) return "";
  const [least, most] = [10 * tenth(Math.min(...parts)), 10 * tenth(Math.max(...parts))];
  return least === most ? `, ${least} %` : `, ${least} to ${most} %`;
}
