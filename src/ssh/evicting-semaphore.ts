/** A holder of a permit. The semaphore may close it while it is not busy. */
export interface Holder {
  readonly busy: boolean;
  /** Closes the holder, which releases its permit. */
  close(): Promise<void>;
}

/**
 * A semaphore that limits open connections. If all permits are taken, it closes the holder that has been idle for
 * longest. If no holder is idle, the caller waits until one becomes idle or releases its permit.
 */
export class EvictingSemaphore {
  /** Least recently used first. */
  private readonly holders = new Set<Holder>();
  private readonly waiting: (() => void)[] = [];
  /** Evicted holders that are still closing. Their permits are not free yet. */
  private closing = 0;

  constructor(private readonly most: number) {}

  /** Acquires a permit, unless the holder has one already. */
  async acquire(holder: Holder): Promise<void> {
    if (this.holders.has(holder)) return;
    while (this.holders.size + this.closing >= this.most) {
      const idle = [...this.holders].find(({ busy }) => !busy);
      if (idle) {
        this.holders.delete(idle);
        this.closing += 1;
        await idle.close().finally(() => (this.closing -= 1));
      } else {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
    }
    this.holders.add(holder);
  }

  /** Must be called when a holder becomes idle. */
  markIdle(holder: Holder): void {
    if (this.holders.delete(holder)) this.holders.add(holder);
    this.waiting.shift()?.();
  }

  release(holder: Holder): void {
    this.holders.delete(holder);
    this.waiting.shift()?.();
  }
}
