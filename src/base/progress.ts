/** Where a long piece of work is. */
export interface Phase {
  /** In words: "make". */
  readonly phase: string;
  /** How much of the phase is done, from 0 to 1; undefined where nobody knows. */
  readonly done?: number | undefined;
}

export interface ProgressOptions {
  readonly write: (line: string) => void;
  /** Lines in a second, at most, over all hosts. Default: 5. */
  readonly linesPerSecond?: number;
  /** The time in milliseconds. */
  readonly now?: () => number;
  /** Calls back after so many milliseconds. It must not keep the process alive. */
  readonly later?: (milliseconds: number, call: () => void) => void;
}

/** What is still to be said of a host's work. */
interface Waiting extends Phase {
  readonly host: string;
  readonly what: string;
}

/** Hosts that a collected line names. */
const hostsNamed = 3;

/**
 * What all long work tells of itself, so that one host is told of in full and a hundred stay readable: each phase's beginning and
 * each tenth of it, as long as there are few; beyond so many lines a second, what came meanwhile goes into one line for
 * each phase (`38 hosts: python: make, 40 to 60 %`). Lines only, no cursor: the same at a terminal and in a log.
 */
export class Progress {
  private readonly told = new Map<string, string>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly linesPerSecond: number;
  private readonly now: () => number;
  private readonly later: (milliseconds: number, call: () => void) => void;
  /** Lines that may be written now; it fills up with time. */
  private allowance: number;
  private filled: number;
  private flushing = false;

  constructor(private readonly options: ProgressOptions) {
    this.linesPerSecond = options.linesPerSecond ?? 5;
    this.now = options.now ?? Date.now;
    this.later = options.later ?? ((milliseconds, call) => void setTimeout(call, milliseconds).unref());
    this.allowance = this.linesPerSecond;
    this.filled = this.now();
  }

  /** A host's work is at this point. `what` is the work: "python". Told where the phase, or its tenth, is another than before. */
  report(host: string, what: string, { phase, done }: Phase): void {
    const key = `${host}\n${what}`;
    const state = `${phase} ${tenth(done)}`;
    if (this.told.get(key) === state) return;
    this.told.set(key, state);
    this.waiting.delete(key);
    this.waiting.set(key, { host, what, phase, done });
    this.flush();
  }

  /** What has to be said in any case, and in its own words: it is not held back. */
  say(host: string, what: string, text: string): void {
    this.options.write(`${host}: ${what}: ${text}`);
    this.allowance = Math.max(0, this.allowance - 1);
  }

  /** The work has ended: what waits of it is not said any more. */
  end(host: string, what: string): void {
    const key = `${host}\n${what}`;
    this.told.delete(key);
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
    // More than may be said: in a second it is collected, and there is room for it.
    this.flushing = true;
    this.later(1000, () => {
      this.flushing = false;
      this.collect();
    });
  }

  /** One line for each phase in which hosts are, as many as fit; what does not fit waits on. */
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

function tenth(done: number | undefined): number {
  return Math.floor(Math.min(1, Math.max(0, done ?? 0)) * 10 + 1e-9);
}

/** ", 40 to 60 %". */
function range(parts: readonly number[]): string {
  if (parts.length === 0) return "";
  const [least, most] = [10 * tenth(Math.min(...parts)), 10 * tenth(Math.max(...parts))];
  return least === most ? `, ${least} %` : `, ${least} to ${most} %`;
}
