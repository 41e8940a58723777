import pLimit, { type LimitFunction } from "p-limit";

/** A mutex for each key: work under one key runs one after the other, in the order of the calls. */
export class KeyedMutex {
  private readonly limits = new Map<string, LimitFunction>();

  /** Runs the work after all earlier work under this key has ended, whether it succeeded or failed. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    let limit = this.limits.get(key);
    if (!limit) this.limits.set(key, (limit = pLimit(1)));
    return limit(work);
  }
}
