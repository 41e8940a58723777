/** Who holds a slot: what it is for can be ended while nobody uses it. */
export interface Holder {
  readonly busy: boolean;
  /** Ends what the slot is for; the slot is given back with that. */
  close(): Promise<void>;
}

/**
 * A limited number of places for what is kept open. Who wants one while all are taken gets that of the holder that has been
 * idle for longest, or waits until one is.
 */
export class Slots {
  /** Least recently used first. */
  private readonly holders = new Set<Holder>();
  private readonly waiting: (() => void)[] = [];
  /** Places whose holders are ending, for somebody who waits for that. */
  private ending = 0;

  constructor(private readonly most: number) {}

  async take(holder: Holder): Promise<void> {
    if (this.holders.has(holder)) return;
    while (this.holders.size + this.ending >= this.most) {
      const idle = [...this.holders].find(({ busy }) => !busy);
      if (idle) {
        this.holders.delete(idle);
        this.ending += 1;
        await idle.close().finally(() => (this.ending -= 1));
      } else {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
    }
    this.holders.add(holder);
  }

  /** To be said of a holder whenever its use ends. */
  idle(holder: Holder): void {
    if (this.holders.delete(holder)) this.holders.add(holder);
    this.waiting.shift()?.();
  }

  give(holder: Holder): void {
    this.holders.delete(holder);
    this.waiting.shift()?.();
  }
}
